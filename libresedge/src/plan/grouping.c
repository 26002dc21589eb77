/*
 * grouping.c - which folder under apps/ or policies/ a file belongs to.
 *
 * Folders may be nested (apps/checkout/till/base/...), so what is a set is seen from its files: the highest folder that has
 * base/, overlays/ or a kustomization in it, else the highest one with any YAML file in it. Files elsewhere (a README
 * in apps/) belong to nothing.
 */
#include "libresedge/src/plan/catalogue_internal.h"

#include <stdlib.h>

#include "libresedge/src/plan/kustomization.h"
#include "resedge/map.h"

enum sign { SIGN_NONE, SIGN_WEAK, SIGN_STRONG };

static bool is_app(struct rse_str path)
{
    return path_inside(path, RSE_STR("apps"), NULL);
}

/* The folder of the given depth that the path is in ("apps/x" has depth 2), false when it isn't that deep. */
static bool folder_at(struct rse_str path, unsigned depth, struct rse_str *folder)
{
    size_t at = 0;

    for (unsigned i = 0; i < depth; i++) {
        ptrdiff_t slash = rse_str_find(rse_str_from(path, at), '/');

        if (slash < 0)
            return false;
        at += (size_t)slash + 1;
    }
    *folder = rse_str_n(path.p, at - 1);
    return true;
}

/* What the entry tells of a folder that it is in. */
static enum sign sign_of(const struct catalogue_entry *entry, struct rse_str folder)
{
    struct rse_str rest = rse_str_from(entry->path, folder.len + 1);
    bool direct = rse_str_find(rest, '/') < 0;

    if (rse_str_eq(folder, RSE_STR(BOOTSTRAP_PATH)))
        return SIGN_STRONG;
    if (is_app(entry->path) &&
        (path_inside(rest, RSE_STR("base"), NULL) || path_inside(rest, RSE_STR("overlays"), NULL)))
        return SIGN_STRONG;
    if (!direct || entry->source == NULL)
        return SIGN_NONE;
    if (is_app(entry->path) && kustomization_is_name(rest))
        return SIGN_STRONG;
    return path_is_yaml(rest) ? SIGN_WEAK : SIGN_NONE;
}

/* Where a sign points to in a map. */
static char weak_mark, strong_mark;

static void note_signs(const struct catalogue_entry *entry, struct rse_map *signs)
{
    struct rse_str folder;

    for (unsigned depth = 2; folder_at(entry->path, depth, &folder); depth++) {
        enum sign sign = sign_of(entry, folder);

        if (sign == SIGN_STRONG)
            rse_map_put(signs, folder, &strong_mark);
        else if (sign == SIGN_WEAK && rse_map_get(signs, folder) == NULL)
            rse_map_put(signs, folder, &weak_mark);
    }
}

static bool is_template(struct rse_str path)
{
    return is_app(path) || path_inside(path, RSE_STR("policies"), NULL);
}

/* The folder whose set the entry is part of, or false. Something refused that is in none (a submodule apps/x) is one of
 * its own, so that its reason is seen. */
static bool root_of(const struct catalogue_entry *entry, const struct rse_map *signs, struct rse_str *root)
{
    struct rse_str folder, weak = { 0 };

    if (!is_template(entry->path))
        return false;
    for (unsigned depth = 2; folder_at(entry->path, depth, &folder); depth++) {
        const void *mark = rse_map_get(signs, folder);

        if (mark == &strong_mark) {
            *root = folder;
            return true;
        }
        if (mark == &weak_mark && weak.len == 0)
            weak = folder;
    }
    *root = weak.len > 0 ? weak : entry->path;
    return weak.len > 0 || entry->source == NULL;
}

static struct template_set *set_new(struct rse_catalogue *catalogue, struct rse_str path)
{
    struct template_set *set = rse_arena_new_of(catalogue->arena, struct template_set);

    set->pub.path = path;
    if (rse_str_eq(path, RSE_STR(BOOTSTRAP_PATH)))
        set->kind = SET_BOOTSTRAP;
    else
        set->kind = is_app(path) ? SET_APPLICATION : SET_POLICY;
    return set;
}

/* The set of each entry (NULL: none), counted but not filled; the map owns nothing. */
static struct template_set **assign(struct rse_catalogue *catalogue, struct rse_map *sets)
{
    struct template_set **of = rse_xcalloc(catalogue->nentries, sizeof(struct template_set *));
    struct rse_map *signs = rse_map_new();
    struct rse_str root;

    for (size_t i = 0; i < catalogue->nentries; i++) {
        if (is_template(catalogue->entries[i]->path))
            note_signs(catalogue->entries[i], signs);
    }
    for (size_t i = 0; i < catalogue->nentries; i++) {
        if (!root_of(catalogue->entries[i], signs, &root))
            continue;
        of[i] = rse_map_get(sets, root);
        if (of[i] == NULL) {
            of[i] = set_new(catalogue, root);
            rse_map_put(sets, root, of[i]);
        }
        of[i]->pub.nfiles += catalogue->entries[i]->source != NULL;
    }
    rse_map_free(signs);
    return of;
}

static void add_entry(struct rse_catalogue *catalogue, struct template_set *set, const struct catalogue_entry *entry)
{
    struct rse_template_file *file;

    if (set->pub.files == NULL) {
        set->pub.files = rse_arena_calloc(catalogue->arena, set->pub.nfiles, sizeof(set->pub.files[0]));
        set->sources = rse_arena_calloc(catalogue->arena, set->pub.nfiles, sizeof(struct source *));
        set->pub.nfiles = 0;
    }
    if (entry->source == NULL) {
        rse_fail(&set->pub.err, RSE_INVALID, "%.*s: %s", RSE_STR_ARG(entry->path), entry->refusal);
        return;
    }
    set->sources[set->pub.nfiles] = source_share(entry->source);
    file = &set->pub.files[set->pub.nfiles++];
    file->path = rse_str_from(entry->path, set->pub.path.len + 1);
    memcpy(file->id, entry->source->id, RSE_OID_SIZE);
    file->tpl = entry->source->err.code == RSE_OK ? entry->source->tpl : NULL;
    file->err = entry->source->err;
}

static int by_set_path(const void *a, const void *b)
{
    const struct template_set *const *left = a, *const *right = b;

    return rse_str_cmp((*left)->pub.path, (*right)->pub.path);
}

void catalogue_group(struct rse_catalogue *catalogue)
{
    struct rse_map *sets = rse_map_new();
    struct template_set **of = assign(catalogue, sets);
    void *set;

    for (size_t i = 0; i < catalogue->nentries; i++) {
        if (of[i] != NULL)
            add_entry(catalogue, of[i], catalogue->entries[i]);
    }
    catalogue->sets = rse_arena_calloc(catalogue->arena, rse_map_count(sets), sizeof(struct template_set *));
    for (size_t it = 0; rse_map_next(sets, &it, NULL, &set);)
        catalogue->sets[catalogue->nsets++] = set;
    qsort(catalogue->sets, catalogue->nsets, sizeof(struct template_set *), by_set_path);
    rse_map_free(sets);
    free(of);
}
