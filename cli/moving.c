/* See moving.h. */
#include "cli/moving.h"

/* What a rename or a move means for what runs: for Flux another name is another object. */
static bool confirm_move(struct cli *cli, const struct rse_noun_info *noun, const cJSON *document, int64_t *count,
                         struct rse_err *err)
{
    cJSON *clusters;

    *count = 0;
    if (noun->noun != RSE_APPLICATION && noun->noun != RSE_NAMESPACE)
        return true;
    const char *path =
        rse_arena_printf(cli->arena, "/api/v1/%s/%lld/clusters", noun->plural, (long long)json_int(document, "id"));

    if (!cli_get_list(cli, path, &clusters, err))
        return false;
    *count = cli_list_count(clusters);
    if (*count == 0 || is_dry_run(cli) || args_has(&cli->args, "confirm"))
        return true;
    fprintf(stderr, "%s \"%s\" runs on %lld cluster%s: there it is deleted, with its data, and made anew.\n",
            noun->name, cli_name_of(cli, noun, document), (long long)*count, *count == 1 ? "" : "s");
    if (args_has(&cli->args, "yes")) /* a yes given beforehand did not see the number */
        *count = 0;
    return cli_confirm(cli, "Go on?", err);
}

bool cli_patch_moved(struct cli *cli, const struct rse_noun_info *noun, const struct reply *before, const cJSON *patch,
                     const char *done, struct rse_err *err)
{
    struct write write = { .method = "PATCH", .body = patch, .content_type = "application/merge-patch+json" };
    struct reply reply;

    write.path = rse_arena_printf(cli->arena, "/api/v1/%s/%lld", noun->plural, (long long)json_int(before->json, "id"));
    write.if_match = before->etag;
    if (!confirm_move(cli, noun, before->json, &write.confirm, err))
        return false;
    if (!cli_write(cli, &write, &reply, err)) {
        rse_err_object(err, "%s \"%s\"", noun->name, cli_name_of(cli, noun, before->json));
        return false;
    }
    return cli_written(cli, noun, reply.json != NULL ? cli_name_of(cli, noun, reply.json) : "", done, &reply, err);
}
