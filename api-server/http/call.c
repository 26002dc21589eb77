/*
 * call.c - a call from its request to its end.
 */
#include <stdio.h>
#include <time.h>

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <event2/util.h>

#include "../api.h"
#include "call_internal.h"
#include "front.h"
#include "metrics.h"
#include "route.h"
#include "server.h"

enum { MAX_REQUEST_ID = 36 };

int64_t now_us(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

static const char *method_name(struct evhttp_request *req)
{
    switch (evhttp_request_get_command(req)) {
    case EVHTTP_REQ_GET:
        return "GET";
    case EVHTTP_REQ_HEAD:
        return "HEAD";
    case EVHTTP_REQ_POST:
        return "POST";
    case EVHTTP_REQ_PUT:
        return "PUT";
    case EVHTTP_REQ_PATCH:
        return "PATCH";
    case EVHTTP_REQ_DELETE:
        return "DELETE";
    case EVHTTP_REQ_OPTIONS:
        return "OPTIONS";
    default:
        return "OTHER";
    }
}

/* The client's own id is kept when it is harmless, so that it can be followed through several services. */
void request_id_choose(const char *given, char out[40])
{
    unsigned char bytes[8];
    size_t len = given != NULL ? strlen(given) : 0;
    bool harmless = len > 0 && len <= MAX_REQUEST_ID;

    for (size_t i = 0; i < len && harmless; i++)
        harmless = strchr("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_.", given[i]) != NULL;
    if (harmless) {
        memcpy(out, given, len + 1);
        return;
    }
    evutil_secure_rng_get_bytes(bytes, sizeof(bytes));
    for (size_t i = 0; i < sizeof(bytes); i++)
        snprintf(out + i * 2, 3, "%02x", bytes[i]);
}

static struct rse_str body_of(struct evhttp_request *req)
{
    struct evbuffer *input = evhttp_request_get_input_buffer(req);
    size_t len = evbuffer_get_length(input);

    return len == 0 ? rse_str_n(NULL, 0) : rse_str_n((const char *)evbuffer_pullup(input, -1), len);
}

/* JSON is looked at where it is parsed: then the answer can say in which member the bad bytes are. */
static bool check_body(struct call *call)
{
    static const struct rse_str JSON[] = { RSE_STR_INIT("application/json"),
                                           RSE_STR_INIT("application/merge-patch+json") };
    size_t at;

    for (size_t i = 0; i < RSE_COUNT(JSON); i++) {
        if (rse_str_starts(call->content_type, JSON[i]))
            return true;
    }
    if (rse_utf8_valid(call->body, &at))
        return true;
    rse_err_hint(&call->err, "Bodies are JSON or YAML in UTF-8.");
    return rse_fail(&call->err, RSE_INVALID, "the body is not valid UTF-8 at byte %zu", at);
}

static bool decode_params(struct call *call, const struct route_match *match)
{
    for (size_t i = 0; i < match->nparams; i++)
        if (!percent_decode(match->params[i], false, call->arena, &call->params[i]))
            return rse_fail(&call->err, RSE_INVALID, "the path is not valid UTF-8, or has a broken %% escape");
    return true;
}

static void find_route(struct call *call, struct rse_str raw_path)
{
    struct route_match match;

    route_find(call->method, raw_path, &match);
    call->route = match.route;
    if (match.route != NULL) {
        if (decode_params(call, &match))
            (void)check_body(call);
        return;
    }
    rse_err_object(&call->err, "%s %.*s", call->method, RSE_STR_ARG(call->path));
    if (match.allow[0] != '\0') {
        call_set_header(call, "Allow", match.allow);
        (void)rse_fail(&call->err, RSE_INVALID, "the method is not one of those that this path has: %s", match.allow);
        call->status = 405;
        return;
    }
    (void)rse_fail(&call->err, RSE_NOT_FOUND, "there is nothing under this path");
}

struct call *call_new(struct api *api, struct front *front, struct evhttp_request *req)
{
    struct rse_arena *arena = rse_arena_new();
    struct call *call = rse_arena_new_of(arena, struct call);
    struct rse_str uri = rse_str(evhttp_request_get_uri(req)), path;
    ptrdiff_t mark = rse_str_find(uri, '?');

    call->api = api;
    call->arena = arena;
    call->req = req;
    call->method = method_name(req);
    front_call_begins(front, call);
    call->body = body_of(req);
    call->content_type = rse_str(call_header(call, "Content-Type"));
    path = mark < 0 ? uri : rse_str_n(uri.p, (size_t)mark);
    call->query = mark < 0 ? rse_str_n(NULL, 0) : rse_str_from(uri, (size_t)mark + 1);
    if (!percent_decode(path, false, arena, &call->path)) {
        (void)rse_fail(&call->err, RSE_INVALID, "the path is not valid UTF-8, or has a broken %% escape");
        call->path = path;
    } else {
        find_route(call, path);
    }
    return call;
}

void call_end(struct call *call)
{
    int64_t us = now_us() - call->started_us;

    metrics_request(call->api->metrics, call->route, call->method, call->status, us);
    access_log(call->method, call->path, call->status, call->sent, us, &call->actor, call->request_id, &call->err);
    if (call->poke != NULL)
        event_free(call->poke);
    front_call_ended(call);
    server_call_ended(call->api->server, call);
    rse_arena_free(call->arena);
}

void access_log(const char *method, struct rse_str path, int status, size_t bytes, int64_t us,
                const struct actor *actor, const char *request_id, const struct rse_err *err)
{
    struct rse_str name = actor->name.len > 0 ? actor->name : RSE_STR("-");
    enum rse_log_level level = status >= 500 ? RSE_LOG_WARN : RSE_LOG_INFO;

    if (err->code == RSE_OK)
        rse_log(level, "request", RSE_LOG_STR("method", method), RSE_LOG_BYTES("path", path),
                RSE_LOG_INT("status", status), RSE_LOG_INT("bytes", bytes), RSE_LOG_DOUBLE("ms", (double)us / 1000),
                RSE_LOG_BYTES("actor", name), RSE_LOG_STR("id", request_id));
    else
        rse_log(level, "request", RSE_LOG_STR("method", method), RSE_LOG_BYTES("path", path),
                RSE_LOG_INT("status", status), RSE_LOG_INT("bytes", bytes), RSE_LOG_DOUBLE("ms", (double)us / 1000),
                RSE_LOG_BYTES("actor", name), RSE_LOG_STR("id", request_id), RSE_LOG_ERR(err));
}

void call_hung_up(struct call *call)
{
    if (call->streaming) {
        call->gone = true;
        event_active(call->poke, EV_TIMEOUT, 0);
    } else if (call->canceled != NULL) {
        call->canceled(call);
    }
}

const char *call_header(const struct call *call, const char *name)
{
    return evhttp_find_header(evhttp_request_get_input_headers(call->req), name);
}

void call_set_header(struct call *call, const char *name, const char *value)
{
    struct evkeyvalq *headers = evhttp_request_get_output_headers(call->req);

    evhttp_remove_header(headers, name);
    evhttp_add_header(headers, name, value);
}
