#include "cli/complete.h"

#include "cli/context.h"
#include "cli/output/output.h"

enum { ANSWER_MS = 2000, MOST_NAMES = 200 };

struct completion {
    struct cli *cli;
    const char *typed;
};

static void offer(const struct completion *c, const char *word, const char *help)
{
    if (strncmp(word, c->typed, strlen(c->typed)) == 0)
        printf("%s%s%s\n", word, help != NULL && help[0] != '\0' ? "\t" : "",
               help != NULL ? text_plain(c->cli->arena, help) : "");
}

static void offer_all(const struct completion *c, const char *const *words)
{
    for (; *words != NULL; words++)
        offer(c, *words, NULL);
}

static void offer_flags(const struct completion *c, const struct flag *flags)
{
    for (; flags != NULL && flags->name != NULL; flags++)
        offer(c, rse_arena_printf(c->cli->arena, "--%s", flags->name), flags->help);
}

static void offer_commands(const struct completion *c)
{
    for (const struct command *command = commands; command->name != NULL; command++) {
        if (!command->hidden)
            offer(c, command->name, command->help);
    }
    offer(c, "help", "what a command does");
}

static void offer_nouns(const struct completion *c)
{
    for (int noun = 0; noun < RSE_NOUN_COUNT; noun++)
        offer(c, rse_noun_info((enum rse_noun)noun)->plural, NULL);
    for (int noun = 0; noun < RSE_NOUN_COUNT && c->typed[0] != '\0'; noun++)
        offer(c, rse_noun_info((enum rse_noun)noun)->name, NULL);
}

static void offer_contexts(const struct completion *c)
{
    struct rse_err ignored = RSE_ERR_INIT;
    const cJSON *context;
    cJSON *all;

    if (!context_load(c->cli, &all, &ignored))
        return;
    cJSON_ArrayForEach(context, cJSON_GetObjectItemCaseSensitive(all, "contexts"))
    {
        offer(c, context->string, json_text(context, "url"));
    }
}

/* ---- what the server knows ---- */

/* Part of a name is looked for by its last segment: that is the name. */
static const char *last_segment(const char *typed)
{
    const char *slash = strrchr(typed, '/');

    return slash != NULL ? slash + 1 : typed;
}

static void offer_names(const struct completion *c, enum rse_noun noun)
{
    const struct rse_noun_info *info = rse_noun_info(noun);
    const char *word = last_segment(c->typed);
    struct rse_err ignored = RSE_ERR_INIT;
    const cJSON *document;
    cJSON *answer;
    RSE_BUF_AUTO path = { 0 };

    rse_buf_init(&path, 4096);
    rse_buf_addf(&path, "/api/v1/%s?$top=%d&$orderby=name", info->plural, MOST_NAMES);
    if (word[0] != '\0' && strchr(word, '\'') == NULL) {
        rse_buf_adds(&path, "&$filter=startswith(name,%27");
        rse_client_escape(&path, rse_str(word));
        rse_buf_adds(&path, "%27)");
    }
    c->cli->timeout_ms = ANSWER_MS;
    if (!rse_buf_ok(&path, &ignored) || !cli_get_list(c->cli, path.p, &answer, &ignored))
        return;
    cJSON_ArrayForEach(document, json_list(answer, "value"))
    {
        const char *name = cli_name_of(c->cli, info, document);

        offer(c, name, json_text(document, "description"));
        /* An application may be called by its name alone. */
        if (noun == RSE_APPLICATION && strchr(c->typed, '/') == NULL && c->typed[0] != '\0')
            offer(c, json_text(document, "name"), name);
    }
}

static void offer_jobs(const struct completion *c)
{
    struct rse_err ignored = RSE_ERR_INIT;
    const cJSON *job;
    cJSON *answer;

    c->cli->timeout_ms = ANSWER_MS;
    if (!cli_get_list(c->cli, "/api/v1/jobs?$top=20", &answer, &ignored))
        return;
    cJSON_ArrayForEach(job, json_list(answer, "value"))
    {
        offer(c, rse_arena_printf(c->cli->arena, "%lld", (long long)json_int(job, "id")),
              rse_arena_printf(c->cli->arena, "%s, %s", json_text(job, "target"), json_text(job, "state")));
    }
}

/* The noun that a word of the command line names; what is no noun gives nothing. */
static const struct rse_noun_info *noun_at(const struct completion *c, int place)
{
    return place >= 0 && place < c->cli->args.nwords ? rse_noun_find(rse_str(c->cli->args.words[place])) : NULL;
}

static void offer_fields(const struct completion *c)
{
    const struct rse_noun_info *noun = noun_at(c, 0);

    for (const struct rse_field *field = noun != NULL ? noun->fields : NULL; field != NULL && field->name != NULL;
         field++) {
        if ((field->flags & RSE_FIELD_SERVER) == 0)
            offer(c, rse_arena_printf(c->cli->arena, "%s=", field->name), field->help);
    }
}

static void offer_word(const struct completion *c, const struct command *command, enum word_kind kind)
{
    static const char *const shells[] = { "bash", "zsh", "fish", NULL };
    static const enum rse_noun nouns[] = { [WORD_CLUSTER] = RSE_CLUSTER,
                                           [WORD_GROUP] = RSE_GROUP,
                                           [WORD_NAMESPACE] = RSE_NAMESPACE,
                                           [WORD_APPLICATION] = RSE_APPLICATION,
                                           [WORD_TARGET] = RSE_TARGET };
    const struct rse_noun_info *noun;

    switch (kind) {
    case WORD_VERB:
        offer_all(c, command->verbs);
        break;
    case WORD_COMMAND:
        offer_commands(c);
        break;
    case WORD_NOUN:
        offer_nouns(c);
        break;
    case WORD_NAME:
        noun = noun_at(c, 0);
        if (noun != NULL)
            offer_names(c, noun->noun);
        break;
    case WORD_CLUSTER:
    case WORD_GROUP:
    case WORD_NAMESPACE:
    case WORD_APPLICATION:
    case WORD_TARGET:
        offer_names(c, nouns[kind]);
        break;
    case WORD_PAUSABLE:
        offer_names(c, RSE_TARGET);
        offer_names(c, RSE_APPLICATION);
        break;
    case WORD_FIELD:
        offer_fields(c);
        break;
    case WORD_JOB:
        offer_jobs(c);
        break;
    case WORD_CONTEXT:
        offer_contexts(c);
        break;
    case WORD_SHELL:
        offer_all(c, shells);
        break;
    case WORD_AS_BEFORE:
    case WORD_ANY:
    case WORD_EXPRESSION:
        break;
    }
}

/* ---- where the cursor is ---- */

static void offer_value(const struct completion *c, const char *flag)
{
    static const char *const formats[] = { "table", "wide", "json", "yaml", "name", "csv", "jsonpath=", NULL };
    static const char *const roles[] = { "viewer", "app-team", "platform", "admin", "worker", NULL };

    if (strcmp(flag, "output") == 0)
        offer_all(c, formats);
    else if (strcmp(flag, "role") == 0)
        offer_all(c, roles);
    else if (strcmp(flag, "context") == 0)
        offer_contexts(c);
    else if (strcmp(flag, "target") == 0)
        offer_names(c, RSE_TARGET);
    else if (strcmp(flag, "namespace") == 0)
        offer_names(c, RSE_NAMESPACE);
}

/* The name of the flag that the word in front is and whose value comes now, or NULL. */
static const char *open_flag(const struct command *command, const char *word)
{
    const struct flag *tables[] = { command != NULL ? command->flags : NULL, global_flags };

    if (word[0] != '-' || strchr(word, '=') != NULL)
        return NULL;
    for (size_t i = 0; i < RSE_COUNT(tables); i++) {
        for (const struct flag *f = tables[i]; f != NULL && f->name != NULL; f++) {
            bool same = word[1] == '-' ? strcmp(word + 2, f->name) == 0 : word[1] == f->letter && word[2] == '\0';

            if (same)
                return f->value != NULL ? f->name : NULL;
        }
    }
    return NULL;
}

static void complete_words(const struct completion *c, const struct command *command, const char *before)
{
    const char *flag = before != NULL ? open_flag(command, before) : NULL;
    int place = c->cli->args.nwords;

    if (flag != NULL) {
        offer_value(c, flag);
    } else if (c->typed[0] == '-') {
        offer_flags(c, command != NULL ? command->flags : NULL);
        offer_flags(c, global_flags);
    } else if (command == NULL) {
        offer_commands(c);
    } else if (place < command->max_words) {
        place = place < COMMAND_WORDS ? place : COMMAND_WORDS - 1;
        while (place > 0 && command->words[place] == WORD_AS_BEFORE)
            place--;
        offer_word(c, command, command->words[place]);
    }
}

void complete(struct cli *cli, int argc, char **argv)
{
    struct completion c = { cli, argc > 0 ? argv[argc - 1] : "" };
    struct rse_err ignored = RSE_ERR_INIT;
    const struct command *command = NULL;
    int before = argc > 0 ? argc - 1 : 0;
    int at = args_first_word(before + 1, argv - 1, global_flags) - 1;

    if (at < before && strcmp(argv[at], "help") == 0) {
        offer_commands(&c);
        return;
    }
    if (at < before) {
        command = find_command(argv[at]);
        if (command == NULL)
            return;
        memmove(argv + 1, argv, (size_t)at * sizeof(*argv)); /* the command first, what stood before it behind it */
        /* As far as it can be understood: the last flag may still want its value. */
        (void)!args_parse(&cli->args, before - 1, argv + 1, command->flags, global_flags, &ignored);
    }
    complete_words(&c, command, before > 0 ? argv[before - 1] : NULL);
}
