/*
 * touched.c - see touched.h. What a cluster has depends on the cluster alone and on the sets that hold it, so a changed group or
 * namespace means something only to the clusters that are in it before or after, whatever else names it.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "api-server/fleet/touched.h"

#define MAX_LITERAL (1U << 20)

struct touched {
    struct rse_map *targets; /* by id */
    bool all;
    uint64_t keys[2]; /* digests of the placeholders that exist, of each fleet that was looked at */
    int fleets;
};

struct touched *touched_new(void)
{
    struct touched *touched = rse_new(struct touched);

    touched->targets = rse_map_new();
    return touched;
}

void touched_free(struct touched *touched)
{
    if (touched == NULL)
        return;
    rse_map_free(touched->targets);
    free(touched);
}

static void add_target(struct touched *touched, int64_t id)
{
    if (id != 0)
        rse_map_put_id(touched->targets, id, touched);
}

static void add_targets_of(struct touched *touched, const struct rse_fleet *fleet, const struct rse_bitmap *clusters)
{
    int64_t last = 0;

    RSE_BITMAP_EACH(clusters, index)
    {
        const struct rse_cluster *cluster = rse_fleet_cluster_at(fleet, index);

        if (cluster != NULL && cluster->target.id != last)
            add_target(touched, last = cluster->target.id);
    }
}

/* A paused application may have left files where it no longer is. */
static void add_application(struct touched *touched, const struct rse_fleet *fleet, int64_t id, struct rse_bitmap *set)
{
    const struct rse_object *object = rse_fleet_get(fleet, RSE_APPLICATION, id);

    touched->all |= object != NULL && ((const struct rse_application *)object)->paused;
    rse_fleet_application_clusters(fleet, id, set);
    add_targets_of(touched, fleet, set);
}

static void add_policy(struct touched *touched, const struct rse_fleet *fleet, int64_t id, struct rse_bitmap *set)
{
    const struct rse_object *object;

    for (size_t it = 0; (object = rse_fleet_next(fleet, RSE_NAMESPACE, &it)) != NULL;) {
        const struct rse_refs *policies = &((const struct rse_namespace *)object)->policies;
        bool has = false;

        for (size_t i = 0; i < policies->count; i++)
            has |= policies->at[i].id == id;
        if (!has)
            continue;
        rse_fleet_namespace_clusters(fleet, object->id, set);
        add_targets_of(touched, fleet, set);
    }
}

static void add_change(struct touched *touched, const struct rse_fleet *fleet, const struct change *change,
                       struct rse_bitmap *set)
{
    const struct rse_object *object = change->is_template ? NULL : rse_fleet_get(fleet, change->noun, change->id);

    if (change->is_template) {
        add_target(touched, change->id);
        return;
    }
    switch (change->noun) {
    case RSE_TARGET:
        add_target(touched, change->id);
        break;
    case RSE_CLUSTER:
        if (object != NULL)
            add_target(touched, ((const struct rse_cluster *)object)->target.id);
        break;
    case RSE_GROUP:
        rse_fleet_group_clusters(fleet, change->id, set);
        add_targets_of(touched, fleet, set);
        break;
    case RSE_NAMESPACE:
        rse_fleet_namespace_clusters(fleet, change->id, set);
        add_targets_of(touched, fleet, set);
        break;
    case RSE_APPLICATION:
        add_application(touched, fleet, change->id, set);
        break;
    case RSE_POLICY:
        add_policy(touched, fleet, change->id, set);
        break;
    case RSE_METADATA_KEY: /* its default, wherever there is no other value */
    case RSE_NOUN_COUNT:
        touched->all = true;
        break;
    }
}

void touched_add(struct touched *touched, const struct rse_fleet *fleet, const struct change *changes, size_t count)
{
    struct rse_keys *keys = rse_plan_keys(fleet);
    RSE_BITMAP_AUTO set = { 0 };

    touched->keys[touched->fleets++ % 2] = rse_keys_digest(keys);
    rse_keys_free(keys);
    rse_bitmap_init(&set, rse_fleet_nbits(fleet));
    for (size_t i = 0; i < count && !touched->all; i++)
        add_change(touched, fleet, &changes[i], &set);
}

const char *touched_targets(const struct touched *touched, struct rse_arena *arena)
{
    struct rse_str key;
    void *value;
    RSE_BUF_AUTO text = { 0 };

    rse_buf_init(&text, MAX_LITERAL);
    /* Another set of placeholders: any template may mean something else now. */
    if (touched->all || touched->keys[0] != touched->keys[1])
        return NULL;
    rse_buf_addc(&text, '{');
    for (size_t it = 0; rse_map_next(touched->targets, &it, &key, &value);) {
        int64_t id;

        memcpy(&id, key.p, sizeof(id));
        rse_buf_addf(&text, "%s%" PRId64, text.len > 1 ? "," : "", id);
    }
    rse_buf_addc(&text, '}');
    return text.overflow ? NULL : rse_arena_strdup(arena, text.p);
}
