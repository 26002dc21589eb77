/*
 * worker.c - workers apart from their jobs: where they answer questions, what they have to go on from, what makes them look again.
 */
#include <math.h>

#include <cjson/cJSON.h>

#include "api-server/api.h"
#include "api-server/http/route.h"
#include "api-server/store/db.h"
#include "api-server/store/job.h"
#include "api-server/handlers/act.h"
#include "api-server/handlers/body.h"
#include "api-server/handlers/job_routes.h"
#include "api-server/handlers/list.h"
#include "api-server/handlers/object.h"

enum { MAX_BODY = 1 << 20, MAX_SMALL = 16 << 10, MAX_KEY = 64 };

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

static bool is_id(const cJSON *item)
{
    double id = cJSON_GetNumberValue(item);

    return cJSON_IsNumber(item) && id >= 1 && id <= 9007199254740992.0 && floor(id) == id;
}

/* An array of ids as an array literal. */
static const char *read_ids(const struct body *body, const char *name)
{
    const cJSON *list = body_array(body, name, true), *item;
    struct rse_err err = RSE_ERR_INIT;
    RSE_BUF_AUTO text = { 0 };
    size_t i = 0;

    rse_buf_init(&text, MAX_BODY);
    rse_buf_addc(&text, '{');
    cJSON_ArrayForEach(item, list)
    {
        if (is_id(item)) {
            rse_buf_addf(&text, "%s%.0f", i++ > 0 ? "," : "", item->valuedouble);
            continue;
        }
        rse_err_field(&err, "/%zu", i++);
        (void)rse_fail(&err, RSE_UNPROCESSABLE, "must be an id");
        body_add_fault(body, name, &err);
    }
    rse_buf_addc(&text, '}');
    return rse_arena_strdup(body->arena, text.p);
}

static void worker_register(struct call *call)
{
    static const char *const MEMBERS[] = { "worker", "address", "secret", "targets", NULL };
    struct rse_str worker, address, secret;
    const char *targets;
    struct body body;

    body_open(&body, call, MEMBERS);
    worker = body_text(&body, "worker", 1, 100);
    address = job_read_address(&body);
    secret = body_text(&body, "secret", 1, 200);
    targets = read_ids(&body, "targets");
    if (!body_check(&body, &call->err))
        return call_fail(call);
    (void)db_send(call->api->db, &(struct db_query){ .lane = DB_QUEUE,
                                                     .sql = WORKER_REGISTER,
                                                     .nparams = 4,
                                                     .params = { worker.p, address.p, secret.p, targets },
                                                     .done = told,
                                                     .arg = call });
}

/* ---- targets ---- */

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

static void target_refresh(struct call *call)
{
    bool dry_run;

    if (!body_says_nothing(call) || !call_query_bool(call, "dryRun", false, &dry_run))
        return call_fail(call);
    act_start(call, &(struct act){ .noun = "target",
                                   .sql = TARGET_REFRESH,
                                   .params = { call->params[0].p, dry_run ? "true" : "false" },
                                   .nparams = 2,
                                   .dry_run = dry_run });
}

const struct route worker_routes[] = {
    { "POST", "/api/v1/workers", ROLE_WORKER, 0, MAX_BODY, 0, worker_register,
      "Say where questions reach this worker" },
    { "GET", "/api/v1/targets/{id}/failures", ROLE_VIEWER, ROUTE_FLEET | ROUTE_WORKER | ROUTE_LIST, 0, 0,
      target_failures, "Parts that could not be made, with their clusters" },
    { "POST", "/api/v1/targets/{id}/refresh", ROLE_PLATFORM, ROUTE_FLEET | ROUTE_WORKER | ROUTE_DRY_RUN, MAX_SMALL, 0,
      target_refresh, "Look at the repository again" },
    { .method = NULL },
};
