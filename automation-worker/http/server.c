#include "automation-worker/http/server.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <event2/thread.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <resedge/parse.h>

#include "automation-worker/metrics.h"

#include "automation-worker/http/slow.h"

#define MAX_HEADERS      16384
#define MAX_BODY         4096
#define REQUEST_DEADLINE 30 /* s, to bring the request and to take the answer */

struct server {
    struct event_base *base;
    struct evhttp *http;
    struct routes routes;
    char url[300];
    pthread_t thread;
    bool running;
};

static bool split_address(const char *listen, char host[static 256], uint16_t *port, struct rse_err *err)
{
    const char *colon = strrchr(listen, ':');
    int64_t number;

    if (colon == NULL || colon == listen || (size_t)(colon - listen) >= 256 ||
        !rse_parse_int64(rse_str(colon + 1), 0, 65535, &number))
        return rse_fail(err, RSE_INVALID, "\"%s\" is no address to listen on: host:port is", listen);
    *port = (uint16_t)number;
    /* "[::1]:80": the brackets belong to the notation. */
    bool brackets = listen[0] == '[' && colon[-1] == ']';
    snprintf(host, 256, "%.*s", (int)(colon - listen - (brackets ? 2 : 0)), listen + (brackets ? 1 : 0));
    return true;
}

static uint16_t bound_port(struct evhttp_bound_socket *socket)
{
    struct sockaddr_storage address = { 0 };
    socklen_t len = sizeof(address);

    if (getsockname(evhttp_bound_socket_get_fd(socket), (struct sockaddr *)&address, &len) != 0)
        return 0;
    return address.ss_family == AF_INET6 ? ntohs(((struct sockaddr_in6 *)&address)->sin6_port)
                                         : ntohs(((struct sockaddr_in *)&address)->sin_port);
}

static void make_url(struct server *server, const char *host, uint16_t port)
{
    char name[256];

    snprintf(name, sizeof(name), "%s", host);
    if (strcmp(host, "0.0.0.0") == 0 || strcmp(host, "::") == 0)
        gethostname(name, sizeof(name) - 1);
    bool brackets = strchr(name, ':') != NULL;
    snprintf(server->url, sizeof(server->url), "http://%s%s%s:%u", brackets ? "[" : "", name, brackets ? "]" : "",
             (unsigned)port);
}

static bool bind_to(struct server *server, const char *listen, struct rse_err *err)
{
    struct evhttp_bound_socket *socket;
    char host[256];
    uint16_t port = 0;

    if (!split_address(listen, host, &port, err))
        return false;
    socket = evhttp_bind_socket_with_handle(server->http, host, port);
    if (socket == NULL)
        return rse_fail(err, RSE_UNAVAILABLE, "could not listen on %s", listen);
    make_url(server, host, bound_port(socket));
    return true;
}

static void *run(void *arg)
{
    struct server *server = arg;

    event_base_dispatch(server->base);
    return NULL;
}

/* Signals are the main thread's. */
static bool start_thread(struct server *server, struct rse_err *err)
{
    sigset_t all, before;

    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    int rc = pthread_create(&server->thread, NULL, run, server);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    server->running = rc == 0;
    return rc == 0 || rse_fail_errno(err, RSE_INTERNAL, rc, "could not start a thread");
}

bool server_start(struct server **out, const char *listen, const struct routes *routes, struct rse_err *err)
{
    struct server *server = rse_new(struct server);

    evthread_use_pthreads();
    server->base = event_base_new();
    server->http = evhttp_new(server->base);
    server->routes = *routes;
    server->routes.slow = slow_new(server->base);
    evhttp_set_max_headers_size(server->http, MAX_HEADERS);
    evhttp_set_max_body_size(server->http, MAX_BODY);
    evhttp_set_timeout(server->http, REQUEST_DEADLINE);
    evhttp_set_allowed_methods(server->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD);
    evhttp_set_gencb(server->http, route_request, &server->routes);
    if (!bind_to(server, listen, err) || !start_thread(server, err)) {
        server_stop(server);
        return false;
    }
    *out = server;
    return true;
}

void server_stop(struct server *server)
{
    if (server == NULL)
        return;
    if (server->running) {
        event_base_loopbreak(server->base);
        pthread_join(server->thread, NULL);
    }
    slow_free(server->routes.slow);
    evhttp_free(server->http);
    event_base_free(server->base);
    free(server);
}

const char *server_url(const struct server *server)
{
    return server->url;
}
