/*
 * bulk_body.h - what the bodies of changes to many clusters say: each reader adds a fault for everything that is wrong.
 */
#ifndef API_HANDLERS_BULK_BODY_H
#define API_HANDLERS_BULK_BODY_H

#include <resedge/resedge.h>

#include "api-server/fleet/cluster_edit.h"

struct cJSON;

/* Against the fleet as it is; what is read borrows from both and from the arena. */
struct bulk_reading {
    const struct cJSON *body; /* an object */
    const struct rse_fleet *fleet;
    struct rse_arena *arena;
    struct rse_faults *faults;
};

/* {"expression", "set", "unset", "addGroups", "removeGroups", "tags", "state"}; which has room for all clusters. */
void bulk_body_read(const struct bulk_reading *r, struct cluster_edit *edit, struct rse_bitmap *which);

/* {"add", "remove"}, each an expression or an array of names and ids of clusters; what is in both goes. */
void bulk_members_read(const struct bulk_reading *r, struct rse_bitmap *add, struct rse_bitmap *remove);

#endif
