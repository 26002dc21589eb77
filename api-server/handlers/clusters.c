/*
 * clusters.c - see clusters.h.
 */
#include <stdlib.h>

#include "api-server/handlers/clusters.h"

static int by_name(const void *a, const void *b)
{
    const struct rse_object *x = *(const struct rse_object *const *)a, *y = *(const struct rse_object *const *)b;

    return rse_str_cmp(x->name, y->name);
}

static int by_name_from_the_back(const void *a, const void *b)
{
    return by_name(b, a);
}

/* The list is a heap with the last name on top: puts an object there and lets it sink to its place. */
static void replace_top(const struct rse_object **heap, size_t count, const struct rse_object *object)
{
    size_t at = 0;

    for (;;) {
        size_t child = 2 * at + 1;

        if (child + 1 < count && rse_str_cmp(heap[child + 1]->name, heap[child]->name) > 0)
            child++;
        if (child >= count || rse_str_cmp(heap[child]->name, object->name) <= 0)
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = object;
}

/* The first `limit` clusters of the set by name; to be freed. Whoever asks for a hundred of sixty thousand doesn't wait until
 * all of them are sorted: a sorted list from the back is a heap, and most names don't get past its top. */
static const struct rse_object **first_by_name(const struct rse_fleet *fleet, const struct rse_bitmap *set,
                                               size_t limit, size_t *count)
{
    size_t size = rse_bitmap_count(set) < limit ? rse_bitmap_count(set) : limit;
    const struct rse_object **list = rse_xcalloc(size > 0 ? size : 1, sizeof(const struct rse_object *));

    *count = 0;
    RSE_BITMAP_EACH(set, bit)
    {
        const struct rse_cluster *cluster = rse_fleet_cluster_at(fleet, bit);

        if (cluster == NULL || size == 0)
            continue;
        if (*count < size) {
            list[(*count)++] = &cluster->object;
            if (*count == size)
                qsort(list, size, sizeof(const struct rse_object *), by_name_from_the_back);
        } else if (rse_str_cmp(cluster->object.name, list[0]->name) < 0) {
            replace_top(list, size, &cluster->object);
        }
    }
    qsort(list, *count, sizeof(const struct rse_object *), by_name);
    return list;
}

void clusters_add_names(const struct rse_fleet *fleet, const struct rse_bitmap *set, size_t limit, struct rse_buf *out)
{
    size_t count;
    RSE_CLEANUP(rse_freep) const struct rse_object **list = first_by_name(fleet, set, limit, &count);

    rse_buf_addc(out, '[');
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            rse_buf_addc(out, ',');
        rse_json_add_string(out, list[i]->name);
    }
    rse_buf_addc(out, ']');
}
