/*
 * front.h - the clients' connections: HTTP/1.1 (RFC 9112) on the loop, with or without TLS.
 *
 * The head of a request is read when it is small and whole in time; its token is known and allowed there before its body
 * is; and the body keeps to the route's limit and deadline. Only then does it become a call. What is refused is answered
 * here, as a problem document, and the connection ends. Requests of one connection are taken one at a time: the next one
 * waits until the last was answered.
 */
#ifndef API_HTTP_FRONT_H
#define API_HTTP_FRONT_H

#include "api-server/http/call.h"

struct api;
struct front;
struct sockaddr;

/* handle gets each request as a call, which it must have answered some time. */
struct front *front_new(struct api *api, void (*handle)(void *arg, struct call *call), void *arg);
/* Ends all connections. Calls that are left will not be answered: they and the clients forget each other. */
void front_free(struct front *front);

/* A new connection, and from where it comes; the front closes the socket. */
void front_accept(struct front *front, int fd, const struct sockaddr *peer);

/* Sends pieces of an answer, in their order. False: the socket did not take all of it; the rest follows when it has room, and
 * then a stream's `more` is called. A client that is gone, or takes nothing for too long, loses them. */
bool front_send(struct call *call, const struct rse_str *pieces, size_t count);
/* All of its answer was given (it may still be on its way): frees the call. */
void front_call_ended(struct front *front, struct call *call);
/* Ends the connection at once: the client sees that the answer is not whole. */
void front_break_off(struct call *call);

/* Requests being read or answered, answers on their way included. */
size_t front_busy(const struct front *front);
size_t front_connections(const struct front *front);
/* Called each time front_busy has become 0. */
void front_on_idle(struct front *front, void (*idle)(void *arg), void *arg);

#endif
