/*
 * apply_faults.c - see apply_faults.h.
 */
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

    faults->count++;
    rse_buf_init(&name, PATH_MAX_BYTES);
    if (parent.len > 0) {
        rse_buf_add_str(&name, parent);
        rse_buf_addc(&name, '/');
    }
    rse_buf_add_str(&name, text_of(item->json, "name"));
    rse_map_put(faults->failed[noun], rse_buf_str(&name), faults);
}

/* "/groups/1": the reference that is written there. */
static struct rse_str reference_at(enum rse_noun noun, const cJSON *json, const char *pointer, enum rse_noun *to)
{
    size_t len = pointer[0] == '/' ? strcspn(pointer + 1, "/") : 0;

    for (const struct rse_field *f = rse_noun_info(noun)->fields; f->name != NULL; f++) {
        const cJSON *value = cJSON_GetObjectItemCaseSensitive(json, f->name);

        if (len == 0 || !rse_str_is(rse_str_n(pointer + 1, len), f->name))
            continue;
        *to = f->noun;
        if (f->type == RSE_FIELD_REFS && pointer[len + 1] == '/')
            value = cJSON_GetArrayItem(value, atoi(pointer + len + 2));
        else if (f->type != RSE_FIELD_REF)
            value = NULL;
        return rse_str(cJSON_GetStringValue(value));
    }
    return rse_str_n(NULL, 0);
}

/* An expression may name anything: where something failed, who knows. */
static bool follows(const struct apply_faults *faults, enum rse_noun noun, const struct inventory_item *item,
                    const struct rse_err *fault)
{
    enum rse_noun to = noun;
    struct rse_str name;

    if (faults->count == 0 || fault->has_position)
        return faults->count > 0;
    name = reference_at(noun, item->json, fault->field, &to);
    if (to == RSE_GROUP)
        name = without_slash(name);
    return name.len > 0 && rse_map_get(faults->failed[to], name) != NULL;
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
