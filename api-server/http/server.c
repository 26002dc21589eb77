/*
 * server.c - the listener, the calls, and how they end.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>

#include <event2/event.h>
#include <event2/listener.h>
#include <event2/util.h>

#include "api-server/api.h"
#include "api-server/config.h"
#include "api-server/fleet/live_fresh.h"
#include "api-server/http/auth.h"
#include "api-server/http/credential.h"
#include "api-server/http/call_internal.h"
#include "api-server/http/front.h"
#include "api-server/http/route.h"
#include "api-server/http/server.h"

enum { BACKLOG = 1024, TRY_AGAIN_MS = 100, RECHECK_S = 10 };

TAILQ_HEAD(call_list, call);

struct server {
    struct api *api;
    struct front *front;
    struct evconnlistener *listener; /* NULL: draining */
    struct event *listen_again;
    struct event *recheck_timer;
    struct event *drain_timer;
    uint16_t port;
    struct call_list calls;
    size_t ncalls;
    void (*drained)(void *arg);
    void *drained_arg;
};

static void on_fresh(void *arg, const struct rse_err *err)
{
    struct call *call = arg;

    if (err != NULL)
        call_fail_with(call, err);
    else
        call->route->handler(call);
}

/* The front has seen to token, role and size. */
static void on_call(void *arg, struct call *call)
{
    struct server *server = arg;

    TAILQ_INSERT_TAIL(&server->calls, call, link);
    server->ncalls++;
    if (call->err.code != RSE_OK)
        call_fail(call);
    else if (call->route == NULL)
        call_reply_empty(call, 204);
    else if ((call->route->flags & ROUTE_FLEET) != 0)
        live_freshen(server->api->freshener, on_fresh, call);
    else
        call->route->handler(call);
}

/* ---- long answers end with the right to them ---- */

static void on_rechecked(void *arg, struct identity *identity, const struct rse_err *err)
{
    struct call *call = arg;

    call->recheck = NULL;
    if (identity != NULL || err->code != RSE_UNAUTHENTICATED)
        return;
    rse_log(RSE_LOG_INFO, "answer ended with its token", RSE_LOG_STR("id", call->request_id),
            RSE_LOG_BYTES("actor", call->actor.name));
    if (!call->streaming)
        call->over = rse_arena_memdup(call->arena, err, sizeof(*err));
    else if (!call->endless)
        return front_break_off(call);
    if (call->canceled != NULL)
        call->canceled(call);
}

/* Streams, and those who wait: their token may have been revoked meanwhile, or be over. */
static void recheck_calls(void *arg)
{
    struct server *server = arg;
    struct credential_memo memo = { 0 };
    struct auth_wait *wait;
    struct call *call, *next;

    for (call = TAILQ_FIRST(&server->calls); call != NULL; call = next) {
        next = TAILQ_NEXT(call, link);
        if ((!call->streaming && call->canceled == NULL) || call->recheck != NULL || call->actor.token_id == 0)
            continue;
        wait = auth_check(server->api->auth, call->head, NULL, &memo, on_rechecked, call);
        if (wait != NULL)
            call->recheck = wait; /* else it was answered, and the call may have ended with that */
    }
    credential_memo_wipe(&memo);
}

static void on_recheck_time(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    recheck_calls(arg);
}

/* ---- listening ---- */

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address, int len, void *arg)
{
    struct server *server = arg;

    (void)listener, (void)len;
    front_accept(server->front, fd, address);
}

static void on_listen_again(evutil_socket_t fd, short what, void *arg)
{
    struct server *server = arg;

    (void)fd, (void)what;
    if (server->listener != NULL)
        evconnlistener_enable(server->listener);
}

/* Without a descriptor or memory for it, a connection stays in the queue: trying again at once would turn in circles. */
static void on_accept_error(struct evconnlistener *listener, void *arg)
{
    struct server *server = arg;
    struct timeval soon = { .tv_usec = TRY_AGAIN_MS * 1000 };
    int error = EVUTIL_SOCKET_ERROR();

    rse_log(RSE_LOG_WARN, "could not accept a connection", RSE_LOG_STR("error", evutil_socket_error_to_string(error)));
    evconnlistener_disable(listener);
    event_add(server->listen_again, &soon);
}

static bool fail_listen(const char *host, uint16_t port, struct rse_err *err)
{
    rse_err_object(err, "%s port %u", host, port);
    rse_err_hint(err, "Is something else listening there? Choose another port with --listen.");
    return rse_fail_errno(err, RSE_UNAVAILABLE, EVUTIL_SOCKET_ERROR(), "could not listen");
}

static struct evconnlistener *listen_at(struct server *server, const struct addrinfo *address)
{
    return evconnlistener_new_bind(server->api->base, on_accept, server,
                                   LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE, BACKLOG,
                                   address->ai_addr, (int)address->ai_addrlen);
}

static bool bind_to(struct server *server, const char *host, uint16_t port)
{
    struct evutil_addrinfo hints = { .ai_family = AF_UNSPEC,
                                     .ai_socktype = SOCK_STREAM,
                                     .ai_flags = EVUTIL_AI_PASSIVE };
    struct evutil_addrinfo *addresses = NULL;
    char service[8];

    snprintf(service, sizeof(service), "%u", port);
    if (evutil_getaddrinfo(host, service, &hints, &addresses) != 0)
        return false;
    for (struct evutil_addrinfo *at = addresses; at != NULL && server->listener == NULL; at = at->ai_next)
        server->listener = listen_at(server, at);
    evutil_freeaddrinfo(addresses);
    return server->listener != NULL;
}

static bool listen_on(struct server *server, const char *host, uint16_t port, struct rse_err *err)
{
    struct sockaddr_storage address;
    socklen_t len = sizeof(address);
    int fd;

    if (!bind_to(server, host, port))
        return fail_listen(host, port, err);
    fd = evconnlistener_get_fd(server->listener);
    if (getsockname(fd, (struct sockaddr *)&address, &len) != 0)
        return fail_listen(host, port, err);
    evconnlistener_set_error_cb(server->listener, on_accept_error);
    /* Accepted sockets inherit it: an answer goes out when it is there. */
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
    server->port = ntohs(address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port
                                                       : ((struct sockaddr_in *)&address)->sin_port);
    return true;
}

bool server_new(struct server **out, struct api *api, const char *host, uint16_t port, struct rse_err *err)
{
    struct server *server = rse_new(struct server);
    struct timeval now_and_then = { .tv_sec = RECHECK_S };

    server->api = api;
    TAILQ_INIT(&server->calls);
    server->front = front_new(api, on_call, server);
    server->recheck_timer = event_new(api->base, -1, EV_PERSIST, on_recheck_time, server);
    event_add(server->recheck_timer, &now_and_then);
    auth_on_change(api->auth, recheck_calls, server);
    server->listen_again = evtimer_new(api->base, on_listen_again, server);
    if (!listen_on(server, host, port, err)) {
        server_free(server);
        return false;
    }
    *out = server;
    return true;
}

static void stop_listening(struct server *server)
{
    if (server->listener != NULL)
        evconnlistener_free(server->listener);
    server->listener = NULL;
}

void server_free(struct server *server)
{
    struct call *call;

    if (server == NULL)
        return;
    stop_listening(server);
    front_free(server->front); /* nobody is left to answer to */
    while ((call = TAILQ_FIRST(&server->calls)) != NULL) {
        TAILQ_REMOVE(&server->calls, call, link);
        auth_cancel(call->recheck);
        if (call->poke != NULL)
            event_free(call->poke);
        rse_arena_free(call->arena);
    }
    if (server->drain_timer != NULL)
        event_free(server->drain_timer);
    auth_on_change(server->api->auth, NULL, NULL);
    event_free(server->recheck_timer);
    event_free(server->listen_again);
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
    stop_listening(server);
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
    server->ncalls--; /* first: the front may find that nobody is busy any more */
    front_call_ended(server->front, call);
}
