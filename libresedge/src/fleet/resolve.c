/*
 * resolve.c - references: names to ids, ids to names, and what is derived from them.
 */
#include <stdlib.h>

#include "libresedge/src/fleet/fleet_impl.h"

struct resolver {
    struct rse_fleet *fleet;
    struct rse_arena *arena; /* for the names */
    bool strict;             /* where a person wrote both, they must agree */
    bool changed;
    struct rse_faults *faults; /* of all references; NULL: the first one ends it */
};

enum { HINTS_MAX = 3 }; /* a near name is looked for among all: not for every one of many */

/* A fault that is kept lets the next references be looked at too. */
static bool keep_fault(struct resolver *r, struct rse_err *err)
{
    if (r->faults == NULL)
        return false;
    rse_faults_add(r->faults, err);
    return !r->faults->more;
}

/* A form of a reference, by name or by id, and where it stands: "/groups/1", "/groupIds/1", "/target". */
static bool fail_form(struct resolver *r, const char *form, const size_t *place, struct rse_err *err)
{
    if (place != NULL)
        rse_err_field(err, "/%s/%zu", form, *place);
    else
        rse_err_field(err, "/%s", form);
    return keep_fault(r, err);
}

/* Where both forms were written and neither is there, both are told. */
static bool fail_reference(struct resolver *r, const struct rse_field *field, const struct rse_ref *ref,
                           const size_t *place, struct rse_err *err)
{
    const char *noun = rse_noun_info(field->noun)->name;

    if (ref->id > 0) {
        rse_fail(err, RSE_INVALID, "there is no %s with id %lld", noun, (long long)ref->id);
        if (!fail_form(r, field->id_name, place, err))
            return false;
    }
    if (ref->name.len == 0 || fleet_find_entry(r->fleet, field->noun, ref->name) != NULL)
        return true;
    rse_fail(err, RSE_INVALID, "there is no %s \"%.*s\"", noun, RSE_STR_ARG(ref->name));
    if (r->faults == NULL || r->faults->count < HINTS_MAX)
        fleet_hint_near(r->fleet, field->noun, ref->name, err);
    return fail_form(r, field->name, place, err);
}

static bool names_agree(enum rse_noun noun, struct rse_str written, struct rse_str real)
{
    if (noun == RSE_GROUP)
        return rse_str_eq(path_without_slash(written), path_without_slash(real));
    return rse_str_eq(written, real);
}

static bool resolve_ref(struct resolver *r, const struct rse_field *field, struct rse_ref *ref, const size_t *place,
                        struct rse_err *err)
{
    const struct fleet_entry *entry;
    struct rse_str name;

    if (ref->id <= 0 && ref->name.len == 0)
        return true;
    entry = fleet_follow(r->fleet, field->noun, ref);
    if (entry == NULL)
        return fail_reference(r, field, ref, place, err);
    name = fleet_display_name(r->fleet, field->noun, entry->object->id);
    if (r->strict && ref->name.len > 0 && !names_agree(field->noun, ref->name, name)) {
        rse_err_hint(err, "Send only one of the two: leave out %s.", field->id_name);
        rse_fail(err, RSE_INVALID, "%s and %s name two different ones: %lld is \"%.*s\"", field->name, field->id_name,
                 (long long)ref->id, RSE_STR_ARG(name));
        return fail_form(r, field->name, place, err);
    }
    if (ref->id == entry->object->id && rse_str_eq(ref->name, name))
        return true;
    *ref = (struct rse_ref){ entry->object->id, rse_arena_str(r->arena, name) };
    r->changed = true;
    return true;
}

static bool resolve_refs(struct resolver *r, const struct rse_field *field, struct rse_refs *refs, struct rse_err *err)
{
    for (size_t i = 0; i < refs->count; i++) {
        size_t place = refs->places != NULL ? refs->places[i] : i;

        if (!resolve_ref(r, field, &refs->at[i], &place, err))
            return false;
    }
    /* With faults it goes nowhere, and may be looked at again: the places stay. */
    if (r->changed && (r->faults == NULL || r->faults->count == 0))
        rse_refs_sort(refs);
    return true;
}

static bool resolve_field(struct resolver *r, struct rse_object *object, const struct rse_field *field,
                          struct rse_err *err)
{
    void *at = (char *)object + field->offset;

    if (field->type == RSE_FIELD_REFS)
        return resolve_refs(r, field, at, err);
    return field->type != RSE_FIELD_REF || resolve_ref(r, field, at, NULL, err);
}

static void set_text(struct resolver *r, struct rse_str *text, struct rse_str value)
{
    if (rse_str_eq(*text, value))
        return;
    *text = rse_arena_str(r->arena, value);
    r->changed = true;
}

static void derive_path(struct resolver *r, struct rse_group *group)
{
    struct rse_str above = fleet_display_name(r->fleet, RSE_GROUP, group->parent.id);

    set_text(r, &group->name_path,
             rse_str(rse_arena_printf(r->arena, "%.*s/%.*s", RSE_STR_ARG(above), RSE_STR_ARG(group->object.name))));
}

/* ---- a cluster's repository: shown as its target's, and written to find that target ---- */

static const struct rse_target *target_at(const struct fleet_table *table, size_t i)
{
    return (const struct rse_target *)table->at[i]->object;
}

static bool find_target(struct resolver *r, struct rse_cluster *cluster, struct rse_err *err)
{
    const struct fleet_table *table = &r->fleet->tables[RSE_TARGET];
    struct rse_str branch = cluster->git_ops_branch;

    if (cluster->target.id > 0 || cluster->target.name.len > 0 || cluster->git_ops_repo.len == 0)
        return true;
    for (size_t i = 0; i < table->count; i++) {
        const struct rse_target *target = target_at(table, i);

        if ((branch.len > 0 && !rse_str_eq(target->branch, branch)) ||
            !rse_repository_same(target->url, cluster->git_ops_repo))
            continue;
        cluster->target.id = target->object.id;
        return true;
    }
    rse_err_field(err, "/gitOpsRepo");
    rse_err_hint(err, "An administrator makes targets; name one of them in target.");
    rse_fail(err, RSE_INVALID, "there is no target for this repository%s", branch.len > 0 ? " and branch" : "");
    return keep_fault(r, err);
}

/* Whether what was written beside the target is what the target has. */
static bool check_agrees(struct resolver *r, const struct rse_target *target, const char *name, struct rse_str written,
                         struct rse_str real, struct rse_err *err)
{
    if (!r->strict || written.len == 0 || rse_str_eq(written, real))
        return true;
    rse_err_field(err, "/%s", name);
    rse_err_hint(err, "Send only one of the two: target and targetId, or gitOpsRepo and gitOpsBranch.");
    rse_fail(err, RSE_INVALID, "%s and target don't agree: that of \"%.*s\" is \"%.*s\"", name,
             RSE_STR_ARG(target->object.name), RSE_STR_ARG(real));
    return keep_fault(r, err);
}

static bool derive_repository(struct resolver *r, struct rse_cluster *cluster, struct rse_err *err)
{
    const struct rse_object *object = rse_fleet_get(r->fleet, RSE_TARGET, cluster->target.id);
    const struct rse_target *target = (const struct rse_target *)object;

    if (target == NULL)
        return true;
    if (cluster->git_ops_repo.len > 0 && rse_repository_same(cluster->git_ops_repo, target->url))
        set_text(r, &cluster->git_ops_repo, target->url);
    if (!check_agrees(r, target, "gitOpsRepo", cluster->git_ops_repo, target->url, err) ||
        !check_agrees(r, target, "gitOpsBranch", cluster->git_ops_branch, target->branch, err))
        return false;
    set_text(r, &cluster->git_ops_repo, target->url);
    set_text(r, &cluster->git_ops_branch, target->branch);
    return true;
}

static bool resolve(struct resolver *r, struct rse_object *object, struct rse_err *err)
{
    if (object->noun == RSE_CLUSTER && !find_target(r, (struct rse_cluster *)object, err))
        return false;
    for (const struct rse_field *field = rse_noun_info(object->noun)->fields; field->name != NULL; field++) {
        if (!resolve_field(r, object, field, err))
            return false;
    }
    if (object->noun == RSE_GROUP)
        derive_path(r, (struct rse_group *)object);
    return object->noun != RSE_CLUSTER || derive_repository(r, (struct rse_cluster *)object, err);
}

bool rse_fleet_resolve(const struct rse_fleet *fleet, struct rse_object *object, struct rse_arena *arena,
                       struct rse_err *err)
{
    struct rse_faults *faults = rse_arena_new_of(arena, struct rse_faults);
    struct resolver r = { .fleet = fleet_mutable(fleet), .arena = arena, .strict = true, .faults = faults };
    struct rse_err one = RSE_ERR_INIT;

    faults->arena = arena;
    if (!resolve(&r, object, &one) && one.code != RSE_OK)
        rse_faults_add(faults, &one);
    return rse_faults_check(faults, err);
}

/* Lists of references are written to, so they are the only arrays that a copy of the struct needs anew. */
static struct rse_object *copy_for_writing(const struct rse_object *object, struct rse_arena *arena)
{
    const struct rse_noun_info *info = rse_noun_info(object->noun);
    struct rse_object *copy = rse_arena_memdup(arena, object, info->size);

    for (const struct rse_field *field = info->fields; field->name != NULL; field++) {
        struct rse_refs *refs = (struct rse_refs *)((char *)copy + field->offset);

        if (field->type == RSE_FIELD_REFS)
            refs->at = rse_arena_memdup(arena, refs->at, refs->count * sizeof(refs->at[0]));
    }
    return copy;
}

bool fleet_settle(struct rse_fleet *fleet, struct fleet_entry *entry, struct rse_err *err)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    struct resolver r = { .fleet = fleet, .arena = arena };
    struct rse_object *copy = copy_for_writing(entry->object, arena);

    if (!resolve(&r, copy, err))
        return false;
    if (r.changed)
        fleet_restate(fleet, copy);
    return true;
}
