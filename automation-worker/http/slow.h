/*
 * slow.h - work for an answer that takes too long for the thread that answers: on a thread of its own, one at a time.
 *
 * All of it is called on the answering loop's thread, but for run(), which gets a thread of its own.
 */
#ifndef WORKER_HTTP_SLOW_H
#define WORKER_HTTP_SLOW_H

#include <resedge/err.h>

struct event_base;
struct slow;

struct slow *slow_new(struct event_base *base);
/* Waits for what is under way; its done() is not called any more. */
void slow_free(struct slow *slow);

struct slow_work {
    void (*run)(void *arg);
    void (*done)(void *arg); /* after run(), on the loop */
    void (*drop)(void *arg); /* instead of done(), where the loop has ended */
    void *arg;
};
/* RSE_UNAVAILABLE while another one is under way; then nothing of it is called. */
bool slow_start(struct slow *slow, const struct slow_work *work, struct rse_err *err) RSE_MUST;

#endif
