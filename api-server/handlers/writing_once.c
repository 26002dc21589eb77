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
    struct writing_once write;
    struct once_request request;
    struct writing_answer answer; /* as it was stored */
    int64_t revision;
    struct rse_err refusal;
};

static void not_kept(void *arg, bool done RSE_UNUSED, const struct rse_err *err RSE_UNUSED)
{
    struct once *once = arg;

    writing_fail(once->call, &once->refusal);
}

/* ---- the write ---- */

static bool build(struct changeset *set, void *arg, struct rse_err *err)
{
    struct once *once = arg;

    return once->write.build(set, once->write.arg, err);
}

static bool render(struct once *once, const struct changeset *set, struct rse_err *err)
{
    struct writing_answer *answer = &once->answer;

    rse_buf_release(&answer->body);
    *answer = (struct writing_answer){ .status = 200 };
    rse_buf_init(&answer->body, ANSWER_MAX_BYTES);
    return once->write.render(once->write.arg, set, answer, err) && rse_buf_ok(&answer->body, err);
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
    if (once->write.point != NULL)
        once->write.point(once->write.arg, &once->refusal);
}

static void refuse(struct once *once)
{
    if (once->request.key == NULL)
        writing_fail(once->call, &once->refusal);
    else
        once_find(once->call, &once->request, not_kept, once);
}

static void reply(struct once *once)
{
    writing_show_asked(once->call, once->rights);
    once_set_headers(once->call, once->answer.location, once->answer.etag, once->revision);
    call_reply_buf(once->call, once->answer.status, &once->answer.body);
}

static void told(void *arg, const struct rse_err *err)
{
    struct once *once = arg;

    if (err != NULL)
        keep_refusal(once, err);
    if (once->refusal.code != RSE_OK)
        refuse(once);
    else
        reply(once);
}

static void done(void *arg, const struct changeset *set, const struct rse_err *err)
{
    struct once *once = arg;
    struct call *call = once->call;
    bool asks = once->write.ask != NULL && (err != NULL ? err->code == RSE_CONFLICT : once->write.dry_run);

    if (err == NULL && !render(once, set, &call->err))
        return call_fail(call);
    if (err == NULL)
        once->revision = changeset_revision(set);
    else
        keep_refusal(once, err);
    if (asks)
        once->write.ask(once->write.arg, told, once);
    else if (err != NULL)
        refuse(once);
    else
        reply(once);
}

static void start(struct once *once)
{
    writing_begin(once->call, once->rights,
                  &(struct live_write){ .reason = once->write.reason,
                                        .dry_run = once->write.dry_run,
                                        .build = build,
                                        .stored = forget_body,
                                        .owner = once->write.owner,
                                        .answer = once->request.keeps ? answer_to_store : NULL,
                                        .done = done,
                                        .arg = once });
}

static void looked_up(void *arg, bool done RSE_UNUSED, const struct rse_err *err)
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

void writing_start_once(struct call *call, const struct write_rights *rights, const struct writing_once *write)
{
    struct once *once = rse_arena_new_of(call->arena, struct once);

    *once = (struct once){ .call = call, .rights = rights, .write = *write };
    rse_arena_defer(call->arena, release_body, &once->answer.body);
    if (!once_read(call, write->dry_run, &once->request))
        call_fail(call);
    else if (once->request.key == NULL)
        start(once);
    else
        once_find(call, &once->request, looked_up, once);
}
