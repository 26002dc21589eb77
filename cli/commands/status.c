/* resedge status: where the fleet stands. */
#include <inttypes.h>

#include "../commands.h"
#include "../output/output.h"

static bool add_target(struct cli *cli, struct table *table, const cJSON *target, cJSON *out, struct rse_err *err)
{
    char *path = rse_arena_printf(cli->arena, "/api/v1/targets/%" PRId64 "/status", json_int(target, "id"));
    const cJSON *job, *worker;
    cJSON *status;
    char commit[13];

    if (!cli_request(cli, "GET", path, NULL, &status, err))
        return false;
    cJSON_AddItemReferenceToObject(out, json_text(target, "name"), status);
    job = cJSON_GetObjectItemCaseSensitive(status, "job");
    worker = cJSON_GetObjectItemCaseSensitive(status, "worker");
    snprintf(commit, sizeof(commit), "%s", json_text(status, "lastCommit"));
    table_cell(table, json_text(target, "name"));
    table_cellf(table, "%" PRId64, json_int(status, "wanted"));
    table_cellf(table, "%" PRId64, json_int(status, "done"));
    table_cell(table, json_true(status, "paused") ? "paused" : json_text(job, "state"));
    table_cell(table, commit);
    table_cell(table, json_text(worker, "name"));
    return true;
}

bool command_status(struct cli *cli, struct rse_err *err)
{
    static const char *const headers[] = { "TARGET", "WANTED", "DONE", "LAST JOB", "COMMIT", "WORKER", NULL };
    struct table table;
    cJSON *targets, *out = cli_new_object(cli);
    const cJSON *target;

    if (!cli_get_list(cli, "/api/v1/targets?$top=1000", &targets, err))
        return false;
    table_begin(&table, cli, headers);
    cJSON_ArrayForEach(target, json_list(targets, "value"))
    {
        if (!add_target(cli, &table, target, out, err))
            return false;
    }
    if (!output_document(cli, out))
        table_print(&table, "no targets yet: `resedge apply -f` one");
    return true;
}
