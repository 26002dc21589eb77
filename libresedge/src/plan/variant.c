/*
 * variant.c - which files a base or an overlay needs, found by following its kustomization as kustomize does.
 *
 * Everything in base/ and in the overlay is rendered, named or not; from elsewhere in the application's folder
 * (components, common parts) what the kustomizations name. Whatever they name must be there: at the store there is
 * nothing else.
 */
#include "libresedge/src/plan/template_set.h"

#include "libresedge/src/plan/kustomization.h"

#define MAX_DEPTH 32

/* What was found out about a file. */
struct mark {
    bool used;    /* is rendered */
    bool applied; /* is a resource of the kustomization, or of one that it includes */
    bool walked;  /* a kustomization that was followed already */
};

struct walk {
    const struct template_set *set;
    struct rse_arena *arena;
    struct mark *marks;
    struct rse_str open[MAX_DEPTH]; /* the folders that lead here */
    size_t depth;
    struct rse_err *err;
};

static bool walk_folder(struct walk *walk, struct rse_str folder);

/* An address of another host: a URL, or what git understands as one. */
static bool is_remote(struct rse_str target)
{
    ptrdiff_t slash = rse_str_find(target, '/');
    struct rse_str host = rse_str_n(target.p, slash > 0 ? (size_t)slash : 0);

    if (memmem(target.p, target.len, "://", 3) != NULL || memmem(target.p, target.len, "?ref=", 5) != NULL ||
        rse_str_starts(target, RSE_STR("git@")) || rse_str_starts(target, RSE_STR("git::")))
        return true;
    return host.len > 0 && host.p[0] != '.' && rse_str_find(host, '.') > 0;
}

static bool refuse_missing(struct walk *walk, const struct source *from, const struct kustomization_ref *ref,
                           bool outside)
{
    if (is_remote(ref->target)) {
        rse_err_hint(walk->err,
                     "Copy what it holds into the application's folder: a store builds without other hosts.");
        return rse_fail(walk->err, RSE_INVALID, "%.*s: %s names \"%.*s\", and remote bases are refused",
                        RSE_STR_ARG(from->path), ref->field, RSE_STR_ARG(ref->target));
    }
    if (outside) {
        rse_err_hint(walk->err, "A store has the files of the application's own folder only.");
        return rse_fail(walk->err, RSE_INVALID, "%.*s: %s names \"%.*s\", which is outside of %.*s",
                        RSE_STR_ARG(from->path), ref->field, RSE_STR_ARG(ref->target),
                        RSE_STR_ARG(walk->set->pub.path));
    }
    rse_err_hint(walk->err, "Add it, or take it out of %s.", ref->field);
    return rse_fail(walk->err, RSE_INVALID, "%.*s: %s names \"%.*s\", which is not there", RSE_STR_ARG(from->path),
                    ref->field, RSE_STR_ARG(ref->target));
}

static bool use_file(struct walk *walk, const struct source *from, const struct kustomization_ref *ref, size_t i)
{
    walk->marks[i].used = true;
    if (ref->kind == REF_RESOURCE)
        walk->marks[i].applied = true;
    if (ref->kind != REF_SECRET || walk->set->sources[i]->encrypted)
        return true;
    rse_err_hint(walk->err, "Encrypt the file with SOPS.");
    return rse_fail(walk->err, RSE_INVALID, "%.*s: %s makes a Secret of \"%.*s\", which is not encrypted",
                    RSE_STR_ARG(from->path), ref->field, RSE_STR_ARG(ref->target));
}

/* What Automation writes at its place, so that a bootstrap kustomization may name it. */
static bool is_generated(const struct walk *walk, struct rse_str path)
{
    return walk->set->kind == SET_BOOTSTRAP &&
           (rse_str_is(path, "listeners") || rse_str_is(path, "listeners/kustomization.yaml"));
}

static bool follow(struct walk *walk, const struct source *from, struct rse_str folder,
                   const struct kustomization_ref *ref)
{
    bool may_be_folder = ref->kind == REF_RESOURCE || ref->kind == REF_FOLDER || ref->kind == REF_PLUGIN;
    struct rse_str path;
    ptrdiff_t i;

    if (!path_resolve(walk->arena, folder, ref->target, &path))
        return refuse_missing(walk, from, ref, true);
    i = template_set_file(walk->set, path);
    if (i >= 0 && ref->kind != REF_FOLDER)
        return use_file(walk, from, ref, (size_t)i);
    if (may_be_folder && template_set_has_folder(walk->set, path))
        return walk_folder(walk, path);
    return is_generated(walk, path) || refuse_missing(walk, from, ref, false);
}

static bool refuse_folder(struct walk *walk, struct rse_str folder)
{
    const struct rse_str set = walk->set->pub.path;

    rse_err_hint(walk->err, "Add a kustomization.yaml that lists the files as resources.");
    return rse_fail(walk->err, RSE_INVALID, "%.*s%s%.*s: there is no kustomization.yaml", RSE_STR_ARG(set),
                    folder.len > 0 ? "/" : "", RSE_STR_ARG(folder));
}

static bool enter_folder(struct walk *walk, struct rse_str folder, const struct source *source)
{
    for (size_t i = 0; i < walk->depth; i++) {
        if (rse_str_eq(walk->open[i], folder))
            return rse_fail(walk->err, RSE_INVALID, "%.*s: includes itself", RSE_STR_ARG(source->path));
    }
    if (walk->depth == MAX_DEPTH)
        return rse_fail(walk->err, RSE_INVALID, "%.*s: is included over more than %d others", RSE_STR_ARG(source->path),
                        MAX_DEPTH);
    walk->open[walk->depth++] = folder;
    return true;
}

static bool walk_folder(struct walk *walk, struct rse_str folder)
{
    ptrdiff_t at = template_set_kustomization(walk->set, folder, walk->err);
    const struct kustomization *kustomization;
    const struct source *source;

    if (at < 0)
        return refuse_folder(walk, folder);
    source = walk->set->sources[at];
    kustomization = source->kustomization;
    walk->marks[at].used = true;
    if (kustomization == NULL || kustomization->err.code != RSE_OK) {
        *walk->err = kustomization == NULL ? source->err : kustomization->err;
        return false;
    }
    if (!enter_folder(walk, folder, source))
        return false;
    for (size_t i = 0; i < kustomization->nrefs && !walk->marks[at].walked; i++) {
        if (!follow(walk, source, folder, &kustomization->refs[i]))
            return false;
    }
    walk->marks[at].walked = true;
    walk->depth--;
    return true;
}

/* Whether a file is rendered although no kustomization names it. */
static bool is_own_file(const struct template_set *set, const struct variant *variant, struct rse_str path)
{
    switch (set->kind) {
    case SET_BOOTSTRAP:
        return true;
    case SET_POLICY:
        return path_is_yaml(path) && !kustomization_is_name(path_basename(path));
    case SET_APPLICATION:
        break;
    }
    if (variant->folder.len > 0 && path_inside(path, variant->folder, NULL))
        return true;
    if (set->pub.has_base)
        return path_inside(path, RSE_STR("base"), NULL);
    return !path_inside(path, RSE_STR("overlays"), NULL) && !rse_str_is(path, "flux.yaml");
}

static void list_files(const struct template_set *set, struct variant *variant, const struct mark *marks,
                       struct rse_arena *arena)
{
    variant->files = rse_arena_calloc(arena, set->pub.nfiles, sizeof(variant->files[0]));
    for (size_t i = 0; i < set->pub.nfiles; i++) {
        if (!marks[i].used)
            continue;
        variant->files[variant->nfiles++] = (uint32_t)i;
        if (variant->err.code == RSE_OK && set->sources[i]->err.code != RSE_OK)
            variant->err = set->sources[i]->err;
    }
}

static void list_namespaces(const struct template_set *set, struct variant *variant, const struct mark *marks,
                            struct rse_arena *arena)
{
    size_t count = 0;

    for (size_t i = 0; i < set->pub.nfiles; i++)
        count += marks[i].applied ? set->sources[i]->nmanifests : 0;
    variant->namespaces = rse_arena_calloc(arena, count, sizeof(variant->namespaces[0]));
    for (size_t i = 0; i < set->pub.nfiles; i++) {
        const struct source *source = set->sources[i];

        for (size_t n = 0; marks[i].applied && n < source->nmanifests; n++) {
            if (variant->beyond.kind.len == 0) {
                variant->beyond = source->manifests[n];
                variant->beyond_path = source->path;
            }
            if (rse_str_is(source->manifests[n].kind, "Namespace"))
                variant->namespaces[variant->nnamespaces++] = source->manifests[n].name;
        }
    }
}

void variant_build(const struct template_set *set, struct variant *variant, struct rse_arena *arena)
{
    struct mark *marks = rse_arena_calloc(arena, set->pub.nfiles, sizeof(marks[0]));
    struct walk walk = { .set = set, .arena = arena, .marks = marks, .err = &variant->err };
    struct rse_err ignored = RSE_ERR_INIT;

    for (size_t i = 0; i < set->pub.nfiles; i++)
        marks[i].used = is_own_file(set, variant, set->pub.files[i].path);
    /* Flux's own folder needs no kustomization: Flux lists the files itself. */
    if (set->kind == SET_APPLICATION ||
        (set->kind == SET_BOOTSTRAP && template_set_kustomization(set, variant->folder, &ignored) >= 0))
        walk_folder(&walk, variant->folder);
    list_files(set, variant, marks, arena);
    list_namespaces(set, variant, marks, arena);
}
