/*
 * problem_types.c - what the `type` of a problem leads to (RFC 9457, section 3.1.1): what it means, and what to do. Public, as the
 * description is: whoever has no token gets problems too.
 */
#include "api-server/http/route.h"

enum { MAX_TEXT = 4096 };

static const struct {
    enum rse_code code;
    const char *meaning, *advice;
} TYPES[] = {
    { RSE_INVALID, "The request could not be understood: it is no HTTP, no JSON, or a query parameter can't be.",
      "Mend what `detail` and `object` name; `hint` says how. Sent again as it is, it is refused again." },
    { RSE_UNPROCESSABLE, "The body could be read, but says what can't be.",
      "Mend each fault of `errors`: `pointer` leads to its place in the body, and `line` to that of NDJSON, CSV or "
      "YAML." },
    { RSE_UNAUTHENTICATED, "The request came without a credential, or with one that is unknown, over or revoked.",
      "Send `Authorization: Bearer <token>` with a token that an admin made, or sign in again." },
    { RSE_DENIED, "The credential is known, and its role may not do this.",
      "Ask somebody with the role for it, or an admin for a token that has it. A session's writes need "
      "`X-CSRF-Token`." },
    { RSE_NOT_FOUND, "What the path names is not there, or is no longer.",
      "Look at the id or the name, and at how it is escaped: within a path `/` is `%2F`." },
    { RSE_CONFLICT,
      "The request does not fit what is there: a name is taken, something else still refers to the object, "
      "or several have the name.",
      "Look at what `detail` names, change it or the request, and send it again." },
    { RSE_STALE, "The object, or the fleet, was changed since it was read (`If-Match`, `If-None-Match`, `ifRevision`).",
      "Read it again, make the change anew, and send that." },
    { RSE_GONE, "So old a revision is no longer kept.",
      "Take `/api/v1/snapshot`, and go on with the changes behind it." },
    { RSE_TOO_LARGE, "The body, or what would have to be answered, is larger than is taken here.",
      "Send or ask for less at a time; a list comes whole as `application/x-ndjson`." },
    { RSE_TIMEOUT, "It took longer than it may, and was given up.",
      "Try again, and ask for less. Of a write, look first whether it was done, or repeat it with its "
      "`Idempotency-Key`." },
    { RSE_UNAVAILABLE, "The service, its database or a worker can't be reached now.",
      "Try again after `Retry-After` seconds; a write with its `Idempotency-Key`." },
    { RSE_CONFIRM, "The write reaches running clusters, and nobody said how many.",
      "Look at what a dry run (`dryRun=true`) shows. If that is meant, repeat the write with the number of `confirm` "
      "as "
      "`?confirm=`." },
    { RSE_INTERNAL, "The service failed; that is a defect of it, and not of the request.",
      "Give `requestId` to whoever runs the service: the log has more under it." },
    { RSE_LIMITED, "There were too many requests of this kind from there.", "Try again after `Retry-After` seconds." },
};

static void reply(struct call *call, size_t i)
{
    RSE_BUF_AUTO text = { 0 };
    struct rse_err err = RSE_ERR_INIT;

    rse_buf_init(&text, MAX_TEXT);
    rse_buf_addf(&text, "%s (%s, status %d)\n\n%s\n\n%s\n", rse_code_title(TYPES[i].code), rse_code_name(TYPES[i].code),
                 rse_code_http_status(TYPES[i].code), TYPES[i].meaning, TYPES[i].advice);
    if (rse_buf_ok(&text, &err))
        call_reply(call, 200, "text/plain; charset=utf-8", rse_buf_str(&text));
    else
        call_fail_with(call, &err);
}

static void problem_type(struct call *call)
{
    for (size_t i = 0; i < RSE_COUNT(TYPES); i++)
        if (rse_str_is(call->params[0], rse_code_name(TYPES[i].code)))
            return reply(call, i);
    (void)rse_fail(&call->err, RSE_NOT_FOUND, "there is no problem type \"%.*s\"", RSE_STR_ARG(call->params[0]));
    call_fail(call);
}

const struct route problem_type_routes[] = {
    { "GET", "/problems/{code}", ROLE_NONE, ROUTE_PUBLIC | ROUTE_NO_QUERY, 0, 0, problem_type,
      "What a type of problem means, and what to do" },
    { .method = NULL },
};
