/*
 * histogram.h - how long things take, as Prometheus counts it.
 */
#ifndef API_HISTOGRAM_H
#define API_HISTOGRAM_H

#include <resedge/resedge.h>

enum { HISTOGRAM_BUCKETS = 14 }; /* from 0.5 ms to 30 s, and above */

/* All zero: nothing seen yet. */
struct histogram {
    uint64_t buckets[HISTOGRAM_BUCKETS];
    uint64_t count;
    int64_t sum_us;
};

void histogram_add(struct histogram *histogram, int64_t us);
/* Its lines, without HELP and TYPE. label: route="/x", or "". */
void histogram_render(const struct histogram *histogram, const char *name, const char *label, struct rse_buf *out);

#endif
