/*
 * delta.h - which parts of which clusters have other inputs than at the last plan: those have to be rendered again, and
 * nothing else.
 *
 * What a plan was made of is kept as its inputs: per namespace and version of an application the clusters that have it, as
 * bitmaps, and a digest of everything in its files that doesn't depend on the cluster (templates by blob id and
 * placeholders, the values of namespace and application, policies, dependencies, errors). What depends on the cluster
 * alone (its fields, its effective values, its state) is told from outside, as a set of clusters: see
 * rse_values_watch_new(). A part that neither says anything about has the files that it had.
 *
 * Inputs hold indexes of clusters, not clusters: they are good for plans of the same fleet, kept up by changes. An index that
 * was given to another cluster meanwhile has to be in that set too.
 */
#ifndef RESEDGE_DELTA_H
#define RESEDGE_DELTA_H

#include "plan.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- what a plan was made of ---- */

struct rse_plan_inputs;

/* Copies: the plan may go. A fleet of 60,000 clusters with 20 applications takes about half a megabyte. */
RSE_API struct rse_plan_inputs *rse_plan_inputs_new(const struct rse_plan *plan);
RSE_API void rse_plan_inputs_free(struct rse_plan_inputs *inputs);

/* ---- what is different now ---- */

struct rse_delta;

/* Compares what was with what the plan is made of now. before NULL: nothing is known, everything is different; else it is
 * brought to the fleet's size. clusters: those whose own inputs may have changed; all their parts count. `before` and
 * `plan` are borrowed until rse_delta_free(). */
RSE_API struct rse_delta *rse_delta_new(struct rse_plan_inputs *before, const struct rse_plan_inputs *now,
                                        const struct rse_plan *plan, const struct rse_bitmap *clusters);
RSE_API void rse_delta_free(struct rse_delta *delta);

/* One more part that is to be rendered, for a reason of the caller's (it was held). The cluster has the part now, or nothing
 * happens. namespace_id and application_id 0: the bootstrap; application_id 0: the namespace. */
RSE_API void rse_delta_add_part(struct rse_delta *delta, uint32_t cluster_index, int64_t namespace_id,
                                int64_t application_id);
/* One more cluster with all its parts. */
RSE_API void rse_delta_add_cluster(struct rse_delta *delta, uint32_t cluster_index);

/* Everything is to be built anew: what every cluster's folder depends on has changed, or nothing is known. */
RSE_API bool rse_delta_is_full(const struct rse_delta *delta);
/* The clusters where anything is different, those that lose their folder included. With rse_delta_is_full(), all of the
 * target. Borrowed. */
RSE_API const struct rse_bitmap *rse_delta_clusters(const struct rse_delta *delta);
/* Whether all parts of the cluster are to be rendered. */
RSE_API bool rse_delta_is_whole(const struct rse_delta *delta, uint32_t cluster_index);
/* Whether a part that the cluster has now (of rse_plan_parts()) is to be rendered. */
RSE_API bool rse_delta_has(const struct rse_delta *delta, const struct rse_part *part, uint32_t cluster_index);

#ifdef __cplusplus
}
#endif

#endif
