/*
 * pause.c - a target that Automation leaves alone for a while, an application whose files stay as they are: with a
 * reason, which whoever finds it so can read.
 */
#include <stdlib.h>

#include <cjson/cJSON.h>

#include "api-server/api.h"
#include "api-server/fleet/changeset.h"
#include "api-server/fleet/live.h"
#include "api-server/fleet/rules.h"
#include "api-server/fleet/write.h"
#include "api-server/handlers/body.h"
#include "api-server/handlers/noun.h"
#include "api-server/handlers/object.h"
#include "api-server/handlers/precondition.h"
#include "api-server/http/route.h"

enum { MAX_BODY = 16 << 10, MAX_REASON = 1000 };

struct pausing {
    struct call *call;
    enum rse_noun noun;
    int64_t id;
    bool pause, dry_run;
    struct rse_str reason;
    struct precondition condition;
};

static void set_paused(struct rse_object *object, bool paused, struct rse_str reason)
{
    if (object->noun == RSE_TARGET) {
        ((struct rse_target *)object)->paused = paused;
        ((struct rse_target *)object)->paused_reason = reason;
    } else {
        ((struct rse_application *)object)->paused = paused;
        ((struct rse_application *)object)->paused_reason = reason;
    }
}

static bool build(struct changeset *set, void *arg, struct rse_err *err)
{
    struct pausing *pausing = arg;
    const struct rse_object *old = rse_fleet_get(changeset_fleet(set), pausing->noun, pausing->id);
    struct write_rights rights = { .role = pausing->call->actor.role,
                                   .scope = pausing->call->actor.scope,
                                   .confirm = -1 };
    struct rse_object *object;

    if (old == NULL)
        return rse_fail(err, RSE_NOT_FOUND, "there is no %s %lld", rse_noun_info(pausing->noun)->name,
                        (long long)pausing->id);
    if (!precondition_check(&pausing->condition, set, old, pausing->dry_run, err))
        return false;
    object = rse_object_clone(old);
    rse_arena_defer(changeset_arena(set), free, object);
    set_paused(object, pausing->pause, pausing->pause ? pausing->reason : rse_str(NULL));
    return rules_put(changeset_fleet(set), &rights, old, object, changeset_arena(set), err) &&
           changeset_put(set, object, err);
}

static void done(void *arg, const struct changeset *set, const struct rse_err *err)
{
    struct pausing *pausing = arg;
    struct call *call = pausing->call;

    if (err != NULL)
        return call_fail_with(call, err);
    for (size_t i = 0; i < changeset_count(set); i++) {
        const struct change *change = changeset_at(set, i);

        if (change->noun == pausing->noun && change->id == pausing->id)
            return call_reply_object(call, 200, change->doc, change->etag, changeset_revision(set));
    }
    noun_reply_stored(call, pausing->noun, pausing->id); /* it is so already */
}

static void start(struct call *call, bool pause)
{
    static const char *const MEMBERS[] = { "reason", NULL };
    /* A reason may stand there for any write; here it is the body's that counts. */
    static const char *const PARAMETERS[] = { "dryRun", "reason", NULL };
    struct pausing *pausing = rse_arena_new_of(call->arena, struct pausing);
    const cJSON *body;

    *pausing = (struct pausing){ .call = call, .noun = call_noun(call), .pause = pause };
    precondition_read(call, &pausing->condition);
    if (!call_query_only(call, PARAMETERS) || !call_query_bool(call, "dryRun", false, &pausing->dry_run) ||
        !body_object(call, MEMBERS, &body) || !body_text(call, body, "reason", 1, MAX_REASON, &pausing->reason) ||
        !call_object(call, pausing->noun, &pausing->id))
        return call_fail(call);
    live_write(call->api->live, &(struct live_write){ .actor = call->actor.name,
                                                      .reason = pausing->reason,
                                                      .confirm = -1,
                                                      .dry_run = pausing->dry_run,
                                                      .build = build,
                                                      .done = done,
                                                      .arg = pausing });
}

static void pause_handler(struct call *call)
{
    start(call, true);
}

static void resume_handler(struct call *call)
{
    start(call, false);
}

const struct route pause_routes[] = {
    { "POST", "/api/v1/targets/{id}/pause", ROLE_PLATFORM, 0, MAX_BODY, 0, pause_handler,
      "Automation leaves the target alone" },
    { "POST", "/api/v1/targets/{id}/resume", ROLE_PLATFORM, 0, MAX_BODY, 0, resume_handler, "Automation goes on" },
    { "POST", "/api/v1/applications/{id}/pause", ROLE_APP_TEAM, 0, MAX_BODY, 0, pause_handler,
      "Its files stay as they are, everywhere" },
    { "POST", "/api/v1/applications/{id}/resume", ROLE_APP_TEAM, 0, MAX_BODY, 0, resume_handler,
      "Its files follow again" },
    { .method = NULL },
};
