/*
 * apply_faults.c - see apply_faults.h.
 */
#include <stdio.h>
#include <stdlib.h>

#include <cjson/cJSON.h>

#include "api-server/handlers/apply_faults.h"

enum { PATH_MAX_BYTES = 64 * 1024 };

void apply_faults_init(struct apply_faults *faults, struct rse_arena *arena, const struct rse_faults *form)
{
    *faults = (struct apply_faults){ .list = { .arena = arena } };
    for (size_t i = 0; form != NULL && i < form->count; i++) {
        struct rse_err one = form->at[i];

        rse_faults_add(&faults->list, &one);
    }
    for (size_t noun = 0; noun < RSE_NOUN_COUNT; noun++)
        faults->failed[noun] = rse_map_new();
}

void apply_faults_release(struct apply_faults *faults)
{
    for (size_t noun = 0; noun < RSE_NOUN_COUNT; noun++)
        rse_map_freep(&faults->failed[noun]);
}

static struct rse_str text_of(const cJSON *json, const char *name)
{
    return rse_str(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, name)));
}

static struct rse_str without_slash(struct rse_str path)
{
    return rse_str_starts(path, RSE_STR("/")) ? rse_str_from(path, 1) : path;
}

void apply_faults_fail(struct apply_faults *faults, enum rse_noun noun, const struct inventory_item *item)
{
    struct rse_str parent = noun == RSE_GROUP ? without_slash(text_of(item->json, "parent")) : rse_str_n(NULL, 0);
    RSE_BUF_AUTO name = { 0 };

    rse_buf_init(&name, PATH_MAX_BYTES);
    if (parent.len > 0) {
        rse_buf_add_str(&name, parent);
        rse_buf_addc(&name, '/');
    }
    rse_buf_add_str(&name, text_of(item->json, "name"));
    rse_map_put(faults->failed[noun], rse_buf_str(&name), faults);
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

static bool names_failed(const struct apply_faults *faults, struct rse_str expression)
{
    struct rse_str name;
    void *value;

    for (size_t noun = 0; noun < RSE_NOUN_COUNT; noun++) {
        for (size_t it = 0; rse_map_next(faults->failed[noun], &it, &name, &value);) {
            if (name.len > 0 && memmem(expression.p, expression.len, name.p, name.len) != NULL)
                return true;
        }
    }
    return false;
}

static bool follows(const struct apply_faults *faults, enum rse_noun noun, const struct inventory_item *item,
                    const struct rse_err *fault)
{
    struct rse_str text = text_at(item->json, fault->field);
    const struct rse_field *reference = reference_of(noun, fault->field);

    if (text.len == 0)
        return false;
    if (fault->has_position)
        return names_failed(faults, text);
    if (reference == NULL)
        return false;
    return rse_map_get(faults->failed[reference->noun], reference->noun == RSE_GROUP ? without_slash(text) : text) !=
           NULL;
}

static void drop_what_follows(struct apply_faults *faults, enum rse_noun noun, const struct inventory_item *item,
                              size_t from)
{
    size_t kept = from;

    for (size_t i = from; i < faults->list.count; i++) {
        if (!follows(faults, noun, item, &faults->list.at[i]))
            faults->list.at[kept++] = faults->list.at[i];
    }
    faults->list.count = kept;
}

void apply_faults_add(struct apply_faults *faults, enum rse_noun noun, const struct inventory_item *item,
                      struct rse_err *err)
{
    const struct rse_noun_info *info = rse_noun_info(noun);
    size_t before = faults->list.count;

    rse_err_object(err, "%s \"%.*s\"", info->name, RSE_STR_ARG(text_of(item->json, "name")));
    rse_faults_add(&faults->list, err);
    drop_what_follows(faults, noun, item, before);
    rse_faults_within(&faults->list, before, "/%s/%zu", info->plural, item->index);
    apply_faults_fail(faults, noun, item);
}
