/*
 * offload.h - long computations beside the loop: each on a thread of its own, its end told on the loop's thread.
 *
 * What runs there may touch only what is given to it, which must not change meanwhile: never the fleet, a call's client, or the loop.
 */
#ifndef API_OFFLOAD_H
#define API_OFFLOAD_H

#include <resedge/resedge.h>

struct event_base;
struct offload;

bool offload_new(struct offload **out, struct event_base *base, struct rse_err *err) RSE_MUST;
/* Waits for what runs; done is not called for it any more. */
void offload_free(struct offload *offload);

/* run(arg) on a thread, then done(arg) on the loop's, never before this returns. Where too many run already, or there are no more
 * threads, it is run at once, here. */
void offload_run(struct offload *offload, void (*run)(void *arg), void (*done)(void *arg), void *arg);

#endif
