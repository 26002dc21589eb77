/*
 * inventory_item.c - see inventory_item.h.
 */
#include <cjson/cJSON.h>

#include "api-server/handlers/body_pointers.h"
#include "api-server/handlers/given.h"
#include "api-server/handlers/inventory_item.h"
#include "api-server/handlers/inventory_lines.h"

void inventory_item_open(struct inventory_item *item, const struct rse_inventory_places *places, enum rse_noun noun,
                         size_t index)
{
    *item = (struct inventory_item){ .noun = noun, .index = index, .arena = rse_arena_new() };
    if (rse_json_parse_in(&item->json, places->of[noun].at[index], item->arena, NULL))
        (void)!rse_object_parse(&item->object, noun, item->json, RSE_PARSE_SCAN, item->arena, NULL);
}

bool inventory_item_check(struct inventory_item *item, const struct rse_fleet *fleet, struct rse_err *err)
{
    const struct rse_object *stored;

    if (item->object == NULL || !item->object->unchecked)
        return true;
    stored = inventory_item_existing(fleet, item->object);
    if (stored == NULL)
        return rse_object_parse(&item->object, item->noun, item->json, RSE_PARSE_PART, item->arena, err);
    return rse_object_parse_over(&item->object, stored, item->json, RSE_PARSE_PART, item->arena, err);
}

void inventory_item_close(struct inventory_item *item)
{
    rse_arena_freep(&item->arena);
}

const struct rse_object *inventory_item_existing(const struct rse_fleet *fleet, const struct rse_object *object)
{
    const struct rse_object *found;
    struct rse_str within;
    RSE_BUF_AUTO name = { 0 };

    rse_buf_init(&name, 64 * 1024);
    if (object->noun == RSE_GROUP)
        within = ((const struct rse_group *)object)->parent.name;
    else if (object->noun == RSE_APPLICATION)
        within = ((const struct rse_application *)object)->namespace_.name;
    else
        return rse_fleet_find(fleet, object->noun, object->name, NULL);
    if (object->noun == RSE_APPLICATION && within.len == 0) {
        for (size_t it = 0; (found = rse_fleet_next(fleet, RSE_APPLICATION, &it)) != NULL;) {
            if (((const struct rse_application *)found)->namespace_.id == 0 && rse_str_eq(found->name, object->name))
                return found;
        }
        return NULL;
    }
    rse_buf_add_str(&name, within);
    rse_buf_addc(&name, '/');
    rse_buf_add_str(&name, object->name);
    return rse_fleet_find(fleet, object->noun, rse_buf_str(&name), NULL);
}

const struct rse_object *inventory_item_complete(struct inventory_item *item, const struct rse_fleet *fleet, bool table,
                                                 struct rse_arena *arena)
{
    const struct rse_object *stored = inventory_item_existing(fleet, item->object);

    if (stored == NULL)
        return NULL;
    item->object->id = stored->id;
    given_merge(item->object, stored, item->json, arena);
    if (table)
        given_merge_members((struct rse_cluster *)item->object, (const struct rse_cluster *)stored, arena);
    return stored;
}

void inventory_item_point(const struct inventory_item *item, struct rse_err *fault)
{
    struct rse_strs keys;

    if (strncmp(fault->field, "/metadata/", 10) != 0 || item->object == NULL)
        return;
    keys = body_pointers_sorted_keys(item->object, item->arena);
    (void)!body_pointers(item->json, &keys, NULL, fault);
}

void inventory_items_point(const struct inventory_source *source, struct rse_err *fault)
{
    const struct rse_noun_info *noun;
    struct rse_err inner = RSE_ERR_INIT;
    struct inventory_item item;
    size_t index;
    char *rest;

    if (!inventory_pointer_split(fault->field, &noun, &index, &rest) || strncmp(rest, "/metadata/", 10) != 0 ||
        index >= source->places->of[noun->noun].count)
        return;
    rse_err_field(&inner, "%s", rest);
    inventory_item_open(&item, source->places, noun->noun, index);
    if (item.object != NULL)
        (void)inventory_item_complete(&item, source->fleet, source->table, item.arena);
    inventory_item_point(&item, &inner);
    inventory_item_close(&item);
    fault->field[0] = '\0';
    rse_err_field(fault, "/%s/%zu%s", noun->plural, index, inner.field);
}
