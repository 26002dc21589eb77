/*
 * reply.c - answers: whole ones, problems, streams. Each ends the call.
 */
#include <stdio.h>

#include <cjson/cJSON.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>

#include "../api.h"
#include "../fleet/live.h"
#include "call_internal.h"
#include "front.h"
#include "throttle.h"

enum { MAX_PROBLEM = 256 * 1024 };

static const struct {
    int status;
    const char *reason;
} reasons[] = {
    { 200, "OK" },
    { 201, "Created" },
    { 202, "Accepted" },
    { 204, "No Content" },
    { 304, "Not Modified" },
    { 400, "Bad Request" },
    { 401, "Unauthorized" },
    { 403, "Forbidden" },
    { 404, "Not Found" },
    { 405, "Method Not Allowed" },
    { 406, "Not Acceptable" },
    { 408, "Request Timeout" },
    { 409, "Conflict" },
    { 410, "Gone" },
    { 412, "Precondition Failed" },
    { 413, "Content Too Large" },
    { 415, "Unsupported Media Type" },
    { 422, "Unprocessable Content" },
    { 429, "Too Many Requests" },
    { 431, "Request Header Fields Too Large" },
    { 500, "Internal Server Error" },
    { 501, "Not Implemented" },
    { 503, "Service Unavailable" },
    { 504, "Gateway Timeout" },
    { 505, "HTTP Version Not Supported" },
};

const char *status_reason(int status)
{
    for (size_t i = 0; i < RSE_COUNT(reasons); i++)
        if (reasons[i].status == status)
            return reasons[i].reason;
    return "Unknown";
}

int retry_after_s(int status)
{
    return status == 429 ? THROTTLE_AGAIN_S : status == 503 ? 1 : 0;
}

void problem_render(int status, const struct rse_err *err, const char *request_id, struct rse_buf *out)
{
    size_t start = out->len;
    cJSON *doc;
    char *text;

    rse_err_problem(err, request_id, out);
    if (status == rse_code_http_status(err->code))
        return;
    doc = cJSON_ParseWithLength(out->p + start, out->len - start);
    cJSON_SetNumberValue(cJSON_GetObjectItemCaseSensitive(doc, "status"), status);
    text = cJSON_PrintUnformatted(doc);
    rse_buf_truncate(out, start);
    rse_buf_adds(out, text != NULL ? text : "{}");
    cJSON_free(text);
    cJSON_Delete(doc);
}

/* A handler that answers for another revision than the newest has said so. */
static void add_revision(struct call *call)
{
    char text[24];

    if (evhttp_find_header(evhttp_request_get_output_headers(call->req), "Resedge-Revision") != NULL)
        return;
    snprintf(text, sizeof(text), "%lld", (long long)live_revision(call->api->live));
    call_set_header(call, "Resedge-Revision", text);
}

static void common_headers(struct call *call, const char *content_type)
{
    if (content_type != NULL)
        call_set_header(call, "Content-Type", content_type);
    call_set_header(call, "X-Request-Id", call->request_id);
    add_revision(call);
    call_set_header(call, "X-Content-Type-Options", "nosniff");
    call_set_header(call, "Cache-Control", "no-store");
    if (call->api->draining)
        call_set_header(call, "Connection", "close");
}

static void reply(struct call *call, int status, const char *content_type, struct rse_str body)
{
    bool head_only = strcmp(call->method, "HEAD") == 0;
    struct evbuffer *out = evbuffer_new();
    char length[32];

    common_headers(call, body.len > 0 ? content_type : NULL);
    if (status != 204 && status != 304) {
        snprintf(length, sizeof(length), "%zu", body.len);
        call_set_header(call, "Content-Length", length);
    }
    if (!head_only) {
        evbuffer_add(out, body.p, body.len);
        call->sent = body.len;
    }
    call->status = status;
    evhttp_send_reply(call->req, status, status_reason(status), out);
    front_push(call);
    evbuffer_free(out);
    call_end(call);
}

void call_reply(struct call *call, int status, const char *content_type, struct rse_str body)
{
    reply(call, status, content_type != NULL ? content_type : "application/json", body);
}

void call_reply_buf(struct call *call, int status, const struct rse_buf *body)
{
    struct rse_err err = RSE_ERR_INIT;

    if (rse_buf_ok(body, &err))
        reply(call, status, "application/json", rse_buf_str(body));
    else
        call_fail_with(call, &err);
}

void call_reply_empty(struct call *call, int status)
{
    reply(call, status, NULL, rse_str_n(NULL, 0));
}

void call_fail_status(struct call *call, int status, const struct rse_err *err)
{
    RSE_BUF_AUTO body;

    rse_buf_init(&body, MAX_PROBLEM);
    if (err != &call->err)
        call->err = *err;
    if (call->err.code == RSE_OK)
        (void)rse_fail(&call->err, RSE_INTERNAL, "failed without a reason");
    if (status == 401)
        call_set_header(call, "WWW-Authenticate", "Bearer");
    if (retry_after_s(status) > 0)
        call_set_header(call, "Retry-After", rse_arena_printf(call->arena, "%d", retry_after_s(status)));
    problem_render(status, &call->err, call->request_id, &body);
    reply(call, status, "application/problem+json", rse_buf_str(&body));
}

void call_fail_with(struct call *call, const struct rse_err *err)
{
    call_fail_status(call, rse_code_http_status(err->code != RSE_OK ? err->code : RSE_INTERNAL), err);
}

void call_fail(struct call *call)
{
    if (call->status != 0)
        call_fail_status(call, call->status, &call->err);
    else
        call_fail_with(call, &call->err);
}

void call_fail_body(struct call *call)
{
    if (call->err.code == RSE_INVALID)
        call->err.code = RSE_UNPROCESSABLE;
    call_fail(call);
}

/* ---- streams ---- */

static void on_poke(evutil_socket_t fd, short what, void *arg)
{
    struct call *call = arg;

    (void)fd, (void)what;
    if (call->more != NULL)
        call->more(call->more_arg);
}

void call_stream_begin(struct call *call, int status, const char *content_type, void (*more)(void *arg), void *arg)
{
    common_headers(call, content_type != NULL ? content_type : "application/json");
    call->status = status;
    call->streaming = true;
    call->more = more;
    call->more_arg = arg;
    call->poke = evtimer_new(call->api->base, on_poke, call);
    call->gone = call->client == NULL || strcmp(call->method, "HEAD") == 0;
    evhttp_send_reply_start(call->req, status, status_reason(status));
    front_push(call);
}

static void on_taken(struct evhttp_connection *connection, void *arg)
{
    struct call *call = arg;

    (void)connection;
    if (call->more != NULL)
        call->more(call->more_arg);
}

void call_stream_write(struct call *call, struct rse_str bytes)
{
    struct evbuffer *out;

    if (call->gone || bytes.len == 0) {
        event_active(call->poke, EV_TIMEOUT, 0);
        return;
    }
    call->sent += bytes.len;
    out = evbuffer_new();
    evbuffer_add(out, bytes.p, bytes.len);
    evhttp_send_reply_chunk_with_cb(call->req, out, on_taken, call);
    front_push(call);
    evbuffer_free(out);
}

bool call_stream_gone(const struct call *call)
{
    return call->gone;
}

void call_stream_end(struct call *call)
{
    call->more = NULL;
    evhttp_send_reply_end(call->req);
    front_push(call);
    call_end(call);
}

void call_stream_abort(struct call *call)
{
    struct evhttp_connection *connection = evhttp_request_get_connection(call->req);

    call->more = NULL;
    if (call->gone) {
        call_stream_end(call); /* nobody is there who could take it for the whole */
        return;
    }
    rse_log(RSE_LOG_WARN, "answer broken off", RSE_LOG_STR("id", call->request_id), RSE_LOG_ERR(&call->err));
    call_end(call);
    /* Without its last chunk the client sees that the answer is not whole. */
    evhttp_connection_free(connection);
}
