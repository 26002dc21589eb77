/*
 * changeset.c - see changeset.h.
 */
#include <stdio.h>

#include "api-server/fleet/changeset_internal.h"

struct changeset *changeset_new(struct rse_fleet *fleet, struct rse_str actor, struct rse_str now)
{
    struct changeset *set = rse_new(struct changeset);

    set->fleet = fleet;
    set->arena = rse_arena_new();
    set->actor = rse_arena_str(set->arena, actor);
    set->now = rse_arena_str(set->arena, now);
    set->revision = rse_fleet_revision(fleet);
    set->places = rse_map_new();
    rse_buf_init(&set->docs, CHANGESET_DOCS_MAX_BYTES);
    rse_buf_init(&set->nouns, CHANGESET_COLUMN_MAX_BYTES);
    rse_buf_init(&set->ops, CHANGESET_COLUMN_MAX_BYTES);
    rse_buf_init(&set->ids, CHANGESET_COLUMN_MAX_BYTES);
    rse_buf_init(&set->etags, CHANGESET_COLUMN_MAX_BYTES);
    rse_fleet_mark(fleet);
    set->marked = true;
    return set;
}

void changeset_take_back(struct changeset *set)
{
    if (set->marked)
        rse_fleet_rollback(set->fleet);
    set->marked = false;
}

void changeset_free(struct changeset *set)
{
    if (set == NULL)
        return;
    changeset_take_back(set);
    rse_map_free(set->places);
    rse_buf_release(&set->docs);
    doc_store_free(set->staged_docs);
    rse_buf_release(&set->nouns);
    rse_buf_release(&set->ops);
    rse_buf_release(&set->ids);
    rse_buf_release(&set->etags);
    rse_freep(&set->changes);
    rse_freep(&set->matches);
    rse_freep(&set->dependents);
    rse_arena_free(set->arena);
    rse_freep(&set);
}

const struct rse_fleet *changeset_fleet(const struct changeset *set)
{
    return set->fleet;
}

struct rse_arena *changeset_arena(const struct changeset *set)
{
    return set->arena;
}

/* ---- building ---- */

void changeset_name_object(struct rse_err *err, const struct rse_object *object)
{
    struct rse_str within = { NULL, 0 };

    if (object->noun == RSE_APPLICATION)
        within = ((const struct rse_application *)object)->namespace_.name;
    rse_err_object(err, "%s \"%.*s%s%.*s\"", rse_noun_info(object->noun)->name, RSE_STR_ARG(within),
                   within.len > 0 ? "/" : "", RSE_STR_ARG(object->name));
}

struct rse_str changeset_shown_name(const struct changeset *set, const struct rse_object *object)
{
    struct rse_str within;

    if (object->noun == RSE_GROUP)
        return rse_arena_str(set->arena, ((const struct rse_group *)object)->name_path);
    if (object->noun != RSE_APPLICATION ||
        (within = ((const struct rse_application *)object)->namespace_.name).len == 0)
        return rse_arena_str(set->arena, object->name);
    return rse_str(rse_arena_printf(set->arena, "%.*s/%.*s", RSE_STR_ARG(within), RSE_STR_ARG(object->name)));
}

struct change *changeset_change_of(struct changeset *set, enum rse_noun noun, int64_t id)
{
    const int64_t key[2] = { noun, id };
    struct rse_str place = rse_str_n((const char *)key, sizeof(key));
    uintptr_t index = (uintptr_t)rse_map_get(set->places, place);

    if (index == 0) {
        RSE_GROW(set->changes, set->count, set->cap);
        set->changes[set->count] = (struct change){ .noun = noun, .id = id };
        index = ++set->count;
        rse_map_put(set->places, place, (void *)index);
    }
    return &set->changes[index - 1];
}

/* The line break that YAML ends a block with, and the like. What stands in front stays: errors tell positions in the text that was sent. */
static struct rse_str trimmed(struct rse_str text)
{
    while (text.len > 0 && strchr(" \t\n", text.p[text.len - 1]) != NULL)
        text.len--;
    return text;
}

static void trim_expressions(struct rse_object *object)
{
    for (const struct rse_field *f = rse_noun_info(object->noun)->fields; f->name != NULL; f++) {
        struct rse_str *text = (struct rse_str *)((char *)object + f->offset);

        if ((f->flags & RSE_FIELD_EXPRESSION) != 0 && text->p != NULL)
            *text = trimmed(*text);
    }
}

static void stamp(struct changeset *set, const struct rse_object *old, struct rse_object *object)
{
    object->version = old != NULL ? old->version + 1 : 1;
    object->created_at = old != NULL ? old->created_at : set->now;
    object->created_by = old != NULL ? old->created_by : set->actor;
    object->updated_at = set->now;
    object->updated_by = set->actor;
}

/* Whether documents of others show something else when the new state comes. */
static bool looks_different(const struct rse_object *old, const struct rse_object *now)
{
    if (!rse_str_eq(old->name, now->name))
        return true;
    if (old->noun == RSE_GROUP)
        return ((const struct rse_group *)old)->parent.id != ((const struct rse_group *)now)->parent.id;
    if (old->noun == RSE_TARGET) { /* clusters show them as gitOpsRepo and gitOpsBranch */
        const struct rse_target *a = (const struct rse_target *)old, *b = (const struct rse_target *)now;

        return !rse_str_eq(a->url, b->url) || !rse_str_eq(a->branch, b->branch);
    }
    return false;
}

static bool refolders(const struct rse_object *old, const struct rse_object *now)
{
    return old != NULL && old->noun == RSE_TARGET &&
           ((const struct rse_target *)old)->folder_pattern != ((const struct rse_target *)now)->folder_pattern;
}

static void add_dependents(struct changeset *set, const struct rse_dependent *dependents, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        RSE_GROW(set->dependents, set->ndependents, set->dependents_cap);
        set->dependents[set->ndependents++] = dependents[i];
    }
}

/* References are kept by id but documents show them by name, and expressions hold names: all of these change with it. */
static bool put_renamed(struct changeset *set, const struct rse_object *object, struct rse_err *err)
{
    struct rse_dependent *dependents, *changed;
    size_t count = rse_fleet_dependents(set->fleet, object->noun, object->id, set->arena, &dependents);

    add_dependents(set, dependents, count);
    if (!rse_fleet_put_renamed(set->fleet, object, set->arena, &changed, &count, err))
        return false;
    add_dependents(set, changed, count);
    return true;
}

bool changeset_put(struct changeset *set, struct rse_object *object, struct rse_err *err)
{
    const struct rse_object *old = object->id != 0 ? rse_fleet_get(set->fleet, object->noun, object->id) : NULL;
    struct change *change;
    bool ok, refoldered = refolders(old, object);

    trim_expressions(object);
    if (!rse_fleet_resolve(set->fleet, object, set->arena, err)) {
        changeset_name_object(err, old != NULL ? old : object);
        return false;
    }
    if (old != NULL && rse_object_spec_eq(old, object)) {
        set->unchanged++;
        return true;
    }
    stamp(set, old, object);
    if (object->id == 0)
        object->id = rse_fleet_last_id(set->fleet, object->noun) + 1;
    ok = old != NULL && looks_different(old, object) ? put_renamed(set, object, err)
                                                     : rse_fleet_put(set->fleet, object, err);
    if (!ok) {
        changeset_name_object(err, object);
        return false;
    }
    change = changeset_change_of(set, object->noun, object->id);
    change->created = change->created || old == NULL;
    change->refolders = change->refolders || refoldered;
    return true;
}

void changeset_placed(struct changeset *set, const struct rse_object *object, size_t index)
{
    changeset_change_of(set, object->noun, object->id)->place = (uint32_t)index + 1;
}

bool changeset_forget_expression(struct changeset *set, int64_t group_id, struct rse_err *err)
{
    const struct rse_object *object = rse_fleet_get(set->fleet, RSE_GROUP, group_id);
    struct rse_group *group;

    if (object == NULL || ((const struct rse_group *)object)->expression.len == 0)
        return true;
    group = rse_arena_memdup(set->arena, object, sizeof(*group));
    group->expression = rse_str_n(NULL, 0);
    return changeset_put(set, &group->object, err);
}

bool changeset_delete(struct changeset *set, enum rse_noun noun, int64_t id, struct rse_err *err)
{
    const struct rse_object *object = rse_fleet_get(set->fleet, noun, id);
    struct change *change;

    if (object == NULL)
        return rse_fail(err, RSE_NOT_FOUND, "there is no %s %lld", rse_noun_info(noun)->name, (long long)id);
    if (!rse_fleet_check_unused(set->fleet, noun, id, err)) {
        changeset_name_object(err, object);
        return false;
    }
    change = changeset_change_of(set, noun, id);
    change->is_delete = true;
    change->name = changeset_shown_name(set, object);
    rse_fleet_remove(set->fleet, noun, id);
    set->uncovers = true;
    return true;
}

static void add_match(struct changeset *set, enum rse_noun noun, int64_t id, struct rse_str etag)
{
    RSE_GROW(set->matches, set->nmatches, set->matches_cap);
    set->matches[set->nmatches++] = (struct match){ noun, id, rse_arena_str(set->arena, etag) };
}

static bool is_etag(struct rse_str etag)
{
    for (size_t i = 0; i < etag.len; i++) {
        if (strchr("0123456789abcdef", etag.p[i]) == NULL)
            return false;
    }
    return etag.len == 16;
}

/* If-Match: "a", "b". Ours are strong; a weak one, or one that we can't have made, matches nothing. */
void changeset_if_match(struct changeset *set, enum rse_noun noun, int64_t id, struct rse_str header)
{
    size_t before = set->nmatches;
    struct rse_str etag;

    while (etag_next(&header, &etag)) {
        if (rse_str_is(etag, "*"))
            add_match(set, noun, id, etag);
        else if (etag.len == 18 && etag.p[0] == '"' && is_etag(rse_str_n(etag.p + 1, 16)))
            add_match(set, noun, id, rse_str_n(etag.p + 1, 16));
    }
    if (set->nmatches == before)
        add_match(set, noun, id, RSE_STR("none"));
}

void changeset_put_template(struct changeset *set, int64_t target_id, const struct template_push *push)
{
    const struct rse_object *target = rse_fleet_get(set->fleet, RSE_TARGET, target_id);
    struct change *change = changeset_change_of(set, RSE_NOUN_COUNT, target_id);
    RSE_BUF_AUTO doc = { 0 };

    change->is_template = true;
    change->name = target != NULL ? rse_arena_str(set->arena, target->name) : rse_str(NULL);
    rse_buf_init(&doc, 4096);
    rse_buf_adds(&doc, "{\"target\":");
    rse_json_add_string(&doc, change->name);
    rse_buf_adds(&doc, ",\"commit\":");
    rse_json_add_string(&doc, push->commit);
    rse_buf_adds(&doc, ",\"tree\":");
    rse_json_add_string(&doc, push->tree);
    if (push->author.len > 0) {
        rse_buf_adds(&doc, ",\"author\":{\"name\":");
        rse_json_add_string(&doc, push->author);
        rse_buf_adds(&doc, ",\"email\":");
        rse_json_add_string(&doc, push->email);
        rse_buf_addc(&doc, '}');
    }
    rse_buf_addc(&doc, '}');
    change->doc = rse_arena_str(set->arena, rse_buf_str(&doc));
}

/* ---- reading ---- */

bool changeset_is_empty(const struct changeset *set)
{
    return set->count == 0 && set->nmatches == 0;
}

const struct change *changeset_find(const struct changeset *set, enum rse_noun noun, int64_t id)
{
    const int64_t key[2] = { noun, id };
    uintptr_t index = (uintptr_t)rse_map_get(set->places, rse_str_n((const char *)key, sizeof(key)));

    return index > 0 ? &set->changes[index - 1] : NULL;
}

bool changeset_has(const struct changeset *set, enum rse_noun noun, int64_t id)
{
    return changeset_find(set, noun, id) != NULL;
}

bool changeset_stands_alone(const struct changeset *set)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct change *c = &set->changes[i];
        bool unknown = c->created && (c->noun == RSE_TARGET || c->noun == RSE_GROUP || c->noun == RSE_POLICY);

        if (c->is_delete || (c->noun != RSE_CLUSTER && !unknown))
            return false;
    }
    return true;
}

const char *changeset_refoldered(const struct changeset *set)
{
    RSE_BUF_AUTO ids = { 0 };

    rse_buf_init(&ids, CHANGESET_COLUMN_MAX_BYTES);
    for (size_t i = 0; i < set->count; i++) {
        if (set->changes[i].refolders)
            rse_buf_addf(&ids, "%s%lld", ids.len > 0 ? "," : "{", (long long)set->changes[i].id);
    }
    if (ids.len == 0)
        return NULL;
    rse_buf_addc(&ids, '}');
    return rse_arena_strdup(set->arena, ids.p);
}

bool changeset_only_puts(const struct changeset *set)
{
    bool puts = set->nmatches == 0;

    for (size_t i = 0; i < set->count && puts; i++)
        puts = !set->changes[i].is_delete && !set->changes[i].is_template;
    return puts;
}

void changeset_set_revision(struct changeset *set, int64_t revision, const char *change_id)
{
    set->revision = revision;
    snprintf(set->change_id, sizeof(set->change_id), "%s", change_id);
}

size_t changeset_count(const struct changeset *set)
{
    return set->count;
}

const struct change *changeset_at(const struct changeset *set, size_t i)
{
    return &set->changes[i];
}

size_t changeset_unchanged(const struct changeset *set)
{
    return set->unchanged;
}

int64_t changeset_revision(const struct changeset *set)
{
    return set->revision;
}

const char *changeset_change_id(const struct changeset *set)
{
    return set->change_id;
}
