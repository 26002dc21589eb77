/*
 * guard.h - what Flux removes at a store is gone, so what one change may do to a target's clusters is bounded.
 *
 * Counted are, for each cause, the clusters that lose an application or a namespace, those whose folder changes at all, and
 * files; of clusters that had a folder. What is above the target's limits is held: its parts stay as they are on its
 * clusters, until a person approves or discards it, or it shrinks. Fewer than GUARD_MIN_CLUSTERS are let through, and so is
 * what the writer confirmed by its number of clusters.
 */
#ifndef WORKER_JOB_GUARD_H
#define WORKER_JOB_GUARD_H

#include <resedge/client.h>
#include <resedge/fleet.h>

#include "automation-worker/job/holds.h"
#include "automation-worker/job/touches.h"

#define GUARD_MIN_CLUSTERS 20

struct guard_input {
    struct rse_client *client;
    const struct rse_fleet *fleet;
    int64_t target_id;
    int64_t after, revision;       /* the writes that the job takes in: after the one, up to the other */
    int64_t clusters;              /* that have a folder */
    const struct holds *before;    /* what was held */
    const struct rse_map *foreign; /* names of clusters whose folder Automation never wrote: all of them is held */
};

/* *after gets what is held now, or was discarded; to be freed with holds_free(). NULL: nothing is. Asks the Data Service only
 * where something may have to be held. */
bool guard_judge(const struct touches *touches, const struct guard_input *input, struct holds **after,
                 struct rse_err *err) RSE_MUST;

/* What all of a job does. */
struct hold_counts guard_count(const struct touches *touches);

#endif
