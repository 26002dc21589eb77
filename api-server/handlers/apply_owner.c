/*
 * apply_owner.c - see apply_owner.h.
 */
#include <stdlib.h>

#include <cjson/cJSON.h>

#include "api-server/fleet/changeset.h"
#include "api-server/handlers/apply_owner.h"
#include "api-server/handlers/given.h"

enum { COLUMN_MAX_BYTES = 64 * 1024 * 1024 };

static void release(void *arg)
{
    struct apply_owner *owner = arg;

    for (size_t i = 0; i < RSE_COUNT(owner->columns); i++)
        rse_buf_release(&owner->columns[i]);
    for (size_t i = 0; i < RSE_NOUN_COUNT; i++)
        rse_map_free(owner->claims[i]);
    free(owner->items);
}

void apply_owner_init(struct apply_owner *owner, struct rse_arena *arena)
{
    *owner = (struct apply_owner){ .arena = arena };
    for (size_t i = 0; i < RSE_COUNT(owner->columns); i++)
        rse_buf_init(&owner->columns[i], COLUMN_MAX_BYTES);
    for (size_t i = 0; i < RSE_NOUN_COUNT; i++)
        owner->claims[i] = rse_map_new();
    rse_arena_defer(arena, release, owner);
}

/* ---- what it has ---- */

static void object_read(void *arg, const struct apply_set_object *object)
{
    struct apply_owner *owner = arg;
    const struct rse_noun_info *info = rse_noun_find(object->noun);
    struct apply_claim *claim;

    if (info == NULL)
        return;
    claim = rse_arena_new_of(owner->arena, struct apply_claim);
    *claim = (struct apply_claim){ .noun = info->noun,
                                   .id = object->id,
                                   .shared = object->shared,
                                   .fields = rse_arena_str(owner->arena, object->fields),
                                   .next = owner->first };
    owner->first = claim;
    rse_map_put_id(owner->claims[claim->noun], claim->id, claim);
}

static void set_read(void *arg, int64_t version, const struct rse_err *err)
{
    struct apply_owner *owner = arg;

    owner->stored.version = version;
    owner->read(owner->arg, err);
}

void apply_owner_read(struct apply_owner *owner, struct db *db, void (*read)(void *arg, const struct rse_err *err),
                      void *arg)
{
    owner->read = read;
    owner->arg = arg;
    owner->reader = (struct apply_set_reader){ object_read, set_read, owner };
    store_apply_set_read(db, owner->stored.set, &owner->reader);
}

/* ---- what it claims ---- */

static bool has_word(struct rse_str words, const char *word)
{
    while (words.len > 0) {
        ptrdiff_t space = rse_str_find(words, ' ');

        if (rse_str_is(space < 0 ? words : rse_str_n(words.p, (size_t)space), word))
            return true;
        words = space < 0 ? rse_str_n(NULL, 0) : rse_str_from(words, (size_t)space + 1);
    }
    return false;
}

/* Fields that only stand for another one, that the server sets, or that can't change are nobody's. */
static bool can_be_owned(const struct rse_field *field)
{
    return (field->flags & (RSE_FIELD_SERVER | RSE_FIELD_FIXED)) == 0 && strcmp(field->name, "name") != 0;
}

/* A new claim needs the right to write the field. Giving one up needs the object to be one's own to write. */
static bool check_claims(const struct apply_owner *owner, const struct write_rights *rights,
                         const struct rse_object *old, const cJSON *json, struct rse_err *err)
{
    const struct apply_claim *claim = rse_map_get_id(owner->claims[old->noun], old->id);

    if (claim == NULL && !rules_own(rights, old, NULL, err))
        return false;
    for (const struct rse_field *f = rse_noun_info(old->noun)->fields; f->name != NULL; f++) {
        bool had = claim != NULL && has_word(claim->fields, f->name), has = given_has(f, json);

        if (can_be_owned(f) && had != has && !rules_own(rights, old, has ? f->name : NULL, err))
            return false;
    }
    return true;
}

/* What the item says of the object, and which of that is new. */
static void add_fields(struct apply_owner *owner, const struct rse_object *old, const struct rse_object *object,
                       const cJSON *json)
{
    struct rse_buf *fields = &owner->columns[2], *changed = &owner->columns[3];
    const char *comma = fields->len > 1 ? "," : "", *space[2] = { "", "" };

    rse_buf_addf(fields, "%s\"", comma);
    rse_buf_addf(changed, "%s\"", comma);
    for (const struct rse_field *f = rse_noun_info(object->noun)->fields; f->name != NULL; f++) {
        if (!can_be_owned(f) || !given_has(f, json))
            continue;
        rse_buf_addf(fields, "%s%s", space[0], f->name);
        space[0] = " ";
        if (old == NULL || rse_object_field_eq(f, old, object))
            continue;
        rse_buf_addf(changed, "%s%s", space[1], f->name);
        space[1] = " ";
    }
    rse_buf_addc(fields, '"');
    rse_buf_addc(changed, '"');
}

bool apply_owner_fields(struct apply_owner *owner, const struct write_rights *rights, const struct rse_object *old,
                        const struct rse_object *object, const cJSON *json, struct rse_err *err)
{
    if (old != NULL && !check_claims(owner, rights, old, json, err))
        return false;
    add_fields(owner, old, object, json);
    return true;
}

void apply_owner_object(struct apply_owner *owner, const struct rse_object *object, size_t index)
{
    const char *comma = owner->columns[1].len > 1 ? "," : "";

    rse_buf_addf(&owner->columns[0], "%s%s", comma, rse_noun_info(object->noun)->name);
    rse_buf_addf(&owner->columns[1], "%s%lld", comma, (long long)object->id);
    RSE_GROW(owner->items, owner->count, owner->cap);
    owner->items[owner->count++] = (struct apply_item){ object->noun, (uint32_t)index, object->id };
}

bool apply_owner_unnamed(const struct apply_owner *owner, const struct write_rights *rights,
                         const struct rse_fleet *fleet, const struct object_keys *named, struct object_list *out,
                         struct rse_err *err)
{
    for (const struct apply_claim *claim = owner->first; claim != NULL; claim = claim->next) {
        const struct rse_object *object = rse_fleet_get(fleet, claim->noun, claim->id);

        if (object == NULL || object_keys_have(named, claim->noun, claim->id))
            continue;
        if (!claim->shared)
            object_list_add(out, claim->noun, claim->id);
        else if (!rules_own(rights, object, NULL, err))
            return false;
    }
    return true;
}

void apply_owner_begin(struct apply_owner *owner)
{
    owner->count = 0;
    owner->stored.nouns = owner->stored.ids = owner->stored.fields = owner->stored.changed = NULL;
    for (size_t i = 0; i < RSE_COUNT(owner->columns); i++) {
        rse_buf_reset(&owner->columns[i]);
        rse_buf_addc(&owner->columns[i], '{');
    }
}

bool apply_owner_end(struct apply_owner *owner, struct rse_err *err)
{
    for (size_t i = 0; i < RSE_COUNT(owner->columns); i++) {
        rse_buf_addc(&owner->columns[i], '}');
        if (!rse_buf_ok(&owner->columns[i], err))
            return false;
    }
    owner->stored.nouns = owner->columns[0].p;
    owner->stored.ids = owner->columns[1].p;
    owner->stored.fields = owner->columns[2].p;
    owner->stored.changed = owner->columns[3].p;
    return true;
}

/* ---- what others own of it ---- */

static void conflict_read(void *arg, const struct apply_set_conflict *conflict)
{
    struct apply_owner *owner = arg;
    const struct apply_item *item = &owner->items[conflict->item];
    const struct rse_noun_info *info = rse_noun_info(item->noun);
    const struct rse_object *object = rse_fleet_get(owner->fleet, item->noun, item->id);
    struct rse_err err = RSE_ERR_INIT;

    if (object != NULL)
        changeset_name_object(&err, object);
    rse_err_field(&err, "/%s/%u/%.*s", info->plural, item->index, RSE_STR_ARG(conflict->field));
    rse_err_hint(&err, "Leave it out of the inventory, or take it over with ?force=true.");
    (void)rse_fail(&err, RSE_CONFLICT, "set \"%s\" can't change the field \"%.*s\": it belongs to the set \"%.*s\"",
                   owner->stored.set, RSE_STR_ARG(conflict->field), RSE_STR_ARG(conflict->set));
    rse_faults_add(&owner->faults, &err);
}

static void conflicts_read(void *arg, const struct rse_err *err)
{
    struct apply_owner *owner = arg;
    struct rse_err found = RSE_ERR_INIT;

    if (err == NULL && !rse_faults_check(&owner->faults, &found))
        err = &found;
    owner->read(owner->arg, err);
}

void apply_owner_conflicts(struct apply_owner *owner, struct db *db, struct rse_fleet *fleet,
                           void (*read)(void *arg, const struct rse_err *err), void *arg)
{
    owner->read = read;
    owner->arg = arg;
    owner->fleet = fleet;
    owner->faults = (struct rse_faults){ .arena = owner->arena };
    owner->conflicts = (struct apply_set_conflicts){ conflict_read, conflicts_read, owner };
    store_apply_set_conflicts(db, &owner->stored, &owner->conflicts);
}
