/*
 * job_list.c - GET /jobs: a list like those of the nouns, with ?target= and ?state= for short.
 */
#include "api-server/api.h"
#include "api-server/handlers/job_routes.h"
#include "api-server/handlers/list.h"
#include "api-server/store/job.h"
#include <resedge/parse.h>

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

static void add_text(struct rse_buf *filter, struct rse_str text)
{
    rse_buf_addc(filter, '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (text.p[i] == '\'')
            rse_buf_addc(filter, '\'');
        rse_buf_addc(filter, text.p[i]);
    }
    rse_buf_addc(filter, '\'');
}

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
            rse_err_field(&call->err, "state");
            rse_err_hint(&call->err, "The states are running, committed, pushed, unchanged, failed, parked, canceled.");
            return rse_fail(&call->err, RSE_INVALID, "there is no state \"%.*s\"", RSE_STR_ARG(name));
        }
        rse_buf_adds(filter, before);
        add_text(filter, name);
        before = ",";
        rest = rse_str_from(rest, name.len + 1);
    }
    rse_buf_addc(filter, ')');
    return true;
}

/* An id, a name, or "name:" and a name. */
static void add_target(struct call *call, struct rse_buf *filter)
{
    static const struct rse_str PREFIX = RSE_STR_INIT("name:");
    struct rse_str target;
    int64_t id;

    if (!call_query(call, "target", &target) || target.len == 0)
        return;
    if (filter->len > 0)
        rse_buf_adds(filter, " and ");
    rse_buf_addc(filter, '(');
    if (rse_parse_int64(target, 1, INT64_MAX, &id))
        rse_buf_addf(filter, "targetId eq %lld or ", (long long)id);
    rse_buf_adds(filter, "target eq ");
    add_text(filter, rse_str_starts(target, PREFIX) ? rse_str_from(target, PREFIX.len) : target);
    rse_buf_addc(filter, ')');
}

void job_list(struct call *call)
{
    static const char *const PARAMS[] = { "target", "state", NULL };
    RSE_BUF_AUTO filter = { 0 };

    rse_buf_init(&filter, FILTER_MAX_BYTES);
    if (!add_states(call, &filter))
        return call_fail(call);
    add_target(call, &filter);
    if (!rse_buf_ok(&filter, &call->err))
        return call_fail(call);
    list_reply(
        call, &JOB,
        &(struct list_scope){ .source = &JOB_SOURCE,
                              .order = "id desc",
                              .params = PARAMS,
                              .filter = filter.len > 0 ? rse_arena_str(call->arena, rse_buf_str(&filter)).p : NULL });
}
