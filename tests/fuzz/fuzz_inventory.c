/*
 * fuzz_inventory.c - whatever bytes come, JSON or YAML, they are an inventory or an error; and every object of an
 * inventory survives being copied, and, where it is whole, being written down and read again.
 *
 * Build: clang -fsanitize=fuzzer,address,undefined -D_GNU_SOURCE -Ilibresedge/include -I. with libresedge.a.
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

/* SPEC must read as a write, and print the same again; a document must read as one. */
static void check_written(const struct rse_object *object, unsigned flags, enum rse_parse_mode mode,
                          struct rse_arena *arena)
{
    struct rse_err err = RSE_ERR_INIT;
    struct rse_object *again = NULL;
    cJSON *json = NULL;
    RSE_BUF_AUTO first = { 0 };
    RSE_BUF_AUTO second = { 0 };

    rse_buf_init(&first, 64 << 20);
    rse_buf_init(&second, 64 << 20);
    rse_object_render(object, flags, &first);
    must(rse_json_parse(&json, rse_buf_str(&first), &err));
    must(rse_object_parse(&again, object->noun, json, mode, arena, &err));
    must(rse_object_spec_eq(object, again));
    rse_object_render(again, flags, &second);
    must(rse_str_eq(rse_buf_str(&first), rse_buf_str(&second)));
    cJSON_Delete(json);
}

/* What is stored can be written back as it was read, whatever it looks like. */
static void check_over(const struct rse_object *object, struct rse_arena *arena)
{
    struct rse_err err = RSE_ERR_INIT;
    struct rse_object *again = NULL;
    cJSON *json = NULL;
    RSE_BUF_AUTO text = { 0 };

    rse_buf_init(&text, 64 << 20);
    rse_object_render(object, 0, &text);
    must(rse_json_parse(&json, rse_buf_str(&text), &err));
    must(rse_object_parse_over(&again, object, json, RSE_PARSE_WRITE, arena, &err));
    must(rse_object_spec_eq(object, again));
    cJSON_Delete(json);
}

static void check_object(const struct rse_object *object, struct rse_arena *arena)
{
    struct rse_object *clone = rse_object_clone(object);
    struct rse_faults faults = { .arena = arena };
    RSE_BUF_AUTO text = { 0 };

    must(rse_object_spec_eq(object, clone));
    rse_buf_init(&text, 64 << 20);
    for (const struct rse_field *f = rse_noun_info(object->noun)->fields; f->name != NULL; f++)
        rse_object_field_text(clone, f, &text);
    free(clone);
    rse_object_faults(object, &faults);
    if (faults.count > 0)
        return;
    check_written(object, RSE_RENDER_SPEC, RSE_PARSE_WRITE, arena);
    check_written(object, RSE_RENDER_PRETTY, RSE_PARSE_DOC, arena);
    check_over(object, arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rse_arena *arena = rse_arena_new();
    struct rse_inventory inventory = { 0 };
    struct rse_err err = RSE_ERR_INIT;

    if (rse_inventory_read(&inventory, RSE_STR("fuzz"), rse_str_n((const char *)data, size), arena, &err)) {
        for (size_t i = 0; i < inventory.count; i++)
            check_object(inventory.at[i], arena);
    } else {
        must(err.code != RSE_OK && err.what[0] != '\0');
    }
    rse_arena_free(arena);
    return 0;
}
