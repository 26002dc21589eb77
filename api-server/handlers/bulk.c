/*
 * bulk.c - one change to many clusters: POST /clusters/bulk, and the members of a group.
 */
#include <cjson/cJSON.h>

#include "api-server/api.h"
#include "api-server/fleet/changeset.h"
#include "api-server/fleet/cluster_edit.h"
#include "api-server/fleet/live.h"
#include "api-server/handlers/body.h"
#include "api-server/handlers/object.h"
#include "api-server/handlers/precondition.h"
#include "api-server/handlers/writing.h"
#include "api-server/http/route.h"

enum {
    BULK_BODY_MAX = 4 * 1024 * 1024, /* the names of 60,000 clusters */
    BULK_BODY_MS = 30 * 1000,
    NAMES_MAX = 1000, /* that an answer lists */
};

static void bulk_handler(struct call *call);
static void members_handler(struct call *call);

const struct route bulk_routes[] = {
    { "POST", "/api/v1/clusters/bulk", ROLE_PLATFORM, ROUTE_ONCE, BULK_BODY_MAX, BULK_BODY_MS, bulk_handler,
      "Change all clusters that an expression selects" },
    { "POST", "/api/v1/groups/{id}/members", ROLE_PLATFORM, ROUTE_ONCE, BULK_BODY_MAX, BULK_BODY_MS, members_handler,
      "Add clusters to a group, or take them out" },
    { .method = NULL },
};

struct bulk {
    struct call *call;
    cJSON *body;
    bool dry_run;
    struct write_rights rights;
    int64_t group;                 /* whose members these are */
    struct precondition condition; /* of the group */
    size_t selected;
};

static bool fail_in(struct rse_err *err, const char *member)
{
    rse_err_field_within(err, "/%s", member);
    return false;
}

/* ---- which clusters ---- */

static bool add_expression(const struct rse_fleet *fleet, const cJSON *text, struct rse_bitmap *out,
                           struct rse_err *err)
{
    struct rse_expr *expr = NULL;
    bool ok = rse_expr_parse(&expr, rse_str(text->valuestring), err) && rse_expr_check(expr, fleet, err);

    if (ok)
        rse_expr_eval(expr, fleet, out);
    rse_expr_free(expr);
    return ok;
}

static const struct rse_object *find_cluster(const struct rse_fleet *fleet, const cJSON *json)
{
    if (cJSON_IsString(json))
        return rse_fleet_find(fleet, RSE_CLUSTER, rse_str(json->valuestring), NULL);
    if (cJSON_IsNumber(json) && json->valuedouble >= 1 && json->valuedouble < 1e15)
        return rse_fleet_get(fleet, RSE_CLUSTER, (int64_t)json->valuedouble);
    return NULL;
}

/* An expression, or an array of names and ids. */
static bool read_clusters(const struct rse_fleet *fleet, const cJSON *json, const char *member, struct rse_bitmap *out,
                          struct rse_arena *arena, struct rse_err *err)
{
    struct rse_faults faults = { .arena = arena };
    struct rse_err one = RSE_ERR_INIT;
    const cJSON *item;
    size_t i = 0;

    if (cJSON_IsString(json))
        return add_expression(fleet, json, out, err) || fail_in(err, member);
    if (!cJSON_IsArray(json)) {
        rse_err_field(err, "/%s", member);
        return rse_fail(err, RSE_INVALID, "expected an expression, or an array of names and ids of clusters");
    }
    cJSON_ArrayForEach(item, json)
    {
        const struct rse_object *cluster = find_cluster(fleet, item);

        if (cluster != NULL) {
            rse_bitmap_set(out, rse_fleet_cluster_index(fleet, cluster->id));
        } else if (!faults.more) {
            rse_err_field(&one, "/%s/%zu", member, i);
            rse_fail(&one, RSE_INVALID, "there is no such cluster");
            rse_faults_add(&faults, &one);
        }
        i++;
    }
    if (faults.count == 0)
        return true;
    return rse_faults_check(rse_arena_memdup(arena, &faults, sizeof(faults)), err);
}

/* ---- what changes ---- */

/* "/metadata/lane" is "/set/lane" here. */
static void rename_pointer(char field[120])
{
    static const char FROM[] = "/metadata", TO[] = "/set";

    if (strncmp(field, FROM, sizeof(FROM) - 1) != 0)
        return;
    memmove(field + sizeof(TO) - 1, field + sizeof(FROM) - 1, strlen(field + sizeof(FROM) - 1) + 1);
    memcpy(field, TO, sizeof(TO) - 1);
}

static void rename_pointers(struct rse_err *err)
{
    for (size_t i = 0; err->faults != NULL && i < err->faults->count; i++)
        rename_pointer(err->faults->at[i].field);
    rename_pointer(err->field);
}

/* Checks and reads cluster fields by way of an object that has nothing else. */
static bool read_fields(const cJSON *body, struct cluster_edit *edit, struct rse_arena *arena, struct rse_err *err)
{
    const cJSON *tags = cJSON_GetObjectItemCaseSensitive(body, "tags");
    const cJSON *state = cJSON_GetObjectItemCaseSensitive(body, "state");
    cJSON *json = cJSON_CreateObject();
    struct rse_object *object;
    bool ok;

    rse_arena_defer(arena, (void (*)(void *))cJSON_Delete, json);
    cJSON_AddStringToObject(json, "name", "x");
    if (cJSON_HasObjectItem(body, "set"))
        cJSON_AddItemToObject(json, "metadata", cJSON_Duplicate(cJSON_GetObjectItemCaseSensitive(body, "set"), true));
    if (cJSON_IsArray(tags))
        cJSON_AddItemToObject(json, "tags", cJSON_Duplicate(tags, true));
    if (cJSON_IsObject(tags) && cJSON_HasObjectItem(tags, "add"))
        cJSON_AddItemToObject(json, "tags", cJSON_Duplicate(cJSON_GetObjectItemCaseSensitive(tags, "add"), true));
    if (state != NULL)
        cJSON_AddItemToObject(json, "state", cJSON_Duplicate(state, true));
    ok = rse_object_parse(&object, RSE_CLUSTER, json, RSE_PARSE_PART, arena, err);
    if (!ok) {
        rename_pointers(err);
        return false;
    }
    edit->set = object->metadata;
    edit->add_tags = object->tags;
    edit->replaces_tags = cJSON_IsArray(tags);
    edit->state = state != NULL ? &((struct rse_cluster *)object)->state : NULL;
    return true;
}

static bool read_strings(const cJSON *json, struct rse_strs *out, struct rse_arena *arena, struct rse_err *err)
{
    const cJSON *item;

    if (json == NULL)
        return true;
    if (!cJSON_IsArray(json))
        return rse_fail(err, RSE_INVALID, "expected an array of strings");
    out->at = rse_arena_calloc(arena, (size_t)cJSON_GetArraySize(json), sizeof(out->at[0]));
    cJSON_ArrayForEach(item, json)
    {
        if (!cJSON_IsString(item)) {
            rse_err_field(err, "/%zu", out->count);
            return rse_fail(err, RSE_INVALID, "expected a string");
        }
        out->at[out->count++] = rse_str(item->valuestring);
    }
    return true;
}

static bool read_groups(const struct rse_fleet *fleet, const cJSON *json, struct rse_refs *out, struct rse_arena *arena,
                        struct rse_err *err)
{
    struct rse_strs names = { 0 };

    if (!read_strings(json, &names, arena, err))
        return false;
    out->at = rse_arena_calloc(arena, names.count, sizeof(out->at[0]));
    for (size_t i = 0; i < names.count; i++) {
        struct rse_str name = names.at[i];
        const struct rse_object *group;

        if (name.len > 0 && name.p[0] != '/')
            name = rse_str(rse_arena_printf(arena, "/%.*s", RSE_STR_ARG(name)));
        group = rse_fleet_find(fleet, RSE_GROUP, name, NULL);
        if (group == NULL) {
            rse_err_field(err, "/%zu", i);
            return rse_fail(err, RSE_INVALID, "there is no group \"%.*s\"", RSE_STR_ARG(name));
        }
        out->at[out->count++] =
            (struct rse_ref){ .id = group->id, .name = ((const struct rse_group *)group)->name_path };
    }
    return true;
}

static bool check_members(const cJSON *body, const char *const *known, struct rse_err *err)
{
    const cJSON *m;

    cJSON_ArrayForEach(m, body)
    {
        bool found = false;

        for (size_t i = 0; known[i] != NULL; i++)
            found = found || strcmp(m->string, known[i]) == 0;
        if (found)
            continue;
        rse_err_field(err, "/%s", m->string);
        return rse_fail(err, RSE_INVALID, "unknown field \"%s\"", m->string);
    }
    return true;
}

static bool read_edit(const struct rse_fleet *fleet, const cJSON *body, struct cluster_edit *edit,
                      struct rse_arena *arena, struct rse_err *err)
{
    const cJSON *tags = cJSON_GetObjectItemCaseSensitive(body, "tags");

    if (!read_fields(body, edit, arena, err))
        return false;
    if (tags != NULL && !cJSON_IsArray(tags) && !cJSON_IsObject(tags)) {
        rse_err_field(err, "/tags");
        return rse_fail(err, RSE_INVALID, "expected an array of tags, or an object with add and remove");
    }
    if (!read_strings(cJSON_GetObjectItemCaseSensitive(body, "unset"), &edit->unset, arena, err))
        return fail_in(err, "unset");
    if (cJSON_IsObject(tags) &&
        !read_strings(cJSON_GetObjectItemCaseSensitive(tags, "remove"), &edit->remove_tags, arena, err))
        return fail_in(err, "tags/remove");
    if (!read_groups(fleet, cJSON_GetObjectItemCaseSensitive(body, "addGroups"), &edit->add_groups, arena, err))
        return fail_in(err, "addGroups");
    return read_groups(fleet, cJSON_GetObjectItemCaseSensitive(body, "removeGroups"), &edit->remove_groups, arena,
                       err) ||
           fail_in(err, "removeGroups");
}

/* ---- writing ---- */

static bool edit_clusters(struct changeset *set, struct bulk *bulk, const struct cluster_edit *edit,
                          const struct rse_bitmap *which, struct rse_err *err)
{
    const struct rse_fleet *fleet = changeset_fleet(set);
    struct rse_arena *arena = changeset_arena(set);

    for (uint32_t i = 0; i < rse_fleet_nbits(fleet); i++) {
        const struct rse_cluster *old = rse_bitmap_has(which, i) ? rse_fleet_cluster_at(fleet, i) : NULL;
        struct rse_object *now;

        if (old == NULL)
            continue;
        bulk->selected++;
        now = &cluster_edit_apply(edit, old, arena)->object;
        if (!rules_put(fleet, &bulk->rights, &old->object, now, arena, err) || !changeset_put(set, now, err)) {
            rse_err_object(err, "cluster \"%.*s\"", RSE_STR_ARG(now->name));
            return false;
        }
    }
    return true;
}

/* Closing takes all that runs away from a store; for many at once a person must say how many. */
static bool check_closing(const struct bulk *bulk, const struct cluster_edit *edit, const struct rse_bitmap *which,
                          struct rse_err *err)
{
    uint32_t count = rse_bitmap_count(which);

    if (edit->state == NULL || (*edit->state != RSE_CLUSTER_CLOSING && *edit->state != RSE_CLUSTER_CLOSED) ||
        rules_confirmed(&bulk->rights, count))
        return true;
    rse_err_hint(err, "If that is meant, repeat it with ?confirm=%u.", count);
    return rse_fail(err, RSE_CONFIRM, "this takes away all that runs on %u cluster%s", count, count == 1 ? "" : "s");
}

static bool build_bulk(struct changeset *set, void *arg, struct rse_err *err)
{
    static const char *const KNOWN[] = { "expression",   "set",  "unset", "addGroups",
                                         "removeGroups", "tags", "state", NULL };
    struct bulk *bulk = arg;
    const struct rse_fleet *fleet = changeset_fleet(set);
    const cJSON *expression = cJSON_GetObjectItemCaseSensitive(bulk->body, "expression");
    struct cluster_edit edit = { 0 };
    RSE_BITMAP_AUTO which = { 0 };

    rse_bitmap_init(&which, rse_fleet_nbits(fleet));
    bulk->selected = 0;
    if (!check_members(bulk->body, KNOWN, err) || !read_edit(fleet, bulk->body, &edit, changeset_arena(set), err))
        return false;
    if (!cJSON_IsString(expression)) {
        rse_err_field(err, "/expression");
        return rse_fail(err, RSE_INVALID, "an expression is needed: which clusters");
    }
    if (!add_expression(fleet, expression, &which, err)) {
        rse_err_field(err, "/expression");
        return false;
    }
    return check_closing(bulk, &edit, &which, err) && edit_clusters(set, bulk, &edit, &which, err);
}

static bool build_members(struct changeset *set, void *arg, struct rse_err *err)
{
    static const char *const KNOWN[] = { "add", "remove", NULL };
    struct bulk *bulk = arg;
    const struct rse_fleet *fleet = changeset_fleet(set);
    const struct rse_object *group = rse_fleet_get(fleet, RSE_GROUP, bulk->group);
    bool ok = check_members(bulk->body, KNOWN, err);

    bulk->selected = 0;
    if (group == NULL)
        return rse_fail(err, RSE_NOT_FOUND, "there is no group %lld", (long long)bulk->group);
    if (!precondition_check(&bulk->condition, set, group, bulk->dry_run, err))
        return false;
    for (size_t i = 0; i < 2 && ok; i++) {
        const cJSON *json = cJSON_GetObjectItemCaseSensitive(bulk->body, KNOWN[i]);
        struct rse_ref ref = { .id = group->id, .name = ((const struct rse_group *)group)->name_path };
        struct rse_refs refs = { &ref, 1 };
        struct cluster_edit edit = { 0 };
        RSE_BITMAP_AUTO which = { 0 };

        if (json == NULL)
            continue;
        *(i == 0 ? &edit.add_groups : &edit.remove_groups) = refs;
        rse_bitmap_init(&which, rse_fleet_nbits(fleet));
        ok = read_clusters(fleet, json, KNOWN[i], &which, changeset_arena(set), err) &&
             edit_clusters(set, bulk, &edit, &which, err);
    }
    return ok;
}

static bool render_bulk(void *arg, const struct changeset *set, struct writing_answer *answer,
                        struct rse_err *err RSE_UNUSED)
{
    struct bulk *bulk = arg;
    struct rse_buf *out = &answer->body;

    rse_buf_addf(out, "{\"revision\":%lld,\"dryRun\":%s,", (long long)changeset_revision(set),
                 bulk->dry_run ? "true" : "false");
    if (writing_asked(&bulk->rights) > 0)
        rse_buf_addf(out, "\"confirm\":%lld,", (long long)writing_asked(&bulk->rights));
    rse_buf_addf(out, "\"selected\":%zu,\"changed\":%zu,\"clusters\":[", bulk->selected, changeset_count(set));
    for (size_t i = 0; i < changeset_count(set) && i < NAMES_MAX; i++) {
        rse_buf_adds(out, i > 0 ? "," : "");
        rse_json_add_string(out, changeset_at(set, i)->name);
    }
    rse_buf_adds(out, "]}");
    return true;
}

/* NULL with call->err set. */
static struct bulk *bulk_new(struct call *call)
{
    struct bulk *bulk = rse_arena_new_of(call->arena, struct bulk);

    bulk->call = call;
    if (!writing_rights(call, &bulk->rights) || !call_query_bool(call, "dryRun", false, &bulk->dry_run) ||
        !call_json(call, &bulk->body))
        return NULL;
    if (cJSON_IsObject(bulk->body))
        return bulk;
    rse_fail(&call->err, RSE_UNPROCESSABLE, "the body must be an object");
    return NULL;
}

static void bulk_handler(struct call *call)
{
    struct bulk *bulk = bulk_new(call);

    if (bulk == NULL || !precondition_none(call))
        return call_fail(call);
    writing_start_once(call, &bulk->rights, bulk->dry_run, build_bulk, render_bulk, bulk);
}

static void members_handler(struct call *call)
{
    struct bulk *bulk = bulk_new(call);

    if (bulk == NULL || !call_object(call, RSE_GROUP, &bulk->group))
        return call_fail(call);
    precondition_read(call, &bulk->condition);
    writing_start_once(call, &bulk->rights, bulk->dry_run, build_members, render_bulk, bulk);
}
