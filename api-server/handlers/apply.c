/*
 * apply.c - POST /apply: a whole inventory, created or updated by name, all of it or nothing.
 */
#include <stdio.h>
#include <stdlib.h>

#include <cjson/cJSON.h>

#include "api-server/api.h"
#include "api-server/fleet/live.h"
#include "api-server/fleet/prune.h"
#include "api-server/handlers/apply_answer.h"
#include "api-server/handlers/apply_items.h"
#include "api-server/handlers/apply_owner.h"
#include "api-server/handlers/export.h"
#include "api-server/handlers/inventory_body.h"
#include "api-server/handlers/inventory_item.h"
#include "api-server/handlers/precondition.h"
#include "api-server/handlers/writing.h"
#include "api-server/http/route.h"
#include "api-server/offload.h"

enum {
    APPLY_BODY_MAX = 64 * 1024 * 1024,
    APPLY_BODY_MS = 120 * 1000,
    LONG_BODY = 256 * 1024, /* read beside the loop */
};

static void apply_handler(struct call *call);

const struct route apply_routes[] = {
    { "POST", "/api/v1/apply", ROLE_APP_TEAM, ROUTE_FLEET | ROUTE_RAW_BODY | ROUTE_ONCE, APPLY_BODY_MAX, APPLY_BODY_MS,
      apply_handler, "Create or update an inventory" },
    { "GET", "/api/v1/export", ROLE_VIEWER, ROUTE_NO_QUERY | ROUTE_INVENTORY, 0, 0, export_handler,
      "The fleet as an inventory" },
    { .method = NULL },
};

struct apply {
    struct call *call;
    struct apply_items items;     /* in the call's body */
    struct inventory_lines lines; /* of the body as it was sent */
    bool read;                    /* the body, and nothing is wrong with it that can be said without the fleet */
    bool dry_run, prune;
    struct apply_owner owner; /* with ?set= */
};

static bool has_set(const struct apply *apply)
{
    return apply->items.owner != NULL;
}

/* ---- what the set owns, and what goes ---- */

/* Without a set: of all nouns that the inventory lists. */
static void add_unnamed(const struct apply *apply, const struct rse_fleet *fleet, struct object_list *gone)
{
    const struct rse_object *object;

    for (int noun = 0; noun < RSE_NOUN_COUNT; noun++) {
        if (!apply->items.places.of[noun].listed)
            continue;
        for (size_t it = 0; (object = rse_fleet_next(fleet, noun, &it)) != NULL;) {
            if (!object_keys_have(apply->items.named, noun, object->id))
                object_list_add(gone, noun, object->id);
        }
    }
}

static bool prune_unnamed(struct changeset *set, const struct apply *apply, struct rse_err *err)
{
    struct object_list gone = { 0 };
    bool ok = true;

    if (!apply->prune)
        return true;
    if (has_set(apply))
        ok = apply_owner_unnamed(&apply->owner, &apply->items.rights, changeset_fleet(set), apply->items.named, &gone,
                                 err);
    else
        add_unnamed(apply, changeset_fleet(set), &gone);
    ok = ok && prune(set, &apply->items.rights, &gone, err);
    free(gone.at);
    return ok;
}

static void begin_build(struct apply *apply)
{
    object_keys_free(apply->items.named);
    apply->items.named = object_keys_new();
    apply_owner_begin(&apply->owner);
}

static bool apply_build(struct changeset *set, void *arg, struct rse_err *err)
{
    struct apply *apply = arg;

    begin_build(apply);
    return apply_items_put(set, &apply->items, err) && prune_unnamed(set, apply, err) &&
           apply_owner_end(&apply->owner, err);
}

static bool render_applied(void *arg, const struct changeset *set, struct writing_answer *answer,
                           struct rse_err *err RSE_UNUSED)
{
    const struct apply *apply = arg;

    apply_answer(set, apply->dry_run, writing_asked(&apply->items.rights), &answer->body);
    return true;
}

/* ---- the request ---- */

/* What was wrong with single items points there already. */
static void point_into_body(void *arg, struct rse_err *err)
{
    const struct apply *apply = arg;
    const struct inventory_source source = { &apply->items.places, live_fleet(apply->call->api->live),
                                             apply->items.table };

    if (!apply->items.pointed) {
        for (size_t i = 0; err->faults != NULL && i < err->faults->count; i++)
            inventory_items_point(&source, &err->faults->at[i]);
        inventory_items_point(&source, err);
    }
    inventory_lines_point(&apply->lines, err);
}

/* Of a dry run, and of what the database refused with its first conflict. */
static void ask_conflicts(void *arg, void (*told)(void *arg, const struct rse_err *err), void *told_arg)
{
    struct apply *apply = arg;
    struct api *api = apply->call->api;

    apply_owner_conflicts(&apply->owner, api->db, live_fleet(api->live), told, told_arg);
}

static void start(struct apply *apply)
{
    bool asks = has_set(apply) && !apply->owner.stored.force;

    writing_start_once(apply->call, &apply->items.rights,
                       &(struct writing_once){ .dry_run = apply->dry_run,
                                               .build = apply_build,
                                               .render = render_applied,
                                               .point = point_into_body,
                                               .ask = asks ? ask_conflicts : NULL,
                                               .owner = has_set(apply) ? &apply->owner.stored : NULL,
                                               .arg = apply });
}

static void set_read(void *arg, const struct rse_err *err)
{
    struct apply *apply = arg;

    if (err != NULL)
        return call_fail_with(apply->call, err);
    start(apply);
}

static bool read_query(struct apply *apply)
{
    static const char *const PARAMETERS[] = { "dryRun", "confirm", "reason", "ifRevision", "urgent",
                                              "prune",  "set",     "force",  NULL };
    struct call *call = apply->call;
    struct rse_str set;

    if (!call_query_only(call, PARAMETERS)) {
        rse_err_hint(&call->err, "It takes set, prune, force, dryRun, confirm, reason, ifRevision and urgent.");
        return false;
    }
    if (!call_query_bool(call, "dryRun", false, &apply->dry_run) ||
        !call_query_bool(call, "prune", false, &apply->prune) ||
        !call_query_bool(call, "force", false, &apply->owner.stored.force) ||
        !writing_rights_only(call, &apply->items.rights))
        return false;
    if (!call_query(call, "set", &set))
        return true;
    apply->owner.stored.set = rse_arena_str(call->arena, set).p;
    apply->items.owner = &apply->owner;
    apply->owner.stored.prune = apply->prune;
    call_err_parameter(call, "set");
    if (!rse_check_label(set, "name", &call->err))
        return false;
    rse_err_clear(&call->err);
    return true;
}

static void release_apply(void *arg)
{
    struct apply *apply = arg;

    object_keys_free(apply->items.named);
    rse_inventory_places_release(&apply->items.places);
    inventory_lines_release(&apply->lines);
}

/* Lines that were left out have faults of their own. What is no JSON has none: it could not be read. Texts are checked when the fleet is
 * asked which it has already, if it will be. */
static bool check_inventory(struct apply *apply)
{
    struct call *call = apply->call;
    enum rse_parse_mode mode = apply->lines.left_out ? RSE_PARSE_PART : RSE_PARSE_SCAN;
    bool ok =
        call->body.len == 0 || rse_inventory_scan(&apply->items.places, call->body, mode, call->arena, &call->err);

    if (!ok && call->err.faults == NULL)
        return false;
    if (inventory_lines_check(&apply->lines, &call->err))
        return true;
    if (!apply->lines.left_out && !apply->lines.faults.more)
        apply->items.form = &apply->lines.faults;
    return false;
}

/* What can be said without the fleet is said before the write has its turn. On any thread: it has the call to itself. */
static void read_inventory(void *arg)
{
    struct apply *apply = arg;

    apply->read = inventory_body(apply->call, &apply->lines) && check_inventory(apply);
    apply->items.table = apply->lines.table;
}

static void go_on(void *arg)
{
    struct apply *apply = arg;

    if (!apply->read && apply->items.form == NULL) {
        inventory_lines_point(&apply->lines, &apply->call->err);
        return call_fail(apply->call);
    }
    rse_err_clear(&apply->call->err);
    if (!has_set(apply))
        return start(apply);
    apply_owner_read(&apply->owner, apply->call->api->db, set_read, apply);
}

static void apply_handler(struct call *call)
{
    struct apply *apply = rse_arena_new_of(call->arena, struct apply);

    apply->call = call;
    apply->lines.faults.arena = call->arena;
    apply_owner_init(&apply->owner, call->arena);
    rse_arena_defer(call->arena, release_apply, apply);
    if (!precondition_none(call) || !read_query(apply))
        return call_fail(call);
    if (call->body.len >= LONG_BODY)
        return offload_run(call->api->offload, read_inventory, go_on, apply);
    read_inventory(apply);
    go_on(apply);
}
