/*
 * cluster.h - one cluster's turn in a build: plan its parts, render them, keep what fails, compare, write.
 */
#ifndef WORKER_JOB_CLUSTER_H
#define WORKER_JOB_CLUSTER_H

#include "build.h"

/* now: the cluster's folder as it is, NULL when there is none. *changed says whether *id, the folder's new tree,
 * differs; it was written then. Fails only on what ends the job. */
bool cluster_build(struct build *build, const struct build_input *input, uint32_t cluster_index, struct tree *now,
                   git_oid *id, bool *changed, struct rse_err *err) RSE_MUST;

#endif
