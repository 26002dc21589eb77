/*
 * worker.c - workers apart from their jobs: where they answer questions, what they have to go on from, what makes them look again.
 */
#include <cjson/cJSON.h>

#include "../api.h"
#include "../http/route.h"
#include "../store/db.h"
#include "../store/job.h"
#include "body.h"
#include "job_routes.h"
#include "list.h"
#include "object.h"

enum { MAX_BODY = 1 << 20, MAX_KEY = 64 };

static void told(void *arg, PGresult *res, const struct rse_err *err)
{
    struct call *call = arg;

    (void)res;
    if (err != NULL)
        call_fail_with(call, err);
    else
        call_reply(call, 200, NULL, RSE_STR("{}"));
}

/* ---- a worker has started ---- */

/* An array of ids as an array literal. */
static bool body_ids(struct call *call, const cJSON *body, const char *name, const char **out)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(body, name), *item;
    struct rse_buf text;

    rse_buf_init(&text, MAX_BODY);
    rse_buf_addc(&text, '{');
    cJSON_ArrayForEach(item, list)
    {
        if (!cJSON_IsNumber(item) || item->valuedouble < 1 || item->valuedouble > 9007199254740992.0)
            break;
        rse_buf_addf(&text, "%s%.0f", text.len > 1 ? "," : "", item->valuedouble);
    }
    rse_buf_addc(&text, '}');
    *out = rse_arena_strdup(call->arena, text.p);
    rse_buf_release(&text);
    if (cJSON_IsArray(list) && item == NULL)
        return true;
    rse_err_field(&call->err, "/%s", name);
    return rse_fail(&call->err, RSE_INVALID, "must be an array of ids");
}

static void worker_register(struct call *call)
{
    const cJSON *body;
    struct rse_str worker, address, secret;
    const char *targets;

    if (!body_object(call, NULL, &body) || !body_text(call, body, "worker", 1, 100, &worker) ||
        !body_text(call, body, "address", 1, 200, &address) || !job_check_address(call, address) ||
        !body_text(call, body, "secret", 1, 200, &secret) || !body_ids(call, body, "targets", &targets)) {
        call_fail(call);
        return;
    }
    (void)db_send(call->api->db, &(struct db_query){ .lane = DB_QUEUE,
                                                     .sql = WORKER_REGISTER,
                                                     .nparams = 4,
                                                     .params = { worker.p, address.p, secret.p, targets },
                                                     .done = told,
                                                     .arg = call });
}

/* ---- targets ---- */

static bool not_found(struct call *call)
{
    rse_err_object(&call->err, "target %.*s", RSE_STR_ARG(call->params[0]));
    return rse_fail(&call->err, RSE_NOT_FOUND, "there is no such target");
}

static const struct rse_field FAILURE_FIELDS[] = {
    { .name = "key", .type = RSE_FIELD_STRING, .max = MAX_KEY },
    { .name = "cluster", .type = RSE_FIELD_INT },
    { .name = "namespace", .type = RSE_FIELD_INT },
    { .name = "application", .type = RSE_FIELD_INT },
    { .name = NULL },
};
static const struct rse_noun_info FAILURE = {
    .noun = RSE_NOUN_COUNT, .name = "failure", .plural = "failures", .fields = FAILURE_FIELDS
};

static void target_failures(struct call *call)
{
    const struct rse_object *target;

    if (call_object_live(call, RSE_TARGET, &target))
        list_reply(call, &FAILURE,
                   &(struct list_scope){
                       .source = &FAILURE_SOURCE, .owner = target->id, .order = "cluster,namespace,application" });
    else
        call_fail(call);
}

static void refreshed(void *arg, PGresult *res, const struct rse_err *err)
{
    struct call *call = arg;

    if (err != NULL || PQntuples(res) > 0)
        return told(call, res, err);
    (void)not_found(call);
    call_fail(call);
}

static void target_refresh(struct call *call)
{
    (void)db_send(call->api->db, &(struct db_query){ .lane = DB_QUEUE,
                                                     .sql = TARGET_REFRESH,
                                                     .nparams = 1,
                                                     .params = { call->params[0].p },
                                                     .done = refreshed,
                                                     .arg = call });
}

const struct route worker_routes[] = {
    { "POST", "/api/v1/workers", ROLE_WORKER, 0, MAX_BODY, 0, worker_register,
      "Say where questions reach this worker" },
    { "GET", "/api/v1/targets/{id}/failures", ROLE_VIEWER, ROUTE_WORKER | ROUTE_LIST, 0, 0, target_failures,
      "Parts that could not be made, with their clusters" },
    { "POST", "/api/v1/targets/{id}/refresh", ROLE_PLATFORM, ROUTE_WORKER | ROUTE_NO_QUERY, 0, 0, target_refresh,
      "Look at the repository again" },
    { .method = NULL },
};
