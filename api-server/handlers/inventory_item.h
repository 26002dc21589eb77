/*
 * inventory_item.h - the objects of an inventory, read one by one while its text is there.
 */
#ifndef API_HANDLERS_INVENTORY_ITEM_H
#define API_HANDLERS_INVENTORY_ITEM_H

#include <resedge/resedge.h>

struct cJSON;

/* An object, and where it stands in its list; it and its JSON live in the arena, while it is put. */
struct inventory_item {
    struct rse_object *object;
    const struct cJSON *json;
    size_t index;
    struct rse_arena *arena;
};

/* It was read before, to check it. To be closed, also on failure. */
bool inventory_item_open(struct inventory_item *item, const struct rse_inventory_places *places, enum rse_noun noun,
                         size_t index, struct rse_err *err) RSE_MUST;
void inventory_item_close(struct inventory_item *item);

/* What goes by its name in the fleet: a group by its path, an application within its namespace, or without one. Or NULL. */
const struct rse_object *inventory_item_existing(const struct rse_fleet *fleet, const struct rse_object *object);

/* The fleet has metadata sorted by key; an item may have it in another order, or as an object. Makes "/clusters/3/metadata/0/value" the
 * place in the item. */
void inventory_item_point(const struct rse_inventory_places *places, struct rse_err *fault);

#endif
