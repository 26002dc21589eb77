/*
 * job_list.c - GET /jobs: a list like those of the nouns, with ?target= and ?state= for short.
 */
#include "api-server/api.h"
#include "api-server/fleet/live.h"
#include "api-server/handlers/job_routes.h"
#include "api-server/handlers/list.h"
#include "api-server/store/job.h"

enum { SHORT_MAX_BYTES = 128, FILTER_MAX_BYTES = 64 * 1024 };

static const char *const STATES[] = { "running", "committed", "pushed",   "unchanged",
                                      "failed",  "parked",    "canceled", NULL };
/* What has members of its own is compared as its JSON text. */
static const struct rse_field FIELDS[] = {
    { .name = "id", .type = RSE_FIELD_ID },
    { .name = "target", .type = RSE_FIELD_STRING, .max = SHORT_MAX_BYTES },
    { .name = "targetId", .type = RSE_FIELD_INT },
    { .name = "state", .type = RSE_FIELD_ENUM, .names = STATES },
    { .name = "revision", .type = RSE_FIELD_INT },
    { .name = "fromRevision", .type = RSE_FIELD_INT },
    { .name = "changeId", .type = RSE_FIELD_STRING, .max = SHORT_MAX_BYTES },
    { .name = "author", .type = RSE_FIELD_TEXT },
    { .name = "attempts", .type = RSE_FIELD_INT },
    { .name = "worker", .type = RSE_FIELD_TEXT },
    { .name = "cancel", .type = RSE_FIELD_BOOL },
    { .name = "createdAt", .type = RSE_FIELD_TIME },
    { .name = "startedAt", .type = RSE_FIELD_TIME },
    { .name = "finishedAt", .type = RSE_FIELD_TIME },
    { .name = "durationMs", .type = RSE_FIELD_INT },
    { .name = "commit", .type = RSE_FIELD_STRING, .max = SHORT_MAX_BYTES },
    { .name = "tree", .type = RSE_FIELD_STRING, .max = SHORT_MAX_BYTES },
    { .name = "parent", .type = RSE_FIELD_STRING, .max = SHORT_MAX_BYTES },
    { .name = "filesAdded", .type = RSE_FIELD_INT },
    { .name = "filesChanged", .type = RSE_FIELD_INT },
    { .name = "filesRemoved", .type = RSE_FIELD_INT },
    { .name = "filesRendered", .type = RSE_FIELD_INT },
    { .name = "bytesRendered", .type = RSE_FIELD_INT },
    { .name = "bytesWritten", .type = RSE_FIELD_INT },
    { .name = "clustersChanged", .type = RSE_FIELD_INT },
    { .name = "progress", .type = RSE_FIELD_TEXT },
    { .name = "phases", .type = RSE_FIELD_TEXT },
    { .name = "held", .type = RSE_FIELD_TEXT },
    { .name = "heldCount", .type = RSE_FIELD_INT },
    { .name = "drift", .type = RSE_FIELD_TEXT },
    { .name = "decisions", .type = RSE_FIELD_TEXT },
    { .name = "error", .type = RSE_FIELD_TEXT },
    { .name = NULL },
};
static const struct rse_noun_info JOB = { .noun = RSE_NOUN_COUNT, .name = "job", .plural = "jobs", .fields = FIELDS };

static bool is_state(struct rse_str name)
{
    for (const char *const *state = STATES; *state != NULL; state++)
        if (rse_str_is(name, *state))
            return true;
    return false;
}

/* "failed,parked": each has to be one. */
static bool add_states(struct call *call, struct rse_buf *filter)
{
    struct rse_str rest;
    const char *before = "state in (";

    if (!call_query(call, "state", &rest) || rest.len == 0)
        return true;
    while (rest.len > 0) {
        ptrdiff_t comma = rse_str_find(rest, ',');
        struct rse_str name = comma < 0 ? rest : rse_str_n(rest.p, (size_t)comma);

        if (!is_state(name)) {
            call_err_parameter(call, "state");
            rse_err_hint(&call->err, "The states are running, committed, pushed, unchanged, failed, parked, canceled.");
            return rse_fail(&call->err, RSE_INVALID, "there is no state \"%.*s\"", RSE_STR_ARG(name));
        }
        rse_buf_adds(filter, before);
        odata_add_text(filter, name);
        before = ",";
        rest = rse_str_from(rest, name.len + 1);
    }
    rse_buf_addc(filter, ')');
    return true;
}

/* An id, a name, or "name:" and a name. */
static const struct rse_object *find_target(struct call *call, struct rse_str given)
{
    static const struct rse_str PREFIX = RSE_STR_INIT("name:");
    struct rse_fleet *fleet = live_fleet(call->api->live);
    bool by_name = rse_str_starts(given, PREFIX);
    struct rse_str name = by_name ? rse_str_from(given, PREFIX.len) : given;
    const struct rse_object *found = NULL;
    int64_t id;

    if (!live_check_ready(call->api->live, &call->err))
        return NULL;
    if (!by_name && path_id(given, &id))
        found = rse_fleet_get(fleet, RSE_TARGET, id);
    if (found == NULL)
        found = rse_fleet_find(fleet, RSE_TARGET, name, NULL);
    if (found != NULL)
        return found;
    call_err_parameter(call, "target");
    (void)!rse_fleet_find(fleet, RSE_TARGET, name, &call->err); /* for what may have been meant */
    call->err.code = RSE_INVALID;
    return NULL;
}

static bool add_target(struct call *call, struct rse_buf *filter)
{
    const struct rse_object *target;
    struct rse_str given;

    if (!call_query(call, "target", &given) || given.len == 0)
        return true;
    target = find_target(call, given);
    if (target == NULL)
        return false;
    rse_buf_addf(filter, "%stargetId eq %lld", filter->len > 0 ? " and " : "", (long long)target->id);
    return true;
}

void job_list(struct call *call)
{
    static const char *const PARAMS[] = { "target", "state", NULL };
    RSE_BUF_AUTO filter = { 0 };

    rse_buf_init(&filter, FILTER_MAX_BYTES);
    if (!add_states(call, &filter) || !add_target(call, &filter) || !rse_buf_ok(&filter, &call->err))
        return call_fail(call);
    list_reply(
        call, &JOB,
        &(struct list_scope){ .source = &JOB_SOURCE,
                              .order = "id desc",
                              .params = PARAMS,
                              .filter = filter.len > 0 ? rse_arena_str(call->arena, rse_buf_str(&filter)).p : NULL });
}
