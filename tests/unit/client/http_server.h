/*
 * http_server.h - a little HTTP server in a thread of the test, whose answers are bytes that the test chose.
 *
 * The test gives one answer for each request, in order; connections stay open unless the answer says otherwise. What
 * was asked is kept, so that the test can look at it.
 */
#ifndef RESEDGE_TESTS_HTTP_SERVER_H
#define RESEDGE_TESTS_HTTP_SERVER_H

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "resedge/base.h"

enum { SERVER_REQUESTS = 16, SERVER_CONNECTIONS = 8, SERVER_REQUEST_MAX = 4096 };

struct server_answer {
    const char *bytes;  /* NULL: say nothing until the client goes away */
    const char *body;   /* NULL: bytes are all; else they are the headers, and Content-Length is added */
    const size_t *cuts; /* offsets where a new piece of its own begins, ended by 0 */
    bool drop;          /* close the connection behind it */
};

struct server {
    int listener, wake[2];
    unsigned port;
    pthread_t thread;
    const struct server_answer *answers;
    size_t answer_count;
    pthread_mutex_t lock;
    size_t accepted, asked;
    char requests[SERVER_REQUESTS][SERVER_REQUEST_MAX];
    int connections[SERVER_CONNECTIONS];
    size_t connection_count;
    char url[64];
};

static inline void server_write(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);

        if (n <= 0)
            return;
        bytes += n;
        len -= (size_t)n;
    }
}

/* Waits until everything sent was acknowledged, so that the next piece arrives by itself. */
static inline void server_drain(int fd)
{
    for (int i = 0; i < 2000; i++) {
        struct tcp_info info;
        socklen_t size = sizeof(info);

        if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 || info.tcpi_unacked == 0)
            return;
        sched_yield();
    }
}

static inline void server_answer(int fd, const struct server_answer *a)
{
    const char *text = a->body != NULL ? a->body : a->bytes;
    size_t at = 0;
    char length[80];

    if (a->body != NULL) {
        server_write(fd, a->bytes, strlen(a->bytes));
        snprintf(length, sizeof(length), "Content-Length: %zu\r\n\r\n", strlen(a->body));
        server_write(fd, length, strlen(length));
        server_drain(fd);
    }
    for (const size_t *cut = a->cuts; cut != NULL && *cut != 0; cut++) {
        server_write(fd, text + at, *cut - at);
        server_drain(fd);
        at = *cut;
    }
    server_write(fd, text + at, strlen(text) - at);
}

/* Reads one request, body included. False when the client closed the connection. */
static inline bool server_read(int fd, char *to)
{
    size_t len = 0, want = 0;

    for (;;) {
        char *end = len > 0 ? strstr(to, "\r\n\r\n") : NULL;

        if (end != NULL && want == 0) {
            char *length = strcasestr(to, "\r\nContent-Length:");

            want = (size_t)(end + 4 - to);
            if (length != NULL && length < end)
                want += (size_t)strtoul(length + 17, NULL, 10);
        }
        if (want > 0 && len >= want)
            return true;
        ssize_t n = len + 1 < SERVER_REQUEST_MAX ? recv(fd, to + len, SERVER_REQUEST_MAX - 1 - len, 0) : -1;

        if (n <= 0)
            return false;
        len += (size_t)n;
        to[len] = '\0';
    }
}

/* False: the connection is to be closed. */
static inline bool server_serve(struct server *s, int fd)
{
    char request[SERVER_REQUEST_MAX];
    const struct server_answer *answer;
    char c;

    if (!server_read(fd, request))
        return false;
    pthread_mutex_lock(&s->lock);
    assert(s->asked < SERVER_REQUESTS && s->answer_count > 0);
    memcpy(s->requests[s->asked], request, sizeof(request));
    answer = &s->answers[s->asked < s->answer_count ? s->asked : s->answer_count - 1];
    s->asked++;
    pthread_mutex_unlock(&s->lock);
    if (answer->bytes == NULL)
        return recv(fd, &c, 1, 0) > 0; /* 0 as soon as the client gives up */
    server_answer(fd, answer);
    return !answer->drop;
}

static inline void server_accept(struct server *s)
{
    int fd = accept(s->listener, NULL, NULL), one = 1;

    if (fd < 0)
        return;
    assert(s->connection_count < SERVER_CONNECTIONS);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    s->connections[s->connection_count++] = fd;
    pthread_mutex_lock(&s->lock);
    s->accepted++;
    pthread_mutex_unlock(&s->lock);
}

static inline void *server_run(void *arg)
{
    struct server *s = arg;

    for (;;) {
        struct pollfd fds[2 + SERVER_CONNECTIONS] = { { s->wake[0], POLLIN, 0 }, { s->listener, POLLIN, 0 } };

        for (size_t i = 0; i < s->connection_count; i++)
            fds[2 + i] = (struct pollfd){ s->connections[i], POLLIN, 0 };
        poll(fds, 2 + s->connection_count, -1);
        if (fds[0].revents != 0)
            return NULL;
        for (size_t i = s->connection_count; i-- > 0;) {
            if (fds[2 + i].revents == 0 || server_serve(s, s->connections[i]))
                continue;
            close(s->connections[i]);
            s->connections[i] = s->connections[--s->connection_count];
        }
        if (fds[1].revents != 0)
            server_accept(s);
    }
}

static inline void server_start(struct server *s, const struct server_answer *answers, size_t count)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    socklen_t size = sizeof(address);

    memset(s, 0, sizeof(*s));
    s->answers = answers;
    s->answer_count = count;
    pthread_mutex_init(&s->lock, NULL);
    s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(s->listener, (struct sockaddr *)&address, size) != 0 || listen(s->listener, 16) != 0 ||
        getsockname(s->listener, (struct sockaddr *)&address, &size) != 0 || pipe(s->wake) != 0)
        abort();
    s->port = ntohs(address.sin_port);
    snprintf(s->url, sizeof(s->url), "http://127.0.0.1:%u", s->port);
    pthread_create(&s->thread, NULL, server_run, s);
}

static inline void server_stop(struct server *s)
{
    if (write(s->wake[1], "x", 1) != 1)
        abort();
    pthread_join(s->thread, NULL);
    for (size_t i = 0; i < s->connection_count; i++)
        close(s->connections[i]);
    close(s->listener);
    close(s->wake[0]);
    close(s->wake[1]);
    pthread_mutex_destroy(&s->lock);
}

/* How many requests have come so far. */
static inline size_t server_asked(struct server *s)
{
    pthread_mutex_lock(&s->lock);
    size_t asked = s->asked;

    pthread_mutex_unlock(&s->lock);
    return asked;
}

/* A port that nobody listens on: it was ours a moment ago and is still bound. */
static inline int server_closed_port(unsigned *port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    socklen_t size = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (bind(fd, (struct sockaddr *)&address, size) != 0 || getsockname(fd, (struct sockaddr *)&address, &size) != 0)
        abort();
    *port = ntohs(address.sin_port);
    return fd;
}

#endif
