/*
 * front_input.c - what of a client's input is let through to evhttp: heads that are right and allowed, bodies within bounds.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../api.h"
#include "../config.h"
#include "call_internal.h"
#include "front_internal.h"

static void on_identity(void *arg, struct identity *identity, const struct rse_err *given)
{
    struct client *client = arg;
    struct rse_err err = given != NULL ? *given : (struct rse_err)RSE_ERR_INIT;
    bool asked = client->auth != NULL; /* else we are still within on_input, which goes on by itself */

    client->auth = NULL;
    if (identity != NULL) {
        client->identity = identity_hold(identity);
        if (!route_allows(client->route, identity->actor.role)) {
            rse_err_object(&err, "%s %s", client->route->method, client->route->path);
            rse_err_hint(&err, "It takes the role %s.", role_name(client->route->role));
            (void)rse_fail(&err, RSE_DENIED, "the role %s does not allow that", role_name(identity->actor.role));
        }
    }
    if (err.code != RSE_OK) {
        client_refuse(client, rse_code_http_status(err.code), NULL, &err);
        return;
    }
    client_set_state(client, CLIENT_ADMITTED);
    if (asked)
        client_look_again(client);
}

static void check_token(struct client *client, const struct http_head *head)
{
    client_set_state(client, CLIENT_CHECK);
    client->auth = auth_check(client->front->api->auth, head, bufferevent_getfd(client->socket), on_identity, client);
}

/* Whether evhttp knows the method; what it doesn't know it would answer itself, in HTML. */
static bool is_common_method(const char *method)
{
    static const char *const methods[] = { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS" };

    for (size_t i = 0; i < RSE_COUNT(methods); i++)
        if (strcmp(method, methods[i]) == 0)
            return true;
    return false;
}

/* No route: without a body the request goes on, and its call will say so. */
static bool refuse_unrouted(struct client *client, const struct http_head *head, const struct route_match *match)
{
    struct rse_err err = RSE_ERR_INIT;

    if (match->route != NULL || (!client->has_body && is_common_method(head->method)))
        return false;
    rse_err_object(&err, "%s %.*s", head->method, RSE_STR_ARG(head->path));
    if (match->allow[0] == '\0') {
        (void)rse_fail(&err, RSE_NOT_FOUND, "there is nothing under this path");
        client_refuse(client, 404, NULL, &err);
    } else {
        (void)rse_fail(&err, RSE_INVALID, "the method is not one of those that this path has: %s", match->allow);
        client_refuse(client, 405, match->allow, &err);
    }
    return true;
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

static void route_head(struct client *client, const struct http_head *head)
{
    struct route_match match;
    enum http_body_result result;

    snprintf(client->path, sizeof(client->path), "%.*s", RSE_STR_ARG(head->path));
    route_find(head->method, head->path, &match);
    client->route = match.route;
    result = http_body_begin(&client->body, head, match.route != NULL ? match.route->body_limit : 0);
    client->has_body = result != BODY_DONE;
    client->body_too_large = result == BODY_TOO_LARGE;
    if (refuse_unrouted(client, head, &match))
        return;
    /* Where no token is asked for, it is asked instead whether the request means this machine: everywhere. */
    if (match.route != NULL && ((match.route->flags & ROUTE_PUBLIC) == 0 || client->front->api->config->no_auth))
        check_token(client, head);
    else
        client_set_state(client, CLIENT_ADMITTED);
}

static void read_head(struct client *client, struct evbuffer *input, size_t len)
{
    struct rse_str bytes = rse_str_n((const char *)evbuffer_pullup(input, (ev_ssize_t)len), len);
    struct rse_err err = RSE_ERR_INIT;
    struct http_head head;
    int status = 400;
    bool ok = http_head_parse(bytes, &head, &status, &err);

    client->head_len = len;
    client->started_us = now_us();
    client_forget_identity(client);
    memcpy(client->method, head.method, sizeof(client->method));
    request_id_choose(head.request_id, client->request_id);
    trace_id_take(head.traceparent, client->trace_id);
    if (ok)
        route_head(client, &head);
    else
        client_refuse(client, status, NULL, &err);
}

/* Empty lines before a request are overlooked, as RFC 9112 advises. */
static void skip_empty_lines(struct evbuffer *input)
{
    char line[2];

    while (evbuffer_copyout(input, line, 2) == 2 && line[0] == '\r' && line[1] == '\n')
        evbuffer_drain(input, 2);
}

static void take_head(struct client *client, struct evbuffer *input)
{
    struct evbuffer_ptr end;
    struct rse_err err = RSE_ERR_INIT;

    if (client->no_room)
        return;
    skip_empty_lines(input);
    if (evbuffer_get_length(input) == 0)
        return;
    if (client->state == CLIENT_IDLE)
        client_set_state(client, CLIENT_HEAD);
    end = evbuffer_search(input, "\r\n\r\n", 4, NULL);
    if (end.pos >= 0 && end.pos + 4 <= HEAD_MAX) {
        read_head(client, input, (size_t)end.pos + 4);
    } else if (end.pos >= 0 || evbuffer_get_length(input) > HEAD_MAX) {
        request_id_choose(rse_str(NULL), client->request_id);
        (void)rse_fail(&err, RSE_TOO_LARGE, "the request's head is larger than %d bytes", HEAD_MAX);
        client_refuse(client, 431, NULL, &err);
    }
}

/* ---- bodies ---- */

static void bad_body(struct client *client)
{
    struct rse_err err = RSE_ERR_INIT;

    (void)rse_fail(&err, RSE_INVALID, "the body's chunks are not framed as HTTP has it");
    client_refuse(client, 400, NULL, &err);
}

static void pass_head(struct client *client, struct evbuffer *input, struct evbuffer *output)
{
    /* Only now that the token is known: a stranger hears about that first. */
    if (client->body_too_large) {
        too_large(client);
        return;
    }
    evbuffer_remove_buffer(input, output, client->head_len);
    client_set_state(client, client->has_body ? CLIENT_BODY : CLIENT_BUSY);
    client_push(client); /* evhttp may say "100 Continue" */
}

static void pass_body(struct client *client, struct evbuffer *input, struct evbuffer *output)
{
    enum http_body_result result = BODY_MORE;

    while (result == BODY_MORE && evbuffer_get_length(input) > 0) {
        size_t len = evbuffer_get_contiguous_space(input), used;

        result = http_body_feed(&client->body, (const char *)evbuffer_pullup(input, (ev_ssize_t)len), len, &used);
        if (result == BODY_MORE || result == BODY_DONE)
            evbuffer_remove_buffer(input, output, used);
    }
    if (result == BODY_DONE) {
        client_set_state(client, CLIENT_BUSY);
        client_push(client);
    }
    if (result == BODY_TOO_LARGE)
        too_large(client);
    if (result == BODY_BAD)
        bad_body(client);
}

void client_take_input(struct client *client, struct evbuffer *input, struct evbuffer *output)
{
    if (client->state == CLIENT_IDLE || client->state == CLIENT_HEAD)
        take_head(client, input);
    if (client->state == CLIENT_ADMITTED)
        pass_head(client, input, output);
    if (client->state == CLIENT_BODY)
        pass_body(client, input, output);
    if (client->state == CLIENT_REFUSED)
        evbuffer_drain(input, evbuffer_get_length(input));
}
