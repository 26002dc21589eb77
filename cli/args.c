#include "cli/args.h"

static const struct flag *find(const struct flag *table, char letter, struct rse_str name)
{
    for (const struct flag *flag = table; flag != NULL && flag->name != NULL; flag++) {
        if (letter != 0 ? flag->letter == letter : rse_str_is(name, flag->name))
            return flag;
    }
    return NULL;
}

static const struct flag *find_in_both(const struct flag *own, const struct flag *global, char letter,
                                       struct rse_str name)
{
    const struct flag *flag = find(own, letter, name);

    return flag != NULL ? flag : find(global, letter, name);
}

/* The beginning of an option is as near as one letter. */
static void offer_flags(struct rse_suggestion *s, const struct flag *table)
{
    for (const struct flag *flag = table; flag != NULL && flag->name != NULL; flag++) {
        if (s->word.len > 2 && rse_str_starts(rse_str(flag->name), s->word))
            rse_suggest_put(s, rse_str(flag->name), 1);
        else
            rse_suggest_offer(s, rse_str(flag->name));
    }
}

static bool refuse_unknown(const char *word, struct rse_str name, const struct flag *own, const struct flag *global,
                           struct rse_err *err)
{
    struct rse_suggestion s;

    rse_suggest_begin(&s, name);
    offer_flags(&s, own);
    offer_flags(&s, global);
    if (!rse_suggest_hint(&s, "--", "", err))
        rse_err_hint(err, "See --help for the options there are.");
    return rse_fail(err, RSE_INVALID, "unknown option %s", word);
}

static bool add_flag(struct args *args, const struct flag *flag, const char *value, struct rse_err *err)
{
    if (args->nflags == ARGS_MAX_FLAGS)
        return rse_fail(err, RSE_INVALID, "too many options");
    args->flags[args->nflags].flag = flag;
    args->flags[args->nflags++].value = value;
    return true;
}

/* One flag at argv[*i]; moves *i on where the next word is its value. */
static bool parse_flag(struct args *args, int argc, char **argv, int *i, const struct flag *own,
                       const struct flag *global, struct rse_err *err)
{
    const char *word = argv[*i], *inline_value = NULL;
    bool is_long = word[1] == '-';
    struct rse_str name = rse_str(is_long ? word + 2 : "");
    ptrdiff_t equals = is_long ? rse_str_find(name, '=') : -1;
    const struct flag *flag;

    if (equals >= 0) {
        inline_value = name.p + equals + 1;
        name.len = (size_t)equals;
    } else if (!is_long && word[2] != '\0') {
        inline_value = word + 2;
    }
    flag = find_in_both(own, global, is_long ? 0 : word[1], name);
    if (flag == NULL)
        return refuse_unknown(word, is_long ? name : rse_str(word + 1), own, global, err);
    if (flag->value == NULL) {
        if (inline_value != NULL)
            return rse_fail(err, RSE_INVALID, "option --%s takes no value", flag->name);
        return add_flag(args, flag, "", err);
    }
    if (inline_value == NULL && *i + 1 < argc)
        inline_value = argv[++*i];
    if (inline_value == NULL)
        return rse_fail(err, RSE_INVALID, "option --%s needs a value (%s)", flag->name, flag->value);
    return add_flag(args, flag, inline_value, err);
}

bool args_parse(struct args *args, int argc, char **argv, const struct flag *own, const struct flag *global,
                struct rse_err *err)
{
    bool flags_end = false;

    *args = (struct args){ .nwords = 0 };
    for (int i = 0; i < argc; i++) {
        if (!flags_end && strcmp(argv[i], "--") == 0) {
            flags_end = true;
        } else if (!flags_end && argv[i][0] == '-' && argv[i][1] != '\0') {
            if (!parse_flag(args, argc, argv, &i, own, global, err))
                return false;
        } else if (args->nwords == ARGS_MAX_WORDS) {
            return rse_fail(err, RSE_INVALID, "too many words on the command line");
        } else {
            args->words[args->nwords++] = argv[i];
        }
    }
    return true;
}

int args_first_word(int argc, char **argv, const struct flag *flags)
{
    struct args ignored = { .nwords = 0 };
    int i = 1;

    while (i < argc && argv[i][0] == '-' && parse_flag(&ignored, argc, argv, &i, NULL, flags, NULL))
        i++;
    return i;
}

const char *args_value(const struct args *args, const char *name)
{
    for (int i = args->nflags - 1; i >= 0; i--) {
        if (strcmp(args->flags[i].flag->name, name) == 0)
            return args->flags[i].value;
    }
    return NULL;
}

bool args_has(const struct args *args, const char *name)
{
    return args_value(args, name) != NULL;
}
