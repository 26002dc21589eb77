/*
 * held.h - the parts that are held back, on which clusters, and why.
 *
 * A mistake in a template fails on every cluster that has it, so parts are kept by cause: the same error of the same part is
 * one, with the set of its clusters. Of one cause 100 clusters are listed, of all 1,000; the counts are of all. Kept from job
 * to job: what a job does not look at stays held.
 */
#ifndef WORKER_JOB_HELD_H
#define WORKER_JOB_HELD_H

#include <resedge/bitmap.h>
#include <resedge/buf.h>
#include <resedge/fleet.h>

struct held;

struct held *held_new(void);
void held_free(struct held *held);
void held_clear(struct held *held);

/* cluster_index: the cluster's, in the fleet. application and namespace_ may be NULL. Copies. */
void held_add(struct held *held, uint32_t cluster_index, const struct rse_namespace *namespace_,
              const struct rse_application *application, const struct rse_err *error);
/* Nothing of these clusters is held any more. */
void held_forget(struct held *held, const struct rse_bitmap *clusters);
/* Adds all that is held there. */
void held_merge(struct held *held, const struct held *more);

/* Whether a part is held on a cluster: application_id 0: the namespace; both 0: the bootstrap, or the whole folder. */
bool held_has(const struct held *held, uint32_t cluster_index, int64_t namespace_id, int64_t application_id);

/* Parts held back, counting each cluster. */
int64_t held_count(const struct held *held);

/* What is listed, as a JSON array: [{"cluster", "namespace", "application", "error": problem}]. Clusters are named as in the
 * fleet. */
void held_render(const struct held *held, const struct rse_fleet *fleet, struct rse_buf *out);

/* "imdb on 3 clusters, dogs-cats on 1 cluster": for the log of Git. */
void held_summary(const struct held *held, struct rse_buf *out);

#endif
