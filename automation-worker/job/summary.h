/*
 * summary.h - what a job changed, in the words of a commit: clusters, applications, files.
 */
#ifndef WORKER_JOB_SUMMARY_H
#define WORKER_JOB_SUMMARY_H

#include <resedge/buf.h>

#include "automation-worker/git/tree_diff.h"

#include "automation-worker/job/held.h"
#include "automation-worker/job/holds.h"
#include "automation-worker/job/touches.h"

struct summary;
struct application;

struct summary *summary_new(void);
void summary_free(struct summary *summary);

/* Adds what another one took in, after what is there. */
void summary_merge(struct summary *into, const struct summary *from);

/* Takes in one cluster's folder that vanished. */
bool summary_gone(struct summary *summary, struct rse_str cluster, struct tree *before, struct rse_err *err) RSE_MUST;

/* Takes in one that came or changed: first the cluster, then each file that differs, in the order of paths. */
struct summary_diff {
    struct summary *summary;
    struct rse_str cluster;
    struct tree *before;                         /* NULL: there was none */
    bool (*has)(void *arg, struct rse_str path); /* whether there is anything at a path afterwards */
    void *arg;
    struct application *last; /* of the file seen before; NULL to begin with */
    bool begun;               /* a file was seen that the guard counts */
};
void summary_cluster(struct summary *summary, struct rse_str name);
bool summary_see(struct summary_diff *diff, enum tree_op op, struct rse_str path, struct rse_err *err) RSE_MUST;

/* Of clusters that had a folder; borrowed. */
const struct touches *summary_touches(const struct summary *summary);
int64_t summary_clusters(const struct summary *summary);
struct tree_counts summary_files(const struct summary *summary);

/* Subject and body of the commit, without trailers. holds may be NULL. */
void summary_message(const struct summary *summary, int64_t revision, const struct held *held,
                     const struct holds *holds, struct rse_buf *out);

#endif
