/*
 * sweep.h - removes the folders of clusters that are gone: deleted, closed, not active yet, or another target's.
 *
 * Only folders that Automation wrote: those of people under clusters/ are left alone.
 */
#ifndef WORKER_JOB_SWEEP_H
#define WORKER_JOB_SWEEP_H

#include "automation-worker/job/build.h"

/* root: the tree being built, as it was read under clusters/ but for the folders of wished clusters. */
bool sweep_run(struct build *build, const struct build_input *input, struct tree *root, struct rse_err *err) RSE_MUST;

#endif
