/*
 * send.c - sends a request, again where that is safe and may help.
 */
#include <sys/random.h>
#include <time.h>

#include "libresedge/src/client/private.h"

enum {
    FIRST_PAUSE_MS = 100,
    LONGEST_PAUSE_MS = 5 * 1000,
    ASK_MS = 100, /* how often the caller is asked during a pause */
};

/* Header values and paths are put on the wire as they are: a line break would begin another header. */
static bool check_printable(const char *text, const char *what, struct rse_err *err)
{
    for (const char *c = text; c != NULL && *c != '\0'; c++) {
        if ((unsigned char)*c <= ' ' || (unsigned char)*c == 0x7f)
            return rse_fail(err, RSE_INVALID, "%s holds a character that must be escaped", what);
    }
    return true;
}

static bool check_request(const struct rse_request *request, struct rse_err *err)
{
    if (request->path[0] != '/' || strlen(request->path) > CLIENT_URL_MAX / 2)
        return rse_fail(err, RSE_INVALID, "the path of a request begins with '/' and has at most %d bytes",
                        CLIENT_URL_MAX / 2);
    return check_printable(request->path, "the path", err) && check_printable(request->if_match, "the ETag", err) &&
           check_printable(request->idempotency_key, "the idempotency key", err);
}

static bool is_safe_to_repeat(const struct rse_request *request)
{
    static const char *const SAFE[] = { "GET", "HEAD", "PUT", "DELETE" };

    if (request->idempotency_key != NULL)
        return true;
    for (size_t i = 0; i < RSE_COUNT(SAFE); i++) {
        if (strcmp(request->method, SAFE[i]) == 0)
            return true;
    }
    return false;
}

static bool is_worth_repeating(const struct exchange *x)
{
    switch (x->result) {
    case CURLE_OK:
        return x->answer->status == 429 || (x->answer->status >= 502 && x->answer->status <= 504);
    case CURLE_COULDNT_CONNECT:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_PARTIAL_FILE:
        return true;
    case CURLE_OPERATION_TIMEDOUT:
        return !x->sent; /* else it used up its time */
    default:
        return false;
    }
}

static bool may_repeat(const struct exchange *x)
{
    if (x->request->no_retry || x->interrupted || x->delivered || x->overflow || x->sink_refused)
        return false;
    /* What never reached the server can't have been done by it. */
    return is_worth_repeating(x) && (is_safe_to_repeat(x->request) || !x->sent);
}

/* Doubles each time, by chance a quarter less or more, so that many clients don't come back at once. */
static int64_t pause_ms(int attempt, int64_t asked_ms)
{
    int64_t pause = FIRST_PAUSE_MS;
    uint32_t chance = 0;

    for (int i = 0; i < attempt && pause < LONGEST_PAUSE_MS; i++)
        pause *= 2;
    if (getrandom(&chance, sizeof(chance), 0) != (ssize_t)sizeof(chance))
        chance = 0;
    pause += pause / 4 - (int64_t)(chance % (uint32_t)(pause / 2 + 1));
    if (pause < asked_ms)
        pause = asked_ms;
    return pause < LONGEST_PAUSE_MS ? pause : LONGEST_PAUSE_MS;
}

/* False when the caller wants to stop. */
static bool wait_ms(struct exchange *x, int64_t ms)
{
    int64_t until = client_now_ms() + ms, left;

    while ((left = until - client_now_ms()) > 0) {
        if (exchange_asked_to_stop(x))
            return false;
        int64_t step = left < ASK_MS ? left : ASK_MS;

        nanosleep(&(struct timespec){ .tv_nsec = (long)step * 1000000 }, NULL);
    }
    return true;
}

/* Streams have no deadline of their own unless the request gives one. */
static int64_t time_for(const struct rse_client *client, const struct rse_request *request)
{
    if (request->timeout_ms > 0)
        return request->timeout_ms;
    return request->sink != NULL ? 0 : client->timeout_ms;
}

bool rse_client_send(struct rse_client *client, const struct rse_request *request, struct rse_answer *answer,
                     struct rse_err *err)
{
    struct exchange x = { .client = client, .request = request, .answer = answer };
    int64_t whole_ms = time_for(client, request), deadline_ms = client_now_ms() + whole_ms;

    if (!check_request(request, err))
        return false;
    for (int attempt = 0;; attempt++) {
        x.timeout_ms = whole_ms > 0 ? deadline_ms - client_now_ms() : 0;
        if (whole_ms > 0 && x.timeout_ms < 1)
            x.timeout_ms = 1;
        exchange_run(&x);
        if (exchange_succeeded(&x))
            return true;
        int64_t pause = pause_ms(attempt, exchange_retry_after_ms(&x));

        if (attempt >= client->retries || !may_repeat(&x) || (whole_ms > 0 && client_now_ms() + pause >= deadline_ms))
            break;
        if (!wait_ms(&x, pause))
            break;
    }
    return exchange_fail(&x, err);
}
