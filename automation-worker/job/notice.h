/*
 * notice.h - hand edits under clusters/ are noticed when the branch moved, not only with the next job.
 */
#ifndef WORKER_JOB_NOTICE_H
#define WORKER_JOB_NOTICE_H

#include "automation-worker/worker.h"

#include "automation-worker/job/targets.h"

/* Looks at the branch of a target; asks the Data Service for a job when people changed there what Automation wrote. seen:
 * where the templates' branch stands, which is fetched. A remote branch without templates of its own is looked at only by
 * the next job. */
bool notice_drift(struct worker *worker, const struct target_state *state, const struct target_spec *spec,
                  const git_oid *seen, struct rse_err *err) RSE_MUST;

#endif
