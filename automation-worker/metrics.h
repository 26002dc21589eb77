/*
 * metrics.h - what the worker did since its start, for Prometheus. Safe from any thread.
 */
#ifndef WORKER_METRICS_H
#define WORKER_METRICS_H

#include <resedge/buf.h>

struct metrics;
struct completion;

struct metrics *metrics_new(void);
void metrics_free(struct metrics *metrics);

void metrics_job_done(struct metrics *metrics, const struct completion *completion);
void metrics_job_failed(struct metrics *metrics);

/* In the text format of Prometheus. */
void metrics_render(const struct metrics *metrics, struct rse_buf *out);

#endif
