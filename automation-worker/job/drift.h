/*
 * drift.h - what people changed by hand under clusters/, which is Automation's.
 *
 * Commits without our trailers that stand on top of the newest one that has them are people's. What they changed there is
 * found by comparing two trees, reported with the job, and put right by building those clusters anew.
 */
#ifndef WORKER_JOB_DRIFT_H
#define WORKER_JOB_DRIFT_H

#include <resedge/arena.h>
#include <resedge/buf.h>
#include <resedge/fleet.h>
#include <resedge/map.h>
#include <resedge/model.h>

#include "automation-worker/git/commit.h"
#include "automation-worker/git/tree_diff.h"

struct drift_path {
    struct rse_str path; /* from the root of the repository */
    enum tree_op op;
};

struct drift {
    struct rse_arena *arena;
    int64_t count;            /* files, all of them */
    struct drift_path *paths; /* the first of them */
    size_t npaths;
    struct rse_map *clusters; /* by name: those in whose folders anything was changed */
};

/* What stands between `from` and the head. Folders of no known cluster are people's own, and no drift. Is to be released if it
 * succeeds. */
bool drift_find(struct drift *out, struct objects *objects, const git_oid *from, const git_oid *head,
                enum rse_folder_pattern pattern, const struct rse_fleet *fleet, struct rse_err *err) RSE_MUST;
void drift_release(struct drift *drift);

/* {"files": 3, "paths": [{"path", "op": "added|changed|removed"}]}, null where there is none. */
void drift_render(const struct drift *drift, struct rse_buf *out);

#endif
