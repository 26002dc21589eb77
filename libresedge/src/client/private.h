/*
 * private.h - what the files of the client share: the client itself, and one exchange with the server.
 */
#ifndef RESEDGE_SRC_CLIENT_PRIVATE_H
#define RESEDGE_SRC_CLIENT_PRIVATE_H

#include <curl/curl.h>

#include "resedge/client.h"

enum {
    CLIENT_URL_MAX = 8 * 1024,
    CLIENT_PROBLEM_MAX = 64 * 1024, /* of an error's document; the rest is not read */
};

struct rse_client {
    CURLM *multi; /* keeps the connections */
    CURL *easy;
    char *url;                  /* scheme, host and port, without a '/' behind */
    struct rse_buf auth_header; /* "Authorization: Bearer ..." or empty; never shown */
    char *ca_file, *user_agent;
    int64_t connect_timeout_ms, timeout_ms;
    int retries;
    void (*trace)(void *arg, const char *line);
    void *trace_arg;
};

/* One exchange: a request, and what came of it. */
struct exchange {
    struct rse_client *client;
    const struct rse_request *request;
    struct rse_answer *answer;
    int64_t timeout_ms; /* that is left for it */
    CURLcode result;
    char why[CURL_ERROR_SIZE];
    int64_t retry_after_ms; /* as the server asked, in seconds; -1: it did not */
    int64_t retry_at;       /* as the server asked with a date, in seconds since 1970; -1: it did not */
    bool sent;              /* the server may have seen the request */
    bool problem;           /* the answer is a problem document: it names its own object */
    bool delivered;         /* the sink has got bytes */
    bool sink_refused, interrupted, overflow;
};

/* Runs it, however it ends. */
void exchange_run(struct exchange *x);

/* Makes the error of an exchange that did not succeed. */
bool exchange_fail(const struct exchange *x, struct rse_err *err);

/* Whether it did: 2xx or 304, all of it, and the sink took it. */
bool exchange_succeeded(const struct exchange *x);

/* What Retry-After (RFC 9110, 10.2.3) asks for; -1: nothing. A date counts from that of the answer, so that it does not matter
 * where our clock stands. */
int64_t exchange_retry_after_ms(const struct exchange *x);

/* Of a clock that never jumps. */
int64_t client_now_ms(void);

/* Whether the caller wants the request to end. */
bool exchange_asked_to_stop(struct exchange *x);

#endif
