/*
 * precondition.c - see precondition.h.
 */
#include "api-server/fleet/etag.h"
#include "api-server/handlers/precondition.h"

void precondition_read(struct call *call, struct precondition *out)
{
    *out = (struct precondition){ .match = rse_str(call_header(call, "If-Match")),
                                  .none_match = rse_str(call_header(call, "If-None-Match")) };
}

static bool fail_changed(struct rse_err *err)
{
    return rse_fail(err, RSE_STALE, "the object changed since it was read");
}

bool precondition_check(struct precondition *condition, struct changeset *set, const struct rse_object *object,
                        bool dry_run, struct rse_err *err)
{
    if (condition->none_match.p != NULL && etag_listed(condition->none_match, object->etag, true)) {
        rse_err_hint(err, "If-None-Match asks for a write only where there is no such object.");
        return rse_fail(err, RSE_STALE, "the %s is there", rse_noun_info(object->noun)->name);
    }
    if (condition->match.p == NULL)
        return true;
    condition->stale = object->etag != 0 && !etag_listed(condition->match, object->etag, false);
    changeset_if_match(set, object->noun, object->id, condition->match);
    return !dry_run || !condition->stale || fail_changed(err);
}

void precondition_refused(const struct precondition *condition, struct rse_err *err)
{
    if (!condition->stale || (err->code != RSE_CONFLICT && err->code != RSE_CONFIRM))
        return;
    rse_err_clear(err);
    (void)fail_changed(err);
}

static bool refuse(struct call *call, const char *why, const char *hint)
{
    static const char *const NAMES[] = { "If-Match", "If-None-Match" };

    for (size_t i = 0; i < RSE_COUNT(NAMES); i++) {
        if (call_header(call, NAMES[i]) == NULL)
            continue;
        rse_err_hint(&call->err, "%s", hint);
        return rse_fail(&call->err, RSE_INVALID, "%s %s", NAMES[i], why);
    }
    return true;
}

bool precondition_none(struct call *call)
{
    return refuse(call, "is about one object, and this writes many",
                  "?ifRevision= says at which revision the fleet has to be.");
}

bool precondition_new(struct call *call)
{
    return refuse(call, "is about an object that is there, and this makes one",
                  "Leave it out: a name that is taken is refused anyway.");
}

bool precondition_no_object(struct call *call)
{
    return refuse(call, "guards what has an ETag, and this writes no such object",
                  "Leave it out: nothing would be compared with it.");
}
