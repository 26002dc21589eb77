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

#include "api-server/api.h"
#include "api-server/fleet/live.h"
#include "api-server/http/answer_head.h"
#include "api-server/http/call_internal.h"
#include "api-server/http/front_internal.h"
#include "api-server/http/metrics.h"

enum { FAREWELL_S = 5, FAREWELL_PIECE = 1 << 20, FAREWELL_BYTES = 256 << 20, MAX_FAREWELLS = 1000 };

/* Of our answers. */
enum { HEAD_MAX_BYTES = 2048, BODY_MAX_BYTES = 16384 };

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

void client_farewell(struct client *client)
{
    struct front *front = client->front;
    struct timeval tv = { .tv_sec = FAREWELL_S };
    struct farewell *farewell;

    client_say_goodbye(client);
    client_drop(client);
    if (front->nfarewells >= MAX_FAREWELLS)
        return;
    shutdown(client->fd, SHUT_WR);
    farewell = rse_new(struct farewell);
    *farewell = (struct farewell){ .front = front, .fd = client->fd, .until_us = now_us() + FAREWELL_S * 1000000 };
    client->fd = -1;
    farewell->event = event_new(front->api->base, farewell->fd, EV_READ | EV_PERSIST, on_more, farewell);
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

static void render(const struct client *client, int status, const char *allow, struct rse_str body, struct rse_buf *out)
{
    answer_head_begin(out, status, "application/problem+json", client->request_id,
                      live_revision(client->front->api->live));
    if (allow != NULL)
        answer_head_add(out, "Allow", allow);
    answer_head_add(out, "Connection", "close");
    answer_head_add_length(out, body.len);
    rse_buf_adds(out, "\r\n");
}

/* Writes it; returns how many bytes its body has. */
static size_t write_problem(struct client *client, int status, const char *allow, const struct rse_err *err)
{
    bool head_only = strcmp(client->method, "HEAD") == 0;
    RSE_BUF_AUTO head = { 0 }, body = { 0 };
    struct rse_str pieces[2];

    rse_buf_init(&head, HEAD_MAX_BYTES);
    rse_buf_init(&body, BODY_MAX_BYTES);
    problem_render(status, err, client->request_id, &body);
    render(client, status, allow, rse_buf_str(&body), &head);
    pieces[0] = rse_buf_str(&head);
    pieces[1] = rse_buf_str(&body);
    switch (client_write(client, pieces, head_only ? 1 : 2)) {
    case WRITTEN_ALL:
        client_farewell(client);
        break;
    case WRITTEN_NEVER:
        client_drop(client);
        break;
    case WRITTEN_LATER:
        break;
    }
    return head_only ? 0 : body.len;
}

void client_refuse(struct client *client, int status, const char *allow, const struct rse_err *err)
{
    int64_t us = client->head != NULL ? now_us() - client->started_us : 0;
    size_t written;

    client_set_state(client, CLIENT_REFUSED);
    if (client->head == NULL)
        client_set_address(client, &client->peer); /* what the request before said of it holds no more */
    if (client->request_id[0] == '\0')
        request_id_choose(rse_str(NULL), client->request_id);
    written = write_problem(client, status, allow, err);
    metrics_request(client->front->api->metrics, client->of_path, client->method, status, us);
    access_log(&(struct access){ .method = client->method,
                                 .route = client->of_path,
                                 .path = rse_str(client->path),
                                 .status = status,
                                 .bytes = written,
                                 .us = us,
                                 .actor = client_actor(client),
                                 .client = client->address_text,
                                 .request_id = client->request_id,
                                 .trace_id = client->trace_id,
                                 .err = err });
}

void client_turn_away(struct client *client)
{
    struct rse_err err = RSE_ERR_INIT;

    (void)rse_fail(&err, RSE_UNAVAILABLE, "there are too many connections");
    client_refuse(client, 503, NULL, &err);
}
