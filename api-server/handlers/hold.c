/*
 * hold.c - what Automation holds for a person, and the person's word on it.
 */
#include <cjson/cJSON.h>

#include "api-server/api.h"
#include "api-server/http/route.h"
#include "api-server/store/db.h"
#include "api-server/store/hold.h"
#include "api-server/handlers/act.h"
#include "api-server/handlers/body.h"
#include "api-server/handlers/job_routes.h"
#include "api-server/handlers/list.h"
#include "api-server/handlers/object.h"
#include "api-server/handlers/question.h"

enum { MAX_KEY = 200, MAX_BODY = 16 << 10, MAX_ADOPT = 4 << 20, MAX_SHOWN_NAMES = 8 << 10 };

/* ---- the list ---- */

static const char *const KINDS[] = { "clustersLosing", "clustersChanged", "files", "fork", "adopt", NULL };
static const char *const STATES[] = { "held", "approved", "discarded", NULL };
static const struct rse_field FIELDS[] = {
    { .name = "key", .type = RSE_FIELD_STRING, .max = MAX_KEY },
    { .name = "job", .type = RSE_FIELD_INT },
    { .name = "jobRevision", .type = RSE_FIELD_INT },
    { .name = "change", .type = RSE_FIELD_TEXT },
    { .name = "actor", .type = RSE_FIELD_TEXT },
    { .name = "kind", .type = RSE_FIELD_ENUM, .names = KINDS },
    { .name = "state", .type = RSE_FIELD_ENUM, .names = STATES },
    { .name = "revision", .type = RSE_FIELD_INT },
    { .name = "clustersLosing", .type = RSE_FIELD_INT },
    { .name = "clustersChanged", .type = RSE_FIELD_INT },
    { .name = "files", .type = RSE_FIELD_INT },
    { .name = "approved", .type = RSE_FIELD_TEXT }, /* compared as its JSON text */
    { .name = "parts", .type = RSE_FIELD_STRINGS },
    { .name = "clusters", .type = RSE_FIELD_STRINGS },
    { .name = NULL },
};
static const struct rse_noun_info HOLD = {
    .noun = RSE_NOUN_COUNT, .name = "hold", .plural = "holds", .fields = FIELDS
};

static void target_holds(struct call *call)
{
    const struct rse_object *target;

    if (call_object_live(call, RSE_TARGET, &target))
        list_reply(call, &HOLD,
                   &(struct list_scope){ .source = &HOLD_SOURCE, .owner = target->id, .order = "revision,key" });
    else
        call_fail(call);
}

/* ---- adopt ---- */

/* "clusters" of the body, as JSON. */
static const char *read_clusters(const struct body *body)
{
    const char *clusters = body_json(body, "clusters", true, true);
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(body->json, "clusters"), *name;
    struct rse_err err = RSE_ERR_INIT;
    size_t i = 0;

    if (clusters == NULL)
        return NULL;
    body_look_texts(body, "clusters", true);
    cJSON_ArrayForEach(name, list)
    {
        i++;
        if (!cJSON_IsString(name) || strchr(name->valuestring, ',') == NULL)
            continue;
        rse_err_field(&err, "/%zu", i - 1);
        (void)rse_fail(&err, RSE_UNPROCESSABLE, "no name of a cluster has a comma");
        body_add_fault(body, "clusters", &err);
    }
    return clusters;
}

static void adopt_dry(struct call *call, const cJSON *body)
{
    const cJSON *name;
    RSE_BUF_AUTO names = { 0 };

    rse_buf_init(&names, MAX_SHOWN_NAMES);
    cJSON_ArrayForEach(name, cJSON_GetObjectItemCaseSensitive(body, "clusters"))
    {
        rse_buf_adds(&names, names.len > 0 ? "," : "");
        rse_buf_adds(&names, name->valuestring);
    }
    if (rse_buf_ok(&names, &call->err))
        question_adoption(call, rse_arena_str(call->arena, rse_buf_str(&names)).p);
    else
        call_fail(call);
}

static void adopt(struct call *call, const char *clusters, struct rse_str reason)
{
    act_start(call, &(struct act){ .noun = "target",
                                   .sql = TARGET_ADOPT,
                                   .params = { call->params[0].p, clusters,
                                               rse_arena_str(call->arena, call->actor.name).p, reason.p },
                                   .nparams = 4,
                                   .show = HOLDS_GET });
}

static void target_adopt(struct call *call)
{
    static const char *const MEMBERS[] = { "clusters", "reason", NULL };
    struct rse_str reason;
    const char *clusters;
    struct body body;
    bool dry_run;

    if (!call_query_bool(call, "dryRun", false, &dry_run))
        return call_fail(call);
    body_open(&body, call, MEMBERS);
    clusters = read_clusters(&body);
    reason = body_reason(&body, !dry_run);
    if (!body_check(&body, &call->err))
        call_fail(call);
    else if (dry_run)
        adopt_dry(call, body.json);
    else
        adopt(call, clusters, reason);
}

/* ---- approve and discard ---- */

static void decide(struct call *call, const char *decision)
{
    static const char *const MEMBERS[] = { "reason", NULL };
    struct rse_str reason;
    struct body body;

    body_open(&body, call, MEMBERS);
    reason = body_reason(&body, true);
    if (body_check(&body, &call->err))
        job_act(call, decision, reason.p);
    else
        call_fail(call);
}

static void job_approve(struct call *call)
{
    decide(call, "approved");
}

static void job_discard(struct call *call)
{
    decide(call, "discarded");
}

const struct route hold_routes[] = {
    { "GET", "/api/v1/targets/{id}/holds", ROLE_VIEWER, ROUTE_FLEET | ROUTE_WORKER | ROUTE_LIST, 0, 0, target_holds,
      "What is held for a person to decide" },
    { "POST", "/api/v1/targets/{id}/adopt", ROLE_PLATFORM, ROUTE_FLEET | ROUTE_DRY_RUN | ROUTE_ONCE, MAX_ADOPT, 0,
      target_adopt, "Let Automation write folders that it never wrote" },
    { "POST", "/api/v1/jobs/{id}/approve", ROLE_PLATFORM, ROUTE_DRY_RUN | ROUTE_ONCE, MAX_BODY, 0, job_approve,
      "Let out what the job held" },
    { "POST", "/api/v1/jobs/{id}/discard", ROLE_PLATFORM, ROUTE_DRY_RUN | ROUTE_ONCE, MAX_BODY, 0, job_discard,
      "Keep the last good files of what the job held" },
    { .method = NULL },
};
