/*
 * clones.h - the clones on this disk: caches of repositories on Git hosts, gone with the last target that needs them.
 */
#ifndef WORKER_JOB_CLONES_H
#define WORKER_JOB_CLONES_H

#include "automation-worker/worker.h"

#include "automation-worker/job/targets.h"

/* Deletes the clones that none of these targets, which are all there are, writes to or takes templates from. Does nothing while
 * the targets are those of the last call. Errors are logged. */
void clones_tidy(struct worker *worker, const struct target_spec *targets, size_t count);

#endif
