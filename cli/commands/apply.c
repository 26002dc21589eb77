/* resedge apply: an inventory, all or nothing. */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/inventory.h"
#include "cli/output/output.h"

static const char *apply_path(struct cli *cli)
{
    const char *set = args_value(&cli->args, "set");
    RSE_BUF_AUTO path = { 0 };

    rse_buf_init(&path, 4096);
    rse_buf_adds(&path, "/api/v1/apply");
    if (set != NULL) {
        rse_buf_adds(&path, "?set=");
        rse_client_escape(&path, rse_str(set));
    }
    if (args_has(&cli->args, "prune"))
        rse_buf_adds(&path, set != NULL ? "&prune=true" : "?prune=true");
    return rse_arena_strdup(cli->arena, path.p);
}

static int64_t sum(const cJSON *counts)
{
    const cJSON *count;
    int64_t total = 0;

    cJSON_ArrayForEach(count, counts)
    {
        total += (int64_t)count->valuedouble;
    }
    return total;
}

static void print_summary(struct cli *cli, const cJSON *answer)
{
    const cJSON *deleted = cJSON_GetObjectItemCaseSensitive(answer, "deleted"), *change;

    if (is_dry_run(cli)) {
        cJSON_ArrayForEach(change, json_list(answer, "changes"))
        {
            printf("would %s %s %s\n", json_text(change, "op"), json_text(change, "noun"), json_text(change, "name"));
        }
    }
    printf("%s%" PRId64 " created, %" PRId64 " updated, %" PRId64 " unchanged", is_dry_run(cli) ? "dry run: " : "",
           sum(cJSON_GetObjectItemCaseSensitive(answer, "created")),
           sum(cJSON_GetObjectItemCaseSensitive(answer, "updated")), json_int(answer, "unchanged"));
    if (args_has(&cli->args, "prune"))
        printf(", %" PRId64 " deleted", sum(deleted));
    printf(" (revision %" PRId64 ")\n", json_int(answer, "revision"));
    if (cJSON_HasObjectItem(answer, "confirm"))
        printf("to do it, add --confirm %" PRId64 "\n", json_int(answer, "confirm"));
}

static void print_changed_names(const cJSON *answer)
{
    const cJSON *change;

    cJSON_ArrayForEach(change, json_list(answer, "changes"))
    {
        printf("%s/%s\n", json_text(change, "noun"), json_text(change, "name"));
    }
}

bool command_apply(struct cli *cli, struct rse_err *err)
{
    struct inventory inventory;
    struct reply reply;

    if (args_has(&cli->args, "prune") && args_value(&cli->args, "set") == NULL) {
        rse_err_hint(
            err, "Name the set with --set NAME: what it had and the files no longer name is deleted, nothing else.");
        return rse_fail(err, RSE_INVALID, "--prune needs to know of what");
    }
    if (!inventory_read(cli, &inventory, err))
        return false;
    struct write write = {
        .method = "POST", .path = apply_path(cli), .content_type = inventory.content_type, .text = inventory.text
    };

    if (!cli_write(cli, &write, &reply, err)) {
        inventory_locate(&inventory, err);
        return false;
    }
    if (cli->format == FORMAT_NAME)
        print_changed_names(reply.json);
    else if (!output_document(cli, reply.json))
        print_summary(cli, reply.json);
    return is_dry_run(cli) || !args_has(&cli->args, "wait") || cli_wait(cli, json_int(reply.json, "revision"), err);
}
