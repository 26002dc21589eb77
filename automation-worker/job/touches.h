/*
 * touches.h - which parts of which clusters' folders a job changes, of clusters that had a folder: what the guard
 * counts.
 */
#ifndef WORKER_JOB_TOUCHES_H
#define WORKER_JOB_TOUCHES_H

#include <resedge/arena.h>
#include <resedge/map.h>

#include "automation-worker/git/tree_diff.h"

struct touch {
    uint32_t cluster, part; /* numbers in the lists below; a cluster's touches stand together */
    uint32_t files;
    enum tree_op op; /* the part came, went or changed */
};

struct touches {
    struct rse_arena *arena;
    struct rse_map *numbers; /* of parts: number + 1 */
    struct rse_str *parts;   /* by their path in the folder: "imdb/imdb", "namespaces/imdb.yaml", "flux-system", or a
                                * listener's, "flux-system/listeners/imdb.yaml" */
    size_t nparts, parts_cap;
    struct rse_str *clusters; /* names */
    size_t nclusters, clusters_cap;
    struct touch *at;
    size_t count, cap;
};

void touches_init(struct touches *touches);
void touches_release(struct touches *touches);

/* The cluster that the next touches are of. */
void touches_cluster(struct touches *touches, struct rse_str name);
/* One file more of a part; the part's first file says what became of the part. */
void touches_add(struct touches *touches, struct rse_str part, enum tree_op op);
/* Adds what another one has. */
void touches_merge(struct touches *into, const struct touches *from);

/* The part of a cluster's folder that a file belongs to; empty for the files that only list others. Borrowed from the
 * path. */
struct rse_str touches_part(struct rse_str path);
/* Whether a part's loss is that of something that runs: an application or a namespace. */
bool touches_part_runs(struct rse_str part);

#endif
