/*
 * lookout.h - looks at remotes on threads of its own, so that one that hangs keeps nobody from working: where a target's
 * templates stand, with their commits fetched where that is news.
 *
 * Called by the main thread. Of a target one look is under way at a time.
 */
#ifndef WORKER_JOB_LOOKOUT_H
#define WORKER_JOB_LOOKOUT_H

#include "automation-worker/worker.h"

#include "automation-worker/job/targets.h"

struct lookout;

/* Borrows the worker's settings. */
struct lookout *lookout_new(struct worker *worker, struct rse_err *err) RSE_MUST;
/* Breaks off what is under way. */
void lookout_free(struct lookout *lookout);

/* Begins a look. Copies. known: the commit that is no news. */
void lookout_begin(struct lookout *lookout, const struct target_spec *spec, const git_oid *known);

struct looked {
    git_oid id; /* where the branch stands, its commits are here; zero: there is none */
    bool ok;
    struct rse_err err; /* where not ok */
};
/* Whether a look of the target has ended; lookout_take() hands its result over, and ends it. */
bool lookout_ended(struct lookout *lookout, int64_t target_id);
bool lookout_take(struct lookout *lookout, int64_t target_id, struct looked *out);
/* Waits until no look is under way. */
void lookout_wait(struct lookout *lookout);

#endif
