/*
 * reply.c - answers: whole ones, problems, streams. Each ends the call.
 */
#include <stdio.h>

#include <cjson/cJSON.h>
#include <event2/event.h>

#include "api-server/api.h"
#include "api-server/fleet/live.h"
#include "api-server/http/answer_head.h"
#include "api-server/http/call_internal.h"
#include "api-server/http/front_internal.h"

enum { MAX_PROBLEM = 256 * 1024, MAX_HEAD = 64 * 1024, USUAL_HEAD = 500 };

/* Where HTTP has a word of its own, there is no other type than that (RFC 9457, 4.2.1). */
void problem_render(int status, const struct rse_err *err, const char *request_id, struct rse_buf *out)
{
    size_t start = out->len;
    cJSON *doc;
    char *text;

    rse_err_problem(err, request_id, out);
    if (status == rse_code_http_status(err->code))
        return;
    doc = cJSON_ParseWithLength(out->p + start, out->len - start);
    cJSON_ReplaceItemInObjectCaseSensitive(doc, "type", cJSON_CreateString("about:blank"));
    cJSON_ReplaceItemInObjectCaseSensitive(doc, "title", cJSON_CreateString(status_reason(status)));
    cJSON_SetNumberValue(cJSON_GetObjectItemCaseSensitive(doc, "status"), status);
    text = cJSON_PrintUnformatted(doc);
    rse_buf_truncate(out, start);
    rse_buf_adds(out, text != NULL ? text : "{}");
    cJSON_free(text);
    cJSON_Delete(doc);
}

/* ---- the head ---- */

/* What says that a connection ends after this answer. */
static bool must_close(const struct call *call)
{
    return call->api->draining || !call->head->keep_alive || (call->streaming && !call->chunked);
}

static void add_connection(struct call *call, struct rse_buf *head)
{
    if (must_close(call)) {
        answer_head_add(head, "Connection", "close");
        if (call->client != NULL)
            call->client->keep_alive = false;
    } else if (!call->head->http11) {
        answer_head_add(head, "Connection", "keep-alive");
    }
}

/* All but what says how long the body is, and the empty line. */
static void add_head(struct call *call, int status, const char *content_type, struct rse_buf *head)
{
    /* A handler that answers for another revision than the newest has said so. */
    int64_t revision = call_has_header(call, "Resedge-Revision") ? -1 : live_revision(call->api->live);

    answer_head_begin(head, status, content_type, call->request_id, revision);
    for (size_t i = 0; i < call->nheaders; i++)
        answer_head_add(head, call->headers[i].name, call->headers[i].value);
    add_connection(call, head);
}

/* ---- whole answers ---- */

static void send_whole(struct call *call, int status, const char *content_type, struct rse_str body)
{
    bool head_only = strcmp(call->method, "HEAD") == 0, no_content = status == 204 || status == 304;
    RSE_BUF_AUTO head = { 0 };

    rse_buf_init(&head, MAX_HEAD);
    (void)rse_buf_reserve(&head, USUAL_HEAD);
    add_head(call, status, no_content ? NULL : content_type, &head);
    if (!no_content)
        answer_head_add_length(&head, body.len);
    rse_buf_addn(&head, "\r\n", 2);
    call->status = status;
    call->sent = head_only ? 0 : body.len;
    (void)front_send(call, (struct rse_str[]){ rse_buf_str(&head), body }, call->sent > 0 ? 2 : 1);
    call_end(call);
}

static void reply(struct call *call, int status, const char *content_type, struct rse_str body)
{
    const struct rse_err *over = RSE_TAKE(call->over);

    if (over == NULL)
        return send_whole(call, status, content_type, body);
    call->nheaders = 0; /* they say something of the handler's answer, too */
    call_fail_with(call, over);
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

void call_reply_json(struct call *call, int status, struct rse_str json)
{
    RSE_BUF_AUTO body = { 0 };

    rse_buf_init(&body, json.len + 1);
    rse_json_add_compact(&body, json);
    call_reply_buf(call, status, &body);
}

void call_reply_empty(struct call *call, int status)
{
    reply(call, status, NULL, rse_str_n(NULL, 0));
}

void call_fail_status(struct call *call, int status, const struct rse_err *err)
{
    RSE_BUF_AUTO body = { 0 };

    rse_buf_init(&body, MAX_PROBLEM);
    if (err != &call->err)
        call->err = *err;
    if (call->err.code == RSE_OK)
        (void)rse_fail(&call->err, RSE_INTERNAL, "failed without a reason");
    if (call->err.confirm > 0)
        call_set_header(call, "Resedge-Confirm", rse_arena_printf(call->arena, "%u", call->err.confirm));
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
    RSE_BUF_AUTO head = { 0 };

    call->status = status;
    call->streaming = true;
    call->chunked = call->head->http11;
    call->more = more;
    call->more_arg = arg;
    call->poke = evtimer_new(call->api->base, on_poke, call);
    call->gone = call->client == NULL || strcmp(call->method, "HEAD") == 0;
    rse_buf_init(&head, MAX_HEAD);
    (void)rse_buf_reserve(&head, USUAL_HEAD);
    add_head(call, status, content_type != NULL ? content_type : "application/json", &head);
    rse_buf_adds(&head, call->chunked ? "Transfer-Encoding: chunked\r\n\r\n" : "\r\n");
    if (call->over == NULL)
        (void)front_send(call, (struct rse_str[]){ rse_buf_str(&head) }, 1);
    else
        front_break_off(call);
}

void call_stream_write(struct call *call, struct rse_str bytes)
{
    struct rse_str end = rse_str_n("\r\n", call->chunked ? 2 : 0);
    char size[24];
    int len;

    if (call->gone || bytes.len == 0) {
        event_active(call->poke, EV_TIMEOUT, 0);
        return;
    }
    call->sent += bytes.len;
    len = call->chunked ? snprintf(size, sizeof(size), "%zx\r\n", bytes.len) : 0;
    if (front_send(call, (struct rse_str[]){ rse_str_n(size, (size_t)len), bytes, end }, 3))
        event_active(call->poke, EV_TIMEOUT, 0);
}

bool call_stream_gone(const struct call *call)
{
    return call->gone;
}

void call_stream_end(struct call *call)
{
    call->more = NULL;
    if (!call->gone && call->chunked)
        (void)front_send(call, (struct rse_str[]){ RSE_STR("0\r\n\r\n") }, 1);
    call_end(call);
}

void call_stream_abort(struct call *call)
{
    call->more = NULL;
    if (call->gone) {
        call_stream_end(call); /* nobody is there who could take it for the whole */
        return;
    }
    rse_log(RSE_LOG_WARN, "answer broken off", RSE_LOG_STR("id", call->request_id), RSE_LOG_ERR(&call->err));
    /* Without its last chunk the client sees that the answer is not whole. */
    front_break_off(call);
    call_end(call);
}
