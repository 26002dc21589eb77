/*
 * claim.h - takes a job, runs it under its lease, and says how it ended.
 */
#ifndef WORKER_JOB_CLAIM_H
#define WORKER_JOB_CLAIM_H

#include "automation-worker/worker.h"

/* *claimed: there was a job. Fails only when none could be claimed: what goes wrong with a job is reported as the
 * job's. */
bool claim_and_run(struct worker *worker, bool *claimed, struct rse_err *err) RSE_MUST;

#endif
