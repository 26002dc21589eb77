/*
 * related.h - what objects bring along: their references, and the memberships that expressions give.
 */
#ifndef API_HANDLERS_RELATED_H
#define API_HANDLERS_RELATED_H

#include "api-server/odata/options.h"

struct related {
    int64_t *ids; /* ascending */
    size_t count;
};

/* For each of n objects of a noun what is related to it: an array in the arena. One that is gone from the fleet has nothing. */
struct related *related_find(const struct rse_fleet *fleet, enum rse_noun noun, enum odata_relation relation,
                             const int64_t *ids, size_t n, struct rse_arena *arena);
/* The clusters of a target, group, namespace or application. set: of rse_fleet_nbits. */
void related_clusters(const struct rse_fleet *fleet, enum rse_noun noun, int64_t id, struct rse_bitmap *set);
/* Their ids, ascending, in the arena. */
struct related related_cluster_ids(const struct rse_fleet *fleet, const struct rse_bitmap *set,
                                   struct rse_arena *arena);

void related_sort(int64_t *ids, size_t count);

#endif
