/*
 * cluster_edit.h - one change to many clusters: what is set, added and taken away, the rest of each stays.
 */
#ifndef API_FLEET_CLUSTER_EDIT_H
#define API_FLEET_CLUSTER_EDIT_H

#include <resedge/resedge.h>

struct cluster_edit {
    struct rse_pairs set;                      /* metadata: sorted by key */
    struct rse_strs unset;                     /* metadata keys */
    struct rse_refs add_groups, remove_groups; /* resolved */
    bool replaces_tags;                        /* by add_tags */
    struct rse_strs add_tags, remove_tags;
    const enum rse_cluster_state *state; /* NULL: as it is */
};

/* A copy of the cluster as it is then, in the arena; strings stay borrowed. */
struct rse_cluster *cluster_edit_apply(const struct cluster_edit *edit, const struct rse_cluster *cluster,
                                       struct rse_arena *arena);

#endif
