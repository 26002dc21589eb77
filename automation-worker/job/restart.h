/*
 * restart.h - how a worker that starts goes on: the commit is the checkpoint.
 *
 * The newest commit of ours in each repository on this disk names the revision and the change that it was made from. Where the
 * Data Service agrees, what was planned last is planned again, from the fleet and the templates of then, without rendering
 * anything: so the first job builds only what changed since. Where it does not, the first job looks at everything.
 */
#ifndef WORKER_JOB_RESTART_H
#define WORKER_JOB_RESTART_H

#include "automation-worker/worker.h"

/* Tells the Data Service where this worker is, too. Fails only where the Data Service does not answer; a repository that can't be
 * read is the first job's trouble. */
bool restart_resume(struct worker *worker, struct rse_err *err) RSE_MUST;

#endif
