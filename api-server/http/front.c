/*
 * front.c - the filter in front of evhttp: the states of a connection.
 */
#include <stdlib.h>

#include <event2/bufferevent_ssl.h>
#include <event2/http.h>

#include "../api.h"
#include "../config.h"
#include "call_internal.h"
#include "front_internal.h"
#include "tls.h"

enum { READ_AHEAD = 64 << 10, NO_ROOM_MS = 1, WATCH_AFTER_MS = 1000 };

static struct timeval from_ms(int64_t ms)
{
    return (struct timeval){ .tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000 };
}

/* ---- states ---- */

static bool is_busy(enum client_state state)
{
    return state == CLIENT_CHECK || state == CLIENT_ADMITTED || state == CLIENT_BODY || state == CLIENT_BUSY ||
           state == CLIENT_REFUSED;
}

/* When to look after a state: most of them may last no longer. 0: never. */
static int64_t patience_ms(const struct client *client, enum client_state state)
{
    const struct config *config = client->front->api->config;

    switch (state) {
    case CLIENT_IDLE:
        /* A new connection owes us a head; one that was used before may rest. */
        return client->started_us == 0 ? config->header_timeout_ms : config->idle_timeout_ms;
    case CLIENT_HEAD:
        return config->header_timeout_ms;
    case CLIENT_BODY:
        return client->route != NULL && client->route->deadline_ms > 0 ? client->route->deadline_ms
                                                                       : config->body_timeout_ms;
    case CLIENT_BUSY:
        return WATCH_AFTER_MS;
    default:
        return 0;
    }
}

void client_set_state(struct client *client, enum client_state state)
{
    struct front *front = client->front;
    struct timeval tv = from_ms(patience_ms(client, state));

    front->nbusy += (size_t)is_busy(state) - (size_t)is_busy(client->state);
    client->state = state;
    if (client->hangup != NULL)
        event_del(client->hangup);
    if (tv.tv_sec > 0 || tv.tv_usec > 0)
        event_add(client->deadline, &tv);
    else
        event_del(client->deadline);
    if (front->nbusy == 0 && front->idle != NULL)
        front->idle(front->idle_arg);
}

const struct actor *client_actor(const struct client *client)
{
    static const struct actor nobody = { .role = ROLE_NONE };

    return client->identity != NULL ? &client->identity->actor : &nobody;
}

void client_forget_identity(struct client *client)
{
    identity_drop(client->identity);
    client->identity = NULL;
}

/* Deferred: we may be inside of evhttp, or of the filter. */
void client_drop(struct client *client)
{
    bufferevent_trigger_event(client->filter, BEV_EVENT_READING | BEV_EVENT_EOF, BEV_OPT_DEFER_CALLBACKS);
}

/* What has arrived is looked at again, from the loop. */
void client_look_again(struct client *client)
{
    bufferevent_trigger(client->socket, EV_READ, BEV_TRIG_IGNORE_WATERMARKS | BEV_TRIG_DEFER_CALLBACKS);
}

/* Has what evhttp wrote sent, from the loop. A filter sends what is added to it at once, before evhttp has said whom to
 * tell when it is out, and what was there before evhttp enabled writing never: so it is held back until we say so. */
void client_push(struct client *client)
{
    event_active(client->push, EV_TIMEOUT, 0);
}

void client_push_now(struct client *client)
{
    client->may_write = true;
    bufferevent_trigger(client->socket, EV_WRITE, BEV_TRIG_IGNORE_WATERMARKS);
    client->may_write = false;
}

static void on_push(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    client_push_now(arg);
}

static void on_hangup(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    client_drop(arg);
}

/* While a request is answered nobody reads the socket, so nobody would notice that the client is gone. Only for answers
 * that take long: the others are out before it is worth the trouble. */
static void watch_hangup(struct client *client)
{
    if (client->hangup == NULL)
        client->hangup =
            event_new(client->front->api->base, bufferevent_getfd(client->socket), EV_CLOSED, on_hangup, client);
    event_add(client->hangup, NULL);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
    struct client *client = arg;
    struct rse_err err = RSE_ERR_INIT;

    (void)fd, (void)what;
    if (client->no_room && client->ssl == NULL) {
        (void)rse_fail(&err, RSE_UNAVAILABLE, "there are too many connections");
        client_refuse(client, 503, NULL, &err);
    } else if (client->no_room || client->state == CLIENT_IDLE) {
        client_drop(client); /* a stranger's handshake would cost more than it is worth */
    } else if (client->state == CLIENT_BUSY) {
        watch_hangup(client);
    } else {
        (void)rse_fail(&err, RSE_TIMEOUT, "the request's %s did not arrive in time",
                       client->state == CLIENT_BODY ? "body" : "head");
        client_refuse(client, 408, NULL, &err);
    }
}

/* ---- the two directions ---- */

static enum bufferevent_filter_result on_input(struct evbuffer *input, struct evbuffer *output, ev_ssize_t limit,
                                               enum bufferevent_flush_mode mode, void *arg)
{
    struct client *client = arg;
    size_t before = evbuffer_get_length(output);

    (void)limit, (void)mode;
    client_take_input(client, input, output);
    return evbuffer_get_length(output) > before ? BEV_OK : BEV_NEED_MORE;
}

/* ---- connections ---- */

/* evhttp has let go of the connection, whoever ended it. */
static void on_free(void *arg)
{
    struct client *client = arg;
    struct front *front = client->front;

    if (client->call != NULL) {
        client->call->client = NULL;
        call_hung_up(client->call);
    }
    auth_cancel(client->auth);
    client_forget_identity(client);
    client_say_goodbye(client);
    SSL_free(client->ssl);
    (void)rse_map_remove_id(front->by_filter, (int64_t)(uintptr_t)client->filter);
    TAILQ_REMOVE(&front->clients, client, link);
    front->nclients--;
    client_set_state(client, CLIENT_IDLE);
    event_free(client->deadline);
    event_free(client->push);
    if (client->writable != NULL)
        event_free(client->writable);
    if (client->hangup != NULL)
        event_free(client->hangup);
    if (client->refusal != NULL)
        evbuffer_free(client->refusal);
    free(client);
}

/* With TLS the handshake is a part of the first head: it has the same deadline. */
static struct bufferevent *new_socket(struct client *client, struct event_base *base)
{
    struct tls *tls = client->front->api->tls;
    struct bufferevent *socket;

    if (tls == NULL)
        return bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
    client->ssl = tls_connection(tls);
    SSL_up_ref(client->ssl); /* to say goodbye with */
    socket = bufferevent_openssl_socket_new(base, -1, client->ssl, BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_openssl_set_allow_dirty_shutdown(socket, 1);
    return socket;
}

static struct bufferevent *on_connection(struct event_base *base, void *arg)
{
    struct front *front = arg;
    struct client *client = rse_new(struct client);
    struct timeval at_once = from_ms(NO_ROOM_MS);

    client->front = front;
    client->socket = new_socket(client, base);
    client->filter =
        bufferevent_filter_new(client->socket, on_input, client_take_output, BEV_OPT_CLOSE_ON_FREE, on_free, client);
    bufferevent_setwatermark(client->socket, EV_READ, 0, READ_AHEAD);
    client->deadline = evtimer_new(base, on_deadline, client);
    client->push = evtimer_new(base, on_push, client);
    TAILQ_INSERT_TAIL(&front->clients, client, link);
    (void)rse_map_put_id(front->by_filter, (int64_t)(uintptr_t)client->filter, client);
    client_set_state(client, CLIENT_IDLE);
    client->no_room = ++front->nclients > (size_t)front->api->config->max_connections;
    if (client->no_room)
        event_add(client->deadline, &at_once);
    return client->filter;
}

struct front *front_new(struct api *api, struct evhttp *http)
{
    struct front *front = rse_new(struct front);

    front->api = api;
    TAILQ_INIT(&front->clients);
    TAILQ_INIT(&front->farewells);
    front->by_filter = rse_map_new();
    evhttp_set_bevcb(http, on_connection, front);
    return front;
}

void front_forget_calls(struct front *front)
{
    struct client *client;

    front->idle = NULL;
    TAILQ_FOREACH(client, &front->clients, link)
    client->call = NULL;
}

void front_free(struct front *front)
{
    if (front == NULL)
        return;
    /* Their last moments are callbacks of the loop. */
    while (front->nclients > 0 && event_base_loop(front->api->base, EVLOOP_NONBLOCK) == 0)
        continue;
    farewells_free(front);
    rse_map_free(front->by_filter);
    free(front);
}

static struct client *client_of(struct front *front, struct evhttp_request *req)
{
    struct evhttp_connection *connection = evhttp_request_get_connection(req);

    if (connection == NULL)
        return NULL;
    return rse_map_get_id(front->by_filter, (int64_t)(uintptr_t)evhttp_connection_get_bufferevent(connection));
}

/* The answer is out. */
static void on_complete(struct evhttp_request *req, void *arg)
{
    struct client *client = arg;

    (void)req;
    client_set_state(client, CLIENT_IDLE);
    client_look_again(client);
}

static void drop_identity(void *identity)
{
    identity_drop(identity);
}

void front_call_begins(struct front *front, struct call *call)
{
    struct client *client = client_of(front, call->req);

    client->call = call;
    call->client = client;
    call->started_us = client->started_us;
    call->route = client->route;
    call->actor = *client_actor(client);
    if (client->identity != NULL)
        rse_arena_defer(call->arena, drop_identity, identity_hold(client->identity));
    memcpy(call->request_id, client->request_id, sizeof(call->request_id));
    memcpy(call->trace_id, client->trace_id, sizeof(call->trace_id));
    evhttp_request_set_on_complete_cb(call->req, on_complete, client);
}

void front_push(struct call *call)
{
    if (call->client != NULL)
        client_push(call->client);
}

void front_call_ended(struct call *call)
{
    /* A client that is gone has left its call. */
    if (call->client != NULL)
        call->client->call = NULL;
}

size_t front_busy(const struct front *front)
{
    return front->nbusy;
}

size_t front_connections(const struct front *front)
{
    return front->nclients;
}

void front_on_idle(struct front *front, void (*idle)(void *arg), void *arg)
{
    front->idle = idle;
    front->idle_arg = arg;
}
