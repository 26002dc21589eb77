/*
 * apply_items.h - the objects of an inventory, put one by one; all that is wrong with them, told at once.
 */
#ifndef API_HANDLERS_APPLY_ITEMS_H
#define API_HANDLERS_APPLY_ITEMS_H

#include "api-server/fleet/prune.h"
#include "api-server/handlers/apply_owner.h"

struct apply_items {
    struct rse_inventory_places places;
    bool table;                    /* clusters, with columns for single members */
    const struct rse_faults *form; /* what can be said without the fleet; NULL: nothing is wrong with it */
    struct write_rights rights;
    struct apply_owner *owner; /* NULL: the inventory is no set */
    struct object_keys *named; /* what was put */
    bool pointed;              /* what was wrong with them points into the body */
};

/* What an inventory doesn't say of an object stays as it is. What one object has wrong doesn't hide what others have. */
bool apply_items_put(struct changeset *set, struct apply_items *items, struct rse_err *err) RSE_MUST;

#endif
