/*
 * apply_faults.h - all that is wrong with the objects of an inventory, without what only follows from it: that a cluster's group isn't
 * there says nothing when the group is in the inventory, and has a fault.
 */
#ifndef API_HANDLERS_APPLY_FAULTS_H
#define API_HANDLERS_APPLY_FAULTS_H

#include "api-server/handlers/inventory_item.h"

struct apply_faults {
    struct rse_faults list;
    struct rse_map *failed[RSE_NOUN_COUNT]; /* by name, groups by their path */
};

/* arena: has the faults. form: what was told before; or NULL. */
void apply_faults_init(struct apply_faults *faults, struct rse_arena *arena, const struct rse_faults *form);
void apply_faults_release(struct apply_faults *faults);

/* The item has faults, which were told before. */
void apply_faults_fail(struct apply_faults *faults, enum rse_noun noun, const struct inventory_item *item);
/* Adds the faults of an item, as they point into its object; err is clear then. */
void apply_faults_add(struct apply_faults *faults, enum rse_noun noun, const struct inventory_item *item,
                      struct rse_err *err);

#endif
