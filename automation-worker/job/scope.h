/*
 * scope.h - what a job has to look at: the parts of clusters whose inputs changed since the branch was last built, by this
 * worker or as the checkpoint says, and what people changed by hand. Where that can't be known, everything.
 */
#ifndef WORKER_JOB_SCOPE_H
#define WORKER_JOB_SCOPE_H

#include <resedge/delta.h>

#include "automation-worker/git/ancestry.h"

#include "automation-worker/job/build.h"
#include "automation-worker/job/drift.h"
#include "automation-worker/job/fleet_sync.h"
#include "automation-worker/job/holds.h"
#include "automation-worker/job/targets.h"

struct scope_input {
    const struct target_state *state;
    const struct rse_fleet *fleet;
    uint64_t epoch;                      /* of the fleet */
    const struct fleet_changes *changes; /* since what was built; NULL: not known. The names in it stay. */
    const struct rse_plan *plan;
    git_repository *git;
    struct objects *objects;
    const git_oid *head, *head_tree; /* NULL: the branch does not exist yet */
    enum rse_folder_pattern pattern;
    bool everything;           /* whatever is known */
    const struct holds *holds; /* what was held for a person: looked at again; NULL: nothing */
};

struct scope {
    struct rse_plan_inputs *inputs; /* of this plan */
    struct rse_delta *delta;        /* NULL: everything is looked at */
    struct ancestry ancestry;
    struct drift drift;
    const struct held *held; /* from before */
    struct build_scope build;
};

/* Is to be released in any case; then what is borrowed may go. */
bool scope_make(struct scope *scope, const struct scope_input *input, struct rse_err *err) RSE_MUST;
void scope_release(struct scope *scope);

/* The inputs of this plan, to be freed by the caller: the scope is over, but for scope_release(). */
struct rse_plan_inputs *scope_take_inputs(struct scope *scope);

/* NULL: everything. */
const struct build_scope *scope_of_build(const struct scope *scope);

/* What is held once a build of this scope is done: what was, where the build did not look, and what the build holds. To be
 * freed. */
struct held *scope_held(const struct scope *scope, const struct rse_fleet *fleet, const struct held *built);

#endif
