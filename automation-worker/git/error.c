#include "automation-worker/git/error.h"

#include <git2.h>
#include <stdarg.h>
#include <stdio.h>

static enum rse_code code_of(int rc, const git_error *last)
{
    switch (rc) {
    case GIT_ENOTFOUND:
        return RSE_NOT_FOUND;
    case GIT_EMODIFIED:
        return RSE_STALE;
    case GIT_EEXISTS:
    case GIT_EAMBIGUOUS:
        return RSE_CONFLICT;
    case GIT_EINVALIDSPEC:
        return RSE_INVALID;
    case GIT_ELOCKED:
        return RSE_UNAVAILABLE;
    default:
        return last != NULL && last->klass == GIT_ERROR_OS ? RSE_UNAVAILABLE : RSE_INTERNAL;
    }
}

bool git_error_take(struct rse_err *err, int rc, const char *fmt, ...)
{
    const git_error *last = git_error_last();
    char what[256];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(what, sizeof(what), fmt, ap);
    va_end(ap);
    return rse_fail(err, code_of(rc, last), "%s: %s", what,
                    last != NULL && last->message != NULL ? last->message : "git gives no reason");
}
