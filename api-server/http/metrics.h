/*
 * metrics.h - what is counted, as Prometheus text.
 */
#ifndef API_HTTP_METRICS_H
#define API_HTTP_METRICS_H

#include <resedge/resedge.h>

struct api;
struct metrics;
struct route;

struct metrics *metrics_new(void);
void metrics_free(struct metrics *metrics);
/* A request was answered; route NULL: none fitted. */
void metrics_request(struct metrics *metrics, const struct route *route, const char *method, int status, int64_t us);
void metrics_render(const struct metrics *metrics, const struct api *api, struct rse_buf *out);

#endif
