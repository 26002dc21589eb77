/*
 * catalogue.c - gathers the files of a tree; sealing sorts them into sets.
 */
#include "resedge/catalogue.h"

#include <stdlib.h>

#include "libresedge/src/plan/catalogue_internal.h"
#include "resedge/map.h"

struct rse_catalogue *rse_catalogue_new(const struct rse_keys *keys, struct rse_catalogue *previous)
{
    struct rse_catalogue *catalogue = rse_new(struct rse_catalogue);

    catalogue->keys = keys;
    catalogue->arena = rse_arena_new();
    catalogue->by_path = rse_map_new();
    catalogue->sets_by_path = rse_map_new();
    if (previous != NULL && keys_are_same(keys, previous->keys))
        catalogue->previous = previous;
    return catalogue;
}

void rse_catalogue_free(struct rse_catalogue *catalogue)
{
    if (catalogue == NULL)
        return;
    for (size_t i = 0; i < catalogue->nentries; i++)
        source_free(catalogue->entries[i]->source);
    for (size_t i = 0; i < catalogue->nsets; i++)
        template_set_release(catalogue->sets[i]);
    rse_map_free(catalogue->by_path);
    rse_map_free(catalogue->sets_by_path);
    rse_arena_free(catalogue->arena);
    free(catalogue->entries);
    free(catalogue);
}

bool keys_are_same(const struct rse_keys *a, const struct rse_keys *b)
{
    for (int scope = 0; scope < RSE_SCOPE_COUNT; scope++) {
        uint32_t count = rse_keys_count(a, scope);

        if (count != rse_keys_count(b, scope))
            return false;
        for (uint32_t i = 0; i < count; i++) {
            if (!rse_str_eq(rse_keys_name(a, scope, i), rse_keys_name(b, scope, i)))
                return false;
        }
    }
    return true;
}

/* The entry of the path: a new one, or the one that is there, emptied. */
static struct catalogue_entry *put_entry(struct rse_catalogue *catalogue, struct rse_str path)
{
    struct catalogue_entry *entry = rse_map_get(catalogue->by_path, path);

    if (entry == NULL) {
        entry = rse_arena_new_of(catalogue->arena, struct catalogue_entry);
        entry->path = rse_arena_str(catalogue->arena, path);
        rse_map_put(catalogue->by_path, path, entry);
        RSE_GROW(catalogue->entries, catalogue->nentries, catalogue->entries_cap);
        catalogue->entries[catalogue->nentries++] = entry;
    }
    source_free(entry->source);
    entry->source = NULL;
    entry->refusal = NULL;
    return entry;
}

bool rse_catalogue_reuse(struct rse_catalogue *catalogue, struct rse_str path, const uint8_t id[RSE_OID_SIZE])
{
    const struct catalogue_entry *entry =
        catalogue->previous != NULL ? rse_map_get(catalogue->previous->by_path, path) : NULL;

    if (entry == NULL || entry->source == NULL || memcmp(entry->source->id, id, RSE_OID_SIZE) != 0)
        return false;
    put_entry(catalogue, path)->source = source_share(entry->source);
    return true;
}

void rse_catalogue_add(struct rse_catalogue *catalogue, struct rse_str path, const uint8_t id[RSE_OID_SIZE],
                       struct rse_str text)
{
    if (!rse_catalogue_reuse(catalogue, path, id))
        put_entry(catalogue, path)->source = source_new(path, id, text, catalogue->keys);
}

void rse_catalogue_refuse(struct rse_catalogue *catalogue, struct rse_str path, const char *reason)
{
    put_entry(catalogue, path)->refusal = rse_arena_strdup(catalogue->arena, reason);
}

static int by_path(const void *a, const void *b)
{
    const struct catalogue_entry *const *left = a, *const *right = b;

    return rse_str_cmp((*left)->path, (*right)->path);
}

void rse_catalogue_seal(struct rse_catalogue *catalogue)
{
    catalogue->previous = NULL;
    if (catalogue->nentries > 0)
        qsort(catalogue->entries, catalogue->nentries, sizeof(catalogue->entries[0]), by_path);
    catalogue_group(catalogue);
    for (size_t i = 0; i < catalogue->nsets; i++) {
        template_set_seal(catalogue->sets[i], catalogue->arena);
        rse_map_put(catalogue->sets_by_path, catalogue->sets[i]->pub.path, catalogue->sets[i]);
    }
}

const struct rse_template_set *rse_catalogue_find(const struct rse_catalogue *catalogue, struct rse_str path)
{
    const struct template_set *set = rse_map_get(catalogue->sets_by_path, path);

    return set != NULL ? &set->pub : NULL;
}

size_t rse_catalogue_count(const struct rse_catalogue *catalogue)
{
    return catalogue->nsets;
}

const struct rse_template_set *rse_catalogue_at(const struct rse_catalogue *catalogue, size_t i)
{
    return &catalogue->sets[i]->pub;
}

const struct rse_keys *rse_catalogue_keys(const struct rse_catalogue *catalogue)
{
    return catalogue->keys;
}
