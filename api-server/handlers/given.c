/*
 * given.c - see given.h.
 */
#include <cjson/cJSON.h>

#include "api-server/handlers/given.h"

static size_t field_size(enum rse_field_type type)
{
    switch (type) {
    case RSE_FIELD_STRING:
    case RSE_FIELD_TEXT:
    case RSE_FIELD_TIME:
        return sizeof(struct rse_str);
    case RSE_FIELD_ID:
    case RSE_FIELD_INT:
    case RSE_FIELD_OPT_INT:
        return sizeof(int64_t);
    case RSE_FIELD_BOOL:
        return sizeof(bool);
    case RSE_FIELD_ENUM:
        return sizeof(int);
    case RSE_FIELD_STRINGS:
        return sizeof(struct rse_strs);
    case RSE_FIELD_METADATA:
        return sizeof(struct rse_pairs);
    case RSE_FIELD_REF:
        return sizeof(struct rse_ref);
    case RSE_FIELD_REFS:
        return sizeof(struct rse_refs);
    case RSE_FIELD_CAPACITY:
        return sizeof(struct rse_capacity);
    case RSE_FIELD_LOCATION:
        return sizeof(struct rse_location);
    case RSE_FIELD_RELEASES:
        return sizeof(struct rse_releases);
    case RSE_FIELD_GUARD:
        return sizeof(struct rse_guard);
    }
    return 0;
}

static void copy_field(const struct rse_field *field, struct rse_object *to, const struct rse_object *from,
                       struct rse_arena *arena)
{
    struct rse_refs *refs = (struct rse_refs *)((char *)to + field->offset);

    memcpy((char *)to + field->offset, (const char *)from + field->offset, field_size(field->type));
    /* References get resolved in their place, and the stored object's place is not ours. */
    if (field->type == RSE_FIELD_REFS && refs->count > 0)
        refs->at = rse_arena_memdup(arena, refs->at, refs->count * sizeof(refs->at[0]));
    if (field->type == RSE_FIELD_OPT_INT)
        memcpy((char *)to + field->flag_offset, (const char *)from + field->flag_offset, sizeof(bool));
}

bool given_has(const struct rse_field *field, const cJSON *json)
{
    return cJSON_GetObjectItemCaseSensitive(json, field->name) != NULL ||
           (field->id_name != NULL && cJSON_GetObjectItemCaseSensitive(json, field->id_name) != NULL);
}

/* A repository and branch stand for a target: then the one that it has is not to be kept. */
static bool names_target_otherwise(const struct rse_field *field, const cJSON *json)
{
    return field->type == RSE_FIELD_REF && field->noun == RSE_TARGET &&
           (cJSON_IsString(cJSON_GetObjectItemCaseSensitive(json, "gitOpsRepo")) ||
            cJSON_IsString(cJSON_GetObjectItemCaseSensitive(json, "gitOpsBranch")));
}

void given_merge(struct rse_object *object, const struct rse_object *stored, const struct cJSON *json,
                 struct rse_arena *arena)
{
    for (const struct rse_field *f = rse_noun_info(object->noun)->fields; f->name != NULL; f++) {
        if ((f->flags & RSE_FIELD_SERVER) == 0 && !given_has(f, json) && !names_target_otherwise(f, json))
            copy_field(f, object, stored, arena);
    }
}

/* Both are sorted by key. */
static struct rse_pairs merge_pairs(const struct rse_pairs *over, const struct rse_pairs *under,
                                    struct rse_arena *arena)
{
    struct rse_pairs all = { .at = rse_arena_calloc(arena, over->count + under->count, sizeof(all.at[0])) };
    size_t i = 0, j = 0;

    while (i < over->count || j < under->count) {
        int order = i == over->count ? 1 : j == under->count ? -1 : rse_str_cmp(over->at[i].key, under->at[j].key);

        all.at[all.count++] = order <= 0 ? over->at[i++] : under->at[j];
        j += order >= 0;
    }
    return all;
}

void given_merge_members(struct rse_cluster *cluster, const struct rse_cluster *stored, struct rse_arena *arena)
{
    const struct rse_capacity *has = &stored->capacity;

    cluster->object.metadata = merge_pairs(&cluster->object.metadata, &stored->object.metadata, arena);
    if (cluster->capacity.memory_limit == 0)
        cluster->capacity.memory_limit = has->memory_limit;
    if (cluster->capacity.cpu_limit == 0)
        cluster->capacity.cpu_limit = has->cpu_limit;
}

void given_keep_target(struct rse_object *object, const struct rse_object *stored, const struct cJSON *json)
{
    const struct rse_field *target = rse_noun_field(RSE_CLUSTER, RSE_STR("target"));

    if (object->noun == RSE_CLUSTER && !given_has(target, json) && !names_target_otherwise(target, json))
        ((struct rse_cluster *)object)->target = ((const struct rse_cluster *)stored)->target;
}
