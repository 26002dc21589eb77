/*
 * cluster.h - one cluster's turn in a build: plan its parts, render them, keep what fails, compare.
 */
#ifndef WORKER_JOB_CLUSTER_H
#define WORKER_JOB_CLUSTER_H

#include "automation-worker/job/parts.h"

/* Builds batch->wished[i] into batch->built[i]. Fails only on what ends the job. */
bool cluster_build(struct parts *parts, struct batch *batch, size_t i, const struct build_input *input,
                   struct rse_err *err) RSE_MUST;

#endif
