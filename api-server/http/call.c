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

/* known: by the front, or NULL. */
static void find_route(struct call *call, const struct route *known, struct rse_str raw_path)
{
    struct route_match match;

    if (known == NULL || !route_fits(known, raw_path, &match))
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
        find_route(call, call->route, path);
    }
    return call;
}

void call_end(struct call *call)
{
    int64_t us = now_us() - call->started_us;

    metrics_request(call->api->metrics, call->route, call->method, call->status, us);
    access_log(&(struct access){ .method = call->method,
                                 .route = call->route,
                                 .path = call->path,
                                 .status = call->status,
                                 .bytes = call->sent,
                                 .us = us,
                                 .actor = &call->actor,
                                 .request_id = call->request_id,
                                 .trace_id = call->trace_id,
                                 .err = &call->err });
    if (call->poke != NULL)
        event_free(call->poke);
    front_call_ended(call);
    server_call_ended(call->api->server, call);
    rse_arena_free(call->arena);
}

void access_log(const struct access *access)
{
    const struct actor *actor = access->actor;
    enum rse_log_level level = access->status >= 500 ? RSE_LOG_WARN : RSE_LOG_INFO;
    if (!rse_log_enabled(level))
        return;
    struct rse_log_field fields[12] = {
        RSE_LOG_STR("method", access->method),
        RSE_LOG_STR("route", access->route != NULL ? access->route->path : "none"),
        RSE_LOG_BYTES("path", access->path),
        RSE_LOG_INT("status", access->status),
        RSE_LOG_INT("bytes", access->bytes),
        RSE_LOG_DOUBLE("ms", (double)access->us / 1000),
        RSE_LOG_BYTES("actor", actor->name.len > 0 ? actor->name : RSE_STR("-")),
        RSE_LOG_STR("id", access->request_id),
    };
    size_t n = 8;

    if (access->trace_id[0] != '\0')
        fields[n++] = RSE_LOG_STR("trace", access->trace_id);
    if (access->err->code != RSE_OK)
        fields[n++] = RSE_LOG_ERR(access->err);
    fields[n].kind = RSE_LOG_KIND_END;
    rse_log_fields(level, "request", fields);
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
