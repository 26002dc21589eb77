/*
 * related.c - see related.h.
 */
#include <stdlib.h>

#include "api-server/handlers/related.h"

struct pair {
    size_t parent; /* index */
    int64_t id;
};

struct search {
    const struct rse_fleet *fleet;
    enum rse_noun noun;
    const int64_t *ids;
    size_t n;
    struct pair *pairs;
    size_t npairs, cap;
};

static void add(struct search *s, size_t parent, int64_t id)
{
    if (id == 0)
        return;
    RSE_GROW(s->pairs, s->npairs, s->cap);
    s->pairs[s->npairs++] = (struct pair){ parent, id };
}

static void add_refs(struct search *s, size_t parent, const struct rse_refs *refs)
{
    for (size_t i = 0; i < refs->count; i++)
        add(s, parent, refs->at[i].id);
}

static void add_references(struct search *s, enum odata_relation relation)
{
    for (size_t i = 0; i < s->n; i++) {
        const struct rse_object *object = rse_fleet_get(s->fleet, s->noun, s->ids[i]);

        if (object == NULL)
            continue;
        if (relation == ODATA_RELATED_TARGET)
            add(s, i, ((const struct rse_cluster *)object)->target.id);
        else if (relation == ODATA_RELATED_GROUPS)
            add_refs(s, i, &((const struct rse_cluster *)object)->groups);
        else if (relation == ODATA_RELATED_PARENT)
            add(s, i, ((const struct rse_group *)object)->parent.id);
        else if (relation == ODATA_RELATED_POLICIES)
            add_refs(s, i, &((const struct rse_namespace *)object)->policies);
        else
            add(s, i, ((const struct rse_application *)object)->namespace_.id);
    }
}

void related_clusters(const struct rse_fleet *fleet, enum rse_noun noun, int64_t id, struct rse_bitmap *set)
{
    switch (noun) {
    case RSE_TARGET:
        rse_fleet_target_clusters(fleet, id, set);
        break;
    case RSE_GROUP:
        rse_fleet_group_clusters(fleet, id, set);
        break;
    case RSE_NAMESPACE:
        rse_fleet_namespace_clusters(fleet, id, set);
        break;
    case RSE_APPLICATION:
        rse_fleet_application_clusters(fleet, id, set);
        break;
    default:
        rse_bitmap_clear(set);
    }
}

static void add_clusters(struct search *s)
{
    RSE_BITMAP_AUTO set = { 0 };

    rse_bitmap_init(&set, rse_fleet_nbits(s->fleet));
    for (size_t i = 0; i < s->n; i++) {
        if (rse_fleet_get(s->fleet, s->noun, s->ids[i]) == NULL)
            continue;
        related_clusters(s->fleet, s->noun, s->ids[i], &set);
        RSE_BITMAP_EACH(&set, bit)
        {
            const struct rse_cluster *cluster = rse_fleet_cluster_at(s->fleet, bit);

            add(s, i, cluster != NULL ? cluster->object.id : 0);
        }
    }
}

/* Namespaces or applications of clusters: each one's set is looked at once for all of them. */
static void add_by_set(struct search *s, enum rse_noun of)
{
    RSE_CLEANUP(rse_freep) uint32_t *bits = rse_xcalloc(s->n, sizeof(*bits));
    const struct rse_object *object;
    RSE_BITMAP_AUTO set = { 0 };

    rse_bitmap_init(&set, rse_fleet_nbits(s->fleet));
    for (size_t i = 0; i < s->n; i++)
        bits[i] = rse_fleet_cluster_index(s->fleet, s->ids[i]);
    for (size_t it = 0; (object = rse_fleet_next(s->fleet, of, &it)) != NULL;) {
        related_clusters(s->fleet, of, object->id, &set);
        for (size_t i = 0; i < s->n; i++)
            if (rse_bitmap_has(&set, bits[i]))
                add(s, i, object->id);
    }
}

static void add_applications(struct search *s)
{
    const struct rse_object *object;

    for (size_t it = 0; (object = rse_fleet_next(s->fleet, RSE_APPLICATION, &it)) != NULL;)
        for (size_t i = 0; i < s->n; i++)
            if (((const struct rse_application *)object)->namespace_.id == s->ids[i])
                add(s, i, object->id);
}

static void find(struct search *s, enum odata_relation relation)
{
    switch (relation) {
    case ODATA_RELATED_CLUSTERS:
        return add_clusters(s);
    case ODATA_RELATED_NAMESPACES:
        return add_by_set(s, RSE_NAMESPACE);
    case ODATA_RELATED_APPLICATIONS:
        return s->noun == RSE_CLUSTER ? add_by_set(s, RSE_APPLICATION) : add_applications(s);
    default:
        return add_references(s, relation);
    }
}

static int by_id(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

void related_sort(int64_t *ids, size_t count)
{
    qsort(ids, count, sizeof(*ids), by_id);
}

struct related *related_find(const struct rse_fleet *fleet, enum rse_noun noun, enum odata_relation relation,
                             const int64_t *ids, size_t n, struct rse_arena *arena)
{
    struct search s = { .fleet = fleet, .noun = noun, .ids = ids, .n = n };
    struct related *related = rse_arena_calloc(arena, n, sizeof(*related));

    find(&s, relation);
    for (size_t i = 0; i < s.npairs; i++)
        related[s.pairs[i].parent].count++;
    for (size_t i = 0; i < n; i++) {
        related[i].ids = rse_arena_calloc(arena, related[i].count, sizeof(int64_t));
        related[i].count = 0;
    }
    for (size_t i = 0; i < s.npairs; i++) {
        struct related *to = &related[s.pairs[i].parent];

        to->ids[to->count++] = s.pairs[i].id;
    }
    free(s.pairs);
    for (size_t i = 0; i < n; i++)
        related_sort(related[i].ids, related[i].count);
    return related;
}

struct related related_cluster_ids(const struct rse_fleet *fleet, const struct rse_bitmap *set, struct rse_arena *arena)
{
    struct related related = { rse_arena_calloc(arena, rse_bitmap_count(set), sizeof(int64_t)), 0 };

    RSE_BITMAP_EACH(set, bit)
    {
        const struct rse_cluster *cluster = rse_fleet_cluster_at(fleet, bit);

        if (cluster != NULL)
            related.ids[related.count++] = cluster->object.id;
    }
    related_sort(related.ids, related.count);
    return related;
}
