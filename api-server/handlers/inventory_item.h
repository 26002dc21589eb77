/*
 * inventory_item.h - the objects of an inventory, read one by one while its text is there.
 */
#ifndef API_HANDLERS_INVENTORY_ITEM_H
#define API_HANDLERS_INVENTORY_ITEM_H

#include <resedge/resedge.h>

struct cJSON;

/* An object, and where it stands in its list; it and its JSON live in the arena, while it is put. */
struct inventory_item {
    enum rse_noun noun;
    size_t index;
    const struct cJSON *json;  /* NULL: the text is none */
    struct rse_object *object; /* what could be read of it; NULL: it is none */
    struct rse_arena *arena;
};

/* To be closed. What is wrong with it was told when it was read to check it, but for texts that its object in the fleet may have: see
 * inventory_item_check(). */
void inventory_item_open(struct inventory_item *item, const struct rse_inventory_places *places, enum rse_noun noun,
                         size_t index);
/* Whether all texts of the item are such that a write may have them, or its object has them already. Else they are gone from it. */
bool inventory_item_check(struct inventory_item *item, const struct rse_fleet *fleet, struct rse_err *err) RSE_MUST;
void inventory_item_close(struct inventory_item *item);

/* What items are read from, and beside. */
struct inventory_source {
    const struct rse_inventory_places *places;
    const struct rse_fleet *fleet;
    bool table; /* clusters, with columns for single members */
};

/* What goes by its name in the fleet: a group by its path, an application within its namespace, or without one. Or NULL. */
const struct rse_object *inventory_item_existing(const struct rse_fleet *fleet, const struct rse_object *object);

/* Fills in what the inventory doesn't say of the item, from what is stored: returns that, or NULL. Its texts stay borrowed. table: also of
 * the keys of its metadata, and of its limits. */
const struct rse_object *inventory_item_complete(struct inventory_item *item, const struct rse_fleet *fleet, bool table,
                                                 struct rse_arena *arena);

/* The fleet has metadata sorted by key; an item may have it in another order, or as an object. Makes "/metadata/0/value" of a fault of the
 * object the place in the item. */
void inventory_item_point(const struct inventory_item *item, struct rse_err *fault);
/* The same of "/clusters/3/metadata/0/value". */
void inventory_items_point(const struct inventory_source *source, struct rse_err *fault);

#endif
