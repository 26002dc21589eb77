/*
 * loop.h - the worker's life: wait for work, claim it, run it, report it.
 */
#ifndef WORKER_JOB_LOOP_H
#define WORKER_JOB_LOOP_H

#include "automation-worker/worker.h"

/* Returns when the worker has to stop; with `once`, when there is no work. While the Data Service is away it goes on
 * trying, unless it refuses the token or `once` is set: then it fails. */
bool loop_run(struct worker *worker, struct rse_err *err) RSE_MUST;

#endif
