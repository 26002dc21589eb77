/*
 * membership.c - who is where, and why: computed from the fleet in memory, never stored.
 */
#include "api-server/api.h"
#include "api-server/fleet/live.h"
#include "api-server/handlers/list.h"
#include "api-server/handlers/object.h"
#include "api-server/handlers/on_cluster.h"
#include "api-server/handlers/related.h"
#include "api-server/http/route.h"

static void group_clusters(struct call *call);
static void namespace_clusters(struct call *call);
static void application_clusters(struct call *call);

const struct route membership_routes[] = {
    { "GET", "/api/v1/groups/{id}/clusters", ROLE_VIEWER, ROUTE_FLEET | ROUTE_LIST, 0, 0, group_clusters,
      "Clusters of a group" },
    { "GET", "/api/v1/namespaces/{id}/clusters", ROLE_VIEWER, ROUTE_FLEET | ROUTE_LIST, 0, 0, namespace_clusters,
      "Clusters of a namespace" },
    { "GET", "/api/v1/applications/{id}/clusters", ROLE_VIEWER, ROUTE_FLEET | ROUTE_LIST, 0, 0, application_clusters,
      "Clusters of an application" },
    { "GET", "/api/v1/clusters/{id}/applications", ROLE_VIEWER, ROUTE_FLEET | ROUTE_LIST, 0, 0, on_cluster_applications,
      "What is on a cluster, which version, and why" },
    { "GET", "/api/v1/clusters/{id}/values", ROLE_VIEWER, ROUTE_FLEET | ROUTE_LIST, 0, 0, on_cluster_values,
      "Effective metadata of a cluster, and where each value comes from" },
    { .method = NULL },
};

/* ---- clusters of something ---- */

static void reply_clusters(struct call *call, enum rse_noun noun)
{
    struct rse_fleet *fleet = live_fleet(call->api->live);
    const struct rse_object *object;
    struct related related;
    RSE_BITMAP_AUTO set = { 0 };

    rse_bitmap_init(&set, rse_fleet_nbits(fleet));
    if (!call_object_live(call, noun, &object))
        return call_fail(call);
    related_clusters(fleet, noun, object->id, &set);
    related = related_cluster_ids(fleet, &set, call->arena);
    list_reply(call, rse_noun_info(RSE_CLUSTER),
               &(struct list_scope){
                   .only = true, .ids = related.ids, .count = related.count, .select = "id,name", .order = "name" });
}

static void group_clusters(struct call *call)
{
    reply_clusters(call, RSE_GROUP);
}

static void namespace_clusters(struct call *call)
{
    reply_clusters(call, RSE_NAMESPACE);
}

static void application_clusters(struct call *call)
{
    reply_clusters(call, RSE_APPLICATION);
}
