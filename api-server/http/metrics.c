/*
 * metrics.c - counters of requests, and gauges read from their owners when asked.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "api-server/api.h"
#include "api-server/fleet/live.h"
#include "api-server/histogram.h"
#include "api-server/store/db.h"
#include "api-server/http/front.h"
#include "api-server/http/metrics.h"
#include "api-server/http/route.h"
#include "api-server/http/server.h"
#include "api-server/http/tls.h"

/* A series outlives the request that it is named after. */
static const char *const methods[] = { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "OTHER" };

/* More statuses than a route answers with; what a worker makes up beyond them is not counted. */
enum { MAX_STATUSES = 32, MAX_LABELS = 256 };

/* What was answered to one method of one path. A path has a route for each of its methods, but HEAD, which goes with GET, and but for
 * methods that it has not: those go with its first. */
struct answered {
    const struct route *route;
    size_t method;
    struct histogram duration;
    struct {
        int status;
        uint64_t count;
    } statuses[MAX_STATUSES];
    size_t nstatuses;
};

struct metrics {
    struct rse_map *answered; /* struct answered, by route and method */
    time_t started;
};

struct metrics *metrics_new(void)
{
    struct metrics *metrics = rse_new(struct metrics);

    metrics->answered = rse_map_new();
    metrics->started = time(NULL);
    return metrics;
}

void metrics_free(struct metrics *metrics)
{
    void *value;

    if (metrics == NULL)
        return;
    for (size_t it = 0; rse_map_next(metrics->answered, &it, NULL, &value);)
        free(value);
    rse_map_free(metrics->answered);
    free(metrics);
}

static size_t method_index(const char *method)
{
    size_t i = 0;

    while (i + 1 < RSE_COUNT(methods) && strcmp(methods[i], method) != 0)
        i++;
    return i;
}

static struct answered *answered_of(struct metrics *metrics, const struct route *route, const char *method)
{
    /* Compared as bytes, so without holes. */
    const int64_t key[2] = { (int64_t)(uintptr_t)route, (int64_t)method_index(method) };
    struct rse_str name = rse_str_n((const char *)key, sizeof(key));
    struct answered *answered = rse_map_get(metrics->answered, name);

    if (answered == NULL) {
        answered = rse_new(struct answered);
        answered->route = route;
        answered->method = (size_t)key[1];
        (void)rse_map_put(metrics->answered, name, answered);
    }
    return answered;
}

static void count(struct answered *answered, int status)
{
    size_t i = 0;

    while (i < answered->nstatuses && answered->statuses[i].status != status)
        i++;
    if (i == MAX_STATUSES)
        return;
    if (i == answered->nstatuses)
        answered->statuses[answered->nstatuses++].status = status;
    answered->statuses[i].count++;
}

void metrics_request(struct metrics *metrics, const struct route *route, const char *method, int status, int64_t us)
{
    struct answered *answered = answered_of(metrics, route, method);

    count(answered, status);
    histogram_add(&answered->duration, us);
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

static void add_labels(struct rse_buf *out, const struct answered *answered)
{
    rse_buf_addf(out, "route=\"%s\",method=\"%s\"", answered->route != NULL ? answered->route->path : "none",
                 methods[answered->method]);
}

static void render_counts(const struct metrics *metrics, struct rse_buf *out)
{
    void *value;

    begin(out, "resedge_http_requests_total", "counter", "Requests answered.");
    for (size_t it = 0; rse_map_next(metrics->answered, &it, NULL, &value);) {
        const struct answered *answered = value;

        for (size_t i = 0; i < answered->nstatuses; i++) {
            rse_buf_adds(out, "resedge_http_requests_total{");
            add_labels(out, answered);
            rse_buf_addf(out, ",code=\"%d\"} %llu\n", answered->statuses[i].status,
                         (unsigned long long)answered->statuses[i].count);
        }
    }
}

static void render_durations(const struct metrics *metrics, struct rse_buf *out)
{
    RSE_BUF_AUTO labels = { 0 };
    void *value;

    rse_buf_init(&labels, MAX_LABELS);
    begin(out, "resedge_http_request_duration_seconds", "histogram", "From the request's head to its answer.");
    for (size_t it = 0; rse_map_next(metrics->answered, &it, NULL, &value);) {
        const struct answered *answered = value;

        rse_buf_reset(&labels);
        add_labels(&labels, answered);
        histogram_render(&answered->duration, "resedge_http_request_duration_seconds", labels.p, out);
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
    render_counts(metrics, out);
    render_durations(metrics, out);
    gauge(out, "resedge_http_requests_in_flight", "Requests being answered.", (int64_t)server_open_calls(api->server));
    gauge(out, "resedge_http_connections", "Open connections of clients.",
          (int64_t)front_connections(server_front(api->server)));
    render_database(api->db, out);
    render_queue(queue, out);
    render_fleet(api->live, out);
    render_process(metrics, api, out);
}
