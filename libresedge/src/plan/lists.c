/*
 * lists.c - the files that list others: Flux and kustomize apply what they name, and nothing else.
 */
#include <stdlib.h>

#include "libresedge/src/plan/plan_internal.h"

static int by_text(const void *a, const void *b)
{
    return rse_str_cmp(*(const struct rse_str *)a, *(const struct rse_str *)b);
}

/* The name keeps a kustomization without resources from being an empty one. */
static bool add_list(struct rendering *rendering, const char *name, struct rse_str path, struct rse_str *files,
                     size_t count)
{
    rse_buf_reset(&rendering->buf);
    rse_buf_adds(&rendering->buf,
                 "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nmetadata:\n  name: ");
    rse_buf_adds(&rendering->buf, name);
    rse_buf_adds(&rendering->buf, "\nresources:");
    if (count > 0)
        qsort(files, count, sizeof(files[0]), by_text);
    for (size_t i = 0; i < count; i++) {
        rse_buf_adds(&rendering->buf, "\n  - ");
        rse_buf_add_str(&rendering->buf, files[i]);
    }
    rse_buf_adds(&rendering->buf, count > 0 ? "\n" : " []\n");
    return rse_buf_ok(&rendering->buf, rendering->err) &&
           rendering_add_text(rendering, path, rse_buf_str(&rendering->buf), false);
}

/* The file that a part has in the list of its kind; an application's is its listener. */
static struct rse_str file_of(const struct rse_part *part)
{
    const struct plan_namespace *namespace_ = part->detail;
    const struct choice *choice = part->detail;

    return path_basename(part->kind == RSE_PART_NAMESPACE ? namespace_->path : choice->entry->listener_path);
}

static size_t list_parts(const struct rse_part *parts, const bool *present, size_t count, enum rse_part_kind kind,
                         struct rse_str *files)
{
    size_t found = 0;

    for (size_t i = 0; i < count; i++) {
        if (parts[i].kind == kind && present[i] && !parts[i].empty)
            files[found++] = file_of(&parts[i]);
    }
    return found;
}

static bool render_listeners(struct rendering *rendering, const struct rse_part *parts, const bool *present,
                             size_t count, struct rse_str *files)
{
    const struct rse_plan *plan = rendering->values.plan;
    bool closing = rse_plan_wish(plan, rendering->values.cluster_index) == RSE_FOLDER_FLUX;
    size_t namespaces = list_parts(parts, present, count, RSE_PART_NAMESPACE, files);
    size_t listed = list_parts(parts, present, count, RSE_PART_APPLICATION, files);

    /* A cluster that closes has nothing, unless something of it has to stay. */
    if (!closing || namespaces + listed > 0) {
        files[listed++] = RSE_STR("namespaces.yaml");
        if (!rendering_add_template(rendering, RSE_STR(LISTENERS "/namespaces.yaml"), NULL, plan->namespaces_listener))
            return false;
    }
    return add_list(rendering, "listeners", RSE_STR(LISTENERS "/kustomization.yaml"), files, listed);
}

bool plan_render_lists(struct rendering *rendering, const struct rse_part *parts, const bool *present, size_t count)
{
    struct rse_str *files = rse_xcalloc(count + 1, sizeof(files[0]));
    bool ok = render_listeners(rendering, parts, present, count, files);
    size_t listed = list_parts(parts, present, count, RSE_PART_NAMESPACE, files);

    ok = ok && add_list(rendering, "namespaces", RSE_STR("namespaces/kustomization.yaml"), files, listed);
    free(files);
    return ok;
}
