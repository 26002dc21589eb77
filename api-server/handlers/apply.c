/*
 * apply.c - POST /apply: a whole inventory, created or updated by name, all of it or nothing.
 */
#include <stdio.h>
#include <stdlib.h>

#include <cjson/cJSON.h>

#include "api-server/api.h"
#include "api-server/fleet/changeset.h"
#include "api-server/handlers/export.h"
#include "api-server/handlers/given.h"
#include "api-server/handlers/writing.h"
#include "api-server/http/route.h"

enum {
    APPLY_BODY_MAX = 64 * 1024 * 1024,
    APPLY_BODY_MS = 120 * 1000,
};

static void apply_handler(struct call *call);

const struct route apply_routes[] = {
    { "POST", "/api/v1/apply", ROLE_APP_TEAM, 0, APPLY_BODY_MAX, APPLY_BODY_MS, apply_handler,
      "Create or update an inventory" },
    { "GET", "/api/v1/export", ROLE_VIEWER, 0, 0, 0, export_handler, "The fleet as an inventory" },
    { .method = NULL },
};

struct apply {
    struct call *call;
    cJSON *body;
    bool dry_run;
    struct write_rights rights;
};

/* One object of the inventory, and where it stands in the body. */
struct item {
    struct rse_object *object;
    const cJSON *json;
    size_t index;
};

static size_t depth_of(const struct rse_object *object)
{
    struct rse_str parent = ((const struct rse_group *)object)->parent.name;
    size_t depth = 0;

    for (size_t i = 0; i < parent.len; i++)
        depth += parent.p[i] == '/';
    return depth;
}

/* Groups: parents before children, else as they stand. */
static int by_depth(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    size_t dx = depth_of(x->object), dy = depth_of(y->object);

    return dx != dy ? (dx < dy ? -1 : 1) : x->index < y->index ? -1 : 1;
}

/* What goes by that name: a group by its path, an application within its namespace, or without one. */
static const struct rse_object *find_existing(const struct rse_fleet *fleet, const struct rse_object *object)
{
    const struct rse_object *found;
    struct rse_str within;
    RSE_BUF_AUTO name = { 0 };

    rse_buf_init(&name, 64 * 1024);
    if (object->noun == RSE_GROUP)
        within = ((const struct rse_group *)object)->parent.name;
    else if (object->noun == RSE_APPLICATION)
        within = ((const struct rse_application *)object)->namespace_.name;
    else
        return rse_fleet_find(fleet, object->noun, object->name, NULL);
    if (object->noun == RSE_APPLICATION && within.len == 0) {
        for (size_t it = 0; (found = rse_fleet_next(fleet, RSE_APPLICATION, &it)) != NULL;) {
            if (((const struct rse_application *)found)->namespace_.id == 0 && rse_str_eq(found->name, object->name))
                return found;
        }
        return NULL;
    }
    rse_buf_add_str(&name, within);
    rse_buf_addc(&name, '/');
    rse_buf_add_str(&name, object->name);
    return rse_fleet_find(fleet, object->noun, rse_buf_str(&name), NULL);
}

static bool put_item(struct changeset *set, const struct apply *apply, const struct item *item, struct rse_err *err)
{
    const struct rse_object *old = find_existing(changeset_fleet(set), item->object);
    size_t before;

    if (old != NULL) {
        item->object->id = old->id;
        given_merge(item->object, old, item->json, changeset_arena(set));
    }
    if (!rse_object_check(item->object, err) ||
        !rules_put(changeset_fleet(set), &apply->rights, old, item->object, changeset_arena(set), err))
        return false;
    before = changeset_count(set);
    if (!changeset_put(set, item->object, err))
        return false;
    if (changeset_count(set) > before)
        changeset_placed(set, item->object, item->index);
    return true;
}

static void add_fault(struct rse_faults *faults, const struct item *item, struct rse_err *err)
{
    const struct rse_noun_info *info = rse_noun_info(item->object->noun);
    size_t before = faults->count;

    rse_err_object(err, "%s \"%.*s\"", info->name, RSE_STR_ARG(item->object->name));
    rse_faults_add(faults, err);
    rse_faults_within(faults, before, "/%s/%zu", info->plural, item->index);
}

/* All of a noun's objects, or what is wrong with them. */
static bool put_items(struct changeset *set, const struct apply *apply, const struct item *items, size_t count,
                      struct rse_err *err)
{
    struct rse_faults *faults = rse_arena_new_of(changeset_arena(set), struct rse_faults);
    struct rse_err one = RSE_ERR_INIT;

    faults->arena = changeset_arena(set);
    for (size_t i = 0; i < count && !faults->more; i++) {
        if (!put_item(set, apply, &items[i], &one))
            add_fault(faults, &items[i], &one);
    }
    return rse_faults_check(faults, err);
}

static bool apply_build(struct changeset *set, void *arg, struct rse_err *err)
{
    const struct apply *apply = arg;
    struct rse_arena *arena = changeset_arena(set);
    struct rse_inventory inventory;
    struct rse_object **next;

    if (!rse_inventory_parse(&inventory, apply->body, arena, err))
        return false;
    next = inventory.at;
    for (int noun = 0; noun < RSE_NOUN_COUNT; noun++) {
        const cJSON *list = cJSON_GetObjectItemCaseSensitive(apply->body, rse_noun_info(noun)->plural);
        size_t count = (size_t)cJSON_GetArraySize(list), i = 0;
        struct item *items = rse_arena_calloc(arena, count + 1, sizeof(items[0]));
        const cJSON *json;

        cJSON_ArrayForEach(json, list)
        {
            items[i] = (struct item){ *next++, json, i };
            i++;
        }
        if (noun == RSE_GROUP)
            qsort(items, count, sizeof(items[0]), by_depth);
        if (!put_items(set, apply, items, count, err))
            return false;
    }
    return true;
}

/* ---- the answer ---- */

static void add_counts(struct rse_buf *out, const char *name, const struct changeset *set, bool created)
{
    size_t counts[RSE_NOUN_COUNT] = { 0 };
    const char *comma = "";

    for (size_t i = 0; i < changeset_count(set); i++) {
        const struct change *c = changeset_at(set, i);

        if (!c->derived && c->created == created)
            counts[c->noun]++;
    }
    rse_buf_addf(out, ",\"%s\":{", name);
    for (int noun = 0; noun < RSE_NOUN_COUNT; noun++) {
        if (counts[noun] == 0)
            continue;
        rse_buf_addf(out, "%s\"%s\":%zu", comma, rse_noun_info(noun)->plural, counts[noun]);
        comma = ",";
    }
    rse_buf_addc(out, '}');
}

static void add_changes(struct rse_buf *out, const struct changeset *set)
{
    const char *comma = "";

    rse_buf_adds(out, ",\"changes\":[");
    for (size_t i = 0; i < changeset_count(set); i++) {
        const struct change *c = changeset_at(set, i);

        if (c->derived)
            continue;
        rse_buf_addf(out, "%s{\"noun\":\"%s\",\"name\":", comma, rse_noun_info(c->noun)->name);
        rse_json_add_string(out, c->name);
        rse_buf_addf(out, ",\"op\":\"%s\"}", c->created ? "create" : "update");
        comma = ",";
    }
    rse_buf_addc(out, ']');
}

static bool render_applied(void *arg, const struct changeset *set, struct writing_answer *answer,
                           struct rse_err *err RSE_UNUSED)
{
    struct apply *apply = arg;
    struct rse_buf *out = &answer->body;

    rse_buf_addf(out, "{\"revision\":%lld", (long long)changeset_revision(set));
    if (apply->dry_run)
        rse_buf_adds(out, ",\"dryRun\":true");
    add_counts(out, "created", set, true);
    add_counts(out, "updated", set, false);
    rse_buf_addf(out, ",\"unchanged\":%zu", changeset_unchanged(set));
    add_changes(out, set);
    rse_buf_addc(out, '}');
    return true;
}

static void apply_handler(struct call *call)
{
    struct apply *apply = rse_arena_new_of(call->arena, struct apply);

    apply->call = call;
    if (!call_query_bool(call, "dryRun", false, &apply->dry_run) || !writing_rights(call, &apply->rights) ||
        !call_json(call, &apply->body))
        return call_fail(call);
    writing_start_once(call, &apply->rights, apply->dry_run, apply_build, render_applied, apply);
}
