/*
 * metrics.c - counters of requests, and gauges read from their owners when asked.
 */
#include <stdio.h>
#include <stdlib.h>

#include "../api.h"
#include "../fleet/live.h"
#include "../store/db.h"
#include "front.h"
#include "metrics.h"
#include "route.h"
#include "server.h"

/* Upper bounds in microseconds; the last bucket has none. */
static const int64_t bounds_us[] = {
    1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 1000000, 5000000, 30000000
};

enum { BUCKETS = RSE_COUNT(bounds_us) + 1, MAX_SERIES = 5000 };

struct series {
    const char *route, *method;
    int status;
    uint64_t count;
};

struct metrics {
    struct rse_map *requests; /* "METHOD route status" -> struct series */
    uint64_t buckets[BUCKETS];
    uint64_t total;
    double seconds;
};

struct metrics *metrics_new(void)
{
    struct metrics *metrics = rse_new(struct metrics);

    metrics->requests = rse_map_new();
    return metrics;
}

void metrics_free(struct metrics *metrics)
{
    void *series;

    if (metrics == NULL)
        return;
    for (size_t it = 0; rse_map_next(metrics->requests, &it, NULL, &series);)
        free(series);
    rse_map_free(metrics->requests);
    free(metrics);
}

/* A series outlives the request that it is named after. */
static const char *lasting_name(const char *method)
{
    static const char *const methods[] = { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS" };

    for (size_t i = 0; i < RSE_COUNT(methods); i++)
        if (strcmp(methods[i], method) == 0)
            return methods[i];
    return "OTHER";
}

static void count(struct metrics *metrics, const char *route, const char *method, int status)
{
    char key[256];
    struct series *series;

    snprintf(key, sizeof(key), "%s %s %d", method, route, status);
    series = rse_map_get(metrics->requests, rse_str(key));
    if (series == NULL) {
        if (rse_map_count(metrics->requests) >= MAX_SERIES)
            return;
        series = rse_new(struct series);
        *series = (struct series){ .route = route, .method = method, .status = status };
        (void)rse_map_put(metrics->requests, rse_str(key), series);
    }
    series->count++;
}

void metrics_request(struct metrics *metrics, const struct route *route, const char *method, int status, int64_t us)
{
    size_t bucket = 0;

    count(metrics, route != NULL ? route->path : "none", lasting_name(method), status);
    while (bucket < RSE_COUNT(bounds_us) && us > bounds_us[bucket])
        bucket++;
    metrics->buckets[bucket]++;
    metrics->total++;
    metrics->seconds += (double)us / 1e6;
}

static void render_requests(const struct metrics *metrics, struct rse_buf *out)
{
    void *value;

    rse_buf_adds(out,
                 "# HELP resedge_http_requests_total Requests answered.\n# TYPE resedge_http_requests_total counter\n");
    for (size_t it = 0; rse_map_next(metrics->requests, &it, NULL, &value);) {
        const struct series *series = value;

        rse_buf_addf(out, "resedge_http_requests_total{route=\"%s\",method=\"%s\",code=\"%d\"} %llu\n", series->route,
                     series->method, series->status, (unsigned long long)series->count);
    }
}

static void render_duration(const struct metrics *metrics, struct rse_buf *out)
{
    uint64_t sum = 0;

    rse_buf_adds(out, "# HELP resedge_http_request_duration_seconds From the request's head to its answer.\n"
                      "# TYPE resedge_http_request_duration_seconds histogram\n");
    for (size_t i = 0; i < RSE_COUNT(bounds_us); i++) {
        sum += metrics->buckets[i];
        rse_buf_addf(out, "resedge_http_request_duration_seconds_bucket{le=\"%g\"} %llu\n", (double)bounds_us[i] / 1e6,
                     (unsigned long long)sum);
    }
    rse_buf_addf(out,
                 "resedge_http_request_duration_seconds_bucket{le=\"+Inf\"} %llu\n"
                 "resedge_http_request_duration_seconds_sum %.6f\nresedge_http_request_duration_seconds_count %llu\n",
                 (unsigned long long)metrics->total, metrics->seconds, (unsigned long long)metrics->total);
}

static void gauge(struct rse_buf *out, const char *name, const char *help, int64_t value)
{
    rse_buf_addf(out, "# HELP %s %s\n# TYPE %s gauge\n%s %lld\n", name, help, name, name, (long long)value);
}

void metrics_render(const struct metrics *metrics, const struct api *api, struct rse_buf *out)
{
    render_requests(metrics, out);
    render_duration(metrics, out);
    gauge(out, "resedge_http_requests_in_flight", "Requests being answered.", (int64_t)server_open_calls(api->server));
    gauge(out, "resedge_http_connections", "Open connections of clients.",
          (int64_t)front_connections(server_front(api->server)));
    gauge(out, "resedge_db_up", "Whether the database can be reached.", db_is_up(api->db));
    gauge(out, "resedge_db_queries_waiting", "Queries that wait for a connection.", db_waiting(api->db));
    gauge(out, "resedge_fleet_ready", "Whether the fleet is loaded.", live_is_ready(api->live));
    gauge(out, "resedge_fleet_revision", "The fleet's revision on this replica.", live_revision(api->live));
}
