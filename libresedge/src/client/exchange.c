/*
 * exchange.c - one exchange with the server over libcurl: what is sent, what is kept, what went wrong.
 */
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <time.h>

#include "libresedge/src/client/private.h"
#include "resedge/parse.h"

enum {
    ANSWER_MAX = 64 * 1024 * 1024,
    WAIT_MS = 200, /* how often the caller is asked whether to go on */
    RECEIVE_BUFFER = 256 * 1024,
};

bool exchange_asked_to_stop(struct exchange *x)
{
    const struct rse_request *request = x->request;

    if (!x->interrupted && request->interrupted != NULL)
        x->interrupted = request->interrupted(request->interrupted_arg);
    return x->interrupted;
}

static int status_of(const struct exchange *x)
{
    long status = 0;

    curl_easy_getinfo(x->client->easy, CURLINFO_RESPONSE_CODE, &status);
    return (int)status;
}

static bool is_2xx(int status)
{
    return status >= 200 && status < 300;
}

bool exchange_succeeded(const struct exchange *x)
{
    return x->result == CURLE_OK && !x->interrupted && (is_2xx(x->answer->status) || x->answer->status == 304);
}

/* ---- what comes ---- */

static size_t take_body(char *bytes, size_t size, size_t count, void *arg)
{
    struct exchange *x = arg;
    const struct rse_request *request = x->request;
    struct rse_buf *body = &x->answer->body;
    size_t len = size * count;

    if (!is_2xx(status_of(x))) {
        /* An error's document: its beginning is enough. */
        size_t room = CLIENT_PROBLEM_MAX - (body->len < CLIENT_PROBLEM_MAX ? body->len : CLIENT_PROBLEM_MAX);

        rse_buf_addn(body, bytes, len < room ? len : room);
        return len;
    }
    if (request->sink != NULL) {
        x->delivered = true;
        x->sink_refused = !request->sink(request->sink_arg, rse_str_n(bytes, len));
        return x->sink_refused ? 0 : len;
    }
    rse_buf_addn(body, bytes, len);
    x->overflow = body->overflow;
    return x->overflow ? 0 : len;
}

static struct rse_str trim(struct rse_str s)
{
    while (s.len > 0 && isspace((unsigned char)s.p[0]))
        s = rse_str_from(s, 1);
    while (s.len > 0 && isspace((unsigned char)s.p[s.len - 1]))
        s.len--;
    return s;
}

static bool is_header(struct rse_str name, const char *known)
{
    return name.len == strlen(known) && strncasecmp(name.p, known, name.len) == 0;
}

/* A value that doesn't fit is left out: half of it would be wrong. */
static void keep(char *to, size_t size, struct rse_str value)
{
    if (value.len < size) {
        memcpy(to, value.p, value.len);
        to[value.len] = '\0';
    }
}

static void forget_headers(struct exchange *x)
{
    x->answer->etag[0] = '\0';
    x->answer->date = -1;
    x->answer->location[0] = '\0';
    x->answer->revision = -1;
    x->retry_after_ms = -1;
    x->retry_at = -1;
}

/* RFC 9110, 5.6.7; -1: none of its forms. */
static int64_t read_date(struct rse_str value)
{
    char text[64];

    keep(text, sizeof(text), value);
    return (int64_t)curl_getdate(text, NULL);
}

/* Seconds, or a date, which is not understood before all headers are there. */
static void take_retry_after(struct exchange *x, struct rse_str value)
{
    int64_t seconds;

    if (rse_parse_int64(value, 0, 24 * 3600, &seconds))
        x->retry_after_ms = seconds * 1000;
    else if (!rse_is_digits(value))
        x->retry_at = read_date(value);
}

int64_t exchange_retry_after_ms(const struct exchange *x)
{
    int64_t now = x->answer->date >= 0 ? x->answer->date : (int64_t)time(NULL);

    if (x->retry_at < 0)
        return x->retry_after_ms;
    return x->retry_at > now ? (x->retry_at - now) * 1000 : 0;
}

static size_t take_header(char *bytes, size_t size, size_t count, void *arg)
{
    struct exchange *x = arg;
    struct rse_str line = rse_str_n(bytes, size * count);
    ptrdiff_t colon = rse_str_find(line, ':');

    if (rse_str_starts(line, RSE_STR("HTTP/"))) { /* again after a 100 */
        forget_headers(x);
        return line.len;
    }
    if (colon < 0)
        return line.len;
    struct rse_str name = rse_str_n(line.p, (size_t)colon);
    struct rse_str value = trim(rse_str_from(line, (size_t)colon + 1));

    if (is_header(name, "ETag"))
        keep(x->answer->etag, sizeof(x->answer->etag), value);
    else if (is_header(name, "Location"))
        keep(x->answer->location, sizeof(x->answer->location), value);
    else if (is_header(name, "Resedge-Revision") && !rse_parse_int64(value, 0, INT64_MAX, &x->answer->revision))
        x->answer->revision = -1;
    else if (is_header(name, "Date"))
        x->answer->date = read_date(value);
    else if (is_header(name, "Retry-After"))
        take_retry_after(x, value);
    return line.len;
}

/* ---- what goes ---- */

static void add_header(struct curl_slist **headers, const char *name, const char *value)
{
    if (value == NULL)
        return;
    RSE_BUF_AUTO line = { 0 };

    rse_buf_init(&line, CLIENT_URL_MAX);
    rse_buf_addf(&line, "%s: %s", name, value);
    *headers = curl_slist_append(*headers, line.p);
}

static struct curl_slist *make_headers(const struct exchange *x)
{
    const struct rse_request *request = x->request;
    struct curl_slist *headers = curl_slist_append(NULL, "Expect:"); /* no waiting for "100 Continue" */

    if (x->client->auth_header.len > 0)
        headers = curl_slist_append(headers, x->client->auth_header.p);
    add_header(&headers, "Accept", request->accept != NULL ? request->accept : "application/json");
    if (request->body.p != NULL)
        add_header(&headers, "Content-Type",
                   request->content_type != NULL ? request->content_type : "application/json");
    else
        headers = curl_slist_append(headers, "Content-Type:"); /* else libcurl says that it is a form */
    add_header(&headers, "If-Match", request->if_match);
    add_header(&headers, "Idempotency-Key", request->idempotency_key);
    add_header(&headers, "Resedge-Fence", request->fence);
    return headers;
}

static void set_method(CURL *easy, const struct rse_request *request)
{
    if (strcmp(request->method, "HEAD") == 0) {
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    } else if (request->body.p != NULL || strcmp(request->method, "POST") == 0) {
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body.p != NULL ? request->body.p : "");
    } else {
        curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    }
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
}

static void set_protocols(CURL *easy)
{
#if LIBCURL_VERSION_NUM >= 0x075500
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

static void set_times(CURL *easy, const struct exchange *x)
{
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)x->client->connect_timeout_ms);
    if (x->timeout_ms > 0) {
        curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)x->timeout_ms);
    } else { /* a stream may take as long as it likes while something comes */
        curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
        curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)((x->client->timeout_ms + 999) / 1000));
    }
}

/* POST and the like: a connection that the server is just closing would make libcurl send them twice. */
static bool may_be_repeated(const struct rse_request *request)
{
    return request->idempotency_key != NULL ||
           (strcmp(request->method, "POST") != 0 && strcmp(request->method, "PATCH") != 0);
}

static void set_up(struct exchange *x, const char *url, struct curl_slist *headers)
{
    CURL *easy = x->client->easy;

    set_protocols(easy);
    set_times(easy, x);
    set_method(easy, x->request);
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, x->client->user_agent);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, x->why);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)RECEIVE_BUFFER);
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, may_be_repeated(x->request) ? 0L : 1L);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, x);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, x);
    if (x->client->ca_file != NULL)
        curl_easy_setopt(easy, CURLOPT_CAINFO, x->client->ca_file);
}

/* ---- running it ---- */

/* Writing to a TLS connection that the server closed raises SIGPIPE, and a library may not change how the process
 * handles signals: so it is blocked in this thread, and taken out if it came. */
static bool block_sigpipe(sigset_t *before)
{
    sigset_t pipe_only, pending;

    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    sigpending(&pending);
    pthread_sigmask(SIG_BLOCK, &pipe_only, before);
    return sigismember(&pending, SIGPIPE) == 1;
}

static void unblock_sigpipe(const sigset_t *before, bool was_pending)
{
    sigset_t pipe_only;

    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    while (!was_pending && sigtimedwait(&pipe_only, NULL, &(struct timespec){ 0 }) < 0 && errno == EINTR)
        ;
    pthread_sigmask(SIG_SETMASK, before, NULL);
}

static CURLcode perform(struct exchange *x)
{
    CURLM *multi = x->client->multi;
    CURLcode result = CURLE_FAILED_INIT;
    int running = 1, left;

    if (curl_multi_add_handle(multi, x->client->easy) != CURLM_OK)
        return result;
    while (running > 0 && !exchange_asked_to_stop(x)) {
        if (curl_multi_perform(multi, &running) != CURLM_OK)
            break;
        if (running > 0 && curl_multi_poll(multi, NULL, 0, WAIT_MS, NULL) != CURLM_OK)
            break;
    }
    for (CURLMsg *m; (m = curl_multi_info_read(multi, &left)) != NULL;) {
        if (m->msg == CURLMSG_DONE)
            result = m->data.result;
    }
    x->answer->status = status_of(x);
    curl_multi_remove_handle(multi, x->client->easy);
    return result;
}

int64_t client_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void trace(const struct exchange *x, int64_t began_ms)
{
    if (x->client->trace == NULL)
        return;
    RSE_BUF_AUTO line = { 0 };

    rse_buf_init(&line, CLIENT_URL_MAX);
    rse_buf_addf(&line, "%s %s -> ", x->request->method, x->request->path);
    if (x->result == CURLE_OK)
        rse_buf_add_int(&line, x->answer->status);
    else
        rse_buf_adds(&line, x->interrupted ? "interrupted" : curl_easy_strerror(x->result));
    rse_buf_addf(&line, ", %lld ms", (long long)(client_now_ms() - began_ms));
    x->client->trace(x->client->trace_arg, line.p);
}

void exchange_run(struct exchange *x)
{
    RSE_BUF_AUTO url = { 0 };
    struct curl_slist *headers = make_headers(x);
    int64_t began_ms = client_now_ms();
    sigset_t signals;
    bool pending;
    const char *type = NULL;
    long sent = 0;

    rse_buf_init(&url, CLIENT_URL_MAX);
    rse_buf_addf(&url, "%s%s", x->client->url, x->request->path);
    rse_buf_release(&x->answer->body);
    rse_buf_init(&x->answer->body, x->request->max_answer > 0 ? x->request->max_answer : ANSWER_MAX);
    forget_headers(x);
    x->why[0] = '\0';
    set_up(x, url.p, headers);
    pending = block_sigpipe(&signals);
    x->result = perform(x);
    unblock_sigpipe(&signals, pending);
    curl_easy_getinfo(x->client->easy, CURLINFO_REQUEST_SIZE, &sent);
    x->sent = sent > 0;
    curl_easy_getinfo(x->client->easy, CURLINFO_CONTENT_TYPE, &type);
    x->problem = type != NULL && strncasecmp(type, "application/problem+json", strlen("application/problem+json")) == 0;
    trace(x, began_ms);
    curl_easy_reset(x->client->easy); /* it must not point at what ends here */
    curl_slist_free_all(headers);
}

/* ---- what went wrong ---- */

static void name_url(const struct exchange *x, struct rse_err *err)
{
    rse_err_object(err, "%s%.*s", x->client->url, (int)strcspn(x->request->path, "?"), x->request->path);
}

/* No answer, or not the whole of it. */
static bool fail_transport(const struct exchange *x, struct rse_err *err)
{
    const char *why = x->why[0] != '\0' ? x->why : curl_easy_strerror(x->result);

    name_url(x, err);
    switch (x->result) {
    case CURLE_OPERATION_TIMEDOUT:
        if (!x->sent)
            return rse_fail(err, RSE_UNAVAILABLE, "could not reach the Data Service: it does not take connections");
        return rse_fail(err, RSE_TIMEOUT, "the Data Service did not answer in time");
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CONNECT_ERROR:
        rse_err_hint(err, "Check the URL, and name the file with the authority's certificate if it is your own.");
        return rse_fail(err, RSE_UNAVAILABLE, "could not trust the Data Service's certificate: %s", why);
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
        return rse_fail(err, RSE_UNAVAILABLE, "the Data Service's answer broke off: %s", why);
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
        return rse_fail(err, RSE_UNAVAILABLE, "what answers there does not speak HTTP");
    default:
        return rse_fail(err, RSE_UNAVAILABLE, "could not reach the Data Service: %s", why);
    }
}

bool exchange_fail(const struct exchange *x, struct rse_err *err)
{
    if (x->interrupted)
        return rse_fail(err, RSE_UNAVAILABLE, "interrupted");
    if (x->sink_refused)
        return rse_fail(err, RSE_INTERNAL, "the answer was not taken");
    if (x->overflow) {
        name_url(x, err);
        return rse_fail(err, RSE_TOO_LARGE, "the answer has more than %zu bytes", x->answer->body.limit);
    }
    if (x->result != CURLE_OK)
        return fail_transport(x, err);
    rse_err_from_problem(err, x->answer->status, rse_buf_str(&x->answer->body));
    if (!x->problem)
        name_url(x, err); /* what answered there may be no Data Service at all */
    return false;
}
