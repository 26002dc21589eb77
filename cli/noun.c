/* Nouns and names on a command line. */
#include "cli/cli.h"

char *cli_object_path(struct cli *cli, const struct rse_noun_info *noun, const char *name, const char *behind)
{
    RSE_BUF_AUTO path = { 0 };

    rse_buf_init(&path, 4096);
    rse_buf_addf(&path, "/api/v1/%s/", noun->plural);
    if (!rse_is_digits(rse_str(name)))
        rse_buf_adds(&path, "name:");
    rse_client_escape(&path, rse_str(name));
    rse_buf_adds(&path, behind);
    return rse_arena_strdup(cli->arena, path.p);
}

bool cli_noun(const char *word, const struct rse_noun_info **out, struct rse_err *err)
{
    struct rse_suggestion s;

    *out = rse_noun_find(rse_str(word));
    if (*out != NULL)
        return true;
    rse_suggest_begin(&s, rse_str(word));
    for (int noun = 0; noun < RSE_NOUN_COUNT; noun++)
        rse_suggest_offer(&s, rse_str(rse_noun_info((enum rse_noun)noun)->plural));
    if (!rse_suggest_hint(&s, "", "", err))
        rse_err_hint(err, "There are clusters, groups, namespaces, applications, policies, targets and metadataKeys.");
    return rse_fail(err, RSE_INVALID, "unknown noun \"%s\"", word);
}

bool cli_get_object(struct cli *cli, const struct rse_noun_info *noun, const char *name, struct reply *out,
                    struct rse_err *err)
{
    struct rse_request request = { .method = "GET", .path = cli_object_path(cli, noun, name, "") };

    return cli_send(cli, &request, out, err) &&
           (out->json != NULL || rse_fail(err, RSE_INTERNAL, "the Data Service's answer can't be read: it is empty"));
}

bool cli_find_object(struct cli *cli, const struct rse_noun_info **noun, struct reply *out, struct rse_err *err)
{
    return cli_noun(cli->args.words[0], noun, err) && cli_get_object(cli, *noun, cli->args.words[1], out, err);
}

const char *cli_name_of(struct cli *cli, const struct rse_noun_info *noun, const cJSON *document)
{
    const char *namespace_ = noun->noun == RSE_APPLICATION ? json_text(document, "namespace") : "";

    if (noun->noun == RSE_GROUP)
        return json_text(document, "namePath");
    return rse_arena_printf(cli->arena, "%s%s%s", namespace_, namespace_[0] != '\0' ? "/" : "",
                            json_text(document, "name"));
}

bool cli_verb(const char *verb, const char *const *known, struct rse_err *err)
{
    struct rse_suggestion s;
    RSE_BUF_AUTO all = { 0 };

    rse_buf_init(&all, 256);
    rse_suggest_begin(&s, rse_str(verb));
    for (size_t i = 0; known[i] != NULL; i++) {
        if (strcmp(known[i], verb) == 0)
            return true;
        rse_suggest_offer(&s, rse_str(known[i]));
        rse_buf_addf(&all, "%s%s", i > 0 ? ", " : "", known[i]);
    }
    if (!rse_suggest_hint(&s, "", "", err))
        rse_err_hint(err, "There are %s.", all.p);
    return rse_fail(err, RSE_INVALID, "unknown action \"%s\"", verb);
}
