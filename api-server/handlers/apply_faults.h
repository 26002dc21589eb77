/*
 * apply_faults.h - all that is wrong with the objects of an inventory, without what only follows from it: that a cluster's group isn't
 * there says nothing when the group is in the inventory, and has a fault.
 */
#ifndef API_HANDLERS_APPLY_FAULTS_H
#define API_HANDLERS_APPLY_FAULTS_H

#include "api-server/handlers/inventory_item.h"

struct object_keys;

struct apply_faults {
    struct rse_faults list;
    struct object_keys *form; /* which items have faults of form, by noun and index */
    struct rse_map
        *lost[RSE_NOUN_COUNT]; /* the names of items that others can't find for their faults, groups by their path */
};

/* arena: has the faults. form: what was told before; or NULL. */
void apply_faults_init(struct apply_faults *faults, struct rse_arena *arena, const struct rse_faults *form);
void apply_faults_release(struct apply_faults *faults);

/* Whether the item had faults from the beginning. */
bool apply_faults_has(const struct apply_faults *faults, const struct inventory_item *item);
/* Adds to `told` what is known of the item, as it points into its JSON. */
void apply_faults_of(const struct apply_faults *faults, const struct inventory_item *item, struct rse_faults *told);
/* Others can't find it. */
void apply_faults_fail(struct apply_faults *faults, const struct inventory_item *item);

/* Adds what is wrong with an item's form, as it points into its JSON, but for what was told; err is clear then. */
void apply_faults_add_form(struct apply_faults *faults, const struct inventory_item *item, struct rse_err *err);
/* Adds the faults of an item, as they point into its object, but for those that follow from what was told; they point into the body
 * then. */
void apply_faults_add(struct apply_faults *faults, const struct inventory_item *item, const struct rse_faults *more);
/* The same of an error, which is clear then. */
void apply_faults_add_one(struct apply_faults *faults, const struct inventory_item *item, struct rse_err *err);
/* The same of faults that point into the inventory. */
void apply_faults_add_whole(struct apply_faults *faults, const struct inventory_source *source,
                            const struct rse_faults *more);

/* Whether there are faults of what says which values clusters have: of groups, namespaces or declared keys, or of what can't be told. */
bool apply_faults_hide_values(const struct apply_faults *faults);

#endif
