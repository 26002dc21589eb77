/*
 * server.c - evhttp, its calls, and how they end.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>

#include "../api.h"
#include "../config.h"
#include "call_internal.h"
#include "front.h"
#include "head.h"
#include "route.h"
#include "server.h"

enum { EVHTTP_MAX_BODY = 1 << 30, EVHTTP_TIMEOUT_S = 24 * 3600 };

TAILQ_HEAD(call_list, call);

struct server {
    struct api *api;
    struct evhttp *http;
    struct front *front;
    struct evhttp_bound_socket *bound;
    struct event *drain_timer;
    uint16_t port;
    struct call_list calls;
    size_t ncalls;
    void (*drained)(void *arg);
    void *drained_arg;
};

/* The front has seen to token, role and size. */
static void on_request(struct evhttp_request *req, void *arg)
{
    struct server *server = arg;
    struct call *call = call_new(server->api, server->front, req);

    TAILQ_INSERT_TAIL(&server->calls, call, link);
    server->ncalls++;
    if (call->err.code == RSE_OK)
        call->route->handler(call);
    else
        call_fail(call);
}

static bool listen_on(struct server *server, const char *host, uint16_t port, struct rse_err *err)
{
    struct sockaddr_storage address;
    socklen_t len = sizeof(address);

    server->bound = evhttp_bind_socket_with_handle(server->http, host, port);
    if (server->bound == NULL ||
        getsockname(evhttp_bound_socket_get_fd(server->bound), (struct sockaddr *)&address, &len) != 0) {
        rse_err_object(err, "%s port %u", host, port);
        rse_err_hint(err, "Is something else listening there? Choose another port with --listen.");
        return rse_fail_errno(err, RSE_UNAVAILABLE, EVUTIL_SOCKET_ERROR(), "could not listen");
    }
    /* Accepted sockets inherit it: an answer goes out when it is there. */
    (void)setsockopt(evhttp_bound_socket_get_fd(server->bound), IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
    server->port = ntohs(address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port
                                                       : ((struct sockaddr_in *)&address)->sin_port);
    return true;
}

bool server_new(struct server **out, struct api *api, const char *host, uint16_t port, struct rse_err *err)
{
    struct server *server = rse_new(struct server);

    server->api = api;
    TAILQ_INIT(&server->calls);
    server->http = evhttp_new(api->base);
    server->front = front_new(api, server->http);
    evhttp_set_gencb(server->http, on_request, server);
    /* The front's limits are lower, so evhttp's never show. */
    evhttp_set_max_headers_size(server->http, 4 * HEAD_MAX);
    evhttp_set_max_body_size(server->http, EVHTTP_MAX_BODY);
    evhttp_set_timeout(server->http, EVHTTP_TIMEOUT_S);
    evhttp_set_default_content_type(server->http, NULL);
    evhttp_set_allowed_methods(server->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD | EVHTTP_REQ_POST | EVHTTP_REQ_PUT |
                                                 EVHTTP_REQ_PATCH | EVHTTP_REQ_DELETE | EVHTTP_REQ_OPTIONS |
                                                 EVHTTP_REQ_TRACE | EVHTTP_REQ_CONNECT);
    if (!listen_on(server, host, port, err)) {
        server_free(server);
        return false;
    }
    *out = server;
    return true;
}

void server_free(struct server *server)
{
    struct call *call;

    if (server == NULL)
        return;
    /* Their requests go with evhttp; nobody is left to answer to. */
    front_forget_calls(server->front);
    while ((call = TAILQ_FIRST(&server->calls)) != NULL) {
        TAILQ_REMOVE(&server->calls, call, link);
        if (call->poke != NULL)
            event_free(call->poke);
        rse_arena_free(call->arena);
    }
    if (server->drain_timer != NULL)
        event_free(server->drain_timer);
    evhttp_free(server->http);
    front_free(server->front);
    free(server);
}

uint16_t server_port(const struct server *server)
{
    return server->port;
}

const struct front *server_front(const struct server *server)
{
    return server->front;
}

size_t server_open_calls(const struct server *server)
{
    return server->ncalls;
}

/* ---- draining ---- */

static void on_drain_time(evutil_socket_t fd, short what, void *arg)
{
    struct server *server = arg;

    (void)fd, (void)what;
    server->drained(server->drained_arg);
}

/* Nothing is being asked or answered any more, and all answers are out. From the loop, because callers stand in the
 * middle of an ending call. */
static void on_idle(void *arg)
{
    struct server *server = arg;

    if (server->api->draining && server->ncalls == 0)
        event_active(server->drain_timer, EV_TIMEOUT, 0);
}

void server_drain(struct server *server, int64_t timeout_ms, void (*done)(void *arg), void *arg)
{
    struct timeval tv = { .tv_sec = timeout_ms / 1000, .tv_usec = (timeout_ms % 1000) * 1000 };
    struct call *call, *next;

    server->api->draining = true;
    server->drained = done;
    server->drained_arg = arg;
    server->drain_timer = evtimer_new(server->api->base, on_drain_time, server);
    event_add(server->drain_timer, &tv);
    evhttp_del_accept_socket(server->http, server->bound);
    for (call = TAILQ_FIRST(&server->calls); call != NULL; call = next) {
        next = TAILQ_NEXT(call, link);
        if (call->canceled != NULL && (!call->streaming || call->endless))
            call->canceled(call);
    }
    front_on_idle(server->front, on_idle, server);
    if (front_busy(server->front) == 0)
        on_idle(server);
}

void server_call_ended(struct server *server, struct call *call)
{
    TAILQ_REMOVE(&server->calls, call, link);
    server->ncalls--;
}
