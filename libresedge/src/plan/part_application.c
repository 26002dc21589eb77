/*
 * part_application.c - an application on a cluster: the files of its version, and its Flux Kustomization.
 */
#include "libresedge/src/plan/plan_internal.h"

#include <stdlib.h>

#include "resedge/map.h"

/* Files that lie beside those of the applications. */
static const char *const reserved_names[] = { "namespaces", "kustomization" };

static bool is_reserved(const struct rse_plan *plan, struct rse_str flux_name)
{
    for (size_t i = 0; i < RSE_COUNT(reserved_names); i++) {
        if (rse_str_is(flux_name, reserved_names[i]))
            return true;
    }
    for (size_t i = 0; plan->bootstrap != NULL && i < plan->bootstrap->pub.nfiles; i++) {
        const struct source *source = plan->bootstrap->sources[i];

        for (size_t n = 0; n < source->nmanifests; n++) {
            if (rse_str_is(source->manifests[n].kind, "Kustomization") &&
                rse_str_eq(source->manifests[n].name, flux_name))
                return true;
        }
    }
    return false;
}

static void name_listener(struct rse_plan *plan, struct plan_application *entry, struct rse_map *names)
{
    const struct rse_application *application = entry->application;
    const struct plan_application *other;

    entry->flux_name = application->flux_name.len > 0 ? application->flux_name : application->object.name;
    entry->listener_path =
        rse_str(rse_arena_printf(plan->arena, LISTENERS "/%.*s.yaml", RSE_STR_ARG(entry->flux_name)));
    other = rse_map_get(names, entry->flux_name);
    if (other == NULL)
        rse_map_put(names, entry->flux_name, entry);
    if (is_reserved(plan, entry->flux_name))
        rse_fail(&entry->err, RSE_CONFLICT, "the name \"%.*s\" is taken by what starts Flux on the stores",
                 RSE_STR_ARG(entry->flux_name));
    else if (other != NULL)
        rse_fail(&entry->err, RSE_CONFLICT, "the Flux Kustomization \"%.*s\" belongs to \"%.*s/%.*s\" already",
                 RSE_STR_ARG(entry->flux_name), RSE_STR_ARG(other->namespace_->namespace_->object.name),
                 RSE_STR_ARG(other->application->object.name));
}

static void find_templates(struct rse_plan *plan, struct plan_application *entry)
{
    const struct rse_template_set *set = rse_catalogue_find(plan->catalogue, entry->application->path);

    if (set == NULL || template_set_of(set)->kind != SET_APPLICATION) {
        rse_err_hint(&entry->err, "Push its templates to that folder, or correct the application's path.");
        rse_fail(&entry->err, RSE_INVALID, "application \"%.*s\": no templates in %.*s",
                 RSE_STR_ARG(entry->application->object.name), RSE_STR_ARG(entry->application->path));
        return;
    }
    entry->set = template_set_of(set);
    if (set->err.code != RSE_OK && entry->err.code == RSE_OK)
        entry->err = set->err;
}

static const struct plan_namespace *find_namespace(const struct rse_plan *plan, const struct rse_ref *ref)
{
    const struct rse_object *object = ref->id != 0 ? rse_fleet_get(plan->fleet, RSE_NAMESPACE, ref->id)
                                                   : rse_fleet_find(plan->fleet, RSE_NAMESPACE, ref->name, NULL);

    for (size_t i = 0; object != NULL && i < plan->nnamespaces; i++) {
        if (&plan->namespaces[i].namespace_->object == object)
            return &plan->namespaces[i];
    }
    return NULL;
}

static int by_namespace_and_name(const void *a, const void *b)
{
    const struct plan_application *left = a, *right = b;

    if (left->namespace_ != right->namespace_)
        return left->namespace_ < right->namespace_ ? -1 : 1; /* they stand by name */
    return rse_str_cmp(left->application->object.name, right->application->object.name);
}

/* Those that have a namespace, in order; each namespace gets to know where its own stand. */
static void gather_applications(struct rse_plan *plan)
{
    const struct rse_object *object;

    plan->applications =
        rse_arena_calloc(plan->arena, rse_fleet_count(plan->fleet, RSE_APPLICATION), sizeof(plan->applications[0]));
    for (size_t it = 0; (object = rse_fleet_next(plan->fleet, RSE_APPLICATION, &it)) != NULL;) {
        struct plan_application *entry = &plan->applications[plan->napplications];

        entry->application = (const struct rse_application *)object;
        entry->namespace_ = find_namespace(plan, &entry->application->namespace_);
        entry->tenant = plan_is_tenant(plan, entry->application);
        plan->napplications += entry->namespace_ != NULL;
    }
    qsort(plan->applications, plan->napplications, sizeof(plan->applications[0]), by_namespace_and_name);
    for (size_t i = 0; i < plan->napplications; i++) {
        struct plan_namespace *of = &plan->namespaces[plan->applications[i].namespace_ - plan->namespaces];

        if (of->napplications++ == 0)
            of->first = i;
        of->has_paused |= plan->applications[i].application->paused;
    }
}

void plan_applications_init(struct rse_plan *plan)
{
    struct rse_map *names = rse_map_new();

    gather_applications(plan);
    for (size_t i = 0; i < plan->napplications; i++) {
        name_listener(plan, &plan->applications[i], names);
        find_templates(plan, &plan->applications[i]);
    }
    for (size_t i = 0; i < plan->napplications; i++)
        plan_choices_init(plan, &plan->applications[i]);
    plan_refuse_cycles(plan);
    rse_map_free(names);
}

void plan_application_release(struct plan_application *application)
{
    for (size_t i = 0; i < application->nchoices; i++) {
        rse_bitmap_release(&application->choices[i].clusters);
        rse_template_free(application->choices[i].listener);
    }
}

/* The listener's error names a line of what is generated; flux.yaml is where a person finds the placeholder. */
static void blame_flux_file(struct rendering *rendering, const struct plan_application *entry)
{
    struct rse_err theirs = RSE_ERR_INIT;

    rse_buf_reset(&rendering->buf);
    if (entry->set->pub.flux != NULL && rendering->err != NULL &&
        !rse_template_render(entry->set->pub.flux->tpl, &rendering->values.values, &rendering->buf, &theirs))
        *rendering->err = theirs;
}

bool plan_render_application(struct rendering *rendering, const struct plan_application *entry,
                             const struct choice *choice)
{
    const struct rse_err *known = entry->err.code != RSE_OK ? &entry->err : &choice->err;

    if (known->code != RSE_OK) {
        *rendering->err = *known;
        return false;
    }
    if (!plan_check_dependencies(entry, choice, rendering->values.cluster_index, rendering->err) ||
        !rendering_add_pieces(rendering, &choice->pieces))
        return false;
    if (rendering_add_template(rendering, entry->listener_path, NULL, choice->listener))
        return true;
    blame_flux_file(rendering, entry);
    return false;
}
