/*
 * wire_http.c - Git's smart HTTP over libcurl (gitprotocol-http): GET info/refs, then a POST per request.
 *
 * The credential goes only to the host that the target names: a redirect to another one is refused, and only the
 * first GET may be redirected at all.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <curl/curl.h>

#include <resedge/buf.h>

#include "automation-worker/remote/redirect.h"
#include "automation-worker/remote/wire_impl.h"

enum { MAX_AHEAD = 512 << 10, MAX_PROBLEM = 300, MAX_REDIRECTS = 3, MAX_URL = 2048 };

struct wire_http {
    struct wire wire;
    CURLM *multi;
    CURL *easy;
    struct curl_slist *headers;
    char *base;      /* the repository's URL, after redirects */
    bool is_get;     /* the request under way */
    bool running;    /* it is known to curl */
    bool checked;    /* its answer is one of Git's */
    bool paused;     /* nobody read for a while */
    CURLcode result; /* when it is over */
    int redirects;
    struct rse_buf in;      /* of the answer */
    size_t in_at;           /* what was read of it */
    struct rse_buf problem; /* an error's text, its beginning */
    struct rse_str head;    /* what is sent: these bytes, then the file */
    int fd;
    int64_t size, sent;
    char reason[CURL_ERROR_SIZE];
};

static struct wire_http *http_of(struct wire *wire)
{
    return (struct wire_http *)wire;
}

static long status_of(const struct wire_http *http)
{
    long status = 0;

    curl_easy_getinfo(http->easy, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

/* ---- what goes and comes ---- */

static size_t on_body(char *bytes, size_t size, size_t count, void *arg)
{
    struct wire_http *http = arg;
    size_t len = size * count;

    if (status_of(http) != 200) {
        size_t room = MAX_PROBLEM - http->problem.len;

        rse_buf_addn(&http->problem, bytes, len < room ? len : room);
        return len;
    }
    if (http->in.len - http->in_at > MAX_AHEAD) {
        http->paused = true;
        return CURL_WRITEFUNC_PAUSE;
    }
    if (http->in_at > MAX_AHEAD) {
        memmove(http->in.p, http->in.p + http->in_at, http->in.len - http->in_at);
        rse_buf_truncate(&http->in, http->in.len - http->in_at);
        http->in_at = 0;
    }
    rse_buf_addn(&http->in, bytes, len);
    wire_progress(&http->wire, len);
    return len;
}

static size_t on_send(char *out, size_t size, size_t count, void *arg)
{
    struct wire_http *http = arg;
    size_t room = size * count;
    ssize_t n;

    if (http->sent < (int64_t)http->head.len) {
        struct rse_str left = rse_str_from(http->head, (size_t)http->sent);

        n = (ssize_t)(left.len < room ? left.len : room);
        memcpy(out, left.p, (size_t)n);
    } else if (http->sent == http->size) {
        n = 0;
    } else {
        n = pread(http->fd, out, room, http->sent - (int64_t)http->head.len);
        if (n <= 0)
            return CURL_READFUNC_ABORT;
    }
    http->sent += n;
    wire_progress(&http->wire, 0);
    return (size_t)n;
}

/* curl begins again on a new connection when a kept one turns out to be closed. */
static int on_seek(void *arg, curl_off_t offset, int origin)
{
    struct wire_http *http = arg;

    if (origin != SEEK_SET || offset < 0 || offset > http->size)
        return CURL_SEEKFUNC_FAIL;
    http->sent = offset;
    return CURL_SEEKFUNC_OK;
}

/* ---- requests ---- */

static void RSE_PRINTF(2, 3) add_header(struct wire_http *http, const char *fmt, ...)
{
    char line[128];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(line, sizeof(line), fmt, ap);
    va_end(ap);
    http->headers = curl_slist_append(http->headers, line);
}

static void set_credential(const struct wire_http *http)
{
    const struct credential *credential = http->wire.options.credential;

    if (credential->ca_file != NULL)
        curl_easy_setopt(http->easy, CURLOPT_CAINFO, credential->ca_file);
    if (credential->bearer_token != NULL) {
        curl_easy_setopt(http->easy, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
        curl_easy_setopt(http->easy, CURLOPT_XOAUTH2_BEARER, credential->bearer_token);
    } else if (credential->password != NULL) {
        /* Git hosts take any name, or want a certain one, beside a token. */
        curl_easy_setopt(http->easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
        curl_easy_setopt(http->easy, CURLOPT_USERNAME, credential->username != NULL ? credential->username : "git");
        curl_easy_setopt(http->easy, CURLOPT_PASSWORD, credential->password);
    }
}

/* Forgets the last request and what came of it. */
static void begin(struct wire_http *http)
{
    if (http->running)
        curl_multi_remove_handle(http->multi, http->easy);
    curl_easy_reset(http->easy);
    curl_slist_free_all(RSE_TAKE(http->headers));
    rse_buf_reset(&http->in);
    rse_buf_reset(&http->problem);
    http->in_at = 0;
    http->checked = http->paused = false;
    http->reason[0] = '\0';
}

static bool start(struct wire_http *http, const char *url, struct rse_err *err)
{
    CURL *easy = http->easy;

    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, strncmp(url, "http:", 5) == 0 ? "http" : "https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "git/resedge-" RSE_VERSION); /* some hosts tell Git by "git/" */
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)http->wire.options.limits.connect_ms);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, http->reason);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, http->headers);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, http);
    set_credential(http);
    http->running = curl_multi_add_handle(http->multi, easy) == CURLM_OK;
    http->result = CURLE_OK;
    return http->running || rse_fail(err, RSE_INTERNAL, "could not begin an HTTP request");
}

static bool get_refs(struct wire_http *http, struct rse_err *err)
{
    char url[MAX_URL];
    const char *service = wire_service_name(http->wire.service);

    if (snprintf(url, sizeof(url), "%s/info/refs?service=%s", http->base, service) >= (int)sizeof(url))
        return rse_fail(err, RSE_INVALID, "the URL of the repository is too long");
    begin(http);
    http->is_get = true;
    add_header(http, "Accept: application/x-%s-advertisement, */*", service);
    add_header(http, "Pragma: no-cache");
    return start(http, url, err);
}

static bool http_send(struct wire *wire, struct rse_str bytes, int fd, int64_t file_size, struct rse_err *err)
{
    struct wire_http *http = http_of(wire);
    const char *service = wire_service_name(wire->service);
    char url[MAX_URL];

    if (snprintf(url, sizeof(url), "%s/%s", http->base, service) >= (int)sizeof(url))
        return rse_fail(err, RSE_INVALID, "the URL of the repository is too long");
    begin(http);
    http->is_get = false;
    free((char *)(uintptr_t)http->head.p);
    http->head = rse_str_n(rse_xstrndup(bytes), bytes.len);
    http->fd = fd;
    http->size = (int64_t)bytes.len + file_size;
    http->sent = 0;
    add_header(http, "Content-Type: application/x-%s-request", service);
    add_header(http, "Accept: application/x-%s-result", service);
    add_header(http, "Expect:"); /* no round trip to ask whether it may come */
    curl_easy_setopt(http->easy, CURLOPT_POST, 1L);
    curl_easy_setopt(http->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)http->size);
    curl_easy_setopt(http->easy, CURLOPT_READFUNCTION, on_send);
    curl_easy_setopt(http->easy, CURLOPT_READDATA, http);
    curl_easy_setopt(http->easy, CURLOPT_SEEKFUNCTION, on_seek);
    curl_easy_setopt(http->easy, CURLOPT_SEEKDATA, http);
    curl_easy_setopt(http->easy, CURLOPT_UPLOAD_BUFFERSIZE, 512L << 10);
    return start(http, url, err);
}

/* ---- redirects ---- */

/* The repository is where the list of its refs was found. */
static bool follow(struct wire_http *http, struct rse_err *err)
{
    const char *to = NULL;
    char *base;

    curl_easy_getinfo(http->easy, CURLINFO_REDIRECT_URL, &to);
    if (++http->redirects > MAX_REDIRECTS)
        return rse_fail(err, RSE_UNAVAILABLE, "the remote redirects more than %d times", MAX_REDIRECTS);
    if (!redirect_base(&base, http->base, to != NULL ? to : "", err))
        return false;
    free(http->base);
    http->base = base;
    return get_refs(http, err);
}

static bool is_redirect(const struct wire_http *http)
{
    long status = status_of(http);

    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* ---- answers ---- */

static enum rse_code code_of_status(long status)
{
    switch (status) {
    case 401:
        return RSE_UNAUTHENTICATED;
    case 403:
        return RSE_DENIED;
    case 404:
    case 410:
        return RSE_NOT_FOUND;
    case 413:
        return RSE_TOO_LARGE;
    default:
        return status == 429 || status >= 500 ? RSE_UNAVAILABLE : RSE_DENIED;
    }
}

static const char *hint_of_status(long status)
{
    if (status == 401)
        return "Give the target a credential that this host knows, or renew the token in it.";
    if (status == 403)
        return "Give the credential the right to write this repository.";
    if (status == 404)
        return "Look at the URL; hosts also say so when the credential may not see the repository.";
    return "The worker tries again by itself.";
}

/* Text that a host meant for people; a page is of no use in an error. */
static struct rse_str problem_text(const struct wire_http *http)
{
    const char *type = NULL;
    struct rse_str text = rse_buf_str(&http->problem);

    curl_easy_getinfo(http->easy, CURLINFO_CONTENT_TYPE, &type);
    if (type == NULL || strncmp(type, "text/plain", 10) != 0)
        return rse_str_n(NULL, 0);
    while (text.len > 0 && isspace((unsigned char)text.p[text.len - 1]))
        text.len--;
    return text;
}

static bool fail_status(const struct wire_http *http, struct rse_err *err)
{
    long status = status_of(http);
    struct rse_str text = problem_text(http);

    rse_err_hint(err, "%s", hint_of_status(status));
    return rse_fail(err, code_of_status(status), "the remote answered %ld%s%.*s", status, text.len > 0 ? ": " : "",
                    RSE_STR_ARG(text));
}

static bool fail_curl(const struct wire_http *http, struct rse_err *err)
{
    const char *reason = http->reason[0] != '\0' ? http->reason : curl_easy_strerror(http->result);

    switch (http->result) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
        rse_err_hint(err, "Put the certificate of the authority that signed it into the credential, as ca.crt.");
        return rse_fail(err, RSE_DENIED, "the remote's certificate is not trusted: %s", reason);
    case CURLE_OPERATION_TIMEDOUT:
        return rse_fail(err, RSE_TIMEOUT, "the remote didn't answer: %s", reason);
    case CURLE_ABORTED_BY_CALLBACK:
        return rse_fail(err, RSE_UNAVAILABLE, "could not read what was to be sent");
    default:
        return rse_fail(err, RSE_UNAVAILABLE, "the remote could not be reached: %s", reason);
    }
}

/* Before the first byte is given out: what answers has to be a Git server. */
static bool check_answer(struct wire_http *http, struct rse_err *err)
{
    const char *type = NULL;
    char wanted[80];

    if (http->checked)
        return true;
    if (status_of(http) != 200)
        return fail_status(http, err);
    curl_easy_getinfo(http->easy, CURLINFO_CONTENT_TYPE, &type);
    snprintf(wanted, sizeof(wanted), "application/x-%s-%s", wire_service_name(http->wire.service),
             http->is_get ? "advertisement" : "result");
    if (type == NULL || strncmp(type, wanted, strlen(wanted)) != 0) {
        rse_err_hint(err, "Look at the URL: it has to be that of a repository, as git clone takes it.");
        return rse_fail(err, RSE_NOT_FOUND, "what answers there is no Git repository");
    }
    http->checked = true;
    return true;
}

/* Lets curl work. *over: the answer has come to its end. */
static bool pump(struct wire_http *http, bool *over, struct rse_err *err)
{
    int running = 0, left;
    CURLMsg *message;

    *over = false;
    if (!wire_check(&http->wire, err))
        return false;
    if (http->paused) {
        http->paused = false;
        curl_easy_pause(http->easy, CURLPAUSE_CONT);
    }
    if (curl_multi_perform(http->multi, &running) != CURLM_OK)
        return rse_fail(err, RSE_INTERNAL, "could not go on with an HTTP request");
    while ((message = curl_multi_info_read(http->multi, &left)) != NULL) {
        if (message->msg != CURLMSG_DONE)
            continue;
        http->result = message->data.result;
        curl_multi_remove_handle(http->multi, http->easy);
        http->running = false;
        *over = true;
        return http->result == CURLE_OK || fail_curl(http, err);
    }
    if (http->in.len == http->in_at && curl_multi_poll(http->multi, NULL, 0, WIRE_TICK_MS, NULL) != CURLM_OK)
        return rse_fail(err, RSE_INTERNAL, "could not wait for an HTTP answer");
    return true;
}

static bool http_read(struct wire *wire, char *buffer, size_t size, size_t *got, struct rse_err *err)
{
    struct wire_http *http = http_of(wire);
    bool over = false;

    while (http->in.len == http->in_at && http->running) {
        if (!pump(http, &over, err))
            return false;
        if (over && http->is_get && is_redirect(http) && !follow(http, err))
            return false;
    }
    if (!check_answer(http, err))
        return false;
    size_t left = http->in.len - http->in_at;
    *got = left < size ? left : size;
    memcpy(buffer, http->in.p + http->in_at, *got);
    http->in_at += *got;
    return true;
}

static void http_free(struct wire *wire)
{
    struct wire_http *http = http_of(wire);

    if (http->running)
        curl_multi_remove_handle(http->multi, http->easy);
    curl_easy_cleanup(http->easy);
    curl_multi_cleanup(http->multi);
    curl_slist_free_all(http->headers);
    rse_buf_release(&http->in);
    rse_buf_release(&http->problem);
    free((char *)(uintptr_t)http->head.p);
    free(http->base);
    free(http);
}

static const struct wire_class HTTP = { .send = http_send, .read = http_read, .free = http_free, .stateless = true };

bool wire_http_open(struct wire **out, enum wire_service service, const struct wire_options *options,
                    struct rse_err *err)
{
    struct wire_http *http = rse_new(struct wire_http);

    wire_init(&http->wire, &HTTP, service, options);
    http->base = rse_xstrdup(options->address->url);
    http->fd = -1;
    rse_buf_init(&http->in, (size_t)4 << 20);
    rse_buf_init(&http->problem, MAX_PROBLEM);
    http->multi = curl_multi_init();
    http->easy = curl_easy_init();
    if (http->multi == NULL || http->easy == NULL) {
        http_free(&http->wire);
        return rse_fail(err, RSE_INTERNAL, "could not set up HTTP");
    }
    if (!get_refs(http, err)) {
        http_free(&http->wire);
        return false;
    }
    *out = &http->wire;
    return true;
}
