/*
 * metrics.c - counters of requests, and gauges read from their owners when asked.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "../api.h"
#include "../fleet/live.h"
#include "../histogram.h"
#include "../store/db.h"
#include "front.h"
#include "metrics.h"
#include "route.h"
#include "server.h"
#include "tls.h"

enum { MAX_SERIES = 5000 };

/* A series outlives the request that it is named after. */
static const char *const methods[] = { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "OTHER" };

struct series {
    const struct route *route;
    size_t method;
    int status;
    uint64_t count;
};

struct duration {
    const struct route *route;
    struct histogram histogram;
};

struct metrics {
    struct rse_map *requests;  /* struct series */
    struct rse_map *durations; /* struct duration, by route */
    time_t started;
};

struct metrics *metrics_new(void)
{
    struct metrics *metrics = rse_new(struct metrics);

    metrics->requests = rse_map_new();
    metrics->durations = rse_map_new();
    metrics->started = time(NULL);
    return metrics;
}

static void free_values(struct rse_map *map)
{
    void *value;

    for (size_t it = 0; rse_map_next(map, &it, NULL, &value);)
        free(value);
    rse_map_free(map);
}

void metrics_free(struct metrics *metrics)
{
    if (metrics == NULL)
        return;
    free_values(metrics->requests);
    free_values(metrics->durations);
    free(metrics);
}

static size_t method_index(const char *method)
{
    size_t i = 0;

    while (i + 1 < RSE_COUNT(methods) && strcmp(methods[i], method) != 0)
        i++;
    return i;
}

static void count(struct metrics *metrics, const struct route *route, const char *method, int status)
{
    /* Compared as bytes, so without holes. */
    const int64_t key[2] = { (int64_t)(uintptr_t)route, (int64_t)method_index(method) * 1000 + status };
    struct rse_str name = rse_str_n((const char *)key, sizeof(key));
    struct series *series = rse_map_get(metrics->requests, name);

    if (series == NULL) {
        if (rse_map_count(metrics->requests) >= MAX_SERIES)
            return;
        series = rse_new(struct series);
        *series = (struct series){ .route = route, .method = method_index(method), .status = status };
        (void)rse_map_put(metrics->requests, name, series);
    }
    series->count++;
}

static struct histogram *duration_of(struct metrics *metrics, const struct route *route)
{
    struct duration *duration = rse_map_get_id(metrics->durations, (int64_t)(uintptr_t)route);

    if (duration == NULL) {
        duration = rse_new(struct duration);
        duration->route = route;
        (void)rse_map_put_id(metrics->durations, (int64_t)(uintptr_t)route, duration);
    }
    return &duration->histogram;
}

void metrics_request(struct metrics *metrics, const struct route *route, const char *method, int status, int64_t us)
{
    count(metrics, route, method, status);
    histogram_add(duration_of(metrics, route), us);
}

/* ---- as text ---- */

static void begin(struct rse_buf *out, const char *name, const char *type, const char *help)
{
    rse_buf_addf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void gauge(struct rse_buf *out, const char *name, const char *help, int64_t value)
{
    begin(out, name, "gauge", help);
    rse_buf_addf(out, "%s %lld\n", name, (long long)value);
}

static const char *path_of(const struct route *route)
{
    return route != NULL ? route->path : "none";
}

static void render_requests(const struct metrics *metrics, struct rse_buf *out)
{
    void *value;
    char label[256];

    begin(out, "resedge_http_requests_total", "counter", "Requests answered.");
    for (size_t it = 0; rse_map_next(metrics->requests, &it, NULL, &value);) {
        const struct series *series = value;

        rse_buf_addf(out, "resedge_http_requests_total{route=\"%s\",method=\"%s\",code=\"%d\"} %llu\n",
                     path_of(series->route), methods[series->method], series->status,
                     (unsigned long long)series->count);
    }
    begin(out, "resedge_http_request_duration_seconds", "histogram", "From the request's head to its answer.");
    for (size_t it = 0; rse_map_next(metrics->durations, &it, NULL, &value);) {
        const struct duration *duration = value;

        snprintf(label, sizeof(label), "route=\"%s\"", path_of(duration->route));
        histogram_render(&duration->histogram, "resedge_http_request_duration_seconds", label, out);
    }
}

/* One line a lane of `value`. */
static void lane_gauge(const struct db_lane_numbers *lanes, struct rse_buf *out, const char *name, const char *help,
                       size_t offset)
{
    begin(out, name, "gauge", help);
    for (size_t i = 0; i < DB_LANE_COUNT; i++)
        rse_buf_addf(out, "%s{lane=\"%s\"} %d\n", name, lanes[i].name,
                     *(const int *)(const void *)((const char *)&lanes[i] + offset));
}

static void render_database(const struct db *db, struct rse_buf *out)
{
    struct db_lane_numbers lanes[DB_LANE_COUNT];
    char label[32];

    for (size_t i = 0; i < DB_LANE_COUNT; i++)
        db_lane_numbers(db, (enum db_lane)i, &lanes[i]);
    gauge(out, "resedge_db_up", "Whether the database can be reached.", db_is_up(db));
    lane_gauge(lanes, out, "resedge_db_connections", "Connections to the database.",
               offsetof(struct db_lane_numbers, connections));
    lane_gauge(lanes, out, "resedge_db_connections_ready", "Those of them that are up.",
               offsetof(struct db_lane_numbers, ready));
    lane_gauge(lanes, out, "resedge_db_queries_in_flight", "Queries at the database.",
               offsetof(struct db_lane_numbers, in_flight));
    lane_gauge(lanes, out, "resedge_db_queries_waiting", "Queries that wait for a connection.",
               offsetof(struct db_lane_numbers, waiting));
    begin(out, "resedge_db_query_duration_seconds", "histogram", "From a query to its result, waiting included.");
    for (size_t i = 0; i < DB_LANE_COUNT; i++) {
        snprintf(label, sizeof(label), "lane=\"%s\"", lanes[i].name);
        histogram_render(lanes[i].duration, "resedge_db_query_duration_seconds", label, out);
    }
}

static void render_queue(const struct queue_numbers *queue, struct rse_buf *out)
{
    if (queue == NULL)
        return;
    gauge(out, "resedge_queue_targets_open", "Targets with work that is not done.", queue->open);
    gauge(out, "resedge_queue_targets_running", "Targets that a worker has claimed.", queue->running);
    gauge(out, "resedge_queue_targets_parked", "Targets whose job is parked.", queue->parked);
    begin(out, "resedge_queue_oldest_seconds", "gauge", "For how long the longest open work has waited.");
    rse_buf_addf(out, "resedge_queue_oldest_seconds %.3f\n", queue->oldest_s);
}

static void render_fleet(struct live *live, struct rse_buf *out)
{
    gauge(out, "resedge_fleet_ready", "Whether the fleet is loaded.", live_is_ready(live));
    gauge(out, "resedge_fleet_revision", "The fleet's revision on this replica.", live_revision(live));
    begin(out, "resedge_fleet_objects", "gauge", "Objects of the fleet.");
    for (int noun = 0; noun < RSE_NOUN_COUNT; noun++)
        rse_buf_addf(out, "resedge_fleet_objects{noun=\"%s\"} %zu\n", rse_noun_info((enum rse_noun)noun)->name,
                     (size_t)rse_fleet_count(live_fleet(live), (enum rse_noun)noun));
}

static int64_t resident_bytes(void)
{
    FILE *file = fopen("/proc/self/statm", "re");
    long long pages = 0;

    if (file == NULL)
        return 0;
    if (fscanf(file, "%*s %lld", &pages) != 1)
        pages = 0;
    fclose(file);
    return pages * sysconf(_SC_PAGESIZE);
}

static void render_process(const struct metrics *metrics, const struct api *api, struct rse_buf *out)
{
    begin(out, "resedge_build_info", "gauge", "Which build this is.");
    rse_buf_addf(out, "resedge_build_info{version=\"%s\"} 1\n", rse_version());
    gauge(out, "process_start_time_seconds", "When the process started, since 1970.", metrics->started);
    gauge(out, "process_resident_memory_bytes", "Memory in RAM.", resident_bytes());
    if (api->tls != NULL)
        gauge(out, "resedge_tls_not_after_seconds", "When the certificate ends, since 1970.", tls_not_after(api->tls));
}

void metrics_render(const struct metrics *metrics, const struct api *api, const struct queue_numbers *queue,
                    struct rse_buf *out)
{
    render_requests(metrics, out);
    gauge(out, "resedge_http_requests_in_flight", "Requests being answered.", (int64_t)server_open_calls(api->server));
    gauge(out, "resedge_http_connections", "Open connections of clients.",
          (int64_t)front_connections(server_front(api->server)));
    render_database(api->db, out);
    render_queue(queue, out);
    render_fleet(api->live, out);
    render_process(metrics, api, out);
}
