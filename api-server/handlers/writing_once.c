/*
 * writing_once.c - writes of the fleet that are done once however often they are asked for: see once.h.
 */
#include "api-server/api.h"
#include "api-server/fleet/changeset.h"
#include "api-server/handlers/once.h"
#include "api-server/handlers/writing.h"

enum { ANSWER_MAX_BYTES = 64 * 1024 * 1024 };

struct once {
    struct call *call;
    const struct write_rights *rights;
    bool dry_run;
    live_build *build;
    writing_render *render;
    writing_point *point; /* NULL: errors point into the body already */
    const struct change_owner *owner;
    void *arg;
    struct once_request request;
    struct writing_answer answer; /* as it was stored */
    struct rse_err refusal;
};

static void missing_after(void *arg, const struct rse_err *err RSE_UNUSED)
{
    struct once *once = arg;

    writing_fail(once->call, &once->refusal);
}

/* ---- the write ---- */

static bool build(struct changeset *set, void *arg, struct rse_err *err)
{
    struct once *once = arg;

    return once->build(set, once->arg, err);
}

static bool render(struct once *once, const struct changeset *set, struct rse_err *err)
{
    struct writing_answer *answer = &once->answer;

    rse_buf_release(&answer->body);
    *answer = (struct writing_answer){ .status = 200 };
    rse_buf_init(&answer->body, ANSWER_MAX_BYTES);
    return once->render(once->arg, set, answer, err) && rse_buf_ok(&answer->body, err);
}

static bool answer_to_store(void *arg, const struct changeset *set, struct kept_answer *out, struct rse_err *err)
{
    struct once *once = arg;

    if (!render(once, set, err))
        return false;
    *out = once_answer(once->call, &once->request, once->answer.status, once->answer.location);
    out->etag = once->answer.etag;
    out->revision = changeset_revision(set);
    out->body = once->answer.body.p;
    return true;
}

/* A large body makes room for the objects that it brought. */
static void forget_body(void *arg)
{
    struct call *call = ((struct once *)arg)->call;

    rse_buf_release(&call->content);
    call->body = rse_str_n(NULL, 0);
}

/* Beyond the set, which has its faults. */
static void keep_refusal(struct once *once, const struct rse_err *err)
{
    struct rse_arena *arena = once->call->arena;
    struct rse_faults *faults;

    once->refusal = *err;
    if (err->faults != NULL) {
        faults = rse_arena_memdup(arena, err->faults, sizeof(*faults));
        faults->at = rse_arena_memdup(arena, faults->at, faults->count * sizeof(faults->at[0]));
        once->refusal.faults = faults;
    }
    if (once->point != NULL)
        once->point(once->arg, &once->refusal);
}

static void done(void *arg, const struct changeset *set, const struct rse_err *err)
{
    struct once *once = arg;
    struct call *call = once->call;

    if (err == NULL && render(once, set, &call->err)) {
        writing_show_asked(call, once->rights);
        once_set_headers(call, once->answer.location, once->answer.etag, changeset_revision(set));
        return call_reply_buf(call, once->answer.status, &once->answer.body);
    }
    if (err == NULL)
        return call_fail(call);
    keep_refusal(once, err);
    if (once->request.key == NULL)
        return writing_fail(call, &once->refusal);
    once_find(call, &once->request, missing_after, once);
}

static void start(struct once *once)
{
    writing_begin(once->call, once->rights,
                  &(struct live_write){ .dry_run = once->dry_run,
                                        .build = build,
                                        .stored = forget_body,
                                        .owner = once->owner,
                                        .answer = once->request.key != NULL ? answer_to_store : NULL,
                                        .done = done,
                                        .arg = once });
}

static void missing_before(void *arg, const struct rse_err *err)
{
    struct once *once = arg;

    if (err != NULL)
        call_fail_with(once->call, err);
    else
        start(once);
}

static void release_body(void *arg)
{
    rse_buf_release(arg);
}

void writing_start_once(struct call *call, const struct write_rights *rights, bool dry_run, live_build *build_fn,
                        writing_render *render_fn, void *arg)
{
    writing_start_owner(call, rights, dry_run, build_fn, render_fn, NULL, NULL, arg);
}

void writing_start_owner(struct call *call, const struct write_rights *rights, bool dry_run, live_build *build_fn,
                         writing_render *render_fn, writing_point *point, const struct change_owner *owner, void *arg)
{
    struct once *once = rse_arena_new_of(call->arena, struct once);

    *once = (struct once){ .call = call,
                           .rights = rights,
                           .dry_run = dry_run,
                           .build = build_fn,
                           .render = render_fn,
                           .point = point,
                           .owner = owner,
                           .arg = arg };
    rse_arena_defer(call->arena, release_body, &once->answer.body);
    if (!dry_run && !once_read(call, &once->request))
        call_fail(call);
    else if (once->request.key == NULL)
        start(once);
    else
        once_find(call, &once->request, missing_before, once);
}
