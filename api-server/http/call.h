/*
 * call.h - one request on its way: parsed, allowed, handled, answered exactly once.
 *
 * A handler gets a call whose route, role, body limit and token were checked already. It may answer at once, or keep
 * the call and answer from a callback; either way exactly once, with one of the call_reply functions or call_fail,
 * which ends the call and its arena. Answering a client that hung up meanwhile is safe.
 */
#ifndef API_HTTP_CALL_H
#define API_HTTP_CALL_H

#include <sys/queue.h>

#include <resedge/resedge.h>

#include "api-server/http/actor.h"
#include "api-server/http/address.h"
#include "api-server/http/trace.h"

struct api; /* the server: see api.h */
struct auth_wait;
struct client;
struct route;
struct event;
struct http_head;

enum { CALL_MAX_PARAMS = 4, CALL_MAX_HEADERS = 16 };

struct call {
    struct api *api;
    struct rse_arena *arena;
    struct rse_err err;
    const struct route *route;
    const struct route *of_path; /* for the log and the metrics: see route_match */
    struct actor actor;
    char client_address[ADDRESS_SIZE]; /* for the log */
    const char *method;
    size_t form;                            /* the one of route_forms() that the client likes best */
    struct rse_str target;                  /* the path and the query, as they were sent */
    struct rse_str path;                    /* decoded */
    struct rse_str params[CALL_MAX_PARAMS]; /* the route's {..} segments, decoded, in order; valid UTF-8 without NUL */
    struct rse_str body; /* valid UTF-8, but for JSON (call_json() sees to that) and ROUTE_RAW_BODY */
    struct rse_str content_type;
    char request_id[REQUEST_ID_SIZE];
    char trace_id[TRACE_ID_SIZE]; /* "": the client named none */
    int64_t started_us;
    void (*canceled)(struct call *call); /* set by a handler that waits: the server is draining or the client is
                                                * gone, answer now */
    bool endless;                        /* a stream that has no end of its own: draining calls canceled for it too */
    void *state;                         /* the handler's own, in the arena */

    /* The server's own. */
    TAILQ_ENTRY(call) link;
    struct client *client; /* the connection, while it is there: http/front.h */
    const struct http_head *head;
    struct rse_str query;       /* as it was sent */
    struct auth_wait *recheck;  /* whether who asks may still do so */
    const struct rse_err *over; /* who asks may not any more: this is the answer, whatever the handler says; or NULL */
    struct rse_buf content;     /* behind `body` */
    struct answer_header {
        const char *name, *value;
    } headers[CALL_MAX_HEADERS]; /* of the answer */
    size_t nheaders;
    void (*more)(void *arg);
    void *more_arg;
    struct event *poke;   /* calls more when there is nobody to write to */
    bool streaming, gone; /* gone: the client hung up while we streamed, or wants no body */
    bool chunked;         /* the stream's framing; an old client sees its end by that of the connection */
    int status;
    size_t sent; /* bytes of the answer's body */
};

/* A query parameter, with or without a leading '$' in the request ("top" finds $top and top); decoded. False when
 * absent. */
bool call_query(const struct call *call, const char *name, struct rse_str *out);
/* Refuses a query that has others than these (NULL at the end; at most 64), has one of them twice, or can't be decoded. */
bool call_query_only(struct call *call, const char *const *names) RSE_MUST;
/* Says of call->err that it is about this query parameter, as all such errors do. */
void call_err_parameter(struct call *call, const char *name);
/* Sets call->err: nobody can say which of the two was meant. Always false. */
bool call_fail_twice(struct call *call, struct rse_str name);
/* All of them, in their order, names without a leading '$', decoded, in the arena. False with call->err set: a broken escape,
 * or no UTF-8. */
bool call_query_all(struct call *call, struct rse_pairs *out) RSE_MUST;
/* With bounds; a bad value is an error that names the parameter. Absent: the fallback. */
bool call_query_int(struct call *call, const char *name, int64_t min, int64_t max, int64_t fallback,
                    int64_t *out) RSE_MUST;
bool call_query_bool(struct call *call, const char *name, bool fallback, bool *out) RSE_MUST;
/* A segment of a path as an id: digits, above 0, without zeros in front, so that each object has one URL by its id. */
bool path_id(struct rse_str segment, int64_t *out) RSE_MUST;
/* The same of a parameter of the path. Nothing has an id that is none: RSE_NOT_FOUND. */
bool call_param_id(struct call *call, size_t index, int64_t *out) RSE_MUST;
/* A request header, or NULL. */
const char *call_header(const struct call *call, const char *name);
/* One of the answer; in place of one of that name. The name is a literal; the value is copied, and may have no line break. */
void call_set_header(struct call *call, const char *name, const char *value);
bool call_has_header(struct call *call, const char *name);

/* The body as JSON (or YAML when the content type says so), tied to the arena; false with call->err set. */
struct cJSON;
bool call_json(struct call *call, struct cJSON **out) RSE_MUST;
/* Whether the body is to be read as JSON, or as YAML. */
bool call_is_json(const struct call *call);
bool call_is_yaml(const struct call *call);
/* Whether it is said to be of this media type. */
bool call_is_type(const struct call *call, const char *name);
/* Sets call->err, and the status 415 (with Accept-Patch where it is a patch): the body is of another type than these. Always false. */
bool call_fail_type(struct call *call);

/* Answers. body is copied. content_type NULL: application/json. */
void call_reply(struct call *call, int status, const char *content_type, struct rse_str body);
void call_reply_buf(struct call *call, int status, const struct rse_buf *body);
/* A JSON text that PostgreSQL put together, without the spaces that it leaves between tokens. */
void call_reply_json(struct call *call, int status, struct rse_str json);
void call_reply_empty(struct call *call, int status);
/* problem+json from call->err, with call->status where that is set: HTTP may know better (415). */
void call_fail(struct call *call);
/* The same from call->err about what a body says, which could be read: 422 instead of 400. */
void call_fail_body(struct call *call);
/* The same from another error. */
void call_fail_with(struct call *call, const struct rse_err *err);
/* The same with a status that HTTP knows and rse_code doesn't (405, 408, 415, 431). */
void call_fail_status(struct call *call, int status, const struct rse_err *err);

/* A long answer in pieces, without holding it all: begin, any number of writes, end. more(arg) is called when the
 * client has taken what was written so far; write less than about 256 KiB a time. When the client hung up, what is
 * written is dropped and more is called all the same; call_stream_gone tells. call_stream_abort drops the connection
 * (an error after the head went out). */
void call_stream_begin(struct call *call, int status, const char *content_type, void (*more)(void *arg), void *arg);
void call_stream_write(struct call *call, struct rse_str bytes);
bool call_stream_gone(const struct call *call);
void call_stream_end(struct call *call);
void call_stream_abort(struct call *call);

#endif
