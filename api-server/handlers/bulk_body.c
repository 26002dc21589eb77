/*
 * bulk_body.c - see bulk_body.h.
 */
#include <math.h>
#include <stdio.h>

#include <cjson/cJSON.h>

#include "api-server/handlers/body_members.h"
#include "api-server/handlers/bulk_body.h"

static void add_fault(const struct bulk_reading *r, struct rse_err *err, const char *pointer)
{
    rse_err_field_within(err, "%s", pointer);
    rse_faults_add(r->faults, err);
}

RSE_PRINTF(3, 4)
static void add_fault_at(const struct bulk_reading *r, const char *pointer, const char *fmt, ...)
{
    struct rse_err err = RSE_ERR_INIT;
    char what[sizeof(err.what)];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(what, sizeof(what), fmt, ap);
    va_end(ap);
    (void)rse_fail(&err, RSE_INVALID, "%s", what);
    add_fault(r, &err, pointer);
}

static void add_item_fault(const struct bulk_reading *r, const char *list, size_t i, const char *what)
{
    char pointer[40];

    snprintf(pointer, sizeof(pointer), "%s/%zu", list, i);
    add_fault_at(r, pointer, "%s", what);
}

static const cJSON *member(const struct bulk_reading *r, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(r->body, name);
}

/* ---- which clusters ---- */

static void select_by_expression(const struct bulk_reading *r, const char *pointer, const char *text,
                                 struct rse_bitmap *out)
{
    struct rse_err err = RSE_ERR_INIT;
    struct rse_expr *expr = NULL;

    if (rse_expr_parse(&expr, rse_str(text), &err) && rse_expr_check(expr, r->fleet, &err))
        rse_expr_eval(expr, r->fleet, out);
    else
        add_fault(r, &err, pointer);
    rse_expr_free(expr);
}

static const struct rse_object *find_cluster(const struct rse_fleet *fleet, const cJSON *json)
{
    if (cJSON_IsString(json))
        return rse_fleet_find(fleet, RSE_CLUSTER, rse_str(json->valuestring), NULL);
    if (!cJSON_IsNumber(json) || json->valuedouble < 1 || json->valuedouble >= 1e15 ||
        json->valuedouble != floor(json->valuedouble))
        return NULL;
    return rse_fleet_get(fleet, RSE_CLUSTER, (int64_t)json->valuedouble);
}

static void select_listed(const struct bulk_reading *r, const char *pointer, const cJSON *list, struct rse_bitmap *out)
{
    const cJSON *item;
    size_t i = 0;

    cJSON_ArrayForEach(item, list)
    {
        const struct rse_object *cluster = find_cluster(r->fleet, item);

        if (cluster != NULL)
            rse_bitmap_set(out, rse_fleet_cluster_index(r->fleet, cluster->id));
        else
            add_item_fault(r, pointer, i, "there is no such cluster");
        if (r->faults->more)
            return;
        i++;
    }
}

static void read_members(const struct bulk_reading *r, const char *name, const char *pointer, struct rse_bitmap *out)
{
    const cJSON *json = member(r, name);

    if (cJSON_IsString(json))
        select_by_expression(r, pointer, json->valuestring, out);
    else if (cJSON_IsArray(json))
        select_listed(r, pointer, json, out);
    else if (json != NULL)
        add_fault_at(r, pointer, "expected an expression, or an array of names and ids of clusters");
}

void bulk_members_read(const struct bulk_reading *r, struct rse_bitmap *add, struct rse_bitmap *remove)
{
    static const char *const MEMBERS[] = { "add", "remove", NULL };

    body_check_members(r->body, MEMBERS, r->faults);
    read_members(r, "add", "/add", add);
    read_members(r, "remove", "/remove", remove);
}

/* ---- what changes ---- */

/* "/metadata/lane" is "/set/lane" here. */
static void rename_pointer(struct rse_err *err, const char *from, const char *to)
{
    size_t len = strlen(from);
    char rest[sizeof(err->field)];

    if (strncmp(err->field, from, len) != 0 || (err->field[len] != '/' && err->field[len] != '\0'))
        return;
    snprintf(rest, sizeof(rest), "%s", err->field + len);
    err->field[0] = '\0';
    rse_err_field(err, "%s%s", to, rest);
}

static void add_copy(cJSON *to, const char *name, const cJSON *item)
{
    if (item != NULL)
        cJSON_AddItemToObject(to, name, cJSON_Duplicate(item, true));
}

/* Checks and reads cluster fields by way of an object that has nothing else. With faults it has what is right. */
static const struct rse_cluster *read_fields(const struct bulk_reading *r, const cJSON *tags, const char *tags_pointer)
{
    cJSON *json = cJSON_CreateObject();
    size_t before = r->faults->count;
    struct rse_object *object = NULL;
    struct rse_err err = RSE_ERR_INIT;

    rse_arena_defer(r->arena, (void (*)(void *))cJSON_Delete, json);
    cJSON_AddStringToObject(json, "name", "x");
    add_copy(json, "metadata", member(r, "set"));
    add_copy(json, "tags", tags);
    add_copy(json, "state", member(r, "state"));
    if (rse_object_parse(&object, RSE_CLUSTER, json, RSE_PARSE_PART, r->arena, &err))
        return (const struct rse_cluster *)object;
    rse_faults_add(r->faults, &err);
    for (size_t i = before; i < r->faults->count; i++) {
        rename_pointer(&r->faults->at[i], "/metadata", "/set");
        rename_pointer(&r->faults->at[i], "/tags", tags_pointer);
    }
    return (const struct rse_cluster *)object;
}

/* An item that is none is an empty one: the others keep their places. */
static void read_strings(const struct bulk_reading *r, const cJSON *json, const char *pointer, struct rse_strs *out)
{
    const cJSON *item;
    size_t i = 0;

    if (json != NULL && !cJSON_IsArray(json))
        return add_fault_at(r, pointer, "expected an array of strings");
    out->at = rse_arena_calloc(r->arena, (size_t)cJSON_GetArraySize(json), sizeof(out->at[0]));
    cJSON_ArrayForEach(item, json)
    {
        if (cJSON_IsString(item))
            out->at[i] = rse_str(item->valuestring);
        else
            add_item_fault(r, pointer, i, "expected a string");
        i++;
    }
    out->count = i;
}

static const struct rse_group *find_group(const struct bulk_reading *r, struct rse_str path)
{
    if (path.len > 0 && path.p[0] != '/')
        path = rse_str(rse_arena_printf(r->arena, "/%.*s", RSE_STR_ARG(path)));
    return (const struct rse_group *)rse_fleet_find(r->fleet, RSE_GROUP, path, NULL);
}

static bool have_ref(const struct rse_refs *refs, int64_t id)
{
    for (size_t i = 0; i < refs->count; i++) {
        if (refs->at[i].id == id)
            return true;
    }
    return false;
}

/* Without those that are named twice. other: those that go the other way. */
static void read_groups(const struct bulk_reading *r, const char *name, const char *pointer,
                        const struct rse_refs *other, struct rse_refs *out)
{
    struct rse_strs paths = { 0 };

    read_strings(r, member(r, name), pointer, &paths);
    out->at = rse_arena_calloc(r->arena, paths.count, sizeof(out->at[0]));
    for (size_t i = 0; i < paths.count; i++) {
        const struct rse_group *group = find_group(r, paths.at[i]);
        const char *path = rse_arena_str(r->arena, paths.at[i]).p;

        if (paths.at[i].p == NULL)
            continue; /* no string: that is told */
        if (group == NULL)
            add_item_fault(r, pointer, i, rse_arena_printf(r->arena, "there is no group \"%s\"", path));
        else if (have_ref(other, group->object.id))
            add_item_fault(r, pointer, i, rse_arena_printf(r->arena, "group \"%s\" is to be added too", path));
        else if (!have_ref(out, group->object.id))
            out->at[out->count++] = (struct rse_ref){ .id = group->object.id, .name = group->name_path };
    }
}

/* As {key: value} or [{"key", "value"}]. place: where it is in the latter, may be NULL. */
static bool sets_key(const cJSON *set, const char *key, size_t *place)
{
    const cJSON *pair;
    size_t i = 0;

    if (cJSON_IsObject(set))
        return cJSON_GetObjectItemCaseSensitive(set, key) != NULL;
    cJSON_ArrayForEach(pair, set)
    {
        const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(pair, "key"));

        if (place != NULL)
            *place = i;
        if (name != NULL && strcmp(name, key) == 0)
            return true;
        i++;
    }
    return false;
}

static bool has_text(const cJSON *list, const char *text)
{
    const cJSON *item;

    cJSON_ArrayForEach(item, list)
    {
        if (cJSON_IsString(item) && strcmp(item->valuestring, text) == 0)
            return true;
    }
    return false;
}

/* What is to come and to go has no outcome that anybody meant. */
static void check_contradictions(const struct bulk_reading *r, const cJSON *tags)
{
    const cJSON *unset = member(r, "unset"), *remove = cJSON_GetObjectItemCaseSensitive(tags, "remove"), *item;
    size_t i = 0;

    cJSON_ArrayForEach(item, unset)
    {
        if (cJSON_IsString(item) && sets_key(member(r, "set"), item->valuestring, NULL))
            add_item_fault(r, "/unset", i, "this key is to be set too");
        i++;
    }
    i = 0;
    cJSON_ArrayForEach(item, remove)
    {
        if (cJSON_IsString(item) && has_text(cJSON_GetObjectItemCaseSensitive(tags, "add"), item->valuestring))
            add_item_fault(r, "/tags/remove", i, "this tag is to be added too");
        i++;
    }
}

/* All tags, or which come and go. The tags to add, or to have. */
static const cJSON *read_tags(const struct bulk_reading *r, const cJSON *tags, struct cluster_edit *edit)
{
    static const char *const MEMBERS[] = { "add", "remove", NULL };
    size_t before = r->faults->count;

    edit->replaces_tags = cJSON_IsArray(tags);
    if (tags == NULL || edit->replaces_tags)
        return tags;
    if (!cJSON_IsObject(tags)) {
        add_fault_at(r, "/tags", "expected an array of tags, or an object with add and remove");
        return NULL;
    }
    body_check_members(tags, MEMBERS, r->faults);
    rse_faults_within(r->faults, before, "/tags");
    read_strings(r, cJSON_GetObjectItemCaseSensitive(tags, "remove"), "/tags/remove", &edit->remove_tags);
    return cJSON_GetObjectItemCaseSensitive(tags, "add");
}

static void point_to_value(const cJSON *set, const char *key, struct rse_err *err)
{
    size_t place = 0;

    if (cJSON_IsObject(set))
        rse_err_field_within_key(err, key);
    else if (sets_key(set, key, &place))
        rse_err_field(err, "/%zu/value", place);
    rse_err_field_within(err, "/set");
}

/* As the fleet checks each cluster: here with the place in this body. */
static void check_declared(const struct bulk_reading *r, const struct rse_pairs *set)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct rse_object *key = rse_fleet_find(r->fleet, RSE_METADATA_KEY, set->at[i].key, NULL);
        struct rse_err err = RSE_ERR_INIT;

        if (key == NULL || rse_metadata_key_fits((const struct rse_metadata_key *)key, set->at[i].value, &err))
            continue;
        point_to_value(member(r, "set"), rse_arena_str(r->arena, set->at[i].key).p, &err);
        if (!rse_faults_at(r->faults, err.field))
            rse_faults_add(r->faults, &err);
    }
}

static void read_edit(const struct bulk_reading *r, struct cluster_edit *edit)
{
    const cJSON *tags = read_tags(r, member(r, "tags"), edit);
    const struct rse_cluster *fields = read_fields(r, tags, edit->replaces_tags ? "/tags" : "/tags/add");

    if (fields != NULL) {
        edit->set = fields->object.metadata;
        check_declared(r, &edit->set);
        edit->add_tags = fields->object.tags;
        edit->state = member(r, "state") != NULL ? &fields->state : NULL;
    }
    read_strings(r, member(r, "unset"), "/unset", &edit->unset);
    read_groups(r, "addGroups", "/addGroups", &(struct rse_refs){ 0 }, &edit->add_groups);
    read_groups(r, "removeGroups", "/removeGroups", &edit->add_groups, &edit->remove_groups);
    check_contradictions(r, member(r, "tags"));
}

void bulk_body_read(const struct bulk_reading *r, struct cluster_edit *edit, struct rse_bitmap *which)
{
    static const char *const MEMBERS[] = { "expression",   "set",  "unset", "addGroups",
                                           "removeGroups", "tags", "state", NULL };
    const cJSON *expression = member(r, "expression");

    *edit = (struct cluster_edit){ 0 };
    body_check_members(r->body, MEMBERS, r->faults);
    if (cJSON_IsString(expression))
        select_by_expression(r, "/expression", expression->valuestring, which);
    else if (expression == NULL || cJSON_IsNull(expression))
        add_fault_at(r, "/expression", "an expression is needed: which clusters");
    else
        add_fault_at(r, "/expression", "must be text: the expression that selects the clusters");
    read_edit(r, edit);
}
