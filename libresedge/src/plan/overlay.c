/*
 * overlay.c - the versions of an application: its folders under overlays/, and what they say of themselves.
 *
 * A folder is an overlay when its name, or its annotation `version`, is a version. Others may be there to be named by
 * overlays (common parts), and are no versions.
 */
#include "libresedge/src/plan/template_set.h"

#include <stdlib.h>

#include "libresedge/src/plan/kustomization.h"
#include "resedge/expr.h"
#include "resedge/parse.h"

/* The original's `clusters: beta` names groups; read as /g/beta. Several are separated by commas or blanks. */
static struct rse_str expression_of_clusters(struct rse_str clusters, struct rse_arena *arena)
{
    RSE_BUF_AUTO out = { 0 };
    struct rse_str rest = clusters;

    rse_buf_init(&out, 64 * 1024);
    while (rest.len > 0) {
        size_t len = strcspn(rest.p, ", \t\r\n");
        struct rse_str word = rse_str_n(rest.p, len);

        if (len > 0) {
            bool is_expression = word.p[0] == '/' || rse_str_is(word, "all") || rse_str_is(word, "none");

            rse_buf_addf(&out, "%s%s%.*s", out.len > 0 ? " or " : "", is_expression ? "" : "/g/", RSE_STR_ARG(word));
        }
        rest = rse_str_from(rest, len + 1);
    }
    return out.len > 0 ? rse_arena_str(arena, rse_buf_str(&out)) : (struct rse_str){ 0 };
}

static void check_expression(struct template_set *set, const struct rse_overlay *overlay)
{
    RSE_CLEANUP(rse_expr_freep) struct rse_expr *expr = NULL;

    if (overlay->expression.len == 0 || rse_expr_parse(&expr, overlay->expression, &set->note))
        return;
    rse_err_object(&set->note, "%.*s/%.*s", RSE_STR_ARG(set->pub.path), RSE_STR_ARG(overlay->folder));
}

/* False when the folder is none of the versions. */
static bool overlay_read(struct template_set *set, struct rse_str folder, struct rse_overlay *out,
                         struct rse_arena *arena)
{
    struct rse_err ignored = RSE_ERR_INIT; /* that the kustomization is missing is the variant's error */
    ptrdiff_t at = template_set_kustomization(set, folder, &ignored);
    const struct kustomization *says = at >= 0 ? set->sources[at]->kustomization : NULL;

    *out = (struct rse_overlay){ .folder = folder, .version = path_basename(folder) };
    if (says != NULL && says->version.len > 0)
        out->version = says->version;
    if (says != NULL && says->expression.len > 0)
        out->expression = says->expression;
    else if (says != NULL)
        out->expression = expression_of_clusters(says->clusters, arena);
    if (rse_check_version(out->version, &ignored))
        return true;
    if (out->expression.len > 0 || (says != NULL && says->version.len > 0)) {
        rse_err_hint(&set->note, "Give the kustomization an annotation `version`, such as 1.2.0.");
        rse_fail(&set->note, RSE_INVALID, "%.*s/%.*s: \"%.*s\" is no version", RSE_STR_ARG(set->pub.path),
                 RSE_STR_ARG(folder), RSE_STR_ARG(out->version));
    }
    return false;
}

static int highest_first(const void *a, const void *b)
{
    const struct rse_overlay *left = a, *right = b;
    int order = rse_version_cmp(right->version, left->version);

    return order != 0 ? order : rse_str_cmp(left->folder, right->folder);
}

static void refuse_twins(struct template_set *set)
{
    const struct rse_overlay *overlays = set->pub.overlays;

    for (size_t i = 1; i < set->pub.noverlays; i++) {
        if (rse_version_cmp(overlays[i - 1].version, overlays[i].version) == 0)
            rse_fail(&set->pub.err, RSE_INVALID, "%.*s: %.*s and %.*s are the same version, %.*s",
                     RSE_STR_ARG(set->pub.path), RSE_STR_ARG(overlays[i - 1].folder), RSE_STR_ARG(overlays[i].folder),
                     RSE_STR_ARG(overlays[i].version));
    }
}

/* "overlays/1.2.0" of "overlays/1.2.0/patches/size.yaml" */
static bool overlay_folder(struct rse_str path, struct rse_str *folder)
{
    struct rse_str rest;
    ptrdiff_t slash;

    if (!path_inside(path, RSE_STR("overlays"), &rest))
        return false;
    slash = rse_str_find(rest, '/');
    *folder = rse_str_n(path.p, path.len - rest.len + (size_t)(slash > 0 ? slash : 0));
    return slash > 0;
}

void overlays_find(struct template_set *set, struct rse_arena *arena)
{
    struct rse_str folder, last = { 0 };

    /* Never more overlays than files. The files are sorted, so those of a folder stand together. */
    set->pub.overlays = rse_arena_calloc(arena, set->pub.nfiles, sizeof(set->pub.overlays[0]));
    for (size_t i = 0; i < set->pub.nfiles; i++) {
        struct rse_overlay *overlay = &set->pub.overlays[set->pub.noverlays];

        if (!overlay_folder(set->pub.files[i].path, &folder) || rse_str_eq(folder, last))
            continue;
        last = folder;
        if (!overlay_read(set, folder, overlay, arena))
            continue;
        check_expression(set, overlay);
        set->pub.noverlays++;
    }
    qsort(set->pub.overlays, set->pub.noverlays, sizeof(set->pub.overlays[0]), highest_first);
    refuse_twins(set);
}
