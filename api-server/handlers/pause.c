/*
 * pause.c - a target that Automation leaves alone for a while, an application whose files stay as they are: with a
 * reason, which whoever finds it so can read.
 */
#include <stdlib.h>

#include <cjson/cJSON.h>

#include "api-server/fleet/changeset.h"
#include "api-server/fleet/rules.h"
#include "api-server/fleet/write.h"
#include "api-server/handlers/body.h"
#include "api-server/handlers/object.h"
#include "api-server/handlers/precondition.h"
#include "api-server/handlers/writing.h"
#include "api-server/http/route.h"

enum { MAX_BODY = 16 << 10, MAX_DOC = 1 << 20 };

struct pausing {
    struct call *call;
    enum rse_noun noun;
    int64_t id;
    bool pause, dry_run;
    struct rse_str reason;
    struct precondition condition;
    struct write_rights rights;
    struct rse_buf doc; /* where it is so already, and nothing is written: the object; else empty */
    char etag[ETAG_SIZE];
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

static bool keep_unchanged(struct pausing *pausing, const struct changeset *set, const struct rse_object *object,
                           struct rse_err *err)
{
    rse_buf_reset(&pausing->doc);
    if (changeset_has(set, pausing->noun, pausing->id))
        return true;
    rse_object_render(object, 0, &pausing->doc);
    rse_format_hex64(etag_of(rse_buf_str(&pausing->doc)), pausing->etag);
    return rse_buf_ok(&pausing->doc, err);
}

static bool build(struct changeset *set, void *arg, struct rse_err *err)
{
    struct pausing *pausing = arg;
    const struct rse_object *old = rse_fleet_get(changeset_fleet(set), pausing->noun, pausing->id);
    struct rse_object *object;

    if (old == NULL)
        return rse_fail(err, RSE_NOT_FOUND, "there is no %s %lld", rse_noun_info(pausing->noun)->name,
                        (long long)pausing->id);
    if (!precondition_check(&pausing->condition, set, old, pausing->dry_run, err))
        return false;
    object = rse_object_clone(old);
    rse_arena_defer(changeset_arena(set), free, object);
    set_paused(object, pausing->pause, pausing->pause ? pausing->reason : rse_str(NULL));
    return rules_put(changeset_fleet(set), &pausing->rights, old, object, changeset_arena(set), err) &&
           changeset_put(set, object, err) && keep_unchanged(pausing, set, old, err);
}

static bool render(void *arg, const struct changeset *set, struct writing_answer *out, struct rse_err *err RSE_UNUSED)
{
    struct pausing *pausing = arg;

    rse_buf_add_str(&out->body, rse_buf_str(&pausing->doc));
    out->etag = pausing->etag;
    for (size_t i = 0; pausing->doc.len == 0 && i < changeset_count(set); i++) {
        const struct change *change = changeset_at(set, i);

        if (change->noun != pausing->noun || change->id != pausing->id)
            continue;
        rse_buf_add_str(&out->body, changeset_doc(set, change));
        out->etag = rse_arena_strdup(pausing->call->arena, change->etag);
    }
    return true;
}

static void release_doc(void *arg)
{
    rse_buf_release(arg);
}

/* Any write may say why in its query; beside another reason in the body nobody could say which one counts. */
static bool check_reason(struct call *call, struct rse_str of_body)
{
    struct rse_str reason;

    if (!call_query(call, "reason", &reason) || rse_str_eq(reason, of_body))
        return true;
    call_err_parameter(call, "reason");
    rse_err_hint(&call->err, "Leave it out.");
    return rse_fail(&call->err, RSE_INVALID, "the body gives another reason");
}

static void start(struct call *call, bool pause)
{
    static const char *const MEMBERS[] = { "reason", NULL };
    static const char *const PARAMETERS[] = { "dryRun", "reason", "ifRevision", "urgent", NULL };
    struct pausing *pausing = rse_arena_new_of(call->arena, struct pausing);
    struct body body;

    *pausing = (struct pausing){ .call = call,
                                 .noun = call_noun(call),
                                 .pause = pause,
                                 .rights = { .role = call->actor.role, .scope = call->actor.scope, .confirm = -1 } };
    rse_buf_init(&pausing->doc, MAX_DOC);
    rse_arena_defer(call->arena, release_doc, &pausing->doc);
    precondition_read(call, &pausing->condition);
    if (!call_query_only(call, PARAMETERS) || !call_query_bool(call, "dryRun", false, &pausing->dry_run))
        return call_fail(call);
    body_open(&body, call, MEMBERS);
    pausing->reason = body_reason(&body, true);
    if (!body_check(&body, &call->err) || !check_reason(call, pausing->reason) ||
        !call_object(call, pausing->noun, &pausing->id))
        return call_fail(call);
    writing_start_once(
        call, &pausing->rights,
        &(struct writing_once){
            .dry_run = pausing->dry_run, .build = build, .render = render, .reason = pausing->reason, .arg = pausing });
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
    { "POST", "/api/v1/targets/{id}/pause", ROLE_PLATFORM, ROUTE_FLEET | ROUTE_ONCE, MAX_BODY, 0, pause_handler,
      "Automation leaves the target alone" },
    { "POST", "/api/v1/targets/{id}/resume", ROLE_PLATFORM, ROUTE_FLEET | ROUTE_ONCE, MAX_BODY, 0, resume_handler,
      "Automation goes on" },
    { "POST", "/api/v1/applications/{id}/pause", ROLE_APP_TEAM, ROUTE_FLEET | ROUTE_ONCE, MAX_BODY, 0, pause_handler,
      "Its files stay as they are, everywhere" },
    { "POST", "/api/v1/applications/{id}/resume", ROLE_APP_TEAM, ROUTE_FLEET | ROUTE_ONCE, MAX_BODY, 0, resume_handler,
      "Its files follow again" },
    { .method = NULL },
};
