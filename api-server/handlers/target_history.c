/*
 * target_history.c - a person says that a branch which was rewritten, or deleted, is to be taken as it is now.
 */
#include <cjson/cJSON.h>

#include "../api.h"
#include "../store/db.h"
#include "../store/job.h"
#include "act.h"
#include "body.h"
#include "target.h"

/* The head has to be named, so that nobody accepts what he has not seen; null: the branch is gone. */
static bool read_head(struct call *call, const cJSON *body, const char **head)
{
    const cJSON *commit = cJSON_GetObjectItemCaseSensitive(body, "commit");

    *head = "deleted";
    if (cJSON_IsNull(commit))
        return true;
    return body_git_id(call, body, "commit", true, head);
}

void target_accept_history(struct call *call)
{
    static const char *const MEMBERS[] = { "commit", NULL };
    const cJSON *body;
    const char *head;
    bool dry_run;
    int64_t id;

    if (!call_param_id(call, 0, &id) || !call_query_bool(call, "dryRun", false, &dry_run) ||
        !body_object(call, MEMBERS, &body) || !read_head(call, body, &head)) {
        call_fail(call);
        return;
    }
    rse_log(RSE_LOG_WARN, dry_run ? "accepting rewritten history is tried" : "rewritten history accepted",
            RSE_LOG_INT("target", id), RSE_LOG_STR("head", head), RSE_LOG_BYTES("actor", call->actor.name));
    act_start(call, &(struct act){ .noun = "target",
                                   .sql = TARGET_ACCEPT_HISTORY,
                                   .params = { call->params[0].p, head, rse_arena_str(call->arena, call->actor.name).p,
                                               dry_run ? "true" : "false" },
                                   .nparams = 4,
                                   .dry_run = dry_run });
}
