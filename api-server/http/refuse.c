/*
 * refuse.c - answers of the front itself, and the farewell after them.
 *
 * A client that is still sending when we close would get a reset, and with it lose our answer. So after the answer the
 * socket is kept for a short while, half closed, and what comes is thrown away.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../api.h"
#include "call_internal.h"
#include "front_internal.h"
#include "metrics.h"

enum { FAREWELL_S = 5, FAREWELL_PIECE = 1 << 20, FAREWELL_BYTES = 256 << 20, MAX_FAREWELLS = 1000 };

struct farewell {
    TAILQ_ENTRY(farewell) link;
    struct front *front;
    struct event *event; /* readable, or the time is up */
    int fd;
    int64_t until_us, bytes;
};

static void farewell_free(struct farewell *farewell)
{
    TAILQ_REMOVE(&farewell->front->farewells, farewell, link);
    farewell->front->nfarewells--;
    event_free(farewell->event);
    close(farewell->fd);
    free(farewell);
}

static void on_more(evutil_socket_t fd, short what, void *arg)
{
    struct farewell *farewell = arg;
    ssize_t n;

    (void)what;
    do {
        /* With MSG_TRUNC, TCP throws the bytes away without copying them. */
        n = recv(fd, NULL, FAREWELL_PIECE, MSG_TRUNC | MSG_DONTWAIT);
        farewell->bytes += n > 0 ? n : 0;
    } while (n > 0 && farewell->bytes < FAREWELL_BYTES);
    if (n >= 0 || errno != EAGAIN || now_us() >= farewell->until_us)
        farewell_free(farewell);
}

static void farewell_new(struct front *front, int fd)
{
    struct timeval tv = { .tv_sec = FAREWELL_S };
    int copy = front->nfarewells < MAX_FAREWELLS ? dup(fd) : -1;
    struct farewell *farewell;

    /* evhttp closes its own; that ends the connection when we have no copy. */
    if (copy < 0)
        return;
    shutdown(fd, SHUT_WR);
    farewell = rse_new(struct farewell);
    *farewell = (struct farewell){ .front = front, .fd = copy, .until_us = now_us() + FAREWELL_S * 1000000 };
    farewell->event = event_new(front->api->base, copy, EV_READ | EV_PERSIST, on_more, farewell);
    event_add(farewell->event, &tv);
    TAILQ_INSERT_TAIL(&front->farewells, farewell, link);
    front->nfarewells++;
}

void farewells_free(struct front *front)
{
    struct farewell *farewell;

    while ((farewell = TAILQ_FIRST(&front->farewells)) != NULL)
        farewell_free(farewell);
}

static void render(struct client *client, int status, const char *allow, const struct rse_err *err)
{
    RSE_BUF_AUTO body;

    rse_buf_init(&body, 16384);
    problem_render(status, err, client->request_id, &body);
    client->refusal = evbuffer_new();
    evbuffer_add_printf(client->refusal,
                        "HTTP/1.1 %d %s\r\nContent-Type: application/problem+json\r\nContent-Length: %zu\r\n"
                        "X-Request-Id: %s\r\nCache-Control: no-store\r\nConnection: close\r\n",
                        status, status_reason(status), body.len, client->request_id);
    if (status == 401)
        evbuffer_add_printf(client->refusal, "WWW-Authenticate: Bearer\r\n");
    if (retry_after_s(status) > 0)
        evbuffer_add_printf(client->refusal, "Retry-After: %d\r\n", retry_after_s(status));
    if (allow != NULL)
        evbuffer_add_printf(client->refusal, "Allow: %s\r\n", allow);
    evbuffer_add_printf(client->refusal, "\r\n");
    client->refusal_body = strcmp(client->method, "HEAD") != 0 ? body.len : 0;
    if (client->refusal_body > 0)
        evbuffer_add(client->refusal, body.p, body.len);
}

void client_refuse(struct client *client, int status, const char *allow, const struct rse_err *err)
{
    int64_t us = client->started_us > 0 ? now_us() - client->started_us : 0;
    struct metrics *metrics = client->front->api->metrics;

    client_set_state(client, CLIENT_REFUSED);
    if (client->request_id[0] == '\0')
        request_id_choose(rse_str(NULL), client->request_id);
    render(client, status, allow, err);
    metrics_request(metrics, client->route, client->method, status, us);
    access_log(&(struct access){ .method = client->method,
                                 .route = client->route,
                                 .path = rse_str(client->path),
                                 .status = status,
                                 .bytes = client->refusal_body,
                                 .us = us,
                                 .actor = client_actor(client),
                                 .request_id = client->request_id,
                                 .trace_id = client->trace_id,
                                 .err = err });
    client_write_refusal(client);
}

void client_write_refusal(struct client *client)
{
    switch (client_write(client, client->refusal)) {
    case WRITTEN_LATER:
        return;
    case WRITTEN_ALL:
        client_say_goodbye(client);
        farewell_new(client->front, bufferevent_getfd(client->socket));
        break;
    case WRITTEN_NEVER:
        break;
    }
    client_drop(client);
}
