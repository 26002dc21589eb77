/*
 * run.h - one claimed job, from the fleet's changes to the branch that moved.
 */
#ifndef WORKER_JOB_RUN_H
#define WORKER_JOB_RUN_H

#include "automation-worker/worker.h"

#include "automation-worker/job/build.h"
#include "automation-worker/job/job.h"
#include "automation-worker/job/lease.h"
#include "automation-worker/job/origin.h"
#include "automation-worker/job/phases.h"
#include "automation-worker/job/report.h"
#include "automation-worker/job/scope.h"
#include "automation-worker/job/targets.h"

struct run {
    struct worker *worker;
    const struct job *job;
    struct lease *lease;
    struct rse_arena *arena;
    struct target_state *state;
    struct target_spec spec;
    struct repo *repo;
    char ref[ORIGIN_REF_SIZE]; /* that the job's commit goes to: the branch, or with a remote what is to be pushed */
    struct repo_head head;
    struct rse_plan *plan;
    struct scope scope;
    struct build build;
    struct held *held;    /* after the build, all that failed */
    struct holds *before; /* what waited for a person; NULL: not loaded */
    struct holds *holds;  /* what the guard holds of this job; NULL: nothing */
    bool blocked;         /* all of it waits for a person */
    bool judged;          /* by the guard: the build keeps what it holds */
    bool everything;      /* is to be looked at, whatever is known */
    struct phases phases;
    struct completion completion; /* what to report when it went well */
    int64_t started_us;
};

void run_init(struct run *run, struct worker *worker, const struct job *job, struct lease *lease);
void run_release(struct run *run);

/* Everything but the reports about the job itself. Idempotent: a job whose commit is on the branch already is not done
 * again, however far the worker that made it came. */
bool run_job(struct run *run, struct rse_err *err) RSE_MUST;
/* After everything was reported: what was built is what the next job goes on from. */
void run_remember(struct run *run);

#endif
