/*
 * apply_faults.c - see apply_faults.h.
 */
#include <stdio.h>
#include <stdlib.h>

#include <cjson/cJSON.h>

#include "api-server/fleet/prune.h"
#include "api-server/handlers/apply_faults.h"
#include "api-server/handlers/inventory_lines.h"

enum { PATH_MAX_BYTES = 64 * 1024 };

void apply_faults_init(struct apply_faults *faults, struct rse_arena *arena, const struct rse_faults *form)
{
    *faults = (struct apply_faults){ .list = { .arena = arena }, .form = object_keys_new() };
    for (size_t i = 0; form != NULL && i < form->count; i++) {
        struct rse_err one = form->at[i];
        const struct rse_noun_info *noun;
        size_t index;
        char *rest;

        if (inventory_pointer_split(one.field, &noun, &index, &rest))
            object_keys_add(faults->form, noun->noun, (int64_t)index);
        rse_faults_add(&faults->list, &one);
    }
    for (size_t noun = 0; noun < RSE_NOUN_COUNT; noun++)
        faults->lost[noun] = rse_map_new();
}

void apply_faults_release(struct apply_faults *faults)
{
    object_keys_free(faults->form);
    for (size_t noun = 0; noun < RSE_NOUN_COUNT; noun++)
        rse_map_freep(&faults->lost[noun]);
}

/* ---- of one item ---- */

bool apply_faults_has(const struct apply_faults *faults, const struct inventory_item *item)
{
    return object_keys_have(faults->form, item->noun, (int64_t)item->index);
}

void apply_faults_of(const struct apply_faults *faults, const struct inventory_item *item, struct rse_faults *told)
{
    for (size_t i = 0; i < faults->list.count; i++) {
        struct rse_err one = faults->list.at[i];
        const struct rse_noun_info *noun;
        size_t index;
        char *rest;

        if (!inventory_pointer_split(faults->list.at[i].field, &noun, &index, &rest) || noun->noun != item->noun ||
            index != item->index)
            continue;
        snprintf(one.field, sizeof(one.field), "%s", rest);
        rse_faults_add(told, &one);
    }
}

static struct rse_str text_of(const cJSON *json, const char *name)
{
    return rse_str(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, name)));
}

static struct rse_str without_slash(struct rse_str path)
{
    return rse_str_starts(path, RSE_STR("/")) ? rse_str_from(path, 1) : path;
}

void apply_faults_fail(struct apply_faults *faults, const struct inventory_item *item)
{
    struct rse_str parent = item->noun == RSE_GROUP ? without_slash(text_of(item->json, "parent")) : rse_str_n(NULL, 0);
    struct rse_str own = text_of(item->json, "name");
    RSE_BUF_AUTO name = { 0 };

    rse_buf_init(&name, PATH_MAX_BYTES);
    if (own.len == 0)
        return; /* nobody could name it */
    if (parent.len > 0) {
        rse_buf_add_str(&name, parent);
        rse_buf_addc(&name, '/');
    }
    rse_buf_add_str(&name, own);
    rse_map_put(faults->lost[item->noun], rse_buf_str(&name), faults);
}

/* The text that a pointer leads to. */
static struct rse_str text_at(const cJSON *json, const char *pointer)
{
    while (json != NULL && pointer[0] == '/') {
        size_t len = strcspn(pointer + 1, "/");
        char name[64];

        snprintf(name, sizeof(name), "%.*s", (int)len, pointer + 1);
        json = cJSON_IsArray(json) ? cJSON_GetArrayItem(json, (int)strtol(name, NULL, 10))
                                   : cJSON_GetObjectItemCaseSensitive(json, name);
        pointer += 1 + len;
    }
    return rse_str(cJSON_GetStringValue(json));
}

/* What "/groups/1" refers to. */
static const struct rse_field *reference_of(enum rse_noun noun, const char *pointer)
{
    size_t len = pointer[0] == '/' ? strcspn(pointer + 1, "/") : 0;

    for (const struct rse_field *f = rse_noun_info(noun)->fields; f->name != NULL; f++) {
        if ((f->type == RSE_FIELD_REF || f->type == RSE_FIELD_REFS) && rse_str_is(rse_str_n(pointer + 1, len), f->name))
            return f;
    }
    return NULL;
}

/* Whether the selector that begins there, /g/name or /g/"a name", names it. */
static bool selects(struct rse_str selector, struct rse_str name)
{
    struct rse_str rest = rse_str_from(selector, selector.len < 3 ? selector.len : 3);

    if (rse_str_starts(rest, RSE_STR("\"")))
        rest = rse_str_from(rest, 1);
    return name.len > 0 && rse_str_starts(rest, name) &&
           (rest.len == name.len || strchr("/\") \t\n", rest.p[name.len]) != NULL);
}

static bool selects_lost(const struct apply_faults *faults, struct rse_str expression, size_t position)
{
    struct rse_str selector = rse_str_from(expression, position < expression.len ? position : expression.len), name;
    void *value;

    for (size_t noun = 0; noun < RSE_NOUN_COUNT; noun++) {
        for (size_t it = 0; rse_map_next(faults->lost[noun], &it, &name, &value);) {
            if (selects(selector, name))
                return true;
        }
    }
    return false;
}

static bool follows(const struct apply_faults *faults, const struct inventory_item *item, const struct rse_err *fault)
{
    struct rse_str text = text_at(item->json, fault->field);
    const struct rse_field *reference = reference_of(item->noun, fault->field);

    if (text.len == 0)
        return false;
    if (fault->has_position)
        return selects_lost(faults, text, fault->position);
    return reference != NULL && rse_map_get(faults->lost[reference->noun],
                                            reference->noun == RSE_GROUP ? without_slash(text) : text) != NULL;
}

static void add_pointed(struct apply_faults *faults, const struct inventory_item *item, const struct rse_faults *more)
{
    const struct rse_noun_info *info = rse_noun_info(item->noun);
    struct rse_faults all = { .arena = faults->list.arena };
    size_t told, before = faults->list.count;

    apply_faults_of(faults, item, &all);
    told = all.count;
    changeset_merge_faults(item->noun, &all, more);
    for (size_t i = told; i < all.count; i++) {
        rse_err_object(&all.at[i], "%s \"%.*s\"", info->name, RSE_STR_ARG(text_of(item->json, "name")));
        if (!follows(faults, item, &all.at[i]))
            rse_faults_add(&faults->list, &all.at[i]);
    }
    rse_faults_within(&faults->list, before, "/%s/%zu", info->plural, item->index);
    faults->list.more = faults->list.more || more->more;
}

void apply_faults_add_form(struct apply_faults *faults, const struct inventory_item *item, struct rse_err *err)
{
    struct rse_faults more = { .arena = faults->list.arena };

    rse_faults_add(&more, err);
    add_pointed(faults, item, &more);
}

void apply_faults_add(struct apply_faults *faults, const struct inventory_item *item, const struct rse_faults *more)
{
    for (size_t i = 0; i < more->count; i++)
        inventory_item_point(item, &more->at[i]);
    add_pointed(faults, item, more);
}

void apply_faults_add_one(struct apply_faults *faults, const struct inventory_item *item, struct rse_err *err)
{
    struct rse_faults more = { .arena = faults->list.arena };

    rse_faults_add(&more, err);
    apply_faults_add(faults, item, &more);
}

/* ---- of all ---- */

static void add_from(struct apply_faults *faults, const struct inventory_source *source, enum rse_noun noun,
                     size_t index, const struct rse_faults *more)
{
    struct rse_err told = RSE_ERR_INIT; /* when it was put */
    struct inventory_item item;

    inventory_item_open(&item, source->places, noun, index);
    (void)!inventory_item_check(&item, source->fleet, &told);
    if (item.object != NULL)
        (void)inventory_item_complete(&item, source->fleet, source->table, item.arena);
    apply_faults_add(faults, &item, more);
    inventory_item_close(&item);
}

void apply_faults_add_whole(struct apply_faults *faults, const struct inventory_source *source,
                            const struct rse_faults *more)
{
    for (size_t i = 0; i < more->count; i++) {
        struct rse_faults within = { .arena = faults->list.arena };
        struct rse_err one = more->at[i];
        const struct rse_noun_info *noun;
        size_t index;
        char *rest;

        if (!inventory_pointer_split(more->at[i].field, &noun, &index, &rest))
            continue;
        snprintf(one.field, sizeof(one.field), "%s", rest);
        rse_faults_add(&within, &one);
        add_from(faults, source, noun->noun, index, &within);
    }
    faults->list.more = faults->list.more || more->more;
}

bool apply_faults_hide_values(const struct apply_faults *faults)
{
    for (size_t i = 0; i < faults->list.count; i++) {
        const struct rse_noun_info *noun;
        size_t index;
        char *rest;

        if (!inventory_pointer_split(faults->list.at[i].field, &noun, &index, &rest) || noun->noun == RSE_GROUP ||
            noun->noun == RSE_NAMESPACE || noun->noun == RSE_METADATA_KEY)
            return true;
    }
    return false;
}
