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

/* To be freed. */
static const struct rse_object **sorted(const struct rse_fleet *fleet, const struct rse_bitmap *set, size_t *count)
{
    const struct rse_object **list = rse_xcalloc(rse_bitmap_count(set), sizeof(const struct rse_object *));

    *count = 0;
    RSE_BITMAP_EACH(set, bit)
    {
        const struct rse_cluster *cluster = rse_fleet_cluster_at(fleet, bit);

        if (cluster != NULL)
            list[(*count)++] = &cluster->object;
    }
    qsort(list, *count, sizeof(const struct rse_object *), by_name);
    return list;
}

void clusters_add_names(const struct rse_fleet *fleet, const struct rse_bitmap *set, size_t limit, struct rse_buf *out)
{
    size_t count;
    RSE_CLEANUP(rse_freep) const struct rse_object **list = sorted(fleet, set, &count);

    rse_buf_addc(out, '[');
    for (size_t i = 0; i < count && i < limit; i++) {
        if (i > 0)
            rse_buf_addc(out, ',');
        rse_json_add_string(out, list[i]->name);
    }
    rse_buf_addc(out, ']');
}
