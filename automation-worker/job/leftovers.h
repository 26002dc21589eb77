/*
 * leftovers.h - what is to stay on a cluster because it is held, although nobody plans it there any more.
 */
#ifndef WORKER_JOB_LEFTOVERS_H
#define WORKER_JOB_LEFTOVERS_H

#include <resedge/fleet.h>
#include <resedge/plan.h>

#include "automation-worker/git/tree.h"

#include "automation-worker/job/holds.h"

/* Adds to the parts of a cluster those that are held and not among them, in the arena. now: the cluster's folder at the
 * head. */
bool leftovers_add(const struct holds *holds, const struct rse_fleet *fleet, struct rse_str cluster, struct tree *now,
                   struct rse_arena *arena, struct rse_part **parts, size_t *count, struct rse_err *err) RSE_MUST;

/* The path of a part, by which it is held; in the arena. */
struct rse_str leftovers_path(const struct rse_part *part, struct rse_arena *arena);

#endif
