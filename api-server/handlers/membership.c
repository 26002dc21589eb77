/*
 * membership.c - who is where, and why: computed from the fleet in memory, never stored.
 */
#include "api-server/api.h"
#include "api-server/fleet/live.h"
#include "api-server/handlers/clusters.h"
#include "api-server/handlers/object.h"
#include "api-server/handlers/on_cluster.h"
#include "api-server/http/route.h"

enum { ANSWER_MAX_BYTES = 64 * 1024 * 1024 };

static void group_clusters(struct call *call);
static void namespace_clusters(struct call *call);
static void application_clusters(struct call *call);

const struct route membership_routes[] = {
    { "GET", "/api/v1/groups/{id}/clusters", ROLE_VIEWER, 0, 0, 0, group_clusters, "Clusters of a group" },
    { "GET", "/api/v1/namespaces/{id}/clusters", ROLE_VIEWER, 0, 0, 0, namespace_clusters, "Clusters of a namespace" },
    { "GET", "/api/v1/applications/{id}/clusters", ROLE_VIEWER, 0, 0, 0, application_clusters,
      "Clusters of an application" },
    { "GET", "/api/v1/clusters/{id}/applications", ROLE_VIEWER, 0, 0, 0, on_cluster_applications,
      "What is on a cluster, which version, and why" },
    { "GET", "/api/v1/clusters/{id}/values", ROLE_VIEWER, 0, 0, 0, on_cluster_values,
      "Effective metadata of a cluster, and where each value comes from" },
    { .method = NULL },
};

/* ---- clusters of something ---- */

static void reply_clusters(struct call *call, enum rse_noun noun,
                           void (*eval)(const struct rse_fleet *fleet, int64_t id, struct rse_bitmap *out))
{
    struct rse_fleet *fleet = live_fleet(call->api->live);
    const struct rse_object *object;
    RSE_BITMAP_AUTO set = { 0 };
    RSE_BUF_AUTO out = { 0 };

    rse_bitmap_init(&set, rse_fleet_nbits(fleet));
    rse_buf_init(&out, ANSWER_MAX_BYTES);
    if (!call_object_live(call, noun, &object))
        return call_fail(call);
    eval(fleet, object->id, &set);
    rse_buf_adds(&out, "{\"value\":");
    clusters_add(fleet, &set, &out);
    rse_buf_addf(&out, ",\"@odata.count\":%u}", rse_bitmap_count(&set));
    call_set_revision(call, rse_fleet_revision(fleet));
    call_reply_buf(call, 200, &out);
}

static void group_clusters(struct call *call)
{
    reply_clusters(call, RSE_GROUP, rse_fleet_group_clusters);
}

static void namespace_clusters(struct call *call)
{
    reply_clusters(call, RSE_NAMESPACE, rse_fleet_namespace_clusters);
}

static void application_clusters(struct call *call)
{
    reply_clusters(call, RSE_APPLICATION, rse_fleet_application_clusters);
}
