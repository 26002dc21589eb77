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

/* What only the database knows of the queue of work. */
struct queue_numbers {
    int64_t open, parked, running; /* targets */
    double oldest_s;               /* for how long the longest has waited */
};
/* queue NULL: not known. */
void metrics_render(const struct metrics *metrics, const struct api *api, const struct queue_numbers *queue,
                    struct rse_buf *out);

#endif
