/*
 * rules.c - see rules.h.
 */
#include "api-server/fleet/app_team.h"
#include "api-server/fleet/rules.h"

/* ---- what needs another role ---- */

/* How Automation works on a target: that it is to pause, or to go on, and the format of what it generates. */
static bool operates(const char *field)
{
    static const char *const FIELDS[] = { "paused", "pausedReason", "format" };

    for (size_t i = 0; i < RSE_COUNT(FIELDS); i++) {
        if (strcmp(field, FIELDS[i]) == 0)
            return true;
    }
    return false;
}

/* Whether nothing else is written. */
static bool operates_only(const struct rse_object *old, const struct rse_object *object)
{
    for (const struct rse_field *f = rse_noun_info(RSE_TARGET)->fields; f->name != NULL; f++) {
        if ((f->flags & RSE_FIELD_SERVER) == 0 && !operates(f->name) && !rse_object_field_eq(f, old, object))
            return false;
    }
    return true;
}

/* What is there already, as an inventory may say it again, is nobody's write. */
static bool may_write_target(const struct write_rights *rights, const struct rse_object *old,
                             const struct rse_object *object)
{
    if (role_is_at_least(rights->role, ROLE_ADMIN))
        return true;
    if (old == NULL)
        return false;
    return rse_object_spec_eq(old, object) ||
           (role_is_at_least(rights->role, ROLE_PLATFORM) && operates_only(old, object));
}

static bool refuse_target(struct rse_err *err)
{
    rse_err_hint(err, "A target says where Automation writes: ask an administrator. The platform team may pause it.");
    return rse_fail(err, RSE_DENIED, "writing a target needs the role admin");
}

static bool check_role(const struct rse_fleet *fleet, const struct write_rights *rights, const struct rse_object *old,
                       const struct rse_object *object, struct rse_err *err)
{
    if (rights->role == ROLE_APP_TEAM)
        return app_team_may_put(fleet, &rights->scope, old, object, err);
    return object->noun != RSE_TARGET || may_write_target(rights, old, object) || refuse_target(err);
}

bool rules_own(const struct write_rights *rights, const struct rse_object *object, const char *field,
               struct rse_err *err)
{
    if (rights->role == ROLE_APP_TEAM)
        return app_team_may_own(&rights->scope, object, field, err);
    if (object->noun != RSE_TARGET || role_is_at_least(rights->role, ROLE_ADMIN) || field == NULL || operates(field))
        return true;
    rse_err_field(err, "/%s", field);
    return refuse_target(err);
}

/* ---- what hits stores ---- */

bool rules_confirmed(const struct write_rights *rights, int64_t count)
{
    if (count == 0 || rights->confirm == count)
        return true;
    if (rights->asked == NULL || rights->confirm >= 0)
        return false;
    *rights->asked = count;
    return true;
}

bool rules_ask(const struct write_rights *rights, struct rse_err *err)
{
    if (rights->question == NULL)
        return false;
    if (rights->question->code == RSE_OK)
        *rights->question = *err;
    rse_err_clear(err);
    return true;
}

/* count: how many clusters the write hits. */
static bool check_confirmed(const struct write_rights *rights, uint32_t count, const char *what, struct rse_err *err)
{
    if (rules_confirmed(rights, count))
        return true;
    rse_err_hint(err, "If that is meant, repeat it with ?confirm=%u.", count);
    rse_err_confirm(err, count);
    rse_fail(err, RSE_CONFIRM, "%s on %u cluster%s", what, count, count == 1 ? "" : "s");
    return rules_ask(rights, err);
}

static uint32_t deployed_on(const struct rse_fleet *fleet, const struct rse_object *object)
{
    RSE_BITMAP_AUTO set = { 0 };

    rse_bitmap_init(&set, rse_fleet_nbits(fleet));
    if (object->noun == RSE_NAMESPACE)
        rse_fleet_namespace_clusters(fleet, object->id, &set);
    else
        rse_fleet_application_clusters(fleet, object->id, &set);
    return rse_bitmap_count(&set);
}

/* Another name or namespace is another object for Flux: it deletes the old one, volumes included, and makes a new one. */
static bool check_move(const struct rse_fleet *fleet, const struct write_rights *rights, const struct rse_object *old,
                       const struct rse_object *object, struct rse_err *err)
{
    bool moved = !rse_str_eq(old->name, object->name);

    if (object->noun != RSE_NAMESPACE && object->noun != RSE_APPLICATION)
        return true;
    if (object->noun == RSE_APPLICATION) {
        const struct rse_ref *from = &((const struct rse_application *)old)->namespace_;
        const struct rse_ref *to = &((const struct rse_application *)object)->namespace_;

        moved = moved || (to->id != 0 ? from->id != to->id : !rse_str_eq(from->name, to->name));
    }
    return !moved || check_confirmed(rights, deployed_on(fleet, old),
                                     object->noun == RSE_NAMESPACE ? "this deletes and makes anew the namespace"
                                                                   : "this deletes and makes anew the application",
                                     err);
}

/* Another format may write every folder of the target anew. What that changes only its worker can tell: whoever moves it has
 * to say the number that they were shown, and the job holds what is planned where that is another one. */
static bool check_format(const struct rse_fleet *fleet, const struct write_rights *rights, const struct rse_object *old,
                         const struct rse_object *object, struct rse_err *err)
{
    const struct rse_target *from = (const struct rse_target *)old, *to = (const struct rse_target *)object;
    RSE_BITMAP_AUTO set = { 0 };
    uint32_t clusters;

    if (object->noun != RSE_TARGET || (from->format > 1 ? from->format : 1) == (to->format > 1 ? to->format : 1))
        return true;
    rse_bitmap_init(&set, rse_fleet_nbits(fleet));
    rse_fleet_target_clusters(fleet, old->id, &set);
    clusters = rse_bitmap_count(&set);
    if (clusters == 0 || (rights->confirm >= 0 && rights->confirm <= (int64_t)clusters))
        return true;
    rse_err_field(err, "/format");
    rse_err_hint(
        err,
        "GET /api/v1/targets/%lld/format?to=%lld shows what it changes (`resedge target format %.*s`); repeat it with "
        "?confirm=<the clusters that it changes>.",
        (long long)old->id, (long long)to->format, RSE_STR_ARG(old->name));
    rse_fail(err, RSE_CONFIRM, "another format changes the folders of the target's clusters");
    return rules_ask(rights, err);
}

static bool check_fixed(const struct rse_object *old, const struct rse_object *object, struct rse_err *err)
{
    if (object->noun != RSE_CLUSTER || rse_str_eq(old->name, object->name))
        return true;
    rse_err_field(err, "/name");
    rse_err_hint(err, "A cluster's name is fixed for its life: create another cluster, and close this one.");
    return rse_fail(err, RSE_CONFLICT, "the name of the cluster \"%.*s\" can't change", RSE_STR_ARG(old->name));
}

/* ---- a cluster's target ---- */

/* A cluster that names no target goes to the only one there is. */
static bool fill_target(const struct rse_fleet *fleet, struct rse_cluster *cluster, struct rse_err *err)
{
    size_t it = 0;

    if (cluster->target.id != 0 || cluster->target.name.len > 0)
        return true;
    if (cluster->git_ops_repo.len > 0)
        return true; /* it finds the target */
    if (cluster->git_ops_branch.len > 0) {
        rse_err_field(err, "/gitOpsRepo");
        rse_err_hint(err, "Send both, or name the target in `target`.");
        return rse_fail(err, RSE_INVALID, "a branch alone names no target: gitOpsRepo is missing");
    }
    if (rse_fleet_count(fleet, RSE_TARGET) == 1) {
        const struct rse_object *only = rse_fleet_next(fleet, RSE_TARGET, &it);

        cluster->target = (struct rse_ref){ .id = only->id, .name = only->name };
        return true;
    }
    rse_err_field(err, "/target");
    if (rse_fleet_count(fleet, RSE_TARGET) == 0) {
        rse_err_hint(err, "Create a target first: the repository and branch that Automation writes.");
        return rse_fail(err, RSE_INVALID, "there is no target that the cluster could be written to");
    }
    rse_err_hint(err, "Name one of them in `target`.");
    return rse_fail(err, RSE_INVALID, "there are several targets, and the cluster names none");
}

/* ---- an application's Flux name ---- */

/* For its life: under another name Flux would prune everything and make it anew. */
static bool keep_flux_name(const struct rse_application *old, struct rse_application *app, struct rse_err *err)
{
    if (app->flux_name.len > 0 && !rse_str_eq(app->flux_name, old->flux_name)) {
        rse_err_field(err, "/fluxName");
        rse_err_hint(err, "Leave it out, or send it as it is.");
        return rse_fail(err, RSE_INVALID, "the name of a Flux Kustomization can't change: it is \"%.*s\"",
                        RSE_STR_ARG(old->flux_name));
    }
    app->flux_name = old->flux_name;
    return true;
}

/* An inventory says which one it was elsewhere. */
static bool fill_flux_name(const struct rse_fleet *fleet, const struct rse_application *old,
                           struct rse_application *app, struct rse_arena *arena, struct rse_err *err)
{
    RSE_BUF_AUTO name = { 0 };

    if (old != NULL)
        return keep_flux_name(old, app, err);
    if (app->flux_name.len > 0) {
        rse_err_hint(err, "Leave it out: then one is given that is free.");
        return rse_fleet_check_flux_name(fleet, app, err);
    }
    rse_buf_init(&name, 1024);
    rse_fleet_flux_name(fleet, app, &name);
    app->flux_name = rse_arena_str(arena, rse_buf_str(&name));
    return true;
}

/* ---- a target's format ---- */

/* A new target begins with the newest. One that is there stays where it is: the stores of a format that this release
 * made the default would all change at once. */
static void fill_format(const struct rse_target *old, struct rse_target *target)
{
    if (target->format == 0 && old == NULL)
        target->format = RSE_PLAN_FORMAT;
    else if (target->format == 0)
        target->format = old->format > 0 ? old->format : 1;
}

/* ---- what is paused ---- */

/* The reason goes with the pause: the next one has its own. */
static void end_pause(bool paused, struct rse_str *reason)
{
    if (!paused)
        *reason = rse_str(NULL);
}

static void fill_pause(struct rse_object *object)
{
    struct rse_target *target = (struct rse_target *)object;
    struct rse_application *app = (struct rse_application *)object;

    if (object->noun == RSE_TARGET)
        end_pause(target->paused, &target->paused_reason);
    else if (object->noun == RSE_APPLICATION)
        end_pause(app->paused, &app->paused_reason);
}

/* ---- a target's place ---- */

/* Two targets that write the same branch would take turns in undoing each other's work. */
static bool check_place(const struct rse_fleet *fleet, const struct rse_target *target, struct rse_err *err)
{
    const struct rse_object *object;

    for (size_t it = 0; (object = rse_fleet_next(fleet, RSE_TARGET, &it)) != NULL;) {
        const struct rse_target *other = (const struct rse_target *)object;

        if (object->id == target->object.id || !rse_str_eq(other->branch, target->branch) ||
            !rse_repository_same(other->url, target->url))
            continue;
        rse_err_field(err, "/url");
        rse_err_hint(err, "Give it a branch of its own, or use that target.");
        return rse_fail(err, RSE_CONFLICT, "the target \"%.*s\" writes to that repository and branch already",
                        RSE_STR_ARG(object->name));
    }
    return true;
}

/* What the object says of itself, and what it needs where it says nothing. */
static bool complete(const struct rse_fleet *fleet, const struct rse_object *old, struct rse_object *object,
                     struct rse_arena *arena, struct rse_err *err)
{
    fill_pause(object);
    if (object->noun == RSE_TARGET)
        fill_format((const struct rse_target *)old, (struct rse_target *)object);
    if (object->noun == RSE_CLUSTER)
        return fill_target(fleet, (struct rse_cluster *)object, err);
    if (object->noun == RSE_APPLICATION)
        return fill_flux_name(fleet, (const struct rse_application *)old, (struct rse_application *)object, arena, err);
    return object->noun != RSE_TARGET || check_place(fleet, (const struct rse_target *)object, err);
}

bool rules_put(const struct rse_fleet *fleet, const struct write_rights *rights, const struct rse_object *old,
               struct rse_object *object, struct rse_arena *arena, struct rse_err *err)
{
    struct rse_faults *faults;
    struct rse_err fixed = RSE_ERR_INIT, incomplete = RSE_ERR_INIT;
    bool ok;

    if (!check_role(fleet, rights, old, object, err))
        return false;
    ok = old == NULL || check_fixed(old, object, &fixed);
    ok = complete(fleet, old, object, arena, &incomplete) && ok;
    if (ok)
        return old == NULL ||
               (check_move(fleet, rights, old, object, err) && check_format(fleet, rights, old, object, err));
    faults = rse_arena_new_of(arena, struct rse_faults);
    faults->arena = arena;
    if (fixed.code != RSE_OK)
        rse_faults_add(faults, &fixed);
    if (incomplete.code != RSE_OK)
        rse_faults_add(faults, &incomplete);
    return rse_faults_check(faults, err);
}

static bool runs(enum rse_cluster_state state)
{
    return state == RSE_CLUSTER_ACTIVE || state == RSE_CLUSTER_SUSPENDED;
}

bool rules_close(const struct write_rights *rights, const struct rse_object *old, const struct rse_object *object,
                 struct rse_err *err)
{
    enum rse_cluster_state state;

    if (old == NULL || old->noun != RSE_CLUSTER || !runs(((const struct rse_cluster *)old)->state))
        return true;
    state = ((const struct rse_cluster *)object)->state;
    return (state != RSE_CLUSTER_CLOSING && state != RSE_CLUSTER_CLOSED) ||
           check_confirmed(rights, 1, "this takes away all that runs", err);
}

bool rules_delete(const struct write_rights *rights, const struct rse_object *object, struct rse_err *err)
{
    if (rights->role == ROLE_APP_TEAM && !app_team_may_delete(&rights->scope, object, err))
        return false;
    if (object->noun == RSE_TARGET && !role_is_at_least(rights->role, ROLE_ADMIN))
        return rse_fail(err, RSE_DENIED, "deleting a target needs the role admin");
    if (object->noun == RSE_CLUSTER && ((const struct rse_cluster *)object)->state == RSE_CLUSTER_ACTIVE)
        return check_confirmed(rights, 1, "the cluster is active: this deletes all that runs", err);
    return true;
}
