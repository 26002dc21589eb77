/*
 * watch.c - on which clusters a series of changes may have given a placeholder another value.
 *
 * Three things are compared before and after. Of clusters that are written, a digest of all that templates see of them. Of
 * keys whose value a group or a declared key changes, the effective value on each cluster below. And where groups come, go or
 * move, for every cluster a signature of the groups that could bring it values: which, with what priority, below which others.
 */
#include <stdlib.h>

#include "libresedge/src/fleet/fleet_impl.h"

#define MAX_FIELD (1U << 20)

struct watched_cluster {
    int64_t id;
    uint64_t digest; /* 0: it wasn't there */
};

struct watched_key {
    struct rse_str key;
    struct rse_bitmap clusters;
    uint64_t *values; /* of the clusters, in their order */
};

struct rse_value_watch {
    const struct rse_fleet *fleet;
    struct rse_arena *arena;
    struct rse_map *seen; /* clusters by id */
    struct watched_cluster *clusters;
    size_t nclusters, clusters_room;
    struct rse_map *by_key;
    struct watched_key **keys;
    size_t nkeys, keys_room;
    bool groups_move;
    uint64_t *signatures; /* by index; NULL: groups stay as they are */
    size_t nsignatures;
};

/* ---- digests ---- */

static uint64_t hash_pair(struct rse_str name, struct rse_str value)
{
    uint64_t both[2] = { rse_hash(name.p, name.len), rse_hash(value.p, value.len) };

    return rse_hash(both, sizeof(both));
}

static uint64_t hash_numbers(int64_t a, int64_t b)
{
    int64_t both[2] = { a, b };

    return rse_hash(both, sizeof(both));
}

/* A sum: the order of keys doesn't matter, and one that the cluster has no value for is as one that doesn't exist. */
static uint64_t digest_cluster(const struct rse_fleet *fleet, uint32_t index)
{
    const struct rse_cluster *cluster = rse_fleet_cluster_at(fleet, index);
    uint64_t digest = hash_numbers(cluster->state, cluster->target.id);
    const struct rse_str *keys;
    RSE_BUF_AUTO text = { 0 };
    size_t count;

    rse_buf_init(&text, MAX_FIELD);
    for (const struct rse_field *field = rse_noun_info(RSE_CLUSTER)->fields; field->name != NULL; field++) {
        rse_buf_reset(&text);
        if ((field->flags & RSE_FIELD_TEMPLATE) && rse_object_field_text(&cluster->object, field, &text))
            digest += hash_pair(rse_str(field->name), rse_buf_str(&text));
    }
    keys = rse_fleet_metadata_keys(fleet, RSE_CLUSTER, &count);
    for (size_t i = 0; i < count; i++) {
        struct rse_str value;

        if (rse_fleet_value(fleet, index, keys[i], &value, NULL))
            digest += hash_pair(keys[i], value);
    }
    return digest | 1;
}

static uint64_t hash_value(const struct rse_fleet *fleet, uint32_t index, struct rse_str key)
{
    struct rse_str value;

    return rse_fleet_value(fleet, index, key, &value, NULL) ? rse_hash(value.p, value.len) | 1 : 0;
}

/* What a group with metadata means for the values of its clusters, the values apart. */
static uint64_t group_signature(const struct fleet_group *group)
{
    uint64_t signature = 0;
    bool has_priority = false;

    for (const struct fleet_group *at = group; at != NULL; at = at->parent) {
        const struct rse_group *object = group_of(at);

        signature = hash_numbers((int64_t)signature, object->object.id);
        if (!has_priority && object->has_priority) {
            has_priority = true;
            signature = hash_numbers((int64_t)signature, object->priority);
        }
    }
    return signature;
}

static uint64_t *sign_clusters(const struct rse_fleet *fleet)
{
    uint64_t *signatures = rse_xcalloc(fleet->nclusters, sizeof(signatures[0]));
    const struct fleet_table *groups = &fleet->tables[RSE_GROUP];

    fleet_build_tree(fleet_mutable(fleet));
    for (size_t i = 0; i < groups->count; i++) {
        struct fleet_group *group = as_group(groups->at[i]);
        const struct cset *set;
        uint64_t signature;

        if (group_of(group)->object.metadata.count == 0)
            continue;
        set = fleet_scope_set(fleet_mutable(fleet), &group->scope);
        signature = group_signature(group);
        for (uint32_t n = cset_next(set, 0); n != UINT32_MAX; n = cset_next(set, n + 1))
            signatures[n] += signature;
    }
    return signatures;
}

/* ---- what is expected ---- */

struct rse_value_watch *rse_value_watch_new(const struct rse_fleet *fleet)
{
    struct rse_value_watch *watch = rse_new(struct rse_value_watch);

    watch->fleet = fleet;
    watch->arena = rse_arena_new();
    watch->seen = rse_map_new();
    watch->by_key = rse_map_new();
    return watch;
}

static void expect_cluster(struct rse_value_watch *watch, int64_t id)
{
    uint32_t index = rse_fleet_cluster_index(watch->fleet, id);

    if (rse_map_get_id(watch->seen, id) != NULL)
        return;
    rse_map_put_id(watch->seen, id, watch);
    RSE_GROW(watch->clusters, watch->nclusters, watch->clusters_room);
    watch->clusters[watch->nclusters++] = (struct watched_cluster){
        .id = id,
        .digest = index != UINT32_MAX ? digest_cluster(watch->fleet, index) : 0,
    };
}

static void expect_key(struct rse_value_watch *watch, struct rse_str name, const struct rse_bitmap *clusters)
{
    struct watched_key *key = rse_map_get(watch->by_key, name);

    if (key == NULL) {
        key = rse_arena_new_of(watch->arena, struct watched_key);
        key->key = rse_arena_str(watch->arena, name);
        fleet_init_set(watch->fleet, &key->clusters);
        rse_map_put(watch->by_key, name, key);
        RSE_GROW(watch->keys, watch->nkeys, watch->keys_room);
        watch->keys[watch->nkeys++] = key;
    }
    rse_bitmap_or(&key->clusters, clusters);
}

/* Keys of `a` that `b` has not, or has with another value. */
static void expect_pairs(struct rse_value_watch *watch, const struct rse_object *a, const struct rse_object *b,
                         const struct rse_bitmap *clusters)
{
    for (size_t i = 0; i < a->metadata.count; i++) {
        const struct rse_pair *pair = &a->metadata.at[i];
        struct rse_str value;

        if (!rse_object_metadata(b, pair->key, &value) || !rse_str_eq(value, pair->value))
            expect_key(watch, pair->key, clusters);
    }
}

static bool group_stays(const struct rse_group *a, const struct rse_group *b)
{
    return a->parent.id == b->parent.id && rse_str_eq(a->expression, b->expression) &&
           rse_str_eq(a->object.name, b->object.name) && a->has_priority == b->has_priority &&
           a->priority == b->priority;
}

static void expect_group(struct rse_value_watch *watch, int64_t id, const struct rse_group *after)
{
    const struct rse_object *before = rse_fleet_get(watch->fleet, RSE_GROUP, id);
    RSE_BITMAP_AUTO clusters = { 0 };

    fleet_init_set(watch->fleet, &clusters);
    if (before == NULL || after == NULL || !group_stays((const struct rse_group *)before, after))
        watch->groups_move = true;
    if (before == NULL || after == NULL)
        return;
    rse_fleet_group_clusters(watch->fleet, id, &clusters);
    expect_pairs(watch, before, &after->object, &clusters);
    expect_pairs(watch, &after->object, before, &clusters);
}

static struct rse_str default_of(const struct rse_object *key)
{
    return key != NULL ? ((const struct rse_metadata_key *)key)->default_value : (struct rse_str){ NULL, 0 };
}

static void expect_metadata_key(struct rse_value_watch *watch, int64_t id, const struct rse_object *after)
{
    const struct rse_object *before = rse_fleet_get(watch->fleet, RSE_METADATA_KEY, id);
    bool same_name = before != NULL && after != NULL && rse_str_eq(before->name, after->name);
    bool same_default = rse_str_eq(default_of(before), default_of(after)) &&
                        (default_of(before).p == NULL) == (default_of(after).p == NULL);

    if (same_default && same_name)
        return;
    if (before != NULL)
        expect_key(watch, before->name, &watch->fleet->live);
    if (after != NULL)
        expect_key(watch, after->name, &watch->fleet->live);
}

void rse_value_watch_expect(struct rse_value_watch *watch, enum rse_noun noun, int64_t id,
                            const struct rse_object *after)
{
    if (noun == RSE_CLUSTER)
        expect_cluster(watch, id);
    else if (noun == RSE_GROUP)
        expect_group(watch, id, (const struct rse_group *)after);
    else if (noun == RSE_METADATA_KEY)
        expect_metadata_key(watch, id, after);
}

/* ---- before and after ---- */

void rse_value_watch_begin(struct rse_value_watch *watch)
{
    for (size_t i = 0; i < watch->nkeys; i++) {
        struct watched_key *key = watch->keys[i];
        size_t n = 0;

        key->values = rse_xcalloc(rse_bitmap_count(&key->clusters), sizeof(key->values[0]));
        RSE_BITMAP_EACH(&key->clusters, index)
        key->values[n++] = hash_value(watch->fleet, index, key->key);
    }
    if (watch->groups_move) {
        watch->signatures = sign_clusters(watch->fleet);
        watch->nsignatures = watch->fleet->nclusters;
    }
}

static void end_clusters(const struct rse_value_watch *watch, struct rse_bitmap *out)
{
    for (size_t i = 0; i < watch->nclusters; i++) {
        uint32_t index = rse_fleet_cluster_index(watch->fleet, watch->clusters[i].id);

        if (index != UINT32_MAX && digest_cluster(watch->fleet, index) != watch->clusters[i].digest)
            rse_bitmap_set(out, index);
    }
}

static void end_keys(const struct rse_value_watch *watch, struct rse_bitmap *out)
{
    for (size_t i = 0; i < watch->nkeys; i++) {
        const struct watched_key *key = watch->keys[i];
        size_t n = 0;

        RSE_BITMAP_EACH(&key->clusters, index)
        {
            if (rse_fleet_cluster_at(watch->fleet, index) != NULL &&
                hash_value(watch->fleet, index, key->key) != key->values[n])
                rse_bitmap_set(out, index);
            n++;
        }
    }
}

static void end_groups(const struct rse_value_watch *watch, struct rse_bitmap *out)
{
    uint64_t *now;

    if (watch->signatures == NULL)
        return;
    now = sign_clusters(watch->fleet);
    for (uint32_t i = 0; i < watch->fleet->nclusters; i++) {
        uint64_t before = i < watch->nsignatures ? watch->signatures[i] : 0;

        if (now[i] != before && rse_fleet_cluster_at(watch->fleet, i) != NULL)
            rse_bitmap_set(out, i);
    }
    free(now);
}

void rse_value_watch_end(struct rse_value_watch *watch, struct rse_bitmap *out)
{
    fleet_reset_set(watch->fleet, out);
    end_clusters(watch, out);
    end_keys(watch, out);
    end_groups(watch, out);
}

void rse_value_watch_free(struct rse_value_watch *watch)
{
    if (watch == NULL)
        return;
    for (size_t i = 0; i < watch->nkeys; i++) {
        rse_bitmap_release(&watch->keys[i]->clusters);
        free(watch->keys[i]->values);
    }
    rse_map_free(watch->by_key);
    rse_map_free(watch->seen);
    rse_arena_free(watch->arena);
    free(watch->keys);
    free(watch->clusters);
    free(watch->signatures);
    free(watch);
}
