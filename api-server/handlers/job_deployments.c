/*
 * job_deployments.c - a worker tells what clusters' folders hold now: a line each (NDJSON).
 */
#include "api-server/api.h"
#include "api-server/store/db.h"
#include "api-server/store/job.h"
#include "api-server/handlers/job_completion.h"
#include "api-server/handlers/job_routes.h"

#include <cjson/cJSON.h>

/* ---- a line ---- */

static void look_applications(const struct body *body)
{
    static const char *const MEMBERS[] = { "application", "version", "state", "error", NULL };
    static const char *const STATES[] = { "current", "held", "failed", "paused", NULL };
    const cJSON *list = body_array(body, "applications", true), *item;
    size_t i = 0;

    cJSON_ArrayForEach(item, list)
    {
        struct body application = body_item(body, "applications", item, i++, MEMBERS);

        body_look_int(&application, "application", 1, JOB_MAX_NUMBER, true);
        body_look_text(&application, "version", false);
        (void)body_word(&application, "state", STATES);
        job_look_problem(&application, "error", false);
    }
}

/* Parts that could not be made, by ids: of an application, a namespace, or of the cluster itself. */
static void look_failed(const struct body *body)
{
    static const char *const MEMBERS[] = { "namespace", "application", NULL };
    const cJSON *list = body_array(body, "failed", false), *item;
    size_t i = 0;

    cJSON_ArrayForEach(item, list)
    {
        struct body part = body_item(body, "failed", item, i++, MEMBERS);

        body_look_int(&part, "namespace", 1, JOB_MAX_NUMBER, false);
        body_look_int(&part, "application", 1, JOB_MAX_NUMBER, false);
    }
}

static void look_line(const cJSON *json, struct rse_arena *arena, struct rse_faults *faults, size_t line)
{
    static const char *const MEMBERS[] = { "cluster", "tree", "applications", "failed", NULL };
    struct body body;

    body_open_json(&body, json, MEMBERS, arena, faults, (uint32_t)line);
    body_look_int(&body, "cluster", 1, JOB_MAX_NUMBER, true);
    (void)body_git_id(&body, "tree", true);
    look_applications(&body);
    look_failed(&body);
}

/* ---- all lines ---- */

static void read_line(struct rse_str text, struct rse_arena *arena, struct rse_faults *faults, size_t line)
{
    struct rse_err err = RSE_ERR_INIT;
    size_t before = faults->count;
    const cJSON *json;

    rse_arena_reset(arena);
    if (rse_json_parse_in(&json, text, arena, &err))
        return look_line(json, arena, faults, line);
    rse_faults_add(faults, &err);
    for (size_t i = before; i < faults->count; i++)
        faults->at[i].line = (uint32_t)line;
}

/* The lines as a JSON array. */
static bool read_lines(struct call *call, struct rse_buf *array)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    struct rse_faults *faults = rse_arena_new_of(call->arena, struct rse_faults);
    struct rse_str text = call->body;

    faults->arena = call->arena;
    rse_buf_addc(array, '[');
    for (size_t number = 1; text.len > 0 && !faults->more; number++) {
        ptrdiff_t end = rse_str_find(text, '\n');
        struct rse_str line = end < 0 ? text : rse_str_n(text.p, (size_t)end);

        text = rse_str_from(text, end < 0 ? text.len : (size_t)end + 1);
        if (line.len == 0 || rse_str_is(line, "\r"))
            continue;
        read_line(line, arena, faults, number);
        rse_buf_adds(array, array->len > 1 ? "," : "");
        rse_buf_add_str(array, line);
    }
    rse_buf_addc(array, ']');
    if (!rse_faults_check(faults, &call->err)) {
        /* What can't be read goes before what can't be. */
        for (size_t i = 0; i < faults->count; i++)
            call->err.code = faults->at[i].code == RSE_INVALID ? RSE_INVALID : call->err.code;
        return false;
    }
    return rse_buf_ok(array, &call->err);
}

static void kept(void *arg, PGresult *res, const struct rse_err *err)
{
    struct call *call = arg;
    RSE_BUF_AUTO body = { 0 };

    rse_buf_init(&body, 64);
    if (err != NULL)
        return call_fail_with(call, err);
    rse_buf_addf(&body, "{\"kept\":%s}", PQgetvalue(res, 0, 0));
    call_reply_buf(call, 200, &body);
}

/* What says nothing of its type is taken for lines, as it is for JSON elsewhere. */
static bool check_type(struct call *call)
{
    if (call->content_type.len == 0 || call_is_type(call, "application/x-ndjson"))
        return true;
    rse_err_hint(&call->err, "Send a line of JSON for each cluster, as application/x-ndjson.");
    return call_fail_type(call);
}

void job_deployments(struct call *call)
{
    const char *fence = call_header(call, "Resedge-Fence");
    RSE_BUF_AUTO array = { 0 };
    int64_t id, number;

    rse_buf_init(&array, call->body.len + 3);
    if (!check_type(call))
        return call_fail(call);
    if (fence == NULL || !rse_parse_int64(rse_str(fence), 0, JOB_MAX_NUMBER, &number))
        (void)rse_fail(&call->err, RSE_INVALID, "the header Resedge-Fence must be the fence of the claim");
    if (call->err.code != RSE_OK || !call_param_id(call, 0, &id) || !read_lines(call, &array))
        return call_fail(call);
    (void)db_send(call->api->db, &(struct db_query){ .lane = DB_QUEUE,
                                                     .sql = DEPLOYMENTS_PUT,
                                                     .nparams = 3,
                                                     .params = { call->params[0].p, fence, array.p },
                                                     .done = kept,
                                                     .arg = call });
}
