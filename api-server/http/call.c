/*
 * call.c - a call from its request to its end.
 */
#include <stdio.h>
#include <strings.h>
#include <time.h>

#include <event2/event.h>

#include "api-server/api.h"
#include "api-server/http/call_internal.h"
#include "api-server/http/front_internal.h"
#include "api-server/http/metrics.h"
#include "api-server/http/route.h"
#include "api-server/http/server.h"

int64_t now_us(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
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

/* Of what is misspelt nobody would know that it was not done. */
static bool check_query(struct call *call, const struct route *route)
{
    static const char *const DRY_RUN[] = { "dryRun", NULL }, *const NONE[] = { NULL };

    if ((route->flags & ROUTE_DRY_RUN) != 0)
        return call_query_only(call, DRY_RUN);
    return (route->flags & ROUTE_NO_QUERY) == 0 || call_query_only(call, NONE);
}

/* Who sends a key relies on a retry doing nothing: where it would do the thing again, it is better refused than overlooked. */
static bool check_idempotency(struct call *call, const struct route *route)
{
    if (strcmp(call->method, "POST") != 0 || (route->flags & ROUTE_ONCE) != 0 ||
        call_header(call, "Idempotency-Key") == NULL)
        return true;
    rse_err_object(&call->err, "header Idempotency-Key");
    rse_err_hint(&call->err,
                 "Leave it out. What may be repeated safely needs none; else look at what there is before a retry.");
    return rse_fail(&call->err, RSE_INVALID, "no answer is kept here that a retry could get");
}

static bool check_request(struct call *call, const struct route *route)
{
    return check_query(call, route) && call_choose_form(call) && check_idempotency(call, route) &&
           call_check_coding(call) && call_check_charset(call) &&
           ((route->flags & ROUTE_RAW_BODY) != 0 || check_body(call));
}

/* The path is there, without this method. OPTIONS (RFC 9110, section 9.3.7) asks for no more than that. */
static void tell_allowed(struct call *call, const char *allow)
{
    call_set_header(call, "Allow", allow);
    if (strcmp(call->method, "OPTIONS") == 0) {
        if (strstr(allow, "PATCH") != NULL)
            call_set_accept_patch(call);
        return;
    }
    (void)rse_fail(&call->err, RSE_INVALID, "the method is not one of those that this path has: %s", allow);
    call->status = 405;
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
            (void)check_request(call, match.route);
        return;
    }
    rse_err_object(&call->err, "%s %.*s", call->method, RSE_STR_ARG(call->path));
    if (match.allow[0] != '\0')
        return tell_allowed(call, match.allow);
    (void)rse_fail(&call->err, RSE_NOT_FOUND, "there is nothing under this path");
}

static void release_content(void *content)
{
    rse_buf_release(content);
}

static void drop_identity(void *identity)
{
    identity_drop(identity);
}

/* What the front knows of the request. */
static struct call *call_of(struct api *api, struct client *client)
{
    struct rse_arena *arena = RSE_TAKE(client->arena);
    struct call *call = rse_arena_new_of(arena, struct call);

    call->api = api;
    call->arena = arena;
    call->head = RSE_TAKE(client->head);
    call->client = client;
    client->call = call;
    call->method = call->head->method;
    call->target = call->head->target;
    call->query = call->head->query;
    call->route = client->route;
    call->of_path = client->of_path;
    call->started_us = client->started_us;
    call->actor = *client_actor(client);
    memcpy(call->client_address, client->address_text, sizeof(call->client_address));
    if (client->identity != NULL)
        rse_arena_defer(arena, drop_identity, identity_hold(client->identity));
    memcpy(call->request_id, client->request_id, sizeof(call->request_id));
    memcpy(call->trace_id, client->trace_id, sizeof(call->trace_id));
    call->content = client->content;
    client->content = (struct rse_buf){ 0 };
    rse_arena_defer(arena, release_content, &call->content);
    call->body = call->content.len > 0 ? rse_buf_str(&call->content) : rse_str_n(NULL, 0);
    call->content_type = rse_str(call_header(call, "Content-Type"));
    return call;
}

struct call *call_new(struct api *api, struct client *client)
{
    struct call *call = call_of(api, client);
    struct rse_str path = call->head->path;

    if (!percent_decode(path, false, call->arena, &call->path)) {
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

    metrics_request(call->api->metrics, call->of_path, call->method, call->status, us);
    access_log(&(struct access){ .method = call->method,
                                 .route = call->of_path,
                                 .path = call->path,
                                 .status = call->status,
                                 .bytes = call->sent,
                                 .us = us,
                                 .actor = &call->actor,
                                 .client = call->client_address,
                                 .request_id = call->request_id,
                                 .trace_id = call->trace_id,
                                 .err = &call->err });
    auth_cancel(call->recheck);
    if (call->poke != NULL)
        event_free(call->poke);
    server_call_ended(call->api->server, call);
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
        RSE_LOG_STR("client", access->client),
        RSE_LOG_STR("id", access->request_id),
    };
    size_t n = 9;

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
    struct rse_str value = http_head_field(call->head, name);

    return value.p != NULL ? rse_arena_str(call->arena, value).p : NULL;
}

static struct answer_header *find_header(struct call *call, const char *name)
{
    for (size_t i = 0; i < call->nheaders; i++)
        if (strcasecmp(call->headers[i].name, name) == 0)
            return &call->headers[i];
    return NULL;
}

bool call_has_header(struct call *call, const char *name)
{
    return find_header(call, name) != NULL;
}

void call_set_header(struct call *call, const char *name, const char *value)
{
    struct answer_header *header = find_header(call, name);

    /* What follows a line break would be another header. */
    if (strpbrk(value, "\r\n") != NULL || (header == NULL && call->nheaders == CALL_MAX_HEADERS)) {
        rse_log(RSE_LOG_ERROR, "header left out", RSE_LOG_STR("name", name), RSE_LOG_STR("id", call->request_id));
        return;
    }
    if (header == NULL)
        header = &call->headers[call->nheaders++];
    *header = (struct answer_header){ name, rse_arena_strdup(call->arena, value) };
}
