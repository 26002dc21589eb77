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

/* Each takes one more field from the old state; the first that makes a difference is one that was changed. */
static const char *changed_bound_of_namespace(const struct rse_namespace *old, const struct rse_namespace *now)
{
    struct rse_namespace same = *now;

    same.business_unit = old->business_unit;
    if (!rse_object_spec_eq(&now->object, &same.object))
        return "businessUnit";
    same.owners = old->owners;
    if (!rse_object_spec_eq(&now->object, &same.object))
        return "owners";
    same.allowed = old->allowed;
    if (!rse_object_spec_eq(&now->object, &same.object))
        return "allowed";
    same.capacity = old->capacity;
    if (!rse_object_spec_eq(&now->object, &same.object))
        return "capacity";
    same.enforce_capacity = old->enforce_capacity;
    if (!rse_object_spec_eq(&now->object, &same.object))
        return "enforceCapacity";
    same.policies = old->policies;
    return rse_object_spec_eq(&now->object, &same.object) ? NULL : "policies";
}

/* is_new: its ownership is the team's to say. */
static const char *changed_bound_of_application(const struct rse_application *old, const struct rse_application *now,
                                                bool is_new)
{
    struct rse_application same = *now;

    same.capacity = old->capacity;
    if (!rse_object_spec_eq(&now->object, &same.object))
        return "capacity";
    if (is_new)
        return NULL;
    same.business_unit = old->business_unit;
    if (!rse_object_spec_eq(&now->object, &same.object))
        return "businessUnit";
    same.owner = old->owner;
    return rse_object_spec_eq(&now->object, &same.object) ? NULL : "owner";
}

static bool check_bounds(const struct rse_object *old, const struct rse_object *object, struct rse_err *err)
{
    const void *before = old != NULL ? old : rse_noun_info(object->noun)->defaults;
    const char *field = object->noun == RSE_NAMESPACE
                            ? changed_bound_of_namespace(before, (const struct rse_namespace *)object)
                            : changed_bound_of_application(before, (const struct rse_application *)object, old == NULL);

    if (field == NULL)
        return true;
    rse_err_field(err, "/%s", field);
    rse_err_hint(err, "Ask the platform team.");
    return rse_fail(err, RSE_DENIED, "changing the %s of a %s needs the role platform", field,
                    rse_noun_info(object->noun)->name);
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
    return object->noun != RSE_APPLICATION || check_namespace(fleet, scope, (const struct rse_application *)old,
                                                              (const struct rse_application *)object, err);
}

bool app_team_may_delete(const struct scope *scope, const struct rse_object *object, struct rse_err *err)
{
    if (object->noun == RSE_NAMESPACE)
        return rse_fail(err, RSE_DENIED, "deleting a namespace needs the role platform");
    return check_owned(scope, object, err);
}
