/*
 * plan.c - makes a plan, and says which parts a cluster has: bit tests, nothing is computed per cluster.
 */
#include "libresedge/src/plan/plan_internal.h"

#include <stdlib.h>

static bool choose_format(struct rse_plan *plan, int64_t format, struct rse_err *err)
{
    if (format == 0)
        format = plan->target->format;
    plan->format = format > 0 ? format : 1; /* one that doesn't say stays where all began */
    if (plan->format <= RSE_PLAN_FORMAT)
        return true;
    rse_err_hint(err, "A newer release of Res-Edge wrote it: bring this one up to date.");
    return rse_fail(err, RSE_INVALID, "the target's format %lld is newer than %d, the newest that is known here",
                    (long long)plan->format, RSE_PLAN_FORMAT);
}

static bool plan_init(struct rse_plan *plan, int64_t target_id, int64_t format, struct rse_err *err)
{
    plan->target = (const struct rse_target *)rse_fleet_get(plan->fleet, RSE_TARGET, target_id);
    if (plan->target == NULL)
        return rse_fail(err, RSE_NOT_FOUND, "there is no target with the id %lld", (long long)target_id);
    if (!choose_format(plan, format, err))
        return false;
    plan->arena = rse_arena_new();
    rse_bitmap_init(&plan->clusters, rse_fleet_nbits(plan->fleet));
    rse_fleet_target_clusters(plan->fleet, target_id, &plan->clusters);
    plan_origins_init(plan);
    if (!listener_make_namespaces(plan, err))
        return false;
    plan_bootstrap_init(plan);
    plan_namespaces_init(plan);
    plan_applications_init(plan);
    return true;
}

bool rse_plan_new(struct rse_plan **out, const struct rse_fleet *fleet, const struct rse_catalogue *catalogue,
                  int64_t target_id, struct rse_err *err)
{
    return rse_plan_new_format(out, fleet, catalogue, target_id, 0, err);
}

bool rse_plan_new_format(struct rse_plan **out, const struct rse_fleet *fleet, const struct rse_catalogue *catalogue,
                         int64_t target_id, int64_t format, struct rse_err *err)
{
    struct rse_plan *plan = rse_new(struct rse_plan);

    plan->fleet = fleet;
    plan->catalogue = catalogue;
    if (!plan_init(plan, target_id, format, err)) {
        rse_plan_free(plan);
        return false;
    }
    *out = plan;
    return true;
}

void rse_plan_free(struct rse_plan *plan)
{
    if (plan == NULL)
        return;
    for (size_t i = 0; i < plan->nnamespaces; i++)
        rse_bitmap_release(&plan->namespaces[i].clusters);
    for (size_t i = 0; i < plan->napplications; i++)
        plan_application_release(&plan->applications[i]);
    rse_bitmap_release(&plan->clusters);
    rse_template_free(plan->namespaces_listener);
    rse_arena_free(plan->arena);
    free(plan);
}

int64_t rse_plan_format(const struct rse_plan *plan)
{
    return plan->format;
}

enum rse_folder_wish rse_plan_wish(const struct rse_plan *plan, uint32_t cluster_index)
{
    const struct rse_cluster *cluster = rse_fleet_cluster_at(plan->fleet, cluster_index);

    if (cluster == NULL || !rse_bitmap_has(&plan->clusters, cluster_index))
        return RSE_FOLDER_NONE;
    switch (cluster->state) {
    case RSE_CLUSTER_ACTIVE:
        return RSE_FOLDER_FULL;
    case RSE_CLUSTER_SUSPENDED:
        return RSE_FOLDER_FROZEN;
    case RSE_CLUSTER_CLOSING:
        return RSE_FOLDER_FLUX;
    case RSE_CLUSTER_PLANNED:
    case RSE_CLUSTER_CLOSED:
        break;
    }
    return RSE_FOLDER_NONE;
}

static struct rse_part namespace_part(const struct rse_plan *plan, const struct plan_namespace *entry,
                                      uint32_t cluster_index)
{
    return (struct rse_part){
        .kind = RSE_PART_NAMESPACE,
        .namespace_ = entry->namespace_,
        .empty = plan_namespace_is_brought(plan, entry, cluster_index),
        .frozen = !rse_bitmap_has(&entry->clusters, cluster_index),
        .leftover = !rse_bitmap_has(&entry->clusters, cluster_index),
        .detail = entry,
    };
}

static struct rse_part application_part(const struct plan_application *entry, uint32_t cluster_index)
{
    const struct choice *choice = plan_choice_on(entry, cluster_index);

    return (struct rse_part){
        .kind = RSE_PART_APPLICATION,
        .namespace_ = entry->namespace_->namespace_,
        .application = entry->application,
        .set = entry->set != NULL ? &entry->set->pub : NULL,
        .overlay = choice->overlay,
        .version = choice->version,
        .reason = choice->reason,
        .frozen = entry->application->paused,
        .leftover = !rse_bitmap_has(&entry->namespace_->clusters, cluster_index),
        .detail = choice,
    };
}

/* What stands on the cluster, or may stand there still because it is paused. */
static bool may_have_namespace(const struct plan_namespace *entry, uint32_t cluster_index)
{
    return entry->has_paused || rse_bitmap_has(&entry->clusters, cluster_index);
}

static bool may_have_application(const struct plan_application *entry, uint32_t cluster_index)
{
    return entry->application->paused || rse_bitmap_has(&entry->namespace_->clusters, cluster_index);
}

static size_t list_namespaced(const struct rse_plan *plan, uint32_t cluster_index, struct rse_part *parts)
{
    size_t count = 0;

    for (size_t i = 0; i < plan->nnamespaces; i++) {
        if (may_have_namespace(&plan->namespaces[i], cluster_index))
            parts[count++] = namespace_part(plan, &plan->namespaces[i], cluster_index);
    }
    for (size_t i = 0; i < plan->napplications; i++) {
        if (may_have_application(&plan->applications[i], cluster_index))
            parts[count++] = application_part(&plan->applications[i], cluster_index);
    }
    return count;
}

static size_t most_parts(const struct rse_plan *plan, uint32_t cluster_index)
{
    size_t count = 1;

    for (size_t i = 0; i < plan->nnamespaces; i++) {
        if (may_have_namespace(&plan->namespaces[i], cluster_index))
            count += 1 + plan->namespaces[i].napplications;
    }
    return count;
}

void rse_plan_parts(const struct rse_plan *plan, uint32_t cluster_index, struct rse_arena *arena,
                    struct rse_part **parts, size_t *count)
{
    enum rse_folder_wish wish = rse_plan_wish(plan, cluster_index);

    *parts = rse_arena_calloc(arena, most_parts(plan, cluster_index), sizeof(**parts));
    *count = 0;
    if (wish == RSE_FOLDER_NONE)
        return;
    if (plan->bootstrap != NULL)
        (*parts)[(*count)++] = (struct rse_part){ .kind = RSE_PART_BOOTSTRAP, .set = &plan->bootstrap->pub };
    if (wish != RSE_FOLDER_FLUX)
        *count += list_namespaced(plan, cluster_index, *parts + *count);
}

void rse_part_path(const struct rse_part *part, struct rse_buf *out)
{
    if (part->kind == RSE_PART_BOOTSTRAP) {
        rse_buf_adds(out, FLUX_NAMESPACE);
    } else if (part->kind == RSE_PART_NAMESPACE) {
        rse_buf_addf(out, "namespaces/%.*s.yaml", RSE_STR_ARG(part->namespace_->object.name));
    } else {
        rse_buf_add_str(out, part->namespace_->object.name);
        rse_buf_addc(out, '/');
        rse_buf_add_str(out, part->application->object.name);
    }
}

void rse_part_listener_path(const struct rse_part *part, struct rse_buf *out)
{
    const struct choice *choice = part->detail;

    if (part->kind == RSE_PART_APPLICATION)
        rse_buf_add_str(out, choice->entry->listener_path);
}
