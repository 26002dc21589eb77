/*
 * writing.c - see writing.h.
 */
#include "api-server/api.h"
#include "api-server/handlers/body.h"
#include "api-server/handlers/writing.h"

/* A ?dryrun=true that is misspelt must not write. */
bool writing_rights(struct call *call, struct write_rights *out)
{
    static const char *const PARAMETERS[] = { "dryRun", "confirm", "reason", "ifRevision", "urgent", NULL };

    if (!call_query_only(call, PARAMETERS)) {
        rse_err_hint(&call->err, "A write takes dryRun, confirm, reason, ifRevision and urgent.");
        return false;
    }
    return writing_rights_only(call, out);
}

bool writing_rights_only(struct call *call, struct write_rights *out)
{
    bool dry_run;

    out->role = call->actor.role;
    out->scope = call->actor.scope;
    if (!call_query_bool(call, "dryRun", false, &dry_run))
        return false;
    out->question = rse_arena_new_of(call->arena, struct rse_err);
    out->asked = dry_run ? rse_arena_new_of(call->arena, int64_t) : NULL;
    return call_query_int(call, "confirm", 0, INT32_MAX, -1, &out->confirm);
}

int64_t writing_asked(const struct write_rights *rights)
{
    return rights->asked != NULL ? *rights->asked : 0;
}

void writing_show_asked(struct call *call, const struct write_rights *rights)
{
    int64_t asked = writing_asked(rights);

    if (asked > 0)
        call_set_header(call, "Resedge-Confirm", rse_arena_printf(call->arena, "%lld", (long long)asked));
}

/* It ends up in the audit, in commits and on terminals. */
static bool read_reason(struct call *call, struct rse_str *out)
{
    uint32_t cp;
    size_t at;

    if (!call_query(call, "reason", out))
        return true;
    call_err_parameter(call, "reason");
    if (reason_is_blank(*out))
        return rse_fail(&call->err, RSE_INVALID, "blanks are no reason");
    if (out->len > REASON_MAX_BYTES)
        return rse_fail(&call->err, RSE_INVALID, "the reason is longer than %d bytes", REASON_MAX_BYTES);
    if (rse_utf8_find_control(*out, "\n\t", &at, &cp))
        return rse_fail(&call->err, RSE_INVALID, "the reason holds a control character (U+%04X) at byte %zu",
                        (unsigned)cp, at);
    rse_err_clear(&call->err);
    return true;
}

void writing_begin(struct call *call, const struct write_rights *rights, struct live_write *write)
{
    write->actor = call->actor.name;
    write->confirm = rights->confirm;
    write->question = rights->question;
    if ((write->reason.p == NULL && !read_reason(call, &write->reason)) ||
        !call_query_int(call, "ifRevision", 0, INT64_MAX, -1, &write->if_revision) ||
        !call_query_bool(call, "urgent", false, &write->urgent))
        return call_fail(call);
    write->has_if_revision = write->if_revision >= 0;
    live_write(call->api->live, write);
}

void writing_start(struct call *call, const struct write_rights *rights, bool dry_run, live_build *build,
                   live_done *done, void *arg)
{
    writing_begin(call, rights, &(struct live_write){ .dry_run = dry_run, .build = build, .done = done, .arg = arg });
}

bool writing_is_of_body(const struct rse_err *err)
{
    return err->code == RSE_INVALID || err->code == RSE_UNPROCESSABLE || err->code == RSE_CONFLICT;
}

void writing_fail(struct call *call, const struct rse_err *err)
{
    call->err = *err;
    call_fail_body(call);
}
