/*
 * inventory.c - reads many objects from one file: JSON or YAML.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdio.h>
#include <stdlib.h>

#include "libresedge/src/model/json.h"
#include "resedge/map.h"
#include "resedge/suggest.h"
#include "resedge/yaml.h"

enum {
    YAML_NODES_MAX = 20 * 1000 * 1000,
    NAME_KEY_MAX = 8 * 1024, /* a group's path, or namespace and application */
};

struct reading {
    enum rse_parse_mode mode;
    struct rse_inventory inventory;
    struct rse_map *names; /* of the noun at hand; to the index + 1 as a pointer */
    struct rse_buf key;
    struct rse_arena *arena;
    struct rse_faults *faults; /* of all objects */
    struct rse_err *err;       /* of the object at hand */
};

static void reading_release(struct reading *r)
{
    rse_map_free(r->names);
    rse_buf_release(&r->key);
}

/* What must be unique: a group's path, an application's name within its namespace, any other name. */
static struct rse_str unique_key(struct reading *r, const struct rse_object *object)
{
    struct rse_str prefix = { 0 };

    if (object->noun == RSE_GROUP)
        prefix = ((const struct rse_group *)object)->parent.name;
    else if (object->noun == RSE_APPLICATION)
        prefix = ((const struct rse_application *)object)->namespace_.name;
    else
        return object->name;
    rse_buf_reset(&r->key);
    rse_buf_add_str(&r->key, prefix);
    if (prefix.len > 0 || object->noun == RSE_GROUP)
        rse_buf_addc(&r->key, '/');
    rse_buf_add_str(&r->key, object->name);
    return rse_buf_str(&r->key);
}

static bool check_unique(struct reading *r, const struct rse_noun_info *info, const struct rse_object *object,
                         size_t index)
{
    struct rse_str key = unique_key(r, object);
    size_t before = (uintptr_t)rse_map_get(r->names, key);

    if (before != 0) {
        rse_err_field(r->err, "/name");
        rse_err_hint(r->err, "The first one is at /%s/%zu.", info->plural, before - 1);
        return rse_fail(r->err, RSE_INVALID, "the %s \"%.*s\" is there twice", info->name, RSE_STR_ARG(key));
    }
    rse_map_put(r->names, key, (void *)(index + 1));
    return true;
}

static struct rse_str text_of(const cJSON *json, const char *name)
{
    return rse_str(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, name)));
}

static bool is_name_wrong(const struct reading *r, enum rse_noun noun, size_t index)
{
    char pointer[48];

    snprintf(pointer, sizeof(pointer), "/%s/%zu/name", rse_noun_info(noun)->plural, index);
    return rse_faults_at(r->faults, pointer);
}

/* What can't be read has a name all the same, mostly; one that isn't known where it is has none. */
static const struct rse_object *named_by(struct reading *r, enum rse_noun noun, const cJSON *json, size_t index)
{
    struct rse_object *object = rse_object_new(noun, r->arena);
    const cJSON *within = noun == RSE_GROUP         ? cJSON_GetObjectItemCaseSensitive(json, "parent")
                          : noun == RSE_APPLICATION ? cJSON_GetObjectItemCaseSensitive(json, "namespace")
                                                    : NULL;

    if (is_name_wrong(r, noun, index) || (within != NULL && !cJSON_IsString(within) && !cJSON_IsNull(within)))
        return object;
    object->name = text_of(json, "name");
    if (noun == RSE_GROUP)
        ((struct rse_group *)object)->parent.name = text_of(json, "parent");
    if (noun == RSE_APPLICATION)
        ((struct rse_application *)object)->namespace_.name = text_of(json, "namespace");
    return object;
}

static void add_faults(struct reading *r, const struct rse_noun_info *info, const cJSON *json, size_t index)
{
    size_t before = r->faults->count;

    if (text_of(json, "name").len > 0)
        rse_err_object(r->err, "%s \"%s\"", info->name, text_of(json, "name").p);
    rse_faults_add(r->faults, r->err);
    rse_faults_within(r->faults, before, "/%s/%zu", info->plural, index);
}

static bool has_id(const struct rse_field *field, const struct rse_object *object)
{
    const char *at = (const char *)object + field->offset;

    if (field->type == RSE_FIELD_REF)
        return ((const struct rse_ref *)at)->id != 0;
    for (size_t i = 0; field->type == RSE_FIELD_REFS && i < ((const struct rse_refs *)at)->count; i++) {
        if (((const struct rse_refs *)at)->at[i].id != 0)
            return true;
    }
    return false;
}

/* Ids mean nothing outside the Data Service that gave them. */
static void check_no_ids(struct reading *r, const struct rse_noun_info *info, const struct rse_object *object,
                         const cJSON *json, size_t index)
{
    for (const struct rse_field *f = info->fields; f->name != NULL; f++) {
        if (!has_id(f, object))
            continue;
        rse_err_field(r->err, "/%s", f->id_name);
        rse_fail(r->err, RSE_INVALID,
                 "an inventory has references by name: ids differ from one Data Service to another");
        add_faults(r, info, json, index);
    }
}

/* NULL when it has faults. */
static struct rse_object *read_object(struct reading *r, const struct rse_noun_info *info, const cJSON *json,
                                      size_t index)
{
    size_t before = r->faults->count;
    struct rse_object *object = NULL;
    const struct rse_object *named;
    bool ok;

    if (!rse_object_parse(&object, info->noun, json, r->mode, r->arena, r->err))
        add_faults(r, info, json, index);
    if (object != NULL)
        check_no_ids(r, info, object, json, index);
    ok = r->faults->count == before;
    named = ok ? object : named_by(r, info->noun, json, index);
    if (named->name.len == 0 || check_unique(r, info, named, index))
        return ok ? object : NULL;
    add_faults(r, info, json, index);
    return NULL;
}

static void read_list(struct reading *r, const struct rse_noun_info *info, const cJSON *list)
{
    const cJSON *item;
    size_t index = 0;

    rse_map_clear(r->names);
    cJSON_ArrayForEach(item, list)
    {
        struct rse_object *object = read_object(r, info, item, index++);

        if (object != NULL)
            r->inventory.at[r->inventory.count++] = object;
        if (r->faults->more)
            return;
    }
}

static void fail_member(struct reading *r, const char *member)
{
    struct rse_suggestion s;

    rse_suggest_begin(&s, rse_str(member));
    for (int noun = 0; noun < RSE_NOUN_COUNT; noun++)
        rse_suggest_offer(&s, rse_str(rse_noun_info(noun)->plural));
    rse_err_field_within_key(r->err, member);
    if (!rse_suggest_hint(&s, "\"", "\"", r->err))
        rse_err_hint(
            r->err, "An inventory has targets, metadataKeys, groups, policies, namespaces, applications and clusters.");
    rse_fail(r->err, RSE_INVALID, "unknown member \"%s\"", member);
    rse_faults_add(r->faults, r->err);
}

/* Every member is a list of a noun. Returns how many objects there are. */
static size_t check_members(struct reading *r, const cJSON *json)
{
    size_t total = 0;
    const cJSON *m;

    cJSON_ArrayForEach(m, json)
    {
        const struct rse_noun_info *info = rse_noun_find(rse_str(m->string));

        if (info == NULL || strcmp(info->plural, m->string) != 0) {
            fail_member(r, m->string);
        } else if (!cJSON_IsArray(m)) {
            rse_err_field_within_key(r->err, m->string);
            rse_fail(r->err, RSE_INVALID, "expected an array, found %s", json_kind(m));
            rse_faults_add(r->faults, r->err);
        } else {
            total += (size_t)cJSON_GetArraySize(m);
        }
    }
    return total;
}

bool rse_inventory_parse(struct rse_inventory *out, const struct cJSON *json, struct rse_arena *arena,
                         struct rse_err *err)
{
    struct rse_err one = RSE_ERR_INIT;
    RSE_CLEANUP(reading_release)
    struct reading r = {
        .mode = RSE_PARSE_PART,
        .names = rse_map_new(),
        .arena = arena,
        .faults = rse_arena_new_of(arena, struct rse_faults),
        .err = &one,
    };

    r.faults->arena = arena;
    rse_buf_init(&r.key, NAME_KEY_MAX);
    if (!cJSON_IsObject(json))
        return rse_fail(err, RSE_INVALID, "an inventory is an object with lists of objects, found %s", json_kind(json));
    r.inventory.at = rse_arena_calloc(arena, check_members(&r, json), sizeof(r.inventory.at[0]));
    for (int noun = 0; noun < RSE_NOUN_COUNT; noun++) {
        const struct rse_noun_info *info = rse_noun_info(noun);
        const cJSON *list = cJSON_GetObjectItemCaseSensitive(json, info->plural);

        if (cJSON_IsArray(list))
            read_list(&r, info, list);
    }
    if (!rse_faults_check(r.faults, err))
        return false;
    *out = r.inventory;
    return true;
}

/* ---- without keeping it ---- */

struct scan {
    struct reading reading;
    struct rse_inventory_places *places;
    const struct rse_noun_info *info; /* of the list at hand; NULL: nobody's */
};

static bool scan_member(void *arg, const char *key, const cJSON *value)
{
    struct scan *scan = arg;
    struct reading *r = &scan->reading;
    const struct rse_noun_info *info = rse_noun_find(rse_str(key));

    scan->info = NULL;
    if (info == NULL || strcmp(info->plural, key) != 0) {
        fail_member(r, key);
    } else if (value != NULL || scan->places->of[info->noun].listed) {
        rse_err_field_within_key(r->err, key);
        if (value != NULL)
            rse_fail(r->err, RSE_INVALID, "expected an array, found %s", json_kind(value));
        else
            rse_fail(r->err, RSE_INVALID, "this member is there twice");
        rse_faults_add(r->faults, r->err);
    } else {
        scan->info = info;
        scan->places->of[info->noun].listed = true;
        rse_map_clear(r->names);
    }
    return !r->faults->more;
}

static bool scan_item(void *arg, size_t index, struct rse_str text, const cJSON *json)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    struct scan *scan = arg;

    if (scan->info == NULL)
        return true;
    struct rse_inventory_list *list = &scan->places->of[scan->info->noun];

    scan->reading.arena = arena;
    read_object(&scan->reading, scan->info, json, index);
    RSE_GROW(list->at, list->count, list->cap);
    list->at[list->count++] = text;
    return !scan->reading.faults->more;
}

void rse_inventory_places_release(struct rse_inventory_places *places)
{
    for (size_t noun = 0; noun < RSE_NOUN_COUNT; noun++)
        free(places->of[noun].at);
    *places = (struct rse_inventory_places){ 0 };
}

bool rse_inventory_scan(struct rse_inventory_places *out, struct rse_str text, enum rse_parse_mode mode,
                        struct rse_arena *arena, struct rse_err *err)
{
    struct rse_err one = RSE_ERR_INIT;
    struct rse_faults *faults = rse_arena_new_of(arena, struct rse_faults);
    struct scan scan = { .reading = { .mode = mode, .names = rse_map_new(), .faults = faults, .err = &one },
                         .places = out };
    const struct json_walk walk = { scan_member, scan_item, &scan };
    bool ok;

    *out = (struct rse_inventory_places){ 0 };
    faults->arena = arena;
    rse_buf_init(&scan.reading.key, NAME_KEY_MAX);
    ok = json_walk_lists(text, &walk, err) && rse_faults_check(faults, err);
    reading_release(&scan.reading);
    return ok;
}

static bool looks_like_json(struct rse_str text)
{
    size_t i = rse_str_starts(text, RSE_STR("\xef\xbb\xbf")) ? 3 : 0;

    while (i < text.len && isspace((unsigned char)text.p[i]))
        i++;
    return i < text.len && (text.p[i] == '{' || text.p[i] == '[');
}

bool rse_inventory_read(struct rse_inventory *out, struct rse_str path, struct rse_str text, struct rse_arena *arena,
                        struct rse_err *err)
{
    cJSON *json = NULL;
    bool ok;

    if (looks_like_json(text))
        ok = rse_json_parse(&json, text, err);
    else
        ok = (json = rse_yaml_to_json(path, text, YAML_NODES_MAX, err)) != NULL;
    if (ok && cJSON_IsNull(json))
        ok = rse_fail(err, RSE_INVALID, "the inventory is empty");
    ok = ok && rse_inventory_parse(out, json, arena, err);
    if (!ok)
        rse_err_object(err, "%.*s", RSE_STR_ARG(path));
    cJSON_Delete(json);
    return ok;
}
