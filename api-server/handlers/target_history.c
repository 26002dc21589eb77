/*
 * target_history.c - a person says that a branch which was rewritten, or deleted, is to be taken as it is now.
 */
#include <cjson/cJSON.h>

#include "api-server/api.h"
#include "api-server/store/db.h"
#include "api-server/store/job.h"
#include "api-server/handlers/act.h"
#include "api-server/handlers/body.h"
#include "api-server/handlers/target.h"

/* The head has to be named, so that nobody accepts what he has not seen; null: the branch is gone. */
static const char *read_head(const struct body *body)
{
    if (cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(body->json, "commit")))
        return "deleted";
    return body_git_id(body, "commit", true);
}

void target_accept_history(struct call *call)
{
    static const char *const MEMBERS[] = { "commit", NULL };
    const char *head;
    struct body body;
    bool dry_run;

    if (!call_query_bool(call, "dryRun", false, &dry_run))
        return call_fail(call);
    body_open(&body, call, MEMBERS);
    head = read_head(&body);
    if (!body_check(&body, &call->err))
        return call_fail(call);
    rse_log(RSE_LOG_WARN, dry_run ? "accepting rewritten history is tried" : "rewritten history accepted",
            RSE_LOG_BYTES("target", call->params[0]), RSE_LOG_STR("head", head),
            RSE_LOG_BYTES("actor", call->actor.name));
    act_start(call, &(struct act){ .noun = "target",
                                   .sql = TARGET_ACCEPT_HISTORY,
                                   .params = { call->params[0].p, head, rse_arena_str(call->arena, call->actor.name).p,
                                               dry_run ? "true" : "false" },
                                   .nparams = 4,
                                   .dry_run = dry_run });
}
