/* resedge set: which clusters have a namespace, with what that changes shown first; or any field of an object. */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/fields.h"
#include "cli/output/output.h"

enum { MOST_NAMED = 100000 };

static void print_preview(struct cli *cli, const char *namespace_, const cJSON *preview)
{
    printf("%s: %s selected by %s; %" PRId64 " gained, %" PRId64 " lost\n", namespace_,
           plural(cli->arena, json_int(preview, "count"), "cluster"), json_text(preview, "expression"),
           json_int(preview, "gainsCount"), json_int(preview, "losesCount"));
    print_names("+", json_list(preview, "gains"));
    print_names("-", json_list(preview, "loses"));
}

/* With the ETag of what was shown: somebody else's change in between is refused, not overwritten. */
static bool store(struct cli *cli, const struct reply *before, const cJSON *changes, int64_t *revision,
                  struct rse_err *err)
{
    cJSON *patch = cli_new_object(cli);
    struct write write = { .method = "PATCH", .body = patch, .content_type = "application/merge-patch+json" };
    struct reply reply;

    cJSON_AddStringToObject(patch, "expression", cli->expression);
    write.path = rse_arena_printf(cli->arena, "/api/v1/namespaces/%" PRId64, json_int(before->json, "id"));
    write.if_match = before->etag;
    if (!args_has(&cli->args, "yes")) /* who was asked saw how many lose it */
        write.confirm = json_int(changes, "losesCount");
    if (!cli_write(cli, &write, &reply, err)) {
        rse_err_object(err, "namespace \"%s\"", json_text(before->json, "name"));
        return false;
    }
    *revision = reply.revision;
    return true;
}

static bool set_expression(struct cli *cli, struct rse_err *err)
{
    const char *name;
    struct reply before;
    cJSON *changes;
    int64_t revision;

    if (!cli_get_object(cli, rse_noun_info(RSE_NAMESPACE), cli->args.words[1], &before, err))
        return false;
    name = json_text(before.json, "name");
    if (!cli_evaluate(cli, cli->expression, name, MOST_NAMED, &changes, err))
        return false;
    if (!output_document(cli, changes))
        print_preview(cli, name, changes);
    if (is_dry_run(cli))
        return true;
    if (!cli_confirm(cli, "Store it?", err) || !store(cli, &before, changes, &revision, err))
        return false;
    if (cli->format == FORMAT_TABLE)
        printf("stored (revision %" PRId64 ")\n", revision);
    return !args_has(&cli->args, "wait") || cli_wait(cli, revision, err);
}

static bool set_fields(struct cli *cli, struct rse_err *err)
{
    const struct rse_noun_info *noun = rse_noun_find(rse_str(cli->args.words[0]));
    cJSON *patch = cli_new_object(cli);
    struct reply before;

    for (int i = 2; i < cli->args.nwords; i++) {
        if (!fields_put(cli, noun, cli->args.words[i], patch, err))
            return false;
    }
    return cli_get_object(cli, noun, cli->args.words[1], &before, err) &&
           cli_patch(cli, noun, before.json, before.etag, patch, "changed", err);
}

bool command_set(struct cli *cli, struct rse_err *err)
{
    bool expression = strcmp(cli->args.words[0], "expression") == 0;

    if (!expression && rse_noun_find(rse_str(cli->args.words[0])) != NULL)
        return set_fields(cli, err);
    if (!expression || cli->args.nwords != 3) {
        rse_err_hint(err, "Usage: resedge set expression NAMESPACE EXPRESSION, resedge set NOUN NAME FIELD=VALUE...");
        if (expression)
            return rse_fail(err, RSE_INVALID, "an expression is one word: put it in quotes");
        return rse_fail(err, RSE_INVALID, "unknown thing to set: \"%s\"", cli->args.words[0]);
    }
    cli->expression = cli->args.words[2];
    return set_expression(cli, err);
}
