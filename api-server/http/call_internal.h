/*
 * call_internal.h - the life of a call, for the files of http/.
 */
#ifndef API_HTTP_CALL_INTERNAL_H
#define API_HTTP_CALL_INTERNAL_H

#include "api-server/http/call.h"

struct client;

/* From a request that a client has sent whole; takes its arena and its content over. Never fails: what is wrong with it is
 * in call->err (and in call->status where rse_code has no word for it). Without an error and without a route it is OPTIONS, and the
 * headers of the answer say all. */
struct call *call_new(struct api *api, struct client *client);
/* Logs, counts and frees it. The answer is on its way. */
void call_end(struct call *call);
/* The connection is gone. */
void call_hung_up(struct call *call);

/* The one line for each request. */
struct access {
    const char *method;
    const struct route *route; /* that of the path: a 405 has one; NULL: none fitted */
    struct rse_str path;
    int status;
    size_t bytes;
    int64_t us;
    const struct actor *actor;
    const char *client; /* its address */
    const char *request_id, *trace_id;
    const struct rse_err *err;
};
void access_log(const struct access *access);

/* Which of the route's forms the client wants: call->form. False with call->err and call->status (406) set: none of them. */
bool call_choose_form(struct call *call) RSE_MUST;
/* Says in the answer which patches are understood (RFC 5789, section 3.1). */
void call_set_accept_patch(struct call *call);
/* Whether a body comes as it is, not compressed (RFC 9110, 8.4). False with call->err and call->status (415) set. */
bool call_check_coding(struct call *call) RSE_MUST;
/* Whether a body is in UTF-8, as far as its type says. False with call->err and call->status (415) set. */
bool call_check_charset(struct call *call) RSE_MUST;
/* Decodes %XX; '+' stays unless it is to be a space. False: a broken escape, a NUL, or no UTF-8. */
bool percent_decode(struct rse_str text, bool plus_is_space, struct rse_arena *arena, struct rse_str *out);
/* A problem document with a status of its own. */
void problem_render(int status, const struct rse_err *err, const char *request_id, struct rse_buf *out);
int64_t now_us(void);

#endif
