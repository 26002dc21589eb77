#include "automation-worker/git/siblings.h"

#include <stdlib.h>

#include <resedge/arena.h>
#include <resedge/map.h>

struct siblings {
    struct rse_map *by_group;
    struct rse_map *later; /* those that came after the others were shared; NULL before */
    struct rse_arena *arena;
};

struct siblings *siblings_new(void)
{
    struct siblings *siblings = rse_new(struct siblings);

    siblings->by_group = rse_map_new();
    siblings->arena = rse_arena_new();
    return siblings;
}

void siblings_free(struct siblings *siblings)
{
    if (siblings == NULL)
        return;
    rse_map_free(siblings->by_group);
    rse_map_free(siblings->later);
    rse_arena_free(siblings->arena);
    free(siblings);
}

void siblings_share(struct siblings *siblings)
{
    if (siblings->later == NULL)
        siblings->later = rse_map_new();
}

const struct sibling *siblings_find_shared(const struct siblings *siblings, uint64_t group)
{
    return rse_map_get_id(siblings->by_group, (int64_t)group);
}

const struct sibling *siblings_find(const struct siblings *siblings, uint64_t group)
{
    const struct sibling *sibling = siblings_find_shared(siblings, group);

    if (sibling == NULL && siblings->later != NULL)
        sibling = rse_map_get_id(siblings->later, (int64_t)group);
    return sibling;
}

void siblings_put(struct siblings *siblings, uint64_t group, uint32_t entry, const struct delta_side *side)
{
    struct sibling *sibling = rse_arena_new_of(siblings->arena, struct sibling);

    sibling->entry = entry;
    sibling->side.bytes = rse_arena_str(siblings->arena, side->bytes);
    sibling->side.spans = rse_arena_memdup(siblings->arena, side->spans, side->count * sizeof(*side->spans));
    sibling->side.count = side->count;
    rse_map_put_id(siblings->later != NULL ? siblings->later : siblings->by_group, (int64_t)group, sibling);
}
