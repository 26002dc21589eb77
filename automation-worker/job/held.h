/*
 * held.h - the parts that a job held back, on which clusters, and why.
 *
 * A mistake in a template fails on every cluster that has it: of the same error 100 clusters are listed, of all 1,000;
 * the counts are of all.
 */
#ifndef WORKER_JOB_HELD_H
#define WORKER_JOB_HELD_H

#include <resedge/buf.h>
#include <resedge/model.h>

struct held;

struct held *held_new(void);
void held_free(struct held *held);

/* application and namespace_ may be NULL. Copies. */
void held_add(struct held *held, const struct rse_cluster *cluster, const struct rse_namespace *namespace_,
              const struct rse_application *application, const struct rse_err *error);

/* Parts held back, counting each cluster. */
int64_t held_count(const struct held *held);

/* What is listed, as a JSON array: [{"cluster", "namespace", "application", "error": problem}]. */
void held_render(const struct held *held, struct rse_buf *out);

/* "imdb on 3 clusters, dogs-cats on 1 cluster": for the log of Git. */
void held_summary(const struct held *held, struct rse_buf *out);

#endif
