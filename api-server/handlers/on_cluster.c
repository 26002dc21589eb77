/*
 * on_cluster.c - what a cluster has: which applications in which version, and why.
 *
 * What it should have is computed from the fleet in memory; whether its folder has it already is what the worker reported.
 */
#include <cjson/cJSON.h>

#include "api-server/api.h"
#include "api-server/fleet/live.h"
#include "api-server/handlers/list.h"
#include "api-server/handlers/object.h"
#include "api-server/handlers/on_cluster.h"
#include "api-server/store/deployment.h"

enum { ANSWER_MAX_BYTES = 64 * 1024 * 1024, PATH_MAX_BYTES = 8 * 1024, SHORT_MAX_BYTES = 128 };

struct on_cluster {
    struct call *call;
    const struct rse_fleet *fleet;
    int64_t id;
    uint32_t index;
    cJSON *reported; /* [{"application", "version", "state", "error"}], or NULL */
    const char *comma;
    struct rse_buf *out; /* a JSON array of what it has */
};

/* ---- applications ---- */

/* The groups that an expression names and that the cluster is in. */
static void add_groups(struct on_cluster *on, const struct rse_expr_node *node)
{
    const struct rse_object *group;
    RSE_BITMAP_AUTO set = { 0 };
    RSE_BUF_AUTO path = { 0 };

    if (node == NULL)
        return;
    add_groups(on, node->left);
    add_groups(on, node->right);
    if (node->kind != RSE_EXPR_GROUP)
        return;
    rse_buf_init(&path, PATH_MAX_BYTES);
    rse_buf_addf(&path, "/%.*s", RSE_STR_ARG(node->name));
    rse_bitmap_init(&set, rse_fleet_nbits(on->fleet));
    rse_expr_eval_node(node, on->fleet, &set);
    group = node->id != 0 ? rse_fleet_get(on->fleet, RSE_GROUP, node->id)
                          : rse_fleet_find(on->fleet, RSE_GROUP, rse_buf_str(&path), NULL);
    if (group == NULL || !rse_bitmap_has(&set, on->index))
        return;
    rse_buf_adds(on->out, on->comma);
    rse_json_add_string(on->out, ((const struct rse_group *)group)->name_path);
    on->comma = ",";
}

static void add_text(struct rse_buf *out, struct rse_str text)
{
    if (text.p != NULL)
        rse_json_add_string(out, text);
    else
        rse_buf_adds(out, "null");
}

static const cJSON *find_report(const struct on_cluster *on, int64_t application_id)
{
    const cJSON *report;

    cJSON_ArrayForEach(report, on->reported)
    {
        if ((int64_t)cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(report, "application")) == application_id)
            return report;
    }
    return NULL;
}

/* What the folder holds; "pending" where that is not this version yet. */
static void add_state(struct on_cluster *on, const struct rse_application *app, struct rse_str version)
{
    const cJSON *report = find_report(on, app->object.id);
    const cJSON *error = cJSON_GetObjectItemCaseSensitive(report, "error");
    struct rse_str held = rse_str(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(report, "version")));
    struct rse_str state = rse_str(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(report, "state")));
    char *text;

    if (state.len == 0 || (rse_str_is(state, "current") && !rse_str_eq(held, version)))
        state = RSE_STR("pending");
    if (app->paused)
        state = RSE_STR("paused");
    rse_buf_adds(on->out, ",\"state\":");
    rse_json_add_string(on->out, state);
    if (!cJSON_IsObject(error) && !cJSON_IsString(error))
        return;
    text = cJSON_PrintUnformatted(error);
    rse_buf_addf(on->out, ",\"error\":%s", text);
    cJSON_free(text);
}

/* The version that it should have; of one that only stays because it is paused or held, the one that is there. */
static struct rse_str version_of(const struct on_cluster *on, const struct rse_application *app, const cJSON *leftover)
{
    const struct rse_release *release = rse_fleet_release_for(on->fleet, app->object.id, on->index);

    if (leftover != NULL)
        return rse_str(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(leftover, "version")));
    return release != NULL ? release->version : rse_str(NULL);
}

/* leftover: what was reported of it, where nothing selects it any more; else NULL. */
static void add_application(struct on_cluster *on, const struct rse_application *app, const struct rse_namespace *ns,
                            const cJSON *leftover)
{
    const struct rse_release *release = rse_fleet_release_for(on->fleet, app->object.id, on->index);
    struct rse_str version = version_of(on, app, leftover);
    RSE_CLEANUP(rse_expr_freep) struct rse_expr *expr = NULL;
    struct on_cluster groups = *on;

    rse_buf_addf(on->out, "%s{\"application\":", on->comma);
    on->comma = ",";
    rse_json_add_string(on->out, app->object.name);
    rse_buf_addf(on->out, ",\"applicationId\":%lld,\"namespace\":", (long long)app->object.id);
    rse_json_add_string(on->out, ns->object.name);
    rse_buf_addf(on->out, ",\"namespaceId\":%lld,\"version\":", (long long)ns->object.id);
    add_text(on->out, version);
    rse_buf_adds(on->out, ",\"expression\":");
    add_text(on->out, ns->expression);
    rse_buf_adds(on->out, ",\"groups\":[");
    groups.comma = "";
    if (rse_expr_parse(&expr, ns->expression, NULL))
        add_groups(&groups, rse_expr_root(expr));
    rse_buf_addc(on->out, ']');
    if (release != NULL && rse_str_eq(release->version, version)) {
        rse_buf_adds(on->out, ",\"releaseExpression\":");
        add_text(on->out, release->expression);
    }
    add_state(on, app, version);
    rse_buf_addc(on->out, '}');
}

/* What is there although nothing selects it: paused, or held back from being removed. */
static const cJSON *find_leftover(const struct on_cluster *on, int64_t application_id)
{
    const cJSON *report = find_report(on, application_id);
    struct rse_str state = rse_str(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(report, "state")));

    return rse_str_is(state, "paused") || rse_str_is(state, "held") ? report : NULL;
}

static void add_applications(struct on_cluster *on)
{
    const struct rse_object *object;
    const cJSON *leftover;
    RSE_BITMAP_AUTO set = { 0 };

    rse_bitmap_init(&set, rse_fleet_nbits(on->fleet));
    for (size_t it = 0; (object = rse_fleet_next(on->fleet, RSE_APPLICATION, &it)) != NULL;) {
        const struct rse_application *app = (const struct rse_application *)object;
        const struct rse_object *ns = rse_fleet_get(on->fleet, RSE_NAMESPACE, app->namespace_.id);

        if (ns == NULL)
            continue;
        rse_fleet_application_clusters(on->fleet, object->id, &set);
        leftover = rse_bitmap_has(&set, on->index) ? NULL : find_leftover(on, object->id);
        if (leftover != NULL || rse_bitmap_has(&set, on->index))
            add_application(on, app, (const struct rse_namespace *)ns, leftover);
    }
}

/* Of these the list is filtered, ordered and paged. */
static const char *const STATES[] = { "current", "pending", "paused", "held", "failed", NULL };
static const struct rse_field FIELDS[] = {
    { .name = "applicationId", .type = RSE_FIELD_INT },
    { .name = "application", .type = RSE_FIELD_STRING, .max = SHORT_MAX_BYTES },
    { .name = "namespace", .type = RSE_FIELD_STRING, .max = SHORT_MAX_BYTES },
    { .name = "namespaceId", .type = RSE_FIELD_INT },
    { .name = "version", .type = RSE_FIELD_STRING, .max = SHORT_MAX_BYTES },
    { .name = "expression", .type = RSE_FIELD_TEXT },
    { .name = "groups", .type = RSE_FIELD_STRINGS },
    { .name = "releaseExpression", .type = RSE_FIELD_TEXT },
    { .name = "state", .type = RSE_FIELD_ENUM, .names = STATES },
    { .name = "error", .type = RSE_FIELD_TEXT },
    { .name = NULL },
};
static const struct rse_noun_info PLACED = {
    .noun = RSE_NOUN_COUNT, .name = "application of a cluster", .plural = "applications of a cluster", .fields = FIELDS
};

static void release_out(void *arg)
{
    rse_buf_release(arg);
}

static void reply_applications(void *arg, struct rse_str reported, const struct rse_err *err)
{
    struct on_cluster *on = arg;
    struct call *call = on->call;

    if (err != NULL)
        return call_fail_with(call, err);
    /* The fleet may have moved on meanwhile. */
    on->fleet = live_fleet(call->api->live);
    on->index = rse_fleet_cluster_index(on->fleet, on->id);
    on->reported = reported.len > 0 ? cJSON_ParseWithLength(reported.p, reported.len) : NULL;
    on->comma = "";
    on->out = rse_arena_new_of(call->arena, struct rse_buf);
    rse_buf_init(on->out, ANSWER_MAX_BYTES);
    rse_arena_defer(call->arena, release_out, on->out);
    rse_buf_addc(on->out, '[');
    add_applications(on);
    rse_buf_addc(on->out, ']');
    cJSON_Delete(on->reported);
    if (!rse_buf_ok(on->out, &call->err))
        return call_fail(call);
    list_reply(call, &PLACED,
               &(struct list_scope){ .rows = rse_buf_str(on->out), .revision = rse_fleet_revision(on->fleet) });
}

void on_cluster_applications(struct call *call)
{
    struct on_cluster *on = rse_arena_new_of(call->arena, struct on_cluster);
    const struct rse_object *cluster;

    if (!call_object_live(call, RSE_CLUSTER, &cluster))
        return call_fail(call);
    on->call = call;
    on->id = cluster->id;
    store_deployment_get(call->api->db, cluster->id, reply_applications, on);
}
