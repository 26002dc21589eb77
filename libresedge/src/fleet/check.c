/*
 * check.c - whether an object fits the fleet that it was put into.
 */
#include "libresedge/src/fleet/fleet_impl.h"
#include "libresedge/src/model/field_check.h"

enum { FULL_NAME_MAX = 1024 };

/* ---- names ---- */

static bool check_unique(struct rse_fleet *fleet, const struct fleet_entry *entry, struct rse_err *err)
{
    const struct fleet_entry *other = fleet_namesake(fleet, entry);
    const char *noun = rse_noun_info(entry->object->noun)->name;
    bool closed;

    if (other == NULL)
        return true;
    closed = entry->object->noun == RSE_CLUSTER && cluster_of(other)->state == RSE_CLUSTER_CLOSED;
    rse_fail(err, RSE_CONFLICT, "the name is taken: the %s%s with id %lld is named \"%.*s\"", closed ? "closed " : "",
             noun, (long long)other->object->id,
             RSE_STR_ARG(fleet_display_name(fleet, other->object->noun, other->object->id)));
    rse_err_field(err, "/name");
    rse_err_hint(err, closed ? "The name of a closed cluster stays taken. Choose another one."
                             : "Choose another name, or change the one that has it.");
    return false;
}

static bool fail_reserved(const char *what, struct rse_str name, const char *field, struct rse_err *err)
{
    rse_fail(err, RSE_INVALID, "%s can't be named \"%.*s\": the name is reserved", what, RSE_STR_ARG(name));
    rse_err_field(err, "%s", field);
    rse_err_hint(err, "Choose another name.");
    return false;
}

static bool check_namespace_name(const struct rse_object *object, struct rse_err *err)
{
    static const char *const RESERVED[] = { "flux-system", "namespaces", "default" };

    for (size_t i = 0; i < RSE_COUNT(RESERVED); i++) {
        if (rse_str_is(object->name, RESERVED[i]))
            return fail_reserved("a namespace", object->name, "/name", err);
    }
    if (rse_str_starts(object->name, RSE_STR("kube-")))
        return fail_reserved("a namespace", object->name, "/name", err);
    return true;
}

bool fleet_flux_name_is_reserved(struct rse_str name)
{
    return rse_str_is(name, "namespaces") || rse_str_is(name, "flux-system");
}

const struct fleet_entry *fleet_flux_name_owner(const struct rse_fleet *fleet, struct rse_str name, int64_t but)
{
    const struct fleet_table *table = &fleet->tables[RSE_APPLICATION];

    for (size_t i = 0; i < table->count; i++) {
        const struct rse_application *application = (const struct rse_application *)table->at[i]->object;

        if (application->object.id != but && rse_str_eq(application->flux_name, name))
            return table->at[i];
    }
    return NULL;
}

static bool fail_owned(struct rse_fleet *fleet, struct rse_str flux_name, const struct fleet_entry *owner,
                       struct rse_err *err)
{
    RSE_BUF_AUTO name = { 0 };

    rse_buf_init(&name, FULL_NAME_MAX);
    fleet_add_full_name(fleet, owner, &name);
    rse_fail(err, RSE_CONFLICT, "the Flux Kustomization \"%.*s\" belongs to the application \"%.*s\"",
             RSE_STR_ARG(flux_name), RSE_STR_ARG(rse_buf_str(&name)));
    rse_err_field(err, "/fluxName");
    return false;
}

bool fleet_check_flux_name(const struct rse_fleet *fleet, const struct rse_application *application,
                           struct rse_err *err)
{
    const struct fleet_entry *owner;

    if (application->flux_name.len == 0)
        return true;
    if (fleet_flux_name_is_reserved(application->flux_name))
        return fail_reserved("a Flux Kustomization", application->flux_name, "/fluxName", err);
    owner = fleet_flux_name_owner(fleet, application->flux_name, application->object.id);
    return owner == NULL || fail_owned(fleet_mutable(fleet), application->flux_name, owner, err);
}

/* Where a name has to be unique is said by what it is in, if that is right. */
static bool is_unique_within(enum rse_noun noun)
{
    return noun == RSE_GROUP || noun == RSE_APPLICATION;
}

/* Here and below: `one` is for the fault at hand, and clear otherwise. */
static void check_names(struct rse_fleet *fleet, const struct fleet_entry *entry, bool settled,
                        struct rse_faults *faults, struct rse_err *one)
{
    const struct rse_object *object = entry->object;

    if ((settled || !is_unique_within(object->noun)) && !check_unique(fleet, entry, one))
        rse_faults_add(faults, one);
    if (object->noun == RSE_NAMESPACE && !check_namespace_name(object, one))
        rse_faults_add(faults, one);
    if (object->noun == RSE_APPLICATION && !fleet_check_flux_name(fleet, (const struct rse_application *)object, one))
        rse_faults_add(faults, one);
}

/* ---- groups above groups ---- */

static const struct fleet_group *above(struct rse_fleet *fleet, const struct fleet_group *group)
{
    return (const struct fleet_group *)fleet_follow(fleet, RSE_GROUP, &group_of(group)->parent);
}

static bool fail_levels(struct rse_err *err)
{
    rse_fail(err, RSE_INVALID, "groups would be more than %d levels deep", FLEET_MAX_LEVELS);
    rse_err_field(err, "/parent");
    rse_err_hint(err, "Choose a parent further up.");
    return false;
}

/* By the references: the tree has cut what it could not place. */
static bool check_ancestors(struct rse_fleet *fleet, const struct fleet_group *group, struct rse_err *err)
{
    size_t levels = 1, most = fleet->tables[RSE_GROUP].count;

    for (const struct fleet_group *at = above(fleet, group); at != NULL && levels <= most; at = above(fleet, at)) {
        levels++;
        if (at != group)
            continue;
        rse_fail(err, RSE_INVALID, "the group would be above itself");
        rse_err_field(err, "/parent");
        rse_err_hint(err, "Choose a parent that isn't below this group.");
        return false;
    }
    /* Below a circle that it is no part of: those that are tell it. */
    return levels <= FLEET_MAX_LEVELS || levels > most || fail_levels(err);
}

static bool check_place(struct rse_fleet *fleet, const struct fleet_group *group, struct rse_err *err)
{
    if (!check_ancestors(fleet, group, err))
        return false;
    fleet_build_tree(fleet);
    for (uint32_t i = group->enter; i < group->leave; i++) {
        if (fleet->tree.groups[i]->level > FLEET_MAX_LEVELS)
            return fail_levels(err);
    }
    return true;
}

/* ---- expressions ---- */

static void check_expressions(struct rse_fleet *fleet, struct fleet_entry *entry, struct rse_faults *faults,
                              struct rse_err *one)
{
    const struct rse_object *object = entry->object;
    const struct fleet_selecting *selecting = entry_selecting(entry, object->noun);
    size_t before = faults->count;

    for (size_t i = 0; selecting != NULL && i < selecting->nexprs; i++) {
        char field[48];

        if (selecting->exprs[i] == NULL || rse_expr_check(selecting->exprs[i], fleet, one))
            continue;
        object_expression_field(object, i, field);
        rse_err_field(one, "%s", field);
        rse_faults_add(faults, one);
    }
    if (faults->count == before && is_scope(object->noun) &&
        !fleet_check_cycle(fleet, (struct fleet_scope *)entry, one))
        rse_faults_add(faults, one);
}

/* ---- metadata keys that are no fields ---- */

static void check_key_names(const struct rse_object *object, struct rse_faults *faults, struct rse_err *one)
{
    for (size_t i = 0; i < object->metadata.count; i++) {
        if (field_check_metadata_key(object->noun, object->metadata.at[i].key, one))
            continue;
        rse_err_field(one, "/metadata/%zu/key", i);
        rse_faults_add(faults, one);
    }
}

static void check_rules(const struct rse_object *object, struct rse_faults *faults, struct rse_err *one)
{
    for (field_rule *const *rule = field_rules(object->noun); *rule != NULL; rule++) {
        if (!(*rule)(object, one))
            rse_faults_add(faults, one);
    }
}

/* ---- all of it ---- */

bool rse_fleet_object_faults(const struct rse_fleet *of, enum rse_noun noun, int64_t id, struct rse_faults *faults)
{
    struct rse_fleet *fleet = fleet_mutable(of);
    struct fleet_entry *entry = table_get(&fleet->tables[noun], id);
    size_t before = faults->count;
    struct rse_err one = RSE_ERR_INIT;
    bool settled;

    if (entry == NULL) {
        rse_fail(&one, RSE_NOT_FOUND, "there is no %s with id %lld", rse_noun_info(noun)->name, (long long)id);
        rse_faults_add(faults, &one);
        return false;
    }
    check_key_names(entry->object, faults, &one);
    check_rules(entry->object, faults, &one);
    settled = (noun != RSE_GROUP || check_place(fleet, as_group(entry), &one)) && fleet_settle(fleet, entry, &one);
    if (!settled)
        rse_faults_add(faults, &one);
    check_names(fleet, entry, settled, faults, &one);
    check_expressions(fleet, entry, faults, &one);
    fleet_check_keys(fleet, entry, faults);
    return faults->count == before;
}

bool rse_fleet_faults(const struct rse_fleet *fleet, enum rse_noun noun, int64_t id, struct rse_faults *faults)
{
    return rse_fleet_object_faults(fleet, noun, id, faults) && rse_fleet_value_faults_of(fleet, noun, id, faults);
}

bool fleet_first_fault(const struct rse_faults *faults, struct rse_err *err)
{
    if (err == NULL || err->code != RSE_OK)
        return false;
    *err = faults->at[0];
    return false;
}

bool rse_fleet_check(const struct rse_fleet *fleet, enum rse_noun noun, int64_t id, struct rse_err *err)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    struct rse_faults faults = { .arena = arena };

    if (rse_fleet_faults(fleet, noun, id, &faults))
        return true;
    rse_err_object(&faults.at[0], "%s \"%.*s\"", rse_noun_info(noun)->name,
                   RSE_STR_ARG(fleet_display_name(fleet_mutable(fleet), noun, id)));
    return fleet_first_fault(&faults, err);
}
