/*
 * client.h - a client of the Data Service's REST API, over libcurl.
 *
 * Connections are reused. Requests that are safe to repeat (GET, PUT, DELETE, and anything with an idempotency key)
 * are repeated with growing pauses (or what Retry-After asks, in seconds or with a date, up to 5 s) when the server can't be reached or
 * answers 429, 502, 503 or 504, as long as their time is not up; other requests only when no connection came about.
 * Redirects are not followed. The token is sent as a bearer header and shows up in no error, log or process list.
 * One owner; not thread-safe.
 */
#ifndef RESEDGE_CLIENT_H
#define RESEDGE_CLIENT_H

#include "base.h"
#include "buf.h"
#include "err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct cJSON;
struct rse_client;

struct rse_client_config {
    const char *url;            /* "http://127.0.0.1:8080", no path */
    const char *token;          /* may be NULL; copied */
    const char *ca_file;        /* PEM; NULL: the system's */
    const char *user_agent;     /* "resedge-worker/0.1.0" */
    int64_t connect_timeout_ms; /* 0: 5 s */
    /* Of a whole request, repeats included; 0: 30 s. A request may override it. A streamed answer (sink) ends only when
     * nothing comes for so long. */
    int64_t timeout_ms;
    int retries; /* of safe requests; -1: 4 */
    /* Called with one line for each request and answer ("GET /api/v1/jobs -> 200, 3 ms"), never with a secret. */
    void (*trace)(void *arg, const char *line);
    void *trace_arg;
};

RSE_API bool rse_client_new(struct rse_client **out, const struct rse_client_config *config,
                            struct rse_err *err) RSE_MUST;
RSE_API void rse_client_free(struct rse_client *client);

struct rse_request {
    const char *method; /* "GET" */
    const char *path;   /* "/api/v1/clusters?search=x"; what comes from outside was escaped by rse_client_escape */
    struct rse_str body;
    const char *content_type;    /* NULL: application/json where there is a body */
    const char *accept;          /* NULL: application/json */
    const char *if_match;        /* an ETag, or NULL */
    const char *idempotency_key; /* or NULL */
    const char *fence;           /* of a job, where the body has no room for it: Resedge-Fence; or NULL */
    int64_t timeout_ms;          /* of the whole request, streamed or not; 0: the client's */
    size_t max_answer;           /* most bytes of an answer kept in memory; 0: 64 MiB */
    bool no_retry;
    /* Streams the answer's body (of a 2xx) here instead of keeping it; false ends the request with RSE_INTERNAL. */
    bool (*sink)(void *arg, struct rse_str bytes);
    void *sink_arg;
    /* Asked a few times a second while waiting: true ends the request with RSE_UNAVAILABLE "interrupted". */
    bool (*interrupted)(void *arg);
    void *interrupted_arg;
};

struct rse_answer {
    int status;
    struct rse_buf body;
    char etag[80];
    char location[256];
    int64_t revision; /* of the Resedge-Revision header; -1: none */
    int64_t date;     /* of the Date header, in seconds since 1970; -1: none */
};

/* Any 2xx and 304 is success. Else err is made from the problem document (rse_err_from_problem); no answer at all is
 * RSE_UNAVAILABLE or RSE_TIMEOUT with the URL (without a query) as its object. The answer is to be released in any
 * case. */
RSE_API bool rse_client_send(struct rse_client *client, const struct rse_request *request, struct rse_answer *answer,
                             struct rse_err *err) RSE_MUST;
RSE_API void rse_answer_init(struct rse_answer *answer);
RSE_API void rse_answer_release(struct rse_answer *answer);

/* The common case: JSON in (or NULL), JSON out (*out to be freed with cJSON_Delete(), NULL for an empty answer; out
 * may be NULL). */
RSE_API bool rse_client_json(struct rse_client *client, const char *method, const char *path, const struct cJSON *body,
                             struct cJSON **out, struct rse_err *err) RSE_MUST;

/* GETs a stream of NDJSON and shows each line, parsed; json is borrowed and ends with the call. The callback returns
 * false to stop, with err set. *revision (may be NULL) is that of the Resedge-Revision header. */
RSE_API bool rse_client_lines(struct rse_client *client, const char *path,
                              bool (*line)(void *arg, const struct cJSON *json, struct rse_err *err), void *arg,
                              int64_t *revision, struct rse_err *err) RSE_MUST;

/* Appends text as one path segment or query value (RFC 3986 unreserved characters stay). */
RSE_API void rse_client_escape(struct rse_buf *out, struct rse_str text);

/* Once per process, before threads start, and at its end (libcurl). */
RSE_API void rse_client_global_init(void);
RSE_API void rse_client_global_cleanup(void);

#ifdef __cplusplus
}
#endif

#endif
