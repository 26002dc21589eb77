/*
 * health.c - is it alive, is it ready, which version, and the numbers.
 */
#include <event2/http.h>

#include "../api.h"
#include "../fleet/live.h"
#include "../http/metrics.h"
#include "../http/route.h"
#include "../store/db.h"
#include "../store/schema.h"

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
    RSE_BUF_AUTO body;

    rse_buf_init(&body, 1024);
    rse_buf_addf(&body, "{\"name\":\"resedge-api\",\"version\":\"%s\"}", rse_version());
    call_reply_buf(call, 200, &body);
}

static void metrics(struct call *call)
{
    RSE_BUF_AUTO body;

    rse_buf_init(&body, MAX_METRICS);
    metrics_render(call->api->metrics, call->api, &body);
    call_reply(call, 200, "text/plain; version=0.0.4", rse_buf_str(&body));
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
