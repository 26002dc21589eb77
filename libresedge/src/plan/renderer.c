/*
 * renderer.c - renders parts on clusters, and keeps what one file after the other asks for again.
 *
 * A cluster's values are asked for by every file that it has, those of a namespace or an application by the same file of
 * every cluster: looking each up once is most of what makes rendering cheap.
 */
#include "libresedge/src/plan/plan_internal.h"

#include <stdlib.h>

struct rse_renderer {
    struct rendering rendering;
    const struct rse_plan *plan;
    struct rse_arena *arena;
    struct known_value **of_namespaces, **of_applications; /* as they stand in the plan; made when first needed */
};

static struct known_value *new_known(struct rse_renderer *renderer, enum rse_scope scope)
{
    uint32_t count = rse_keys_count(rse_catalogue_keys(renderer->plan->catalogue), scope);

    return rse_arena_calloc(renderer->arena, (size_t)count + 1, sizeof(struct known_value));
}

struct rse_renderer *rse_renderer_new(const struct rse_plan *plan)
{
    struct rse_renderer *renderer = rse_new(struct rse_renderer);
    struct plan_values *values = &renderer->rendering.values;

    renderer->plan = plan;
    renderer->arena = rse_arena_new();
    renderer->of_namespaces =
        rse_arena_calloc(renderer->arena, plan->nnamespaces + 1, sizeof(*renderer->of_namespaces));
    renderer->of_applications =
        rse_arena_calloc(renderer->arena, plan->napplications + 1, sizeof(*renderer->of_applications));
    rse_buf_init(&renderer->rendering.buf, MAX_RENDERED_FILE);
    plan_values_init(values, plan, UINT32_MAX, NULL, NULL);
    values->known[RSE_SCOPE_CLUSTER] = new_known(renderer, RSE_SCOPE_CLUSTER);
    values->stamps[RSE_SCOPE_NAMESPACE] = values->stamps[RSE_SCOPE_APPLICATION] = 1;
    return renderer;
}

void rse_renderer_free(struct rse_renderer *renderer)
{
    if (renderer == NULL)
        return;
    plan_values_release(&renderer->rendering.values);
    rse_buf_release(&renderer->rendering.buf);
    rse_spans_release(&renderer->rendering.spans);
    rse_arena_free(renderer->arena);
    free(renderer);
}

static void turn_to_cluster(struct rse_renderer *renderer, uint32_t cluster_index)
{
    struct plan_values *values = &renderer->rendering.values;

    if (values->cluster_index == cluster_index)
        return;
    values->cluster_index = cluster_index;
    values->cluster = rse_fleet_cluster_at(renderer->plan->fleet, cluster_index);
    values->stamps[RSE_SCOPE_CLUSTER]++;
    rse_arena_free(RSE_TAKE(values->texts[RSE_SCOPE_CLUSTER]));
}

static void turn_to_namespace(struct rse_renderer *renderer, const struct plan_namespace *entry)
{
    struct plan_values *values = &renderer->rendering.values;
    struct known_value **known = entry != NULL ? &renderer->of_namespaces[entry - renderer->plan->namespaces] : NULL;

    if (known != NULL && *known == NULL)
        *known = new_known(renderer, RSE_SCOPE_NAMESPACE);
    values->namespace_ = entry != NULL ? entry->namespace_ : NULL;
    values->known[RSE_SCOPE_NAMESPACE] = known != NULL ? *known : NULL;
}

static void turn_to_application(struct rse_renderer *renderer, const struct plan_application *entry)
{
    struct plan_values *values = &renderer->rendering.values;
    struct known_value **known =
        entry != NULL ? &renderer->of_applications[entry - renderer->plan->applications] : NULL;

    if (known != NULL && *known == NULL)
        *known = new_known(renderer, RSE_SCOPE_APPLICATION);
    values->application = entry != NULL ? entry->application : NULL;
    values->known[RSE_SCOPE_APPLICATION] = known != NULL ? *known : NULL;
}

static bool render_bootstrap(struct rendering *rendering)
{
    const struct rse_plan *plan = rendering->values.plan;

    if (plan->bootstrap_err.code == RSE_OK)
        return rendering_add_pieces(rendering, &plan->bootstrap_pieces);
    *rendering->err = plan->bootstrap_err;
    return false;
}

static bool render_part(struct rse_renderer *renderer, const struct rse_part *part)
{
    const struct choice *choice = part->detail;

    switch (part->kind) {
    case RSE_PART_BOOTSTRAP:
        break;
    case RSE_PART_NAMESPACE:
        turn_to_namespace(renderer, part->detail);
        turn_to_application(renderer, NULL);
        return plan_render_namespace(&renderer->rendering, part->detail);
    case RSE_PART_APPLICATION:
        turn_to_namespace(renderer, choice->entry->namespace_);
        turn_to_application(renderer, choice->entry);
        return plan_render_application(&renderer->rendering, choice->entry, choice);
    }
    turn_to_namespace(renderer, NULL);
    turn_to_application(renderer, NULL);
    return render_bootstrap(&renderer->rendering);
}

static void begin(struct rse_renderer *renderer, uint32_t cluster_index, rse_file_sink *sink, void *arg,
                  struct rse_err *err)
{
    turn_to_cluster(renderer, cluster_index);
    renderer->rendering.sink = sink;
    renderer->rendering.arg = arg;
    renderer->rendering.err = err;
}

bool rse_renderer_part(struct rse_renderer *renderer, uint32_t cluster_index, const struct rse_part *part,
                       rse_file_sink *sink, void *arg, struct rse_err *err)
{
    const struct rse_cluster *cluster = rse_fleet_cluster_at(renderer->plan->fleet, cluster_index);
    struct rse_err ignored = RSE_ERR_INIT;

    begin(renderer, cluster_index, sink, arg, err != NULL ? err : &ignored);
    if (render_part(renderer, part))
        return true;
    if (cluster != NULL)
        rse_err_object(err, "cluster \"%.*s\"", RSE_STR_ARG(cluster->object.name));
    return false;
}

bool rse_renderer_lists(struct rse_renderer *renderer, uint32_t cluster_index, const struct rse_part *parts,
                        const bool *present, size_t count, rse_file_sink *sink, void *arg, struct rse_err *err)
{
    begin(renderer, cluster_index, sink, arg, err);
    turn_to_namespace(renderer, NULL);
    turn_to_application(renderer, NULL);
    return plan_render_lists(&renderer->rendering, parts, present, count);
}

bool rse_plan_render(const struct rse_plan *plan, uint32_t cluster_index, const struct rse_part *part,
                     rse_file_sink *sink, void *arg, struct rse_err *err)
{
    struct rse_renderer *renderer = rse_renderer_new(plan);
    bool ok = rse_renderer_part(renderer, cluster_index, part, sink, arg, err);

    rse_renderer_free(renderer);
    return ok;
}

bool rse_plan_render_lists(const struct rse_plan *plan, uint32_t cluster_index, const struct rse_part *parts,
                           const bool *present, size_t count, rse_file_sink *sink, void *arg, struct rse_err *err)
{
    struct rse_renderer *renderer = rse_renderer_new(plan);
    bool ok = rse_renderer_lists(renderer, cluster_index, parts, present, count, sink, arg, err);

    rse_renderer_free(renderer);
    return ok;
}
