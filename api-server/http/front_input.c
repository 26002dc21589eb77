/*
 * front_input.c - what a client sends: heads that are right and allowed, and bodies within bounds, become calls.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>

#include <openssl/err.h>

#include "api-server/api.h"
#include "api-server/config.h"
#include "api-server/http/call_internal.h"
#include "api-server/http/forwarded.h"
#include "api-server/http/front_internal.h"

static void refuse_role(struct client *client, enum role role)
{
    struct rse_err err = RSE_ERR_INIT;

    rse_err_object(&err, "%s %s", client->route->method, client->route->path);
    rse_err_hint(&err, "It takes the role %s.", role_name(client->route->role));
    (void)rse_fail(&err, RSE_DENIED, "the role %s does not allow that", role_name(role));
    client_refuse(client, rse_code_http_status(err.code), NULL, &err);
}

/* Whether a call is made of it even where no route has it. */
static bool is_common_method(const char *method)
{
    static const char *const methods[] = { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS" };

    for (size_t i = 0; i < RSE_COUNT(methods); i++)
        if (strcmp(method, methods[i]) == 0)
            return true;
    return false;
}

static void too_large(struct client *client)
{
    size_t limit = client->route != NULL ? client->route->body_limit : 0;
    struct rse_err err = RSE_ERR_INIT;

    if (limit == 0)
        (void)rse_fail(&err, RSE_TOO_LARGE, "this request takes no body");
    else
        (void)rse_fail(&err, RSE_TOO_LARGE, "the body is larger than the %zu bytes that are allowed here", limit);
    client_refuse(client, 413, NULL, &err);
}

static void refuse_unrouted(struct client *client)
{
    const struct http_head *head = client->head;
    struct route_match match;
    struct rse_err err = RSE_ERR_INIT;

    route_find(head->method, head->path, &match);
    rse_err_object(&err, "%s %.*s", head->method, RSE_STR_ARG(head->path));
    if (match.allow[0] == '\0') {
        (void)rse_fail(&err, RSE_NOT_FOUND, "there is nothing under this path");
        client_refuse(client, 404, NULL, &err);
    } else if (strcmp(head->method, "OPTIONS") == 0) {
        too_large(client);
    } else {
        (void)rse_fail(&err, RSE_INVALID, "the method is not one of those that this path has: %s", match.allow);
        client_refuse(client, 405, match.allow, &err);
    }
}

/* Without a body the request goes on, and its call will say that there is no route. */
static void go_on_unrouted(struct client *client)
{
    if (client->has_body || !is_common_method(client->head->method))
        refuse_unrouted(client);
    else
        client_set_state(client, CLIENT_ADMITTED);
}

static void on_identity(void *arg, struct identity *identity, const struct rse_err *err)
{
    struct client *client = arg;
    bool asked = client->auth != NULL; /* else we are still within client_read, which goes on by itself */

    client->auth = NULL;
    if (identity != NULL)
        client->identity = identity_hold(identity);
    if (client->route == NULL) {
        go_on_unrouted(client);
        if (asked)
            client_look_again(client);
    } else if (err != NULL) {
        client_refuse(client, rse_code_http_status(err->code), NULL, err);
    } else if (!route_allows(client->route, identity->actor.role)) {
        refuse_role(client, identity->actor.role);
    } else {
        client_set_state(client, CLIENT_ADMITTED);
        if (asked)
            client_look_again(client);
    }
}

static void check_token(struct client *client)
{
    client_set_state(client, CLIENT_CHECK);
    client->auth =
        auth_check(client->front->api->auth, client->head, &client->address, &client->memo, on_identity, client);
}

static void keep_path(struct client *client, struct rse_str path)
{
    size_t len = path.len < sizeof(client->path) ? path.len : sizeof(client->path) - 1;

    memcpy(client->path, path.p, len);
    client->path[len] = '\0';
}

/* Where no token is asked for, it is asked instead whether the request means this machine: everywhere. Where no route is, the answer
 * does not depend on who asks, but the log tells it. */
static bool needs_identity(const struct client *client)
{
    if (client->front->api->config->no_auth)
        return true;
    return client->route != NULL ? (client->route->flags & ROUTE_PUBLIC) == 0 : credential_of(client->head).p != NULL;
}

static void route_head(struct client *client)
{
    const struct http_head *head = client->head;
    struct route_match match;
    enum http_body_result result;

    keep_path(client, head->path);
    route_find(head->method, head->path, &match);
    client->route = match.route;
    client->of_path = match.of_path;
    result = http_body_begin(&client->body, head, match.route != NULL ? match.route->body_limit : 0);
    client->has_body = result != BODY_DONE;
    client->body_too_large = result == BODY_TOO_LARGE;
    if (needs_identity(client))
        check_token(client);
    else if (match.route == NULL)
        go_on_unrouted(client);
    else
        client_set_state(client, CLIENT_ADMITTED);
}

/* The head lives as long as the request: in an arena, which the call takes over. */
static void read_head(struct client *client, struct rse_str bytes)
{
    struct rse_err err = RSE_ERR_INIT;
    int status = 400;
    bool ok;

    client->arena = front_take_arena(client->front);
    client->head = rse_arena_new_of(client->arena, struct http_head);
    ok = http_head_parse(rse_arena_str(client->arena, bytes), client->head, &status, &err);
    evbuffer_drain(client->in, bytes.len);
    client->started_us = now_us();
    client->keep_alive = client->head->keep_alive;
    memcpy(client->method, client->head->method, sizeof(client->method));
    request_id_choose(client->head->request_id, client->request_id);
    trace_id_take(client->head->traceparent, client->trace_id);
    if (ok) {
        struct address address =
            forwarded_client(client->front->api->proxies, client->head, &client->peer, client->arena);

        client_set_address(client, &address);
        route_head(client);
    } else {
        client_set_address(client, &client->peer);
        client_refuse(client, status, NULL, &err);
    }
}

/* Empty lines before a request are overlooked, as RFC 9112 advises. */
static void skip_empty_lines(struct evbuffer *in)
{
    char line[2];

    while (evbuffer_copyout(in, line, 2) == 2 && line[0] == '\r' && line[1] == '\n')
        evbuffer_drain(in, 2);
}

/* A method begins with a letter. What doesn't, such as the handshake of TLS, need not be waited for. */
static bool is_foreign(struct evbuffer *in)
{
    char first = 'A';

    (void)evbuffer_copyout(in, &first, 1);
    return !((first >= 'A' && first <= 'Z') || (first >= 'a' && first <= 'z') || first == '\r');
}

/* No head could be read, and none will be. */
static void refuse_unread(struct client *client)
{
    struct rse_err err = RSE_ERR_INIT;
    bool too_large = evbuffer_get_length(client->in) > HEAD_MAX;

    if (too_large)
        (void)rse_fail(&err, RSE_TOO_LARGE, "the request's head is larger than %d bytes", HEAD_MAX);
    else
        (void)rse_fail(&err, RSE_INVALID, "the request line is not that of HTTP");
    client_refuse(client, too_large ? 431 : 400, NULL, &err);
}

static void take_head(struct client *client)
{
    struct evbuffer_ptr end;

    skip_empty_lines(client->in);
    if (evbuffer_get_length(client->in) == 0)
        return;
    end = evbuffer_search(client->in, "\r\n\r\n", 4, NULL);
    if (end.pos >= 0 && end.pos + 4 <= HEAD_MAX) {
        size_t len = (size_t)end.pos + 4;

        read_head(client, rse_str_n((const char *)evbuffer_pullup(client->in, (ev_ssize_t)len), len));
    } else if (evbuffer_get_length(client->in) > HEAD_MAX || is_foreign(client->in)) {
        refuse_unread(client);
    } else if (client->state == CLIENT_IDLE) {
        client_set_state(client, CLIENT_HEAD);
    }
}

/* ---- bodies ---- */

static void become_call(struct client *client)
{
    struct call *call;

    client_set_state(client, CLIENT_BUSY);
    call = call_new(client->front->api, client);
    client->front->handle(client->front->handle_arg, call);
}

static void bad_body(struct client *client)
{
    struct rse_err err = RSE_ERR_INIT;

    (void)rse_fail(&err, RSE_INVALID, "the body's chunks are not framed as HTTP has it");
    client_refuse(client, 400, NULL, &err);
}

static void begin_body(struct client *client)
{
    static const struct rse_str go_on[] = { RSE_STR_INIT("HTTP/1.1 100 Continue\r\n\r\n") };

    rse_buf_init(&client->content, client->route != NULL ? client->route->body_limit : 0);
    client_set_state(client, CLIENT_BODY);
    if (client->head->expects_continue && evbuffer_get_length(client->in) == 0 &&
        client_write(client, go_on, 1) == WRITTEN_NEVER)
        client_drop(client);
}

static void admit(struct client *client)
{
    /* Only now that the token is known: a stranger hears about that first. */
    if (client->body_too_large)
        too_large(client);
    else if (client->has_body)
        begin_body(client);
    else
        become_call(client);
}

static void take_body(struct client *client)
{
    enum http_body_result result = BODY_MORE;

    while (result == BODY_MORE && evbuffer_get_length(client->in) > 0) {
        size_t len = evbuffer_get_contiguous_space(client->in), used;
        const char *bytes = (const char *)evbuffer_pullup(client->in, (ev_ssize_t)len);
        struct rse_str content;

        result = http_body_feed(&client->body, bytes, len, &used, &content);
        rse_buf_add_str(&client->content, content);
        evbuffer_drain(client->in, used);
    }
    if (result == BODY_DONE)
        become_call(client);
    if (result == BODY_TOO_LARGE)
        too_large(client);
    if (result == BODY_BAD)
        bad_body(client);
}

/* Its handshake is all that is read of it. */
static bool is_turned_away(struct client *client)
{
    if (client->turned_away && client->state == CLIENT_IDLE && SSL_is_init_finished(client->ssl))
        client_turn_away(client);
    return client->no_room && client->state == CLIENT_IDLE;
}

static void take_input(struct client *client)
{
    if (is_turned_away(client))
        return;
    if (client->state == CLIENT_IDLE || client->state == CLIENT_HEAD)
        take_head(client);
    if (client->state == CLIENT_ADMITTED)
        admit(client);
    if (client->state == CLIENT_BODY)
        take_body(client);
    if (client->state == CLIENT_REFUSED)
        evbuffer_drain(client->in, evbuffer_get_length(client->in));
}

/* ---- bytes ---- */

enum { RECEIVED_END = 0, RECEIVED_NOTHING = -1, RECEIVED_ERROR = -2 };

static ssize_t receive_tls(struct client *client, char *piece, size_t size)
{
    size_t n;

    ERR_clear_error();
    if (SSL_read_ex(client->ssl, piece, size, &n) == 1)
        return (ssize_t)n;
    switch (SSL_get_error(client->ssl, 0)) {
    case SSL_ERROR_WANT_WRITE:
        client_await_room(client);
        return RECEIVED_NOTHING;
    case SSL_ERROR_WANT_READ:
        return RECEIVED_NOTHING;
    case SSL_ERROR_ZERO_RETURN:
        return RECEIVED_END;
    default:
        ERR_clear_error();
        return RECEIVED_ERROR;
    }
}

static ssize_t receive(struct client *client, char *piece, size_t size)
{
    ssize_t n;

    if (client->ssl != NULL)
        return receive_tls(client, piece, size);
    n = recv(client->fd, piece, size, 0);
    if (n >= 0)
        return n;
    return errno == EAGAIN || errno == EINTR ? RECEIVED_NOTHING : RECEIVED_ERROR;
}

/* What is there, up to READ_AHEAD. */
static void fill(struct client *client)
{
    char piece[16 << 10];
    ssize_t n = sizeof(piece);

    /* Less than was asked for: the socket is empty. A TLS record may have more. */
    while (n == sizeof(piece) || (n > 0 && client->ssl != NULL)) {
        client->paused = evbuffer_get_length(client->in) >= READ_AHEAD;
        if (client->paused || client->ended)
            break;
        n = receive(client, piece, sizeof(piece));
        if (n > 0)
            evbuffer_add(client->in, piece, (size_t)n);
        client->ended = n == RECEIVED_END;
        if (n == RECEIVED_ERROR)
            client_drop(client);
    }
    if (client->paused || client->ended)
        event_del(client->readable);
}

/* Nobody is left who would send the rest of a request. Who has sent one may wait for its answer, but not for long: most
 * clients that end their side are gone. */
static void on_end(struct client *client)
{
    if (client->state == CLIENT_BUSY)
        client_set_state(client, CLIENT_BUSY);
    else if (client->state == CLIENT_IDLE || client->state == CLIENT_HEAD || client->state == CLIENT_BODY)
        client_drop(client);
}

void client_read(struct client *client)
{
    if (client->gone)
        return;
    fill(client);
    if (!client->gone)
        take_input(client);
    if (client->gone)
        return;
    if (client->ended)
        on_end(client);
    else if (client->paused && evbuffer_get_length(client->in) < READ_AHEAD)
        client_look_again(client);
}

void client_look_again(struct client *client)
{
    if (client->paused && !client->ended)
        event_add(client->readable, NULL);
    client->paused = false;
    event_active(client->readable, EV_READ, 0);
}
