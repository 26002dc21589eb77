/*
 * push.h - pushes of people to a target's templates: noticed, compiled, told to the Data Service, which makes them a
 * change.
 */
#ifndef WORKER_JOB_PUSH_H
#define WORKER_JOB_PUSH_H

#include "automation-worker/worker.h"

#include "automation-worker/job/targets.h"

/* Brings the target's catalogue to the templates of a head of this repository. Templates that the Data Service does not know yet are
 * told first, and the fleet is brought to the revision that this makes. */
bool push_take(struct worker *worker, struct target_state *state, const struct target_spec *spec,
               const struct repo *repo, struct objects *objects, const struct repo_head *head,
               struct rse_err *err) RSE_MUST;

/* Looks at the templates' branch of every target of the fleet, remotes only when they are due, and takes what was
 * pushed. Errors are logged: a target that can't be read doesn't keep the others from being looked at. */
void push_poll(struct worker *worker);

/* Somebody said that a target's remote was pushed to: the next push_poll() looks. */
void push_poke(struct worker *worker, int64_t target_id);

/* Whether there is something for push_poll() to do. Cheap: reads refs on this disk. */
bool push_pending(const struct worker *worker);

#endif
