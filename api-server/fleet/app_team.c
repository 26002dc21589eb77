/*
 * app_team.c - see app_team.h.
 */
#include "api-server/fleet/app_team.h"

/* ---- ownership ---- */

static bool has_name(const struct rse_strs *names, struct rse_str name)
{
    for (size_t i = 0; i < names->count; i++)
        if (name.len > 0 && rse_str_eq(names->at[i], name))
            return true;
    return false;
}

static bool owns_namespace(const struct scope *scope, const struct rse_namespace *ns)
{
    for (size_t i = 0; i < ns->owners.count; i++)
        if (has_name(&scope->owners, ns->owners.at[i]))
            return true;
    return has_name(&scope->business_units, ns->business_unit);
}

static bool owns(const struct scope *scope, const struct rse_object *object)
{
    const struct rse_application *app = (const struct rse_application *)object;

    if (object->noun == RSE_NAMESPACE)
        return owns_namespace(scope, (const struct rse_namespace *)object);
    return object->noun == RSE_APPLICATION &&
           (has_name(&scope->business_units, app->business_unit) || has_name(&scope->owners, app->owner));
}

static bool refuse_noun(const struct rse_object *object, struct rse_err *err)
{
    rse_err_hint(err, "It changes namespaces and applications of its own: ask the platform team.");
    return rse_fail(err, RSE_DENIED, "an application team may not write a %s", rse_noun_info(object->noun)->name);
}

static bool check_owned(const struct scope *scope, const struct rse_object *object, struct rse_err *err)
{
    if (object->noun != RSE_NAMESPACE && object->noun != RSE_APPLICATION)
        return refuse_noun(object, err);
    if (owns(scope, object))
        return true;
    rse_err_hint(err, "The token's business units and owners say what is its own: GET /api/v1/session shows them.");
    return rse_fail(err, RSE_DENIED, "the %s \"%.*s\" is not the application team's own",
                    rse_noun_info(object->noun)->name, RSE_STR_ARG(object->name));
}

/* ---- what the platform team gives ---- */

static const char *const NAMESPACE_BOUNDS[] = { "businessUnit",    "owners",   "allowed", "capacity",
                                                "enforceCapacity", "policies", "name",    NULL };
static const char *const APPLICATION_BOUNDS[] = { "capacity", "businessUnit", "owner", NULL };
/* Whose a new application is, the team says. */
static const char *const NEW_APPLICATION_BOUNDS[] = { "capacity", NULL };

static bool is_among(const char *const *names, const char *name)
{
    for (size_t i = 0; names[i] != NULL; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static bool refuse_bound(enum rse_noun noun, const char *field, struct rse_err *err)
{
    rse_err_field(err, "/%s", field);
    rse_err_hint(err, "Ask the platform team.");
    return rse_fail(err, RSE_DENIED, "changing the %s of the %s needs the role platform", field,
                    rse_noun_info(noun)->name);
}

static bool check_bounds(const struct rse_object *old, const struct rse_object *object, struct rse_err *err)
{
    const struct rse_noun_info *info = rse_noun_info(object->noun);
    const struct rse_object *before = old != NULL ? old : info->defaults;
    const char *const *bounds = object->noun == RSE_NAMESPACE ? NAMESPACE_BOUNDS
                                : old == NULL                 ? NEW_APPLICATION_BOUNDS
                                                              : APPLICATION_BOUNDS;

    for (const struct rse_field *f = info->fields; f->name != NULL; f++)
        if (is_among(bounds, f->name) && !rse_object_field_eq(f, before, object))
            return refuse_bound(object->noun, f->name, err);
    return true;
}

/* Whoever is named as an owner may write it from then on: the team gives nobody else a part of it. */
static bool check_new_owners(const struct scope *scope, const struct rse_application *app, struct rse_err *err)
{
    bool ours = app->business_unit.len == 0 || has_name(&scope->business_units, app->business_unit);
    const char *field = ours ? "owner" : "businessUnit";

    if (ours && (app->owner.len == 0 || has_name(&scope->owners, app->owner)))
        return true;
    rse_err_field(err, "/%s", field);
    rse_err_hint(err, "The token's business units and owners say what it may be: GET /api/v1/session shows them.");
    return rse_fail(err, RSE_DENIED, "the %s of a new application has to be one of the application team's", field);
}

/* ---- an application's namespace ---- */

static const struct rse_object *find_namespace(const struct rse_fleet *fleet, const struct rse_ref *ref)
{
    return ref->id != 0 ? rse_fleet_get(fleet, RSE_NAMESPACE, ref->id)
                        : rse_fleet_find(fleet, RSE_NAMESPACE, ref->name, NULL);
}

/* An application may stay where the platform team put it; elsewhere it goes only into a namespace of the team. A namespace that
 * does not exist is refused later, with a better word. */
static bool check_namespace(const struct rse_fleet *fleet, const struct scope *scope, const struct rse_application *old,
                            const struct rse_application *app, struct rse_err *err)
{
    const struct rse_object *ns = find_namespace(fleet, &app->namespace_);

    if (ns == NULL || (old != NULL && old->namespace_.id == ns->id) || owns(scope, ns))
        return true;
    rse_err_field(err, "/namespace");
    return check_owned(scope, ns, err);
}

bool app_team_may_put(const struct rse_fleet *fleet, const struct scope *scope, const struct rse_object *old,
                      const struct rse_object *object, struct rse_err *err)
{
    if (old != NULL && rse_object_spec_eq(old, object))
        return true;
    if (old != NULL && !check_owned(scope, old, err))
        return false;
    if (old == NULL && object->noun == RSE_NAMESPACE)
        return rse_fail(err, RSE_DENIED, "creating a namespace needs the role platform");
    /* First the bounds: who gives something away is told that ownership can't change. */
    if ((old != NULL && !check_bounds(old, object, err)) || !check_owned(scope, object, err) ||
        !check_bounds(old, object, err))
        return false;
    if (old == NULL && !check_new_owners(scope, (const struct rse_application *)object, err))
        return false;
    return object->noun != RSE_APPLICATION || check_namespace(fleet, scope, (const struct rse_application *)old,
                                                              (const struct rse_application *)object, err);
}

/* A bound that says that the application is the team's, as it could have said itself when it made it. */
static bool says_ours(const struct scope *scope, const struct rse_object *object, const char *field)
{
    const struct rse_application *app = (const struct rse_application *)object;

    if (object->noun != RSE_APPLICATION)
        return false;
    return strcmp(field, "owner") == 0          ? has_name(&scope->owners, app->owner)
           : strcmp(field, "businessUnit") == 0 ? has_name(&scope->business_units, app->business_unit)
                                                : false;
}

bool app_team_may_own(const struct scope *scope, const struct rse_object *object, const char *field,
                      struct rse_err *err)
{
    const char *const *bounds = object->noun == RSE_NAMESPACE ? NAMESPACE_BOUNDS : APPLICATION_BOUNDS;

    if (!check_owned(scope, object, err))
        return false;
    if (field == NULL || !is_among(bounds, field) || says_ours(scope, object, field))
        return true;
    rse_err_field(err, "/%s", field);
    rse_err_hint(err, "Leave it out of the inventory, or apply without a set.");
    return rse_fail(err, RSE_DENIED, "owning the %s of the %s needs the role platform", field,
                    rse_noun_info(object->noun)->name);
}

bool app_team_may_delete(const struct scope *scope, const struct rse_object *object, struct rse_err *err)
{
    if (object->noun == RSE_NAMESPACE)
        return rse_fail(err, RSE_DENIED, "deleting a namespace needs the role platform");
    return check_owned(scope, object, err);
}
