/*
 * choice.c - the versions that an application may have on a cluster, and which of them it has.
 *
 * A release of the application says which clusters get its version. For a version that no release names, the overlay's
 * own annotation does (repositories made for the original). The highest that selects a cluster wins, else the base.
 */
#include "libresedge/src/plan/plan_internal.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

#include "resedge/parse.h"
#include "resedge/yaml.h"

static const struct rse_overlay *find_overlay(const struct template_set *set, struct rse_str version)
{
    for (size_t i = 0; i < set->pub.noverlays; i++) {
        if (rse_version_cmp(set->pub.overlays[i].version, version) == 0)
            return &set->pub.overlays[i];
    }
    return NULL;
}

static const struct variant *variant_of(const struct template_set *set, const struct rse_overlay *overlay)
{
    return &set->variants[overlay != NULL ? 1 + (overlay - set->pub.overlays) : 0];
}

/* The clusters of an expression; checked: every name in it must be known. */
static bool select_clusters(const struct rse_plan *plan, struct rse_str expression, bool checked,
                            struct rse_bitmap *out, struct rse_err *err)
{
    RSE_CLEANUP(rse_expr_freep) struct rse_expr *expr = NULL;

    if (!rse_expr_parse(&expr, expression, err) || (checked && !rse_expr_check(expr, plan->fleet, err)))
        return false;
    rse_expr_eval(expr, plan->fleet, out);
    return true;
}

static struct choice *add_choice(const struct rse_plan *plan, struct plan_application *entry, struct rse_str version,
                                 struct rse_str reason, const struct rse_overlay *overlay)
{
    struct choice *choice = &entry->choices[entry->nchoices++];

    choice->version = version;
    choice->reason = reason;
    choice->overlay = overlay;
    rse_bitmap_init(&choice->clusters, rse_fleet_nbits(plan->fleet));
    return choice;
}

static void add_release(const struct rse_plan *plan, struct plan_application *entry, const struct rse_release *release)
{
    const struct rse_overlay *overlay;
    struct choice *choice;

    if (!rse_check_version(release->version, &entry->err))
        return;
    overlay = find_overlay(entry->set, release->version);
    choice = add_choice(plan, entry, release->version, release->expression, overlay);
    if (!select_clusters(plan, release->expression, false, &choice->clusters, &entry->err) || overlay != NULL)
        return;
    rse_err_hint(&choice->err, "Push the overlay's folder, or take the release out of the application.");
    rse_fail(&choice->err, RSE_INVALID, "release %.*s of application \"%.*s\" has no folder %.*s/overlays/%.*s",
             RSE_STR_ARG(release->version), RSE_STR_ARG(entry->application->object.name),
             RSE_STR_ARG(entry->set->pub.path), RSE_STR_ARG(release->version));
}

static bool is_released(const struct rse_application *application, struct rse_str version)
{
    for (size_t i = 0; i < application->releases.count; i++) {
        if (rse_version_cmp(application->releases.at[i].version, version) == 0)
            return true;
    }
    return false;
}

static void add_annotated(const struct rse_plan *plan, struct plan_application *entry,
                          const struct rse_overlay *overlay)
{
    struct choice *choice;

    if (overlay->expression.len == 0 || is_released(entry->application, overlay->version))
        return;
    choice = add_choice(plan, entry, overlay->version, overlay->expression, overlay);
    if (select_clusters(plan, overlay->expression, true, &choice->clusters, &entry->err))
        return;
    rse_err_object(&entry->err, "the annotations of %.*s/%.*s", RSE_STR_ARG(entry->set->pub.path),
                   RSE_STR_ARG(overlay->folder));
}

static int highest_first(const void *a, const void *b)
{
    const struct choice *left = a, *right = b;

    return rse_version_cmp(right->version, left->version);
}

/* ---- whether the application brings its own namespace ---- */

/* A name as it is rendered; false where it depends on the cluster, or a value is missing. */
static bool render_name(const struct plan_application *entry, struct rse_str written, struct plan_values *values,
                        struct rse_buf *out)
{
    struct rse_template *tpl = NULL;
    struct rse_err ignored = RSE_ERR_INIT;
    RSE_BUF_AUTO text = { 0 };
    cJSON *json = NULL;

    rse_buf_init(&text, 4096);
    rse_yaml_add_quoted(&text, written);
    if (rse_template_compile(&tpl, RSE_STR("name.yaml"), rse_buf_str(&text),
                             rse_catalogue_keys(values->plan->catalogue), &ignored)) {
        rse_buf_reset(&text);
        if (rse_template_render(tpl, &values->values, &text, &ignored))
            json = rse_yaml_to_json(entry->set->pub.path, rse_buf_str(&text), 10, &ignored);
    }
    if (cJSON_IsString(json))
        rse_buf_adds(out, json->valuestring);
    rse_template_free(tpl);
    cJSON_Delete(json);
    return out->len > 0;
}

static bool brings_namespace(const struct rse_plan *plan, const struct plan_application *entry,
                             const struct variant *variant)
{
    struct rse_str own = entry->namespace_->namespace_->object.name;
    struct plan_values values;
    bool found = false;
    RSE_BUF_AUTO name = { 0 };

    rse_buf_init(&name, 4096);
    plan_values_init(&values, plan, UINT32_MAX, entry->namespace_->namespace_, entry->application);
    for (size_t i = 0; i < variant->nnamespaces && !found; i++) {
        rse_buf_reset(&name);
        found = render_name(entry, variant->namespaces[i], &values, &name) && rse_str_eq(rse_buf_str(&name), own);
    }
    plan_values_release(&values);
    return found;
}

/* ---- */

static void make_choice(struct rse_plan *plan, struct plan_application *entry, struct choice *choice)
{
    const struct rse_namespace *namespace_ = entry->namespace_->namespace_;
    struct rse_str folder;

    choice->entry = entry;
    if (entry->set == NULL || choice->err.code != RSE_OK)
        return;
    choice->variant = variant_of(entry->set, choice->overlay);
    if (choice->variant->err.code != RSE_OK) {
        choice->err = choice->variant->err;
        return;
    }
    if (!plan_check_tenant(entry, choice->variant, &choice->err))
        return;
    folder = rse_str(rse_arena_printf(plan->arena, "%.*s/%.*s", RSE_STR_ARG(namespace_->object.name),
                                      RSE_STR_ARG(entry->application->object.name)));
    choice->brings_namespace = brings_namespace(plan, entry, choice->variant);
    if (!pieces_make(plan, entry->set, choice->variant, folder, namespace_, entry->application, &choice->pieces,
                     &choice->err) ||
        !listener_make(plan, entry, choice, &choice->err))
        choice->pieces.count = 0;
}

void plan_choices_init(struct rse_plan *plan, struct plan_application *entry)
{
    const struct rse_releases *releases = &entry->application->releases;
    const struct template_set *set = entry->set;
    size_t noverlays = set != NULL ? set->pub.noverlays : 0;

    entry->choices = rse_arena_calloc(plan->arena, releases->count + noverlays + 1, sizeof(struct choice));
    for (size_t i = 0; i < releases->count && entry->err.code == RSE_OK; i++)
        add_release(plan, entry, &releases->at[i]);
    for (size_t i = 0; i < noverlays && entry->err.code == RSE_OK; i++)
        add_annotated(plan, entry, &set->pub.overlays[i]);
    qsort(entry->choices, entry->nchoices, sizeof(struct choice), highest_first);
    entry->nchoices++; /* the base, as it is zeroed */
    for (size_t i = 0; i < entry->nchoices; i++)
        make_choice(plan, entry, &entry->choices[i]);
}

const struct choice *plan_choice_on(const struct plan_application *entry, uint32_t cluster_index)
{
    size_t i = 0;

    while (i + 1 < entry->nchoices && !rse_bitmap_has(&entry->choices[i].clusters, cluster_index))
        i++;
    return &entry->choices[i];
}
