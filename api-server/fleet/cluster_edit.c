/*
 * cluster_edit.c - see cluster_edit.h.
 */
#include <stdlib.h>

#include "api-server/fleet/cluster_edit.h"

static bool strs_have(const struct rse_strs *strs, struct rse_str text)
{
    for (size_t i = 0; i < strs->count; i++) {
        if (rse_str_eq(strs->at[i], text))
            return true;
    }
    return false;
}

static bool pairs_have(const struct rse_pairs *pairs, struct rse_str key)
{
    for (size_t i = 0; i < pairs->count; i++) {
        if (rse_str_eq(pairs->at[i].key, key))
            return true;
    }
    return false;
}

static bool refs_have(const struct rse_refs *refs, int64_t id)
{
    for (size_t i = 0; i < refs->count; i++) {
        if (refs->at[i].id == id)
            return true;
    }
    return false;
}

static int by_key(const void *a, const void *b)
{
    return rse_str_cmp(((const struct rse_pair *)a)->key, ((const struct rse_pair *)b)->key);
}

static struct rse_pairs edit_metadata(const struct cluster_edit *edit, const struct rse_pairs *old,
                                      struct rse_arena *arena)
{
    struct rse_pairs now = { rse_arena_calloc(arena, old->count + edit->set.count, sizeof(now.at[0])), 0 };

    for (size_t i = 0; i < old->count; i++) {
        if (!pairs_have(&edit->set, old->at[i].key) && !strs_have(&edit->unset, old->at[i].key))
            now.at[now.count++] = old->at[i];
    }
    for (size_t i = 0; i < edit->set.count; i++)
        now.at[now.count++] = edit->set.at[i];
    qsort(now.at, now.count, sizeof(now.at[0]), by_key);
    return now;
}

static int by_text(const void *a, const void *b)
{
    return rse_str_cmp(*(const struct rse_str *)a, *(const struct rse_str *)b);
}

static struct rse_strs edit_tags(const struct cluster_edit *edit, const struct rse_strs *old, struct rse_arena *arena)
{
    struct rse_strs now = { rse_arena_calloc(arena, old->count + edit->add_tags.count, sizeof(now.at[0])), 0 };

    for (size_t i = 0; i < old->count && !edit->replaces_tags; i++) {
        if (!strs_have(&edit->remove_tags, old->at[i]) && !strs_have(&edit->add_tags, old->at[i]))
            now.at[now.count++] = old->at[i];
    }
    for (size_t i = 0; i < edit->add_tags.count; i++)
        now.at[now.count++] = edit->add_tags.at[i];
    qsort(now.at, now.count, sizeof(now.at[0]), by_text);
    return now;
}

static struct rse_refs edit_groups(const struct cluster_edit *edit, const struct rse_refs *old, struct rse_arena *arena)
{
    struct rse_refs now = { .at = rse_arena_calloc(arena, old->count + edit->add_groups.count, sizeof(now.at[0])) };

    for (size_t i = 0; i < old->count; i++) {
        if (!refs_have(&edit->remove_groups, old->at[i].id) && !refs_have(&edit->add_groups, old->at[i].id))
            now.at[now.count++] = old->at[i];
    }
    for (size_t i = 0; i < edit->add_groups.count; i++)
        now.at[now.count++] = edit->add_groups.at[i];
    rse_refs_sort(&now);
    return now;
}

struct rse_cluster *cluster_edit_apply(const struct cluster_edit *edit, const struct rse_cluster *cluster,
                                       struct rse_arena *arena)
{
    struct rse_cluster *now = rse_arena_memdup(arena, cluster, sizeof(*cluster));

    /* Its target says these; one that has another address by now is none that this edit names. */
    now->git_ops_repo = now->git_ops_branch = rse_str_n(NULL, 0);
    now->object.metadata = edit_metadata(edit, &cluster->object.metadata, arena);
    now->object.tags = edit_tags(edit, &cluster->object.tags, arena);
    now->groups = edit_groups(edit, &cluster->groups, arena);
    if (edit->state != NULL)
        now->state = *edit->state;
    return now;
}
