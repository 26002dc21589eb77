/*
 * merge_patch.c - JSON Merge Patch (RFC 7396), with what our documents need on top: metadata by key, and the two forms
 * of a reference.
 */
#include "libresedge/src/model/object_parse.h"

cJSON *json_merge(cJSON *target, const cJSON *patch)
{
    const cJSON *p;

    if (!cJSON_IsObject(patch)) {
        cJSON_Delete(target);
        return cJSON_Duplicate(patch, true);
    }
    if (!cJSON_IsObject(target)) {
        cJSON_Delete(target);
        target = cJSON_CreateObject();
    }
    cJSON_ArrayForEach(p, patch)
    {
        cJSON *old = cJSON_DetachItemFromObjectCaseSensitive(target, p->string);

        if (cJSON_IsNull(p))
            cJSON_Delete(old);
        else
            cJSON_AddItemToObject(target, p->string, json_merge(old, p));
    }
    return target;
}

static cJSON *pair_with_key(cJSON *pairs, const char *key)
{
    cJSON *pair;

    cJSON_ArrayForEach(pair, pairs)
    {
        const cJSON *name = cJSON_GetObjectItemCaseSensitive(pair, "key");

        if (cJSON_IsString(name) && strcmp(name->valuestring, key) == 0)
            return pair;
    }
    return NULL;
}

/* An object of keys and values, as a patch of an array of pairs: null takes a key away. */
static void merge_pairs(cJSON *pairs, const cJSON *patch)
{
    const cJSON *p;

    cJSON_ArrayForEach(p, patch)
    {
        cJSON_Delete(cJSON_DetachItemViaPointer(pairs, pair_with_key(pairs, p->string)));
        if (cJSON_IsNull(p))
            continue;
        cJSON *pair = cJSON_CreateObject();

        cJSON_AddStringToObject(pair, "key", p->string);
        cJSON_AddItemToObject(pair, "value", cJSON_Duplicate(p, true));
        cJSON_AddItemToArray(pairs, pair);
    }
}

/* Metadata of the patch given by key go into the document's array; the patch that is left has none. */
static void merge_metadata(cJSON *document, cJSON *patch, const char *name)
{
    cJSON *by_key = cJSON_GetObjectItemCaseSensitive(patch, name);
    cJSON *pairs = cJSON_GetObjectItemCaseSensitive(document, name);

    if (!cJSON_IsObject(by_key) || cJSON_IsObject(pairs))
        return;
    if (!cJSON_IsArray(pairs)) {
        cJSON_DeleteItemFromObjectCaseSensitive(document, name);
        pairs = cJSON_AddArrayToObject(document, name);
    }
    merge_pairs(pairs, by_key);
    cJSON_DeleteItemFromObjectCaseSensitive(patch, name);
}

/* Whichever form of a reference is written, the other one of the document is out of date. */
static void drop_other_form(cJSON *document, const cJSON *patch, const struct rse_field *field)
{
    bool by_name = cJSON_GetObjectItemCaseSensitive(patch, field->name) != NULL;
    bool by_id = cJSON_GetObjectItemCaseSensitive(patch, field->id_name) != NULL;

    if (by_name || by_id) {
        cJSON_DeleteItemFromObjectCaseSensitive(document, field->name);
        cJSON_DeleteItemFromObjectCaseSensitive(document, field->id_name);
    }
}

static bool has_value(const cJSON *json, const char *name)
{
    const cJSON *member = name != NULL ? cJSON_GetObjectItemCaseSensitive(json, name) : NULL;

    return member != NULL && !cJSON_IsNull(member);
}

static bool is_target(const struct rse_field *field)
{
    return field->type == RSE_FIELD_REF && field->noun == RSE_TARGET;
}

/* gitOpsRepo and gitOpsBranch: in a document they only repeat the target; written they stand for finding another. Beside a target
 * that is written too, what the document has says nothing of it. */
static void choose_lookup(const struct rse_noun_info *info, cJSON *document, const cJSON *patch)
{
    bool written = false, named = false;

    for (const struct rse_field *f = info->fields; f->name != NULL; f++) {
        written = written || ((f->flags & RSE_FIELD_LOOKUP) != 0 && has_value(patch, f->name));
        named = named || (is_target(f) && (has_value(patch, f->name) || has_value(patch, f->id_name)));
    }
    for (const struct rse_field *f = info->fields; f->name != NULL; f++) {
        if ((f->flags & RSE_FIELD_LOOKUP) != 0 && (named || !written))
            cJSON_DeleteItemFromObjectCaseSensitive(document, f->name);
        if (is_target(f) && written) {
            cJSON_DeleteItemFromObjectCaseSensitive(document, f->name);
            cJSON_DeleteItemFromObjectCaseSensitive(document, f->id_name);
        }
    }
}

struct cJSON *rse_object_merge_patch(enum rse_noun noun, const struct cJSON *document, const struct cJSON *patch)
{
    const struct rse_noun_info *info = rse_noun_info(noun);
    cJSON *result = cJSON_Duplicate(document, true);
    cJSON *rest = cJSON_Duplicate(patch, true);

    if (cJSON_IsObject(result) && cJSON_IsObject(rest)) {
        choose_lookup(info, result, rest);
        for (const struct rse_field *f = info->fields; f->name != NULL; f++) {
            if (f->id_name != NULL)
                drop_other_form(result, rest, f);
            else if (f->type == RSE_FIELD_METADATA)
                merge_metadata(result, rest, f->name);
        }
    }
    result = json_merge(result, rest);
    cJSON_Delete(rest);
    return result;
}

/* ---- what can't be taken away ---- */

/* NULL where nobody knows it. */
static const struct rse_field *field_named(const struct rse_noun_info *info, const char *name)
{
    for (const struct rse_field *f = info->fields; f->name != NULL; f++) {
        if (strcmp(f->name, name) == 0 || (f->id_name != NULL && strcmp(f->id_name, name) == 0))
            return f;
    }
    return NULL;
}

/* A format that is left out stays, as inventories leave it out; to take it away could mean the newest as well. */
static bool is_kept(const struct rse_field *field)
{
    return (field->flags & (RSE_FIELD_SERVER | RSE_FIELD_LOOKUP | RSE_FIELD_EACH_WRITE)) == RSE_FIELD_SERVER ||
           strcmp(field->name, "format") == 0;
}

static bool check_null(const struct rse_noun_info *info, const cJSON *document, const char *name, struct rse_err *err)
{
    const struct rse_field *field = field_named(info, name);

    if (field == NULL)
        return object_fail_unknown(info, name, err); /* it may be one misspelt */
    if (!is_kept(field) || !has_value(document, field->name))
        return true;
    rse_err_hint(err, "Leave it out, or send it as it is.");
    return rse_fail(err, RSE_INVALID, "null takes it away, and it can't be absent");
}

bool rse_object_check_patch(enum rse_noun noun, const struct cJSON *document, const struct cJSON *patch,
                            struct rse_arena *arena, struct rse_err *err)
{
    struct rse_faults *faults = rse_arena_new_of(arena, struct rse_faults);
    const cJSON *p;

    faults->arena = arena;
    cJSON_ArrayForEach(p, patch)
    {
        struct rse_err one = RSE_ERR_INIT;

        if (!cJSON_IsNull(p) || check_null(rse_noun_info(noun), document, p->string, &one))
            continue;
        rse_err_field_within_key(&one, p->string);
        rse_faults_add(faults, &one);
    }
    return rse_faults_check(faults, err);
}
