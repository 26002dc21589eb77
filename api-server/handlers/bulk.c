/*
 * bulk.c - one change to many clusters: POST /clusters/bulk, and the members of a group.
 */
#include <cjson/cJSON.h>

#include "api-server/api.h"
#include "api-server/fleet/changeset.h"
#include "api-server/fleet/live.h"
#include "api-server/handlers/bulk_body.h"
#include "api-server/handlers/object.h"
#include "api-server/handlers/precondition.h"
#include "api-server/handlers/writing.h"
#include "api-server/http/route.h"

enum {
    BULK_BODY_MAX = 4 * 1024 * 1024, /* the names of 60,000 clusters */
    BULK_BODY_MS = 30 * 1000,
    NAMES_MAX = 1000, /* that an answer lists */
};

static void bulk_handler(struct call *call);
static void members_handler(struct call *call);

const struct route bulk_routes[] = {
    { "POST", "/api/v1/clusters/bulk", ROLE_PLATFORM, ROUTE_FLEET | ROUTE_ONCE, BULK_BODY_MAX, BULK_BODY_MS,
      bulk_handler, "Change all clusters that an expression selects" },
    { "POST", "/api/v1/groups/{id}/members", ROLE_PLATFORM, ROUTE_FLEET | ROUTE_ONCE, BULK_BODY_MAX, BULK_BODY_MS,
      members_handler, "Add clusters to a group, or take them out" },
    { .method = NULL },
};

struct bulk {
    struct call *call;
    cJSON *body;
    bool dry_run;
    struct write_rights rights;
    int64_t group;                 /* whose members these are */
    struct precondition condition; /* of the group */
    size_t selected;
};

/* ---- writing ---- */

static bool edit_clusters(struct changeset *set, struct bulk *bulk, const struct cluster_edit *edit,
                          const struct rse_bitmap *which, struct rse_err *err)
{
    const struct rse_fleet *fleet = changeset_fleet(set);
    struct rse_arena *arena = changeset_arena(set);

    for (uint32_t i = 0; i < rse_fleet_nbits(fleet); i++) {
        const struct rse_cluster *old = rse_bitmap_has(which, i) ? rse_fleet_cluster_at(fleet, i) : NULL;
        struct rse_object *now;

        if (old == NULL)
            continue;
        bulk->selected++;
        now = &cluster_edit_apply(edit, old, arena)->object;
        if (!rules_put(fleet, &bulk->rights, &old->object, now, arena, err) || !changeset_put(set, now, err)) {
            rse_err_object(err, "cluster \"%.*s\"", RSE_STR_ARG(now->name));
            return false;
        }
    }
    return true;
}

/* Closing takes all that runs away from a store; for many at once a person must say how many. */
static bool check_closing(const struct bulk *bulk, const struct cluster_edit *edit, const struct rse_bitmap *which,
                          struct rse_err *err)
{
    uint32_t count = rse_bitmap_count(which);

    if (edit->state == NULL || (*edit->state != RSE_CLUSTER_CLOSING && *edit->state != RSE_CLUSTER_CLOSED) ||
        rules_confirmed(&bulk->rights, count))
        return true;
    rse_err_hint(err, "If that is meant, repeat it with ?confirm=%u.", count);
    rse_err_confirm(err, count);
    rse_fail(err, RSE_CONFIRM, "this takes away all that runs on %u cluster%s", count, count == 1 ? "" : "s");
    return rules_ask(&bulk->rights, err);
}

static struct bulk_reading reading_new(const struct bulk *bulk, struct changeset *set)
{
    struct rse_arena *arena = changeset_arena(set);
    struct rse_faults *faults = rse_arena_new_of(arena, struct rse_faults);

    faults->arena = arena;
    return (struct bulk_reading){ bulk->body, changeset_fleet(set), arena, faults };
}

static bool build_bulk(struct changeset *set, void *arg, struct rse_err *err)
{
    struct bulk *bulk = arg;
    const struct bulk_reading reading = reading_new(bulk, set);
    struct cluster_edit edit;
    RSE_BITMAP_AUTO which = { 0 };

    bulk->selected = 0;
    rse_bitmap_init(&which, rse_fleet_nbits(reading.fleet));
    bulk_body_read(&reading, &edit, &which);
    return rse_faults_check(reading.faults, err) && check_closing(bulk, &edit, &which, err) &&
           edit_clusters(set, bulk, &edit, &which, err);
}

static bool edit_members(struct changeset *set, struct bulk *bulk, const struct rse_group *group,
                         const struct rse_bitmap *add, const struct rse_bitmap *remove, struct rse_err *err)
{
    struct rse_ref ref = { .id = group->object.id, .name = group->name_path };
    const struct cluster_edit in = { .add_groups = { .at = &ref, .count = 1 } },
                              out = { .remove_groups = { .at = &ref, .count = 1 } };

    return edit_clusters(set, bulk, &in, add, err) && edit_clusters(set, bulk, &out, remove, err);
}

static bool build_members(struct changeset *set, void *arg, struct rse_err *err)
{
    struct bulk *bulk = arg;
    const struct bulk_reading reading = reading_new(bulk, set);
    const struct rse_object *group = rse_fleet_get(reading.fleet, RSE_GROUP, bulk->group);
    RSE_BITMAP_AUTO add = { 0 };
    RSE_BITMAP_AUTO remove = { 0 };

    bulk->selected = 0;
    rse_bitmap_init(&add, rse_fleet_nbits(reading.fleet));
    rse_bitmap_init(&remove, rse_fleet_nbits(reading.fleet));
    bulk_members_read(&reading, &add, &remove);
    if (!rse_faults_check(reading.faults, err))
        return false;
    if (group == NULL)
        return rse_fail(err, RSE_NOT_FOUND, "there is no group %lld", (long long)bulk->group);
    return precondition_check(&bulk->condition, set, group, bulk->dry_run, err) &&
           edit_members(set, bulk, (const struct rse_group *)group, &add, &remove, err);
}

static bool render_bulk(void *arg, const struct changeset *set, struct writing_answer *answer,
                        struct rse_err *err RSE_UNUSED)
{
    struct bulk *bulk = arg;
    struct rse_buf *out = &answer->body;

    rse_buf_addf(out, "{\"revision\":%lld,\"dryRun\":%s,", (long long)changeset_revision(set),
                 bulk->dry_run ? "true" : "false");
    if (writing_asked(&bulk->rights) > 0)
        rse_buf_addf(out, "\"confirm\":%lld,", (long long)writing_asked(&bulk->rights));
    rse_buf_addf(out, "\"selected\":%zu,\"changed\":%zu,\"clusters\":[", bulk->selected, changeset_count(set));
    for (size_t i = 0; i < changeset_count(set) && i < NAMES_MAX; i++) {
        rse_buf_adds(out, i > 0 ? "," : "");
        rse_json_add_string(out, changeset_at(set, i)->name);
    }
    rse_buf_adds(out, "]}");
    return true;
}

/* NULL with call->err set. */
static struct bulk *bulk_new(struct call *call)
{
    struct bulk *bulk = rse_arena_new_of(call->arena, struct bulk);

    bulk->call = call;
    if (!writing_rights(call, &bulk->rights) || !call_query_bool(call, "dryRun", false, &bulk->dry_run) ||
        !call_json(call, &bulk->body))
        return NULL;
    if (cJSON_IsObject(bulk->body))
        return bulk;
    rse_fail(&call->err, RSE_UNPROCESSABLE, "the body must be an object");
    return NULL;
}

static void bulk_handler(struct call *call)
{
    struct bulk *bulk = bulk_new(call);

    if (bulk == NULL || !precondition_none(call))
        return call_fail(call);
    writing_start_once(
        call, &bulk->rights,
        &(struct writing_once){ .dry_run = bulk->dry_run, .build = build_bulk, .render = render_bulk, .arg = bulk });
}

static void members_handler(struct call *call)
{
    struct bulk *bulk = bulk_new(call);

    if (bulk == NULL || !call_object(call, RSE_GROUP, &bulk->group))
        return call_fail(call);
    precondition_read(call, &bulk->condition);
    writing_start_once(
        call, &bulk->rights,
        &(struct writing_once){ .dry_run = bulk->dry_run, .build = build_members, .render = render_bulk, .arg = bulk });
}
