/*
 * notice.h - hand edits under clusters/ are noticed when the branch moved, not only with the next job.
 */
#ifndef WORKER_JOB_NOTICE_H
#define WORKER_JOB_NOTICE_H

#include "automation-worker/worker.h"

#include "targets.h"

/* Looks at the branch of a target whose repository is here; asks the Data Service for a job when people changed there what
 * Automation wrote. */
bool notice_drift(struct worker *worker, const struct target_state *state, const struct target_spec *spec,
                  struct rse_err *err) RSE_MUST;

#endif
