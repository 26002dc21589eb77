/*
 * fuzz_inventory_scan.c - an inventory that is read item by item is the one that is read as a tree: the same bytes are right, and each
 * object is the same.
 */
#include <cjson/cJSON.h>
#include <stdlib.h>

#include "resedge/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
    if (!ok)
        abort();
}

static void check_item(struct rse_str text, const struct rse_object *wanted, struct rse_arena *arena)
{
    struct rse_err err = RSE_ERR_INIT;
    struct rse_object *object = NULL;
    cJSON *json = NULL;

    must(rse_json_parse(&json, text, &err));
    must(rse_object_parse(&object, wanted->noun, json, RSE_PARSE_PART, arena, &err));
    must(rse_object_spec_eq(object, wanted));
    cJSON_Delete(json);
}

static void check_same(const struct rse_inventory_places *places, const struct rse_inventory *inventory,
                       struct rse_arena *arena)
{
    size_t at = 0;

    for (int noun = 0; noun < RSE_NOUN_COUNT; noun++)
        for (size_t i = 0; i < places->of[noun].count; i++, at++) {
            must(at < inventory->count && inventory->at[at]->noun == (enum rse_noun)noun);
            check_item(places->of[noun].at[i], inventory->at[at], arena);
        }
    must(at == inventory->count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rse_str text = rse_str_n((const char *)data, size);
    struct rse_arena *arena = rse_arena_new();
    struct rse_err err = RSE_ERR_INIT, whole_err = RSE_ERR_INIT;
    struct rse_inventory_places places = { 0 };
    struct rse_inventory inventory = { 0 };
    cJSON *json = NULL;
    bool whole = rse_json_parse(&json, text, &whole_err) && rse_inventory_parse(&inventory, json, arena, &whole_err);

    must(rse_inventory_scan(&places, text, RSE_PARSE_PART, arena, &err) == whole);
    if (whole)
        check_same(&places, &inventory, arena);
    else
        must(err.code != RSE_OK && err.what[0] != '\0');
    rse_inventory_places_release(&places);
    cJSON_Delete(json);
    rse_arena_free(arena);
    return 0;
}
