/*
 * server.h - listens, runs the handlers of calls, drains.
 */
#ifndef API_HTTP_SERVER_H
#define API_HTTP_SERVER_H

#include <resedge/resedge.h>

struct api;
struct call;
struct front;
struct server;

/* Listens at once; requests are taken as soon as the loop runs. */
bool server_new(struct server **out, struct api *api, const char *host, uint16_t port, struct rse_err *err) RSE_MUST;
void server_free(struct server *server);
/* The port that it listens on. */
uint16_t server_port(const struct server *server);
/* Stops accepting, tells those who wait to answer, and calls done when the last call has ended, or after timeout_ms. */
void server_drain(struct server *server, int64_t timeout_ms, void (*done)(void *arg), void *arg);
size_t server_open_calls(const struct server *server);
const struct front *server_front(const struct server *server);

/* For call.c: a call ended; frees it. */
void server_call_ended(struct server *server, struct call *call);

#endif
