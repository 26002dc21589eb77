/*
 * keys.c - the metadata keys that are known.
 */
#include <stdlib.h>

#include "libresedge/src/fleet/fleet_impl.h"

void fleet_release_keys(struct rse_fleet *fleet)
{
    for (size_t noun = 0; noun < RSE_NOUN_COUNT; noun++)
        rse_arena_free(RSE_TAKE(fleet->keys[noun].arena));
}

static void add_object_keys(const struct fleet_table *table, struct rse_map *keys)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct rse_pairs *metadata = &table->at[i]->object->metadata;

        for (size_t j = 0; j < metadata->count; j++)
            rse_map_put(keys, metadata->at[j].key, table->at[i]);
    }
}

/* A cluster has keys of its own, those of its groups, and those that are declared. */
static void add_cluster_keys(struct rse_fleet *fleet, struct rse_map *keys)
{
    const struct fleet_table *declared = &fleet->tables[RSE_METADATA_KEY];
    struct rse_str key;

    for (size_t it = 0; postings_next_key(&fleet->postings, &it, &key);)
        rse_map_put(keys, key, fleet);
    /* The fields that /m/ can ask for are no metadata, unless a group has such a key. */
    (void)rse_map_remove(keys, RSE_STR("environment"));
    (void)rse_map_remove(keys, RSE_STR("timeZone"));
    add_object_keys(&fleet->tables[RSE_GROUP], keys);
    for (size_t i = 0; i < declared->count; i++)
        rse_map_put(keys, declared->at[i]->object->name, declared->at[i]);
}

static int compare_keys(const void *a, const void *b)
{
    return rse_str_cmp(*(const struct rse_str *)a, *(const struct rse_str *)b);
}

static void fill_list(struct fleet_key_list *list, const struct rse_map *keys)
{
    struct rse_str key;

    rse_arena_free(list->arena);
    list->arena = rse_arena_new();
    list->at = rse_arena_calloc(list->arena, rse_map_count(keys), sizeof(list->at[0]));
    list->count = 0;
    for (size_t it = 0; rse_map_next(keys, &it, &key, NULL);)
        list->at[list->count++] = rse_arena_str(list->arena, key);
    if (list->count > 0)
        qsort(list->at, list->count, sizeof(list->at[0]), compare_keys);
}

const struct rse_str *rse_fleet_metadata_keys(const struct rse_fleet *fleet, enum rse_noun noun, size_t *count)
{
    struct rse_fleet *mutable = fleet_mutable(fleet);
    struct fleet_key_list *list = &mutable->keys[noun];

    if (list->built_at < fleet->keys_changed) {
        RSE_CLEANUP(rse_map_freep) struct rse_map *keys = rse_map_new();

        if (noun == RSE_CLUSTER)
            add_cluster_keys(mutable, keys);
        else
            add_object_keys(&fleet->tables[noun], keys);
        fill_list(list, keys);
        list->built_at = fleet->clock;
    }
    *count = list->count;
    return list->at;
}
