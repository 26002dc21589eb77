#include "automation-worker/job/touches.h"

#include <stdlib.h>

#define LISTENERS  "flux-system/listeners/"
#define NAMESPACES "namespaces/"

void touches_init(struct touches *touches)
{
    *touches = (struct touches){ .arena = rse_arena_new(), .numbers = rse_map_new() };
}

void touches_release(struct touches *touches)
{
    rse_map_free(touches->numbers);
    rse_arena_free(touches->arena);
    free(touches->parts);
    free(touches->clusters);
    free(touches->at);
    *touches = (struct touches){ .arena = NULL };
}

static uint32_t number_of(struct touches *touches, struct rse_str part)
{
    uintptr_t number = (uintptr_t)rse_map_get(touches->numbers, part);

    if (number > 0)
        return (uint32_t)(number - 1);
    RSE_GROW(touches->parts, touches->nparts, touches->parts_cap);
    touches->parts[touches->nparts] = rse_arena_str(touches->arena, part);
    rse_map_put(touches->numbers, part, (void *)(uintptr_t)(touches->nparts + 1));
    return (uint32_t)touches->nparts++;
}

void touches_cluster(struct touches *touches, struct rse_str name)
{
    RSE_GROW(touches->clusters, touches->nclusters, touches->clusters_cap);
    touches->clusters[touches->nclusters++] = rse_arena_str(touches->arena, name);
}

void touches_add(struct touches *touches, struct rse_str part, enum tree_op op)
{
    struct touch *last = touches->count > 0 ? &touches->at[touches->count - 1] : NULL;
    uint32_t cluster = (uint32_t)touches->nclusters - 1;

    if (last != NULL && last->cluster == cluster && rse_str_eq(touches->parts[last->part], part)) {
        last->files++;
        return;
    }
    RSE_GROW(touches->at, touches->count, touches->cap);
    touches->at[touches->count++] =
        (struct touch){ .cluster = cluster, .part = number_of(touches, part), .files = 1, .op = op };
}

void touches_merge(struct touches *into, const struct touches *from)
{
    uint32_t cluster = UINT32_MAX;

    for (size_t i = 0; i < from->count; i++) {
        struct touch touch = from->at[i];

        if (touch.cluster != cluster)
            touches_cluster(into, from->clusters[touch.cluster]);
        cluster = touch.cluster;
        touch.cluster = (uint32_t)into->nclusters - 1;
        touch.part = number_of(into, from->parts[touch.part]);
        RSE_GROW(into->at, into->count, into->cap);
        into->at[into->count++] = touch;
    }
}

static bool is_list(struct rse_str name)
{
    return rse_str_is(name, "kustomization.yaml") || rse_str_is(name, "namespaces.yaml");
}

struct rse_str touches_part(struct rse_str path)
{
    static const struct rse_str none = { "", 0 };

    if (rse_str_starts(path, RSE_STR(LISTENERS)))
        return is_list(rse_str_from(path, strlen(LISTENERS))) ? none : path;
    if (rse_str_starts(path, RSE_STR("flux-system/")))
        return RSE_STR("flux-system");
    if (rse_str_starts(path, RSE_STR(NAMESPACES)))
        return is_list(rse_str_from(path, strlen(NAMESPACES))) ? none : path;

    ptrdiff_t first = rse_str_find(path, '/');
    ptrdiff_t second = first < 0 ? -1 : rse_str_find(rse_str_from(path, (size_t)first + 1), '/');
    return second < 0 ? none : rse_str_n(path.p, (size_t)(first + 1 + second));
}

bool touches_part_runs(struct rse_str part)
{
    return !rse_str_is(part, "flux-system") && !rse_str_starts(part, RSE_STR(LISTENERS));
}
