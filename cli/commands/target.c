/* resedge target: what another format of what is generated would change, and moving a target to it. */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/output/output.h"

static void print_preview(struct cli *cli, const char *name, const cJSON *preview)
{
    const cJSON *files = cJSON_GetObjectItemCaseSensitive(preview, "files"), *difference;
    int64_t to = json_int(preview, "to"), distinct = json_int(preview, "distinct");

    printf("target \"%s\": format %" PRId64 ", newest %" PRId64 "\n", name, json_int(preview, "current"),
           json_int(preview, "newest"));
    if (json_int(preview, "clustersChanged") == 0) {
        printf("nothing would change in format %" PRId64 "\n", to);
        return;
    }
    printf("%" PRId64 " of %s would change: %s added, %" PRId64 " changed, %" PRId64 " removed; %s\n",
           json_int(preview, "clustersChanged"), plural(cli->arena, json_int(preview, "clusters"), "cluster"),
           plural(cli->arena, json_int(files, "added"), "file"), json_int(files, "changed"), json_int(files, "removed"),
           plural(cli->arena, distinct, "distinct difference"));
    if (json_int(preview, "failed") > 0)
        printf("%s can't be rendered in format %" PRId64 "\n", plural(cli->arena, json_int(preview, "failed"), "part"),
               to);
    cJSON_ArrayForEach(difference, json_list(preview, "differences"))
    {
        const cJSON *example = cJSON_GetObjectItemCaseSensitive(difference, "example");

        printf("\n%s on %s, as %s on %s:\n%s", json_text(difference, "op"),
               plural(cli->arena, json_int(difference, "clusters"), "cluster"), json_text(example, "path"),
               json_text(example, "cluster"), json_text(example, "diff"));
    }
    if (json_true(preview, "truncated"))
        printf("\nand more\n");
}

static bool move_format(struct cli *cli, const cJSON *target, const cJSON *preview, int64_t format, struct rse_err *err)
{
    const char *name = cli->args.words[1];
    cJSON *patch = cli_new_object(cli);
    struct write write = {
        .method = "PATCH",
        .path = rse_arena_printf(cli->arena, "/api/v1/targets/%" PRId64, json_int(target, "id")),
        .body = patch,
        .content_type = "application/merge-patch+json",
        .confirm = json_int(preview, "clustersChanged"),
    };
    struct reply reply;

    cJSON_AddNumberToObject(patch, "format", (double)format);
    if (!is_dry_run(cli) &&
        !cli_confirm(cli, rse_arena_printf(cli->arena, "Move \"%s\" to format %" PRId64 "?", name, format), err))
        return false;
    return cli_write(cli, &write, &reply, err) &&
           cli_written(cli, rse_noun_info(RSE_TARGET), name,
                       rse_arena_printf(cli->arena, "moved to format %" PRId64, format), &reply, err);
}

const char *const target_verbs[] = { "format", NULL };

bool command_target(struct cli *cli, struct rse_err *err)
{
    const char *wanted = cli->args.nwords > 2 ? cli->args.words[2] : NULL;
    struct reply target;
    cJSON *preview;
    int64_t format = 0;
    char *path;

    if (!cli_verb(cli->args.words[0], target_verbs, err))
        return false;
    if (wanted != NULL && !rse_parse_int64(rse_str(wanted), 1, INT32_MAX, &format))
        return rse_fail(err, RSE_INVALID, "a format is a number, not \"%s\"", wanted);
    if (!cli_get_object(cli, rse_noun_info(RSE_TARGET), cli->args.words[1], &target, err))
        return false;
    path = rse_arena_printf(cli->arena, "/api/v1/targets/%" PRId64 "/format%s%s", json_int(target.json, "id"),
                            wanted != NULL ? "?to=" : "", wanted != NULL ? wanted : "");
    if (!cli_request(cli, "GET", path, NULL, &preview, err))
        return false;
    if (wanted == NULL && output_document(cli, preview))
        return true;
    if (cli->format == FORMAT_TABLE)
        print_preview(cli, cli->args.words[1], preview);
    return wanted == NULL || move_format(cli, target.json, preview, format, err);
}
