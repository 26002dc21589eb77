#include "libresedge/src/plan/template_set.h"

#include <cjson/cJSON.h>

#include "libresedge/src/plan/flux_patch.h"
#include "libresedge/src/plan/kustomization.h"

ptrdiff_t template_set_file(const struct template_set *set, struct rse_str path)
{
    size_t low = 0, high = set->pub.nfiles;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = rse_str_cmp(set->pub.files[middle].path, path);

        if (order == 0)
            return (ptrdiff_t)middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return -1;
}

bool template_set_has_folder(const struct template_set *set, struct rse_str folder)
{
    for (size_t i = 0; i < set->pub.nfiles; i++) {
        if (path_inside(set->pub.files[i].path, folder, NULL))
            return true;
    }
    return false;
}

ptrdiff_t template_set_kustomization(const struct template_set *set, struct rse_str folder, struct rse_err *err)
{
    ptrdiff_t found = -1;

    for (size_t i = 0; i < set->pub.nfiles; i++) {
        struct rse_str path = set->pub.files[i].path;

        if (!rse_str_eq(path_dirname(path), folder) || !kustomization_is_name(path_basename(path)))
            continue;
        if (found >= 0) {
            rse_fail(err, RSE_INVALID, "%.*s: there is another kustomization in this folder",
                     RSE_STR_ARG(set->sources[i]->path));
            return -1;
        }
        found = (ptrdiff_t)i;
    }
    return found;
}

static void read_flux_patch(struct template_set *set)
{
    ptrdiff_t i = template_set_file(set, RSE_STR("flux.yaml"));

    if (i < 0)
        return;
    set->pub.flux = &set->pub.files[i];
    if (set->sources[i]->err.code != RSE_OK)
        set->pub.err = set->sources[i]->err;
    else
        set->flux_patch = flux_patch_read(set->sources[i]->path, set->sources[i]->text, &set->pub.err);
}

/* What Automation writes into that folder itself. */
static void refuse_reserved_names(struct template_set *set)
{
    for (size_t i = 0; i < set->pub.nfiles; i++) {
        struct rse_str path = set->pub.files[i].path;

        if (!rse_str_is(path, "listeners") && !path_inside(path, RSE_STR("listeners"), NULL))
            continue;
        rse_err_hint(&set->pub.err, "Choose another name: Automation writes the folder listeners/ itself.");
        rse_fail(&set->pub.err, RSE_INVALID, "%.*s: this name is reserved", RSE_STR_ARG(set->sources[i]->path));
        return;
    }
}

static void build_variants(struct template_set *set, struct rse_arena *arena)
{
    bool usable = false;

    set->nvariants = 1 + set->pub.noverlays;
    set->variants = rse_arena_calloc(arena, set->nvariants, sizeof(set->variants[0]));
    for (size_t i = 0; i < set->nvariants; i++) {
        struct variant *variant = &set->variants[i];

        if (i > 0)
            variant->folder = set->pub.overlays[i - 1].folder;
        else if (set->pub.has_base)
            variant->folder = RSE_STR("base");
        variant_build(set, variant, arena);
        usable = usable || variant->err.code == RSE_OK;
    }
    if (!usable && set->pub.err.code == RSE_OK)
        set->pub.err = set->variants[0].err;
}

static bool brings_namespace(const struct template_set *set)
{
    for (size_t i = 0; i < set->nvariants; i++) {
        if (set->variants[i].nnamespaces > 0)
            return true;
    }
    return false;
}

void template_set_seal(struct template_set *set, struct rse_arena *arena)
{
    if (set->kind == SET_APPLICATION) {
        set->pub.has_base = template_set_has_folder(set, RSE_STR("base"));
        overlays_find(set, arena);
        read_flux_patch(set);
    } else if (set->kind == SET_BOOTSTRAP) {
        refuse_reserved_names(set);
    }
    build_variants(set, arena);
    set->pub.brings_namespace = set->kind == SET_APPLICATION && brings_namespace(set);
}

void template_set_release(struct template_set *set)
{
    cJSON_Delete(set->flux_patch);
    for (size_t i = 0; i < set->pub.nfiles; i++)
        source_free(set->sources[i]);
}
