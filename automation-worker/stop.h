/*
 * stop.h - SIGTERM and SIGINT: asked for by flag, waited for without polling.
 *
 * The first signal ends waiting at once and lets a job go on for a grace period; the second ends the grace.
 */
#ifndef WORKER_STOP_H
#define WORKER_STOP_H

#include <stdbool.h>
#include <stdint.h>

/* Before threads start. */
void stop_init(int64_t grace_ms);
bool stop_requested(void);
/* Whether also a job that is under way has to end. */
bool stop_overdue(void);
/* Sleeps; the first signal ends it early. Whether there was one by then. */
bool stop_wait(int64_t ms);

#endif
