/* resedge status: where the fleet stands, and what is still to be done. */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/output/output.h"

/* ---- the fleet, counted ---- */

/* How many of a noun there are, all or those for which a filter (escaped) holds; *revision is that of the answer. */
static bool count_objects(struct cli *cli, enum rse_noun noun, const char *filter, int64_t *count, int64_t *revision,
                          struct rse_err *err)
{
    struct rse_request request = { .method = "GET" };
    struct reply reply;

    request.path = rse_arena_printf(cli->arena, "/api/v1/%s?$top=1&$select=id%s%s", rse_noun_info(noun)->plural,
                                    filter != NULL ? "&$filter=" : "", filter != NULL ? filter : "");
    if (!cli_send(cli, &request, &reply, err))
        return false;
    *count = json_int(reply.json, "@odata.count");
    *revision = reply.revision;
    return true;
}

/* {"active": 30, "planned": 2}: only the states that a cluster is in. */
static bool count_states(struct cli *cli, cJSON *out, struct rse_err *err)
{
    const char *const *states = rse_noun_field(RSE_CLUSTER, rse_str("state"))->names;
    int64_t count, revision;

    for (; *states != NULL; states++) {
        const char *filter = rse_arena_printf(cli->arena, "state%%20eq%%20%%27%s%%27", *states);

        if (!count_objects(cli, RSE_CLUSTER, filter, &count, &revision, err))
            return false;
        if (count > 0)
            cJSON_AddNumberToObject(out, *states, (double)count);
    }
    return true;
}

static bool count_fleet(struct cli *cli, cJSON *out, struct rse_err *err)
{
    static const enum rse_noun nouns[] = { RSE_CLUSTER, RSE_GROUP, RSE_NAMESPACE, RSE_APPLICATION };
    cJSON *fleet = cJSON_CreateObject();
    int64_t count, revision = -1;

    cJSON_AddItemToObject(out, "fleet", fleet);
    for (size_t i = 0; i < RSE_COUNT(nouns); i++) {
        if (!count_objects(cli, nouns[i], NULL, &count, &revision, err))
            return false;
        cJSON_AddNumberToObject(fleet, rse_noun_info(nouns[i])->plural, (double)count);
    }
    if (revision >= 0)
        cJSON_AddNumberToObject(out, "revision", (double)revision);
    return count_states(cli, cJSON_AddObjectToObject(fleet, "clusterStates"), err);
}

/* ---- the targets ---- */

static const char *state_of(const cJSON *status)
{
    if (json_true(status, "paused"))
        return "paused";
    if (json_true(status, "parked"))
        return "parked";
    return json_int(status, "lag") > 0 ? "behind" : "current";
}

static bool ask_targets(struct cli *cli, cJSON *out, struct rse_err *err)
{
    cJSON *targets, *queue = cJSON_AddObjectToObject(out, "targets");
    const cJSON *target;

    if (!cli_get_list(cli, "/api/v1/targets?$top=1000&$orderby=name", &targets, err))
        return false;
    cJSON_ArrayForEach(target, json_list(targets, "value"))
    {
        char *path = rse_arena_printf(cli->arena, "/api/v1/targets/%" PRId64 "/status", json_int(target, "id"));
        cJSON *status;

        if (!cli_request(cli, "GET", path, NULL, &status, err))
            return false;
        cJSON_AddItemReferenceToObject(queue, json_text(target, "name"), status);
    }
    return true;
}

/* ---- for people ---- */

static void print_fleet(struct cli *cli, const cJSON *status)
{
    const cJSON *fleet = cJSON_GetObjectItemCaseSensitive(status, "fleet"), *state;
    const char *before = " (";

    printf("revision %" PRId64 ": %s", json_int(status, "revision"),
           plural(cli->arena, json_int(fleet, "clusters"), "cluster"));
    cJSON_ArrayForEach(state, cJSON_GetObjectItemCaseSensitive(fleet, "clusterStates"))
    {
        printf("%s%" PRId64 " %s", before, (int64_t)state->valuedouble, state->string);
        before = ", ";
    }
    printf("%s, %s, %s, %s\n", before[0] == ',' ? ")" : "", plural(cli->arena, json_int(fleet, "groups"), "group"),
           plural(cli->arena, json_int(fleet, "namespaces"), "namespace"),
           plural(cli->arena, json_int(fleet, "applications"), "application"));
}

/* "queue: 1 of 2 targets has work to do, 1 parked, 0 paused" */
static void print_queue(struct cli *cli, const cJSON *targets)
{
    int64_t open = 0, parked = 0, paused = 0;
    const cJSON *target;

    cJSON_ArrayForEach(target, targets)
    {
        open += json_int(target, "lag") > 0;
        parked += json_true(target, "parked");
        paused += json_true(target, "paused");
    }
    printf("queue: %" PRId64 " of %s with open work, %" PRId64 " parked, %" PRId64 " paused\n\n", open,
           plural(cli->arena, cJSON_GetArraySize(targets), "target"), parked, paused);
}

static void print_targets(struct cli *cli, const cJSON *targets)
{
    static const char *const headers[] = { "TARGET",   "STATE", "WANTED", "DONE",   "LAG",
                                           "LAST JOB", "HELD",  "COMMIT", "WORKER", NULL };
    const cJSON *status;
    struct table table;

    table_begin(&table, cli, headers);
    cJSON_ArrayForEach(status, targets)
    {
        const cJSON *job = cJSON_GetObjectItemCaseSensitive(status, "job");

        table_cell(&table, status->string);
        table_cell(&table, state_of(status));
        table_cellf(&table, "%" PRId64, json_int(status, "wanted"));
        table_cellf(&table, "%" PRId64, json_int(status, "done"));
        table_cellf(&table, "%" PRId64, json_int(status, "lag"));
        table_cell(&table, json_text(job, "state"));
        table_cellf(&table, "%" PRId64, held_count(job));
        table_cellf(&table, "%.12s", json_text(status, "lastCommit"));
        table_cell(&table, json_text(cJSON_GetObjectItemCaseSensitive(status, "worker"), "name"));
    }
    table_print(&table, "no targets yet: `resedge apply -f` one");
}

bool command_status(struct cli *cli, struct rse_err *err)
{
    cJSON *status = cli_new_object(cli);
    const cJSON *targets;

    if (!count_fleet(cli, status, err) || !ask_targets(cli, status, err))
        return false;
    if (output_document(cli, status))
        return true;
    targets = cJSON_GetObjectItemCaseSensitive(status, "targets");
    print_fleet(cli, status);
    print_queue(cli, targets);
    print_targets(cli, targets);
    return true;
}
