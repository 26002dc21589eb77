/*
 * front.h - what stands between a client's socket and evhttp.
 *
 * evhttp 2.1 buffers whatever a stranger sends before it asks anybody. So a filter reads the head of each request
 * itself, and lets it through only when it is small and whole in time, its token is known and allowed there, and while
 * its body keeps to the route's limit and deadline. What is refused is answered here, as a problem document, and the
 * connection ends. Requests are let through one at a time: the next one waits in the socket until the last was
 * answered.
 */
#ifndef API_HTTP_FRONT_H
#define API_HTTP_FRONT_H

#include "call.h"

struct api;
struct evhttp;
struct front;

struct front *front_new(struct api *api, struct evhttp *http);
/* Before evhttp is freed: the calls that are left will not be answered. */
void front_forget_calls(struct front *front);
/* After evhttp was freed. Runs the loop for a moment. */
void front_free(struct front *front);

/* The request that evhttp hands over became this call: it gets the actor whom its token belongs to. */
void front_call_begins(struct front *front, struct call *call);
/* Something was given to evhttp for the client of this call: a filter has to be told. */
void front_push(struct call *call);
/* Its answer was given (it may still be on its way). */
void front_call_ended(struct call *call);
/* Requests being read or answered, answers on their way included. */
size_t front_busy(const struct front *front);
size_t front_connections(const struct front *front);
/* Called each time front_busy has become 0. */
void front_on_idle(struct front *front, void (*idle)(void *arg), void *arg);

#endif
