/*
 * health.c - is it alive, is it ready, which version, and the numbers.
 */
#include <stdlib.h>

#include "api-server/api.h"
#include "api-server/fleet/live.h"
#include "api-server/http/metrics.h"
#include "api-server/http/route.h"
#include "api-server/store/db.h"
#include "api-server/store/job.h"
#include "api-server/store/schema.h"

enum { MAX_METRICS = 4 << 20 };

static void healthz(struct call *call)
{
    call_reply(call, 200, "text/plain", RSE_STR("ok\n"));
}

static bool check_ready(struct api *api, struct rse_err *err)
{
    if (api->draining)
        return rse_fail(err, RSE_UNAVAILABLE, "the service is stopping");
    if (!db_is_up(api->db))
        return rse_fail(err, RSE_UNAVAILABLE, "the database can't be reached");
    if (!schema_is_ready(api->schema))
        return rse_fail(err, RSE_UNAVAILABLE, "the database's schema is not up to date");
    return live_check_ready(api->live, err);
}

static void readyz(struct call *call)
{
    if (check_ready(call->api, &call->err))
        call_reply(call, 200, "text/plain", RSE_STR("ready\n"));
    else
        call_fail(call);
}

static void version(struct call *call)
{
    RSE_BUF_AUTO body = { 0 };

    rse_buf_init(&body, 1024);
    rse_buf_addf(&body, "{\"name\":\"resedge-api\",\"version\":\"%s\"}", rse_version());
    call_reply_buf(call, 200, &body);
}

static void reply_metrics(struct call *call, const struct queue_numbers *queue)
{
    RSE_BUF_AUTO body = { 0 };

    rse_buf_init(&body, MAX_METRICS);
    metrics_render(call->api->metrics, call->api, queue, &body);
    call_reply(call, 200, "text/plain; version=0.0.4", rse_buf_str(&body));
}

static void got_queue(void *arg, PGresult *res, const struct rse_err *err)
{
    struct queue_numbers queue;

    if (err != NULL)
        return reply_metrics(arg, NULL);
    queue = (struct queue_numbers){ .open = db_int64(res, 0, 0),
                                    .oldest_s = strtod(PQgetvalue(res, 0, 1), NULL),
                                    .running = db_int64(res, 0, 2),
                                    .parked = db_int64(res, 0, 3) };
    reply_metrics(arg, &queue);
}

/* Without the database the rest is told all the same, and soon: that is when it is wanted most. */
static void metrics(struct call *call)
{
    if (!db_is_up(call->api->db))
        return reply_metrics(call, NULL);
    (void)db_send(call->api->db,
                  &(struct db_query){
                      .lane = DB_READ, .sql = QUEUE_NUMBERS, .timeout_ms = 1000, .done = got_queue, .arg = call });
}

#define PUBLIC(route, function, text)                                                                  \
    {                                                                                                  \
        .method = "GET", .path = (route), .flags = ROUTE_PUBLIC, .handler = (function), .help = (text) \
    }

const struct route health_routes[] = {
    PUBLIC("/healthz", healthz, "The process is alive"),
    PUBLIC("/readyz", readyz, "Database, migrations and fleet are there"),
    PUBLIC("/version", version, "The version"),
    PUBLIC("/api/healthz", healthz, "The process is alive"),
    PUBLIC("/api/readyz", readyz, "Database, migrations and fleet are there"),
    PUBLIC("/api/version", version, "The version"),
    PUBLIC("/metrics", metrics, "Numbers for Prometheus"),
    { .method = NULL },
};
