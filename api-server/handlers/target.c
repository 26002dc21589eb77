/*
 * target.c - where a target stands, and the templates that its worker reported.
 */
#include "api-server/api.h"
#include "api-server/http/route.h"
#include "api-server/store/db.h"
#include "api-server/store/job.h"
#include "api-server/handlers/act.h"
#include "api-server/handlers/body.h"
#include "api-server/handlers/target.h"

enum { MAX_CATALOGUE = 16 << 20, MAX_SMALL = 16 << 10, MAX_WEBHOOK = 1 << 20 };

static bool not_found(struct call *call)
{
    rse_err_object(&call->err, "target %.*s", RSE_STR_ARG(call->params[0]));
    return rse_fail(&call->err, RSE_NOT_FOUND, "there is no such target");
}

/* Whether there is a row; else the call is answered. */
static bool check_found(struct call *call, const PGresult *res, const struct rse_err *err)
{
    if (err != NULL) {
        call_fail_with(call, err);
    } else if (PQntuples(res) == 0) {
        (void)not_found(call);
        call_fail(call);
    } else {
        return true;
    }
    return false;
}

static void got_document(void *arg, PGresult *res, const struct rse_err *err)
{
    if (check_found(arg, res, err))
        call_reply_json(arg, 200, db_text(res, 0, 0));
}

static void ask(struct call *call, const char *sql, db_done *done)
{
    (void)db_send(
        call->api->db,
        &(struct db_query){
            .lane = DB_READ, .sql = sql, .nparams = 1, .params = { call->params[0].p }, .done = done, .arg = call });
}

static void target_status(struct call *call)
{
    ask(call, TARGET_STATUS, got_document);
}

static void target_templates(struct call *call)
{
    ask(call, TARGET_TEMPLATES, got_document);
}

static void all_templates(struct call *call)
{
    (void)db_send(call->api->db,
                  &(struct db_query){ .lane = DB_READ, .sql = TEMPLATES, .done = got_document, .arg = call });
}

static void target_push(struct call *call)
{
    const char *actor = rse_arena_str(call->arena, call->actor.name).p;
    bool dry_run;

    if (!body_says_nothing(call) || !call_query_bool(call, "dryRun", false, &dry_run))
        return call_fail(call);
    act_start(call, &(struct act){ .noun = "target",
                                   .sql = TARGET_HURRY,
                                   .params = { call->params[0].p, dry_run ? "true" : "false", actor },
                                   .nparams = 3,
                                   .dry_run = dry_run });
}

const struct route target_routes[] = {
    { "GET", "/api/v1/templates", ROLE_VIEWER, ROUTE_NO_QUERY, 0, 0, all_templates, "The catalogues of all targets" },
    { "GET", "/api/v1/targets/{id}/status", ROLE_VIEWER, ROUTE_FLEET | ROUTE_WORKER | ROUTE_NO_QUERY, 0, 0,
      target_status, "What is wanted, done, and under way" },
    { "GET", "/api/v1/targets/{id}/templates", ROLE_VIEWER, ROUTE_FLEET | ROUTE_WORKER | ROUTE_NO_QUERY, 0, 0,
      target_templates, "The catalogue as last reported" },
    { "POST", "/api/v1/targets/{id}/templates", ROLE_WORKER, 0, MAX_CATALOGUE, 0, target_report_templates,
      "Report the templates at a commit" },
    { "POST", "/api/v1/targets/{id}/accept-history", ROLE_PLATFORM, ROUTE_FLEET | ROUTE_DRY_RUN | ROUTE_ONCE, MAX_SMALL,
      0, target_accept_history, "Take a branch that was rewritten or deleted as it is" },
    { "POST", "/api/v1/targets/{id}/push", ROLE_PLATFORM, ROUTE_FLEET | ROUTE_DRY_RUN | ROUTE_ONCE, MAX_SMALL, 0,
      target_push, "Push what waits for the target's interval now" },
    { "PUT", "/api/v1/targets/{id}/webhook", ROLE_ADMIN, ROUTE_FLEET | ROUTE_DRY_RUN, MAX_SMALL, 0, webhook_put,
      "Set the secret that the Git host signs with" },
    { "DELETE", "/api/v1/targets/{id}/webhook", ROLE_ADMIN, ROUTE_FLEET | ROUTE_DRY_RUN, 0, 0, webhook_delete,
      "Take no more webhooks" },
    { "POST", "/api/v1/webhooks/{target}", ROLE_NONE, ROUTE_PUBLIC, MAX_WEBHOOK, 0, webhook_receive,
      "A Git host tells of a push" },
    { .method = NULL },
};
