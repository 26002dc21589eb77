/*
 * front.c - the states of a connection, from its first byte to its end.
 */
#include <stdlib.h>
#include <unistd.h>

#include "api-server/api.h"
#include "api-server/config.h"
#include "api-server/http/call_internal.h"
#include "api-server/http/front_internal.h"
#include "api-server/http/tls.h"

/* The arena of a request that took more is not kept. */
enum { LARGEST_SPARE = 16 << 10 };

enum { NO_ROOM_MS = 1, HALF_CLOSED_MS = 1000 };

/* To be told over TLS that there is no room costs a handshake: for so many at a time, and for so long. */
enum { MAX_TURNED_AWAY = 32, TURN_AWAY_MS = 2000 };

static struct timeval from_ms(int64_t ms)
{
    return (struct timeval){ .tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000 };
}

/* ---- arenas ---- */

struct rse_arena *front_take_arena(struct front *front)
{
    return front->nspare > 0 ? front->spare[--front->nspare] : rse_arena_new();
}

static bool may_spare(const struct rse_arena *arena)
{
#ifdef RSE_ARENA_MALLOC
    (void)arena;
    return false; /* so that a sanitizer sees who uses it too late */
#else
    return rse_arena_used(arena) <= LARGEST_SPARE;
#endif
}

void front_give_arena(struct front *front, struct rse_arena *arena)
{
    if (arena == NULL)
        return;
    if (!may_spare(arena)) {
        rse_arena_free(arena);
        return;
    }
    rse_arena_reset(arena);
    if (front->nspare < MOST_SPARE)
        front->spare[front->nspare++] = arena;
    else
        rse_arena_free(arena);
}

/* ---- states ---- */

static bool is_busy(enum client_state state)
{
    return state != CLIENT_IDLE && state != CLIENT_HEAD;
}

/* How long a state may last. 0: as long as it takes. */
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
        return client->ended ? HALF_CLOSED_MS : 0;
    default:
        return 0;
    }
}

static void tell_if_idle(const struct front *front)
{
    if (front->nbusy == 0 && front->idle != NULL)
        front->idle(front->idle_arg);
}

void client_set_state(struct client *client, enum client_state state)
{
    struct front *front = client->front;
    struct timeval tv = from_ms(patience_ms(client, state));

    front->nbusy += (size_t)is_busy(state) - (size_t)is_busy(client->state);
    client->state = state;
    if (tv.tv_sec > 0 || tv.tv_usec > 0)
        event_add(client->deadline, &tv);
    else
        event_del(client->deadline);
    tell_if_idle(front);
}

const struct actor *client_actor(const struct client *client)
{
    static const struct actor nobody = { .role = ROLE_NONE };

    return client->identity != NULL ? &client->identity->actor : &nobody;
}

void client_set_address(struct client *client, const struct address *address)
{
    if (client->address_text[0] != '\0' && memcmp(&client->address, address, sizeof(*address)) == 0)
        return;
    client->address = *address;
    address_format(address, client->address_text);
}

void client_forget_request(struct client *client)
{
    identity_drop(client->identity);
    client->identity = NULL;
    front_give_arena(client->front, RSE_TAKE(client->arena));
    client->head = NULL;
    client->route = client->of_path = NULL;
    client->method[0] = client->path[0] = client->request_id[0] = client->trace_id[0] = '\0';
    rse_buf_release(&client->content);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
    struct client *client = arg;
    struct rse_err err = RSE_ERR_INIT;

    (void)fd, (void)what;
    if (client->no_room && client->ssl == NULL) {
        client_turn_away(client);
    } else if (client->no_room || client->state == CLIENT_IDLE || client->state == CLIENT_BUSY) {
        /* A handshake was not worth waiting for; who rests too long, or left during an answer, knows. */
        client_drop(client);
    } else {
        (void)rse_fail(&err, RSE_TIMEOUT, "the request's %s did not arrive in time",
                       client->state == CLIENT_BODY ? "body" : "head");
        client_refuse(client, 408, NULL, &err);
    }
}

/* ---- the end ---- */

static void free_event(struct event *event)
{
    if (event != NULL)
        event_free(event);
}

static void client_free(struct client *client)
{
    struct front *front = client->front;

    if (client->call != NULL) {
        client->call->client = NULL;
        call_hung_up(client->call);
    }
    auth_cancel(client->auth);
    client_forget_request(client);
    credential_memo_wipe(&client->memo);
    client_say_goodbye(client);
    SSL_free(client->ssl);
    if (client->fd >= 0)
        close(client->fd);
    TAILQ_REMOVE(&front->clients, client, link);
    front->nclients--;
    front->nturned_away -= client->turned_away;
    client_set_state(client, CLIENT_IDLE);
    free_event(client->readable);
    free_event(client->writable);
    free_event(client->deadline);
    free_event(client->leave);
    evbuffer_free(client->in);
    evbuffer_free(client->out);
    free(client);
}

static void on_leave(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    client_free(arg);
}

/* Deferred: whoever calls may stand in the middle of reading, or of an answer. */
void client_drop(struct client *client)
{
    if (client->gone)
        return;
    client->gone = true;
    event_del(client->readable);
    event_del(client->deadline);
    if (client->writable != NULL)
        event_del(client->writable);
    event_active(client->leave, EV_TIMEOUT, 0);
}

void client_rest(struct client *client)
{
    client_forget_request(client);
    if (!client->keep_alive || (client->ended && evbuffer_get_length(client->in) == 0)) {
        client_drop(client);
        return;
    }
    client_set_state(client, CLIENT_IDLE);
    if (client->paused || evbuffer_get_length(client->in) > 0)
        client_look_again(client);
}

/* ---- connections ---- */

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    client_read(arg);
}

/* Without TLS the answer is cheap. */
static void begin_turning_away(struct client *client)
{
    struct front *front = client->front;
    struct timeval soon = from_ms(client->ssl != NULL ? TURN_AWAY_MS : NO_ROOM_MS);

    client->turned_away = client->ssl != NULL && front->nturned_away < MAX_TURNED_AWAY;
    front->nturned_away += client->turned_away;
    if (client->ssl == NULL || client->turned_away)
        event_add(client->deadline, &soon);
    else
        client_drop(client);
}

void front_accept(struct front *front, int fd, const struct sockaddr *peer)
{
    struct event_base *base = front->api->base;
    struct client *client = rse_new(struct client);

    client->front = front;
    client->fd = fd;
    client->peer = address_of_socket(peer);
    client_set_address(client, &client->peer);
    if (front->api->tls != NULL) {
        client->ssl = tls_connection(front->api->tls);
        SSL_set_accept_state(client->ssl);
        SSL_set_fd(client->ssl, fd);
    }
    client->in = evbuffer_new();
    client->out = evbuffer_new();
    client->readable = event_new(base, fd, EV_READ | EV_PERSIST, on_readable, client);
    client->deadline = evtimer_new(base, on_deadline, client);
    client->leave = evtimer_new(base, on_leave, client);
    event_add(client->readable, NULL);
    TAILQ_INSERT_TAIL(&front->clients, client, link);
    client_set_state(client, CLIENT_IDLE);
    client->no_room = ++front->nclients > (size_t)front->api->config->max_connections;
    if (client->no_room)
        begin_turning_away(client);
}

struct front *front_new(struct api *api, void (*handle)(void *arg, struct call *call), void *arg)
{
    struct front *front = rse_new(struct front);

    front->api = api;
    front->handle = handle;
    front->handle_arg = arg;
    TAILQ_INIT(&front->clients);
    TAILQ_INIT(&front->farewells);
    return front;
}

void front_free(struct front *front)
{
    struct client *client;

    if (front == NULL)
        return;
    front->idle = NULL;
    while ((client = TAILQ_FIRST(&front->clients)) != NULL) {
        if (client->call != NULL)
            client->call->client = NULL;
        client->call = NULL;
        client_free(client);
    }
    farewells_free(front);
    while (front->nspare > 0)
        rse_arena_free(front->spare[--front->nspare]);
    free(front);
}

bool front_send(struct call *call, const struct rse_str *pieces, size_t count)
{
    enum client_written written = call->client != NULL ? client_write(call->client, pieces, count) : WRITTEN_LATER;

    if (written == WRITTEN_NEVER)
        client_drop(call->client);
    return written == WRITTEN_ALL;
}

void front_call_ended(struct front *front, struct call *call)
{
    struct client *client = call->client;

    /* A client that is gone has left its call. */
    if (client == NULL) {
        tell_if_idle(front);
    } else {
        client->call = NULL;
        if (!client->gone && evbuffer_get_length(client->out) == 0)
            client_rest(client);
    }
    front_give_arena(front, call->arena);
}

void front_break_off(struct call *call)
{
    if (call->client != NULL)
        client_drop(call->client);
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
