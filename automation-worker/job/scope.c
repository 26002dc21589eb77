#include "automation-worker/job/scope.h"

/* ---- what people did ---- */

static bool find_drift(struct scope *scope, const struct scope_input *input, struct rse_err *err)
{
    static const git_oid none;
    const git_oid *known = input->state->built.inputs != NULL ? &input->state->built.commit : &none;

    if (input->head == NULL)
        return true;
    if (!ancestry_find(&scope->ancestry, input->git, input->head, known, err))
        return false;
    return !scope->ancestry.base.found || drift_find(&scope->drift, input->objects, &scope->ancestry.base.tree,
                                                     input->head_tree, input->pattern, input->fleet, err);
}

/* ---- what the fleet's changes mean ---- */

/* Whether what was built last says something about the head. Where another worker's commit stands on top, that one knows. */
static bool is_built_upon(const struct scope *scope, const struct scope_input *input)
{
    const struct built *built = &input->state->built;

    return !input->everything && input->changes != NULL && built->inputs != NULL && built->epoch == input->epoch &&
           input->head != NULL && scope->ancestry.known && git_oid_equal(&scope->ancestry.base.commit, &built->commit);
}

static bool is_unchanged(void *arg, uint32_t cluster_index, const struct rse_part *part)
{
    const struct scope *scope = arg;
    int64_t namespace_id = part->namespace_ != NULL ? part->namespace_->object.id : 0;
    int64_t application_id = part->application != NULL ? part->application->object.id : 0;

    return !rse_delta_has(scope->delta, part, cluster_index) &&
           !held_has(scope->held, cluster_index, namespace_id, application_id);
}

/* What was held when another worker, or this one before it was started again, did the last job. */
static void add_retries(struct scope *scope, const struct target_state *state, const struct rse_fleet *fleet)
{
    for (size_t i = 0; i < state->nretries; i++) {
        const struct retry *retry = &state->retries[i];

        rse_delta_add_part(scope->delta, rse_fleet_cluster_index(fleet, retry->cluster_id), retry->namespace_id,
                           retry->application_id);
    }
}

static void add_clusters_of(struct scope *scope, const struct rse_map *names, const struct rse_fleet *fleet)
{
    struct rse_str name;
    void *value;

    for (size_t it = 0; rse_map_next(names, &it, &name, &value);) {
        const struct rse_object *cluster = rse_fleet_find(fleet, RSE_CLUSTER, name, NULL);

        if (cluster != NULL)
            rse_delta_add_cluster(scope->delta, rse_fleet_cluster_index(fleet, cluster->id));
    }
}

/* What is held differs from what is planned, although its inputs are the same: it is counted anew with every job. */
static void add_holds(struct scope *scope, const struct holds *holds, const struct rse_fleet *fleet)
{
    for (size_t i = 0; holds != NULL && i < holds->count; i++)
        add_clusters_of(scope, holds->at[i]->clusters, fleet);
}

static void compare(struct scope *scope, const struct scope_input *input)
{
    const struct fleet_changes *changes = input->changes;

    scope->delta = rse_delta_new(input->state->built.inputs, scope->inputs, input->plan, &changes->clusters);
    if (rse_delta_is_full(scope->delta)) {
        rse_delta_free(RSE_TAKE(scope->delta));
        return;
    }
    if (scope->drift.clusters != NULL)
        add_clusters_of(scope, scope->drift.clusters, input->fleet);
    add_retries(scope, input->state, input->fleet);
    add_holds(scope, input->holds, input->fleet);
    scope->build = (struct build_scope){
        .clusters = rse_delta_clusters(scope->delta),
        .gone = changes->gone,
        .ngone = changes->ngone,
        .unchanged = is_unchanged,
        .arg = scope,
    };
}

bool scope_make(struct scope *scope, const struct scope_input *input, struct rse_err *err)
{
    *scope = (struct scope){ .held = input->state->held };
    scope->inputs = rse_plan_inputs_new(input->plan);
    if (!find_drift(scope, input, err))
        return false;
    if (is_built_upon(scope, input))
        compare(scope, input);
    return true;
}

void scope_release(struct scope *scope)
{
    rse_delta_free(scope->delta);
    rse_plan_inputs_free(scope->inputs);
    drift_release(&scope->drift);
    *scope = (struct scope){ .inputs = NULL };
}

struct rse_plan_inputs *scope_take_inputs(struct scope *scope)
{
    rse_delta_free(RSE_TAKE(scope->delta));
    return RSE_TAKE(scope->inputs);
}

const struct build_scope *scope_of_build(const struct scope *scope)
{
    return scope->delta != NULL ? &scope->build : NULL;
}

struct held *scope_held(const struct scope *scope, const struct rse_fleet *fleet, const struct held *built)
{
    struct held *held = held_new();
    struct rse_bitmap looked_at;

    if (scope->delta != NULL) {
        held_merge(held, scope->held);
        rse_bitmap_init(&looked_at, 0);
        rse_bitmap_copy(&looked_at, rse_delta_clusters(scope->delta));
        for (uint32_t i = 0; i < looked_at.nbits; i++) {
            if (rse_fleet_cluster_at(fleet, i) == NULL)
                rse_bitmap_set(&looked_at, i);
        }
        held_forget(held, &looked_at);
        rse_bitmap_release(&looked_at);
    }
    held_merge(held, built);
    return held;
}
