/*
 * deployments.h - what the Data Service is told about clusters: their folder's tree, and each application's version
 * and state.
 *
 * Only what differs from what this worker said last is told again; what it said is remembered as a digest per
 * cluster.
 */
#ifndef WORKER_JOB_DEPLOYMENTS_H
#define WORKER_JOB_DEPLOYMENTS_H

#include <git2.h>

#include <resedge/buf.h>
#include <resedge/map.h>
#include <resedge/plan.h>

struct deployments;

/* said: cluster id -> digest; borrowed, and not changed before deployments_remember(). */
struct deployments *deployments_new(struct rse_map *said);
void deployments_free(struct deployments *deployments);

enum part_state {
    PART_CURRENT,
    PART_FAILED, /* could not be made: see error */
    PART_PAUSED, /* its application is */
    PART_HELD,   /* by the guard */
    PART_ABSENT, /* nobody wishes for it, and there is none */
};

/* How one part of a cluster came out. Of all but PART_CURRENT the last good files stay, if there were any. */
struct part_outcome {
    const struct rse_part *part;
    struct rse_str version; /* of an application: what the folder holds; empty: the base, or nothing */
    enum part_state state;
    const struct rse_err *error; /* NULL, unless it failed */
};

/* tree NULL: the cluster has no folder here, which is told as the id of an empty tree. */
void deployments_add(struct deployments *deployments, int64_t cluster_id, const git_oid *tree,
                     const struct part_outcome *parts, size_t count);

/* The lines that are news, as NDJSON, about max_bytes of them from *at on; advances *at. False: there is no more. */
bool deployments_next(const struct deployments *deployments, size_t *at, size_t max_bytes, struct rse_buf *out);
size_t deployments_count(const struct deployments *deployments);

/* Nothing is to be told after all. */
void deployments_clear(struct deployments *deployments);
/* After the Data Service took all of them. */
void deployments_remember(struct deployments *deployments);

#endif
