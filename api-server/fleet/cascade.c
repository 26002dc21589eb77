/*
 * cascade.c - see cascade.h.
 */
#include "api-server/fleet/cascade.h"
#include "api-server/fleet/cluster_edit.h"

/* count: how many clusters the write hits. */
static bool check_confirmed(const struct write_rights *rights, const struct rse_bitmap *clusters, const char *what,
                            struct rse_err *err)
{
    uint32_t count = rse_bitmap_count(clusters);

    if (rules_confirmed(rights, count))
        return true;
    rse_err_hint(err, "If that is meant, repeat it with ?confirm=%u; ?dryRun=true shows all that changes.", count);
    rse_err_confirm(err, count);
    rse_fail(err, RSE_CONFIRM, "%s %u cluster%s", what, count, count == 1 ? "" : "s");
    return rules_ask(rights, err);
}

static bool delete_one(struct changeset *set, const struct write_rights *rights, const struct rse_object *object,
                       struct rse_err *err)
{
    return rules_delete(rights, object, err) && changeset_delete(set, object->noun, object->id, err);
}

/* ---- a namespace ---- */

/* One by one, because a deletion ends the walk. */
static const struct rse_object *first_application(const struct rse_fleet *fleet, int64_t namespace_id)
{
    const struct rse_object *object;

    for (size_t it = 0; (object = rse_fleet_next(fleet, RSE_APPLICATION, &it)) != NULL;)
        if (((const struct rse_application *)object)->namespace_.id == namespace_id)
            return object;
    return NULL;
}

static bool delete_namespace(struct changeset *set, const struct write_rights *rights, const struct rse_object *object,
                             struct rse_err *err)
{
    const struct rse_fleet *fleet = changeset_fleet(set);
    const struct rse_object *application;
    int64_t id = object->id;
    RSE_BITMAP_AUTO clusters = { 0 };

    rse_bitmap_init(&clusters, rse_fleet_nbits(fleet));
    rse_fleet_namespace_clusters(fleet, id, &clusters);
    if (!rules_delete(rights, object, err) ||
        !check_confirmed(rights, &clusters, "this deletes the namespace, with all its applications, on", err))
        return false;
    while ((application = first_application(fleet, id)) != NULL)
        if (!delete_one(set, rights, application, err))
            return false;
    return delete_one(set, rights, rse_fleet_get(fleet, RSE_NAMESPACE, id), err);
}

/* ---- a group ---- */

static bool is_member(const struct rse_cluster *cluster, int64_t group_id)
{
    for (size_t i = 0; i < cluster->groups.count; i++)
        if (cluster->groups.at[i].id == group_id)
            return true;
    return false;
}

/* Its clusters are in it no longer. */
static bool empty_group(struct changeset *set, const struct write_rights *rights, const struct rse_group *group,
                        struct rse_err *err)
{
    const struct rse_fleet *fleet = changeset_fleet(set);
    struct rse_ref ref = { .id = group->object.id, .name = rse_arena_str(changeset_arena(set), group->name_path) };
    struct cluster_edit edit = { .remove_groups = { .at = &ref, .count = 1 } };

    for (uint32_t i = 0; i < rse_fleet_nbits(fleet); i++) {
        const struct rse_cluster *cluster = rse_fleet_cluster_at(fleet, i);
        struct rse_cluster *edited;

        if (cluster == NULL || !is_member(cluster, ref.id))
            continue;
        edited = cluster_edit_apply(&edit, cluster, changeset_arena(set));
        if (!rules_put(fleet, rights, &cluster->object, &edited->object, changeset_arena(set), err) ||
            !changeset_put(set, &edited->object, err))
            return false;
    }
    return true;
}

/* Of all groups that go: none of them is in the way of another one. */
static bool forget_expressions(struct changeset *set, int64_t id, struct rse_err *err)
{
    const struct rse_fleet *fleet = changeset_fleet(set);
    size_t count;

    if (!changeset_forget_expression(set, id, err))
        return false;
    rse_fleet_group_children(fleet, id, &count);
    for (size_t i = 0; i < count; i++)
        if (!forget_expressions(set, rse_fleet_group_children(fleet, id, &count)[i], err))
            return false;
    return true;
}

/* Those below it first. Groups are nested at most as deeply as the fleet lets them. */
static bool delete_branch(struct changeset *set, const struct write_rights *rights, int64_t id, struct rse_err *err)
{
    const struct rse_fleet *fleet = changeset_fleet(set);
    const struct rse_object *group;
    size_t count;

    while (rse_fleet_group_children(fleet, id, &count), count > 0)
        if (!delete_branch(set, rights, rse_fleet_group_children(fleet, id, &count)[0], err))
            return false;
    group = rse_fleet_get(fleet, RSE_GROUP, id);
    return empty_group(set, rights, (const struct rse_group *)group, err) &&
           delete_one(set, rights, rse_fleet_get(fleet, RSE_GROUP, id), err);
}

static bool delete_group(struct changeset *set, const struct write_rights *rights, const struct rse_object *object,
                         struct rse_err *err)
{
    const struct rse_fleet *fleet = changeset_fleet(set);
    int64_t id = object->id;
    RSE_BITMAP_AUTO clusters = { 0 };

    rse_bitmap_init(&clusters, rse_fleet_nbits(fleet));
    rse_fleet_group_clusters(fleet, id, &clusters);
    return check_confirmed(rights, &clusters, "this takes the groups, and what they give, from", err) &&
           forget_expressions(set, id, err) && delete_branch(set, rights, id, err);
}

bool cascade_knows(enum rse_noun noun, struct rse_err *err)
{
    if (noun == RSE_NAMESPACE || noun == RSE_GROUP)
        return true;
    rse_err_object(err, "query parameter \"cascade\"");
    rse_err_hint(err, "A namespace takes its applications with it, a group those below it.");
    return rse_fail(err, RSE_INVALID, "nothing goes with a %s that could be deleted too", rse_noun_info(noun)->name);
}

static bool is_below(const struct rse_fleet *fleet, const struct rse_object *group, int64_t id)
{
    while (group != NULL && group->id != id)
        group = rse_fleet_get(fleet, RSE_GROUP, ((const struct rse_group *)group)->parent.id);
    return group != NULL;
}

static bool goes_along(const struct rse_fleet *fleet, const struct rse_object *object,
                       const struct rse_dependent *dependent)
{
    const struct rse_object *user = rse_fleet_get(fleet, dependent->noun, dependent->id);

    if (object->noun == RSE_NAMESPACE)
        return user->noun == RSE_APPLICATION && ((const struct rse_application *)user)->namespace_.id == object->id;
    return user->noun == RSE_CLUSTER || (user->noun == RSE_GROUP && is_below(fleet, user, object->id));
}

bool cascade_helps(const struct changeset *set, const struct rse_object *object)
{
    const struct rse_fleet *fleet = changeset_fleet(set);
    struct rse_dependent *dependents;
    size_t count = rse_fleet_dependents(fleet, object->noun, object->id, changeset_arena(set), &dependents);

    for (size_t i = 0; i < count; i++)
        if (!goes_along(fleet, object, &dependents[i]))
            return false;
    return true;
}

bool cascade_delete(struct changeset *set, const struct write_rights *rights, const struct rse_object *object,
                    struct rse_err *err)
{
    return object->noun == RSE_NAMESPACE ? delete_namespace(set, rights, object, err)
                                         : delete_group(set, rights, object, err);
}
