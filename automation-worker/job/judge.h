/*
 * judge.h - whether what a job built may go out: the guard's word, and that of the history it builds upon.
 */
#ifndef WORKER_JOB_JUDGE_H
#define WORKER_JOB_JUDGE_H

#include "automation-worker/git/commit.h"

#include "automation-worker/job/run.h"

/* Reads what waits for a person, unless this worker knows that nothing does. Before the build. */
bool judge_load(struct run *run, struct rse_err *err) RSE_MUST;

/* Whether the branch names a change that the Data Service does not have: an older state of it was restored. */
bool judge_history(struct run *run, const struct checkpoint *checkpoint, bool *forked, struct rse_err *err) RSE_MUST;

/* After the build. *again: parts are held, run->holds says which, and the job is to be built once more with them as they
 * are. A history that forked holds all of it: run->blocked. */
bool judge_build(struct run *run, struct objects *objects, const struct checkpoint *checkpoint, bool forked,
                 bool *again, struct rse_err *err) RSE_MUST;

#endif
