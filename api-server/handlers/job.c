/*
 * job.c - jobs, as people see them: show, retry, cancel. And the table of all that is under /api/v1/jobs.
 */
#include <stdio.h>

#include "api-server/api.h"
#include "api-server/http/route.h"
#include "api-server/store/db.h"
#include "api-server/store/job.h"
#include "api-server/handlers/act.h"
#include "api-server/handlers/body.h"
#include "api-server/handlers/job_routes.h"

enum { MAX_SMALL = 64 << 10, MAX_REPORT = 64 << 20, MAX_DEPLOYMENTS = 16 << 20 };

static void got_document(void *arg, PGresult *res, const struct rse_err *err)
{
    struct call *call = arg;

    if (err != NULL) {
        call_fail_with(call, err);
    } else if (PQntuples(res) == 0) {
        rse_err_object(&call->err, "job %.*s", RSE_STR_ARG(call->params[0]));
        (void)rse_fail(&call->err, RSE_NOT_FOUND, "there is no such job");
        call_fail(call);
    } else {
        call_reply_json(call, 200, db_text(res, 0, 0));
    }
}

static void job_get(struct call *call)
{
    int64_t id;

    if (!call_param_id(call, 0, &id))
        return call_fail(call);
    (void)db_send(call->api->db, &(struct db_query){ .lane = DB_READ,
                                                     .sql = JOB_GET,
                                                     .nparams = 1,
                                                     .params = { call->params[0].p },
                                                     .done = got_document,
                                                     .arg = call });
}

/* ---- what people do to it is answered with the job as it is then; after a dry run, as it was ---- */

void job_act(struct call *call, const char *action, const char *reason)
{
    const char *actor = rse_arena_str(call->arena, call->actor.name).p;
    bool dry_run;
    int64_t id;

    if (!call_param_id(call, 0, &id) || !call_query_bool(call, "dryRun", false, &dry_run))
        return call_fail(call);
    act_start(call, &(struct act){ .noun = "job",
                                   .sql = JOB_ACT,
                                   .params = { action, call->params[0].p, actor, reason, dry_run ? "true" : "false" },
                                   .nparams = 5,
                                   .show = JOB_GET,
                                   .dry_run = dry_run });
}

static void act_alone(struct call *call, const char *action)
{
    if (body_says_nothing(call))
        job_act(call, action, NULL);
    else
        call_fail(call);
}

static void job_retry(struct call *call)
{
    act_alone(call, "retry");
}

static void job_cancel(struct call *call)
{
    act_alone(call, "cancel");
}

const struct route job_routes[] = {
    { "GET", "/api/v1/jobs/wait", ROLE_WORKER, 0, 0, 0, job_wait, "Wait until there is work" },
    { "POST", "/api/v1/jobs/claim", ROLE_WORKER, 0, MAX_SMALL, 0, job_claim, "Claim a target's open work" },
    { "POST", "/api/v1/jobs/{id}/renew", ROLE_WORKER, 0, MAX_SMALL, 0, job_renew, "Keep the claim; tell progress" },
    { "POST", "/api/v1/jobs/{id}/complete", ROLE_WORKER, 0, MAX_REPORT, 0, job_complete, "The work is done" },
    { "POST", "/api/v1/jobs/{id}/fail", ROLE_WORKER, 0, MAX_SMALL, 0, job_fail, "The work failed" },
    { "POST", "/api/v1/jobs/{id}/deployments", ROLE_WORKER, 0, MAX_DEPLOYMENTS, 0, job_deployments,
      "What changed clusters' folders hold now (NDJSON)" },
    { "GET", "/api/v1/jobs", ROLE_VIEWER, ROUTE_WORKER | ROUTE_LIST, 0, 0, job_list, "Jobs, the newest first" },
    { "GET", "/api/v1/jobs/{id}", ROLE_VIEWER, ROUTE_WORKER | ROUTE_NO_QUERY, 0, 0, job_get, "One job" },
    { "POST", "/api/v1/jobs/{id}/retry", ROLE_PLATFORM, ROUTE_DRY_RUN | ROUTE_ONCE, MAX_SMALL, 0, job_retry,
      "Run a failed job again, now" },
    { "POST", "/api/v1/jobs/{id}/cancel", ROLE_PLATFORM, ROUTE_DRY_RUN | ROUTE_ONCE, MAX_SMALL, 0, job_cancel,
      "Stop a job" },
    { .method = NULL },
};
