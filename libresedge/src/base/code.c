/*
 * code.c - the one table of what a code means.
 */
#include "libresedge/src/base/err_internal.h"

struct meaning {
    const char *name;
    const char *title;
    int http_status;
    int exit_status;
    bool retryable;
};

/* By code. Where two share an HTTP status, the first is what that status alone means. */
static const struct meaning meanings[] = {
    [RSE_OK] = { "ok", "OK", 200, 0, false },
    [RSE_INVALID] = { "invalid", "The request is not valid", 400, 2, false },
    [RSE_UNPROCESSABLE] = { "unprocessable", "The body says what can't be", 422, 2, false },
    [RSE_UNAUTHENTICATED] = { "unauthenticated", "A valid credential is needed", 401, 3, false },
    [RSE_DENIED] = { "denied", "Not allowed", 403, 3, false },
    [RSE_NOT_FOUND] = { "notFound", "Not found", 404, 1, false },
    [RSE_CONFLICT] = { "conflict", "In conflict with what is there", 409, 3, false },
    [RSE_STALE] = { "stale", "Changed in the meantime", 412, 3, false },
    [RSE_GONE] = { "gone", "No longer kept", 410, 3, false },
    [RSE_TOO_LARGE] = { "tooLarge", "Too large", 413, 3, false },
    [RSE_TIMEOUT] = { "timeout", "Took too long", 504, 4, true },
    [RSE_UNAVAILABLE] = { "unavailable", "Not available now", 503, 4, true },
    [RSE_CONFIRM] = { "confirm", "Needs a confirmation", 409, 3, false },
    [RSE_INTERNAL] = { "internal", "Internal error", 500, 5, false },
    [RSE_LIMITED] = { "limited", "Too many requests", 429, 4, true },
};

static const struct meaning *meaning_of(enum rse_code code)
{
    return &meanings[(size_t)code < RSE_COUNT(meanings) ? code : RSE_INTERNAL];
}

const char *rse_code_title(enum rse_code code)
{
    return meaning_of(code)->title;
}

const char *rse_code_name(enum rse_code code)
{
    return meaning_of(code)->name;
}

enum rse_code rse_code_from_name(struct rse_str name)
{
    for (size_t i = 0; i < RSE_COUNT(meanings); i++) {
        if (rse_str_is(name, meanings[i].name))
            return (enum rse_code)i;
    }
    return RSE_OK;
}

int rse_code_http_status(enum rse_code code)
{
    return meaning_of(code)->http_status;
}

enum rse_code rse_code_from_http_status(int status)
{
    if (status >= 200 && status < 300)
        return RSE_OK;
    for (size_t i = 0; i < RSE_COUNT(meanings); i++) {
        if (meanings[i].http_status == status)
            return (enum rse_code)i;
    }
    switch (status) {
    case 408:
        return RSE_TIMEOUT;
    case 502:
        return RSE_UNAVAILABLE;
    default:
        return status >= 400 && status < 500 ? RSE_INVALID : RSE_INTERNAL;
    }
}

int rse_code_exit_status(enum rse_code code)
{
    return meaning_of(code)->exit_status;
}

bool rse_code_is_retryable(enum rse_code code)
{
    return meaning_of(code)->retryable;
}
