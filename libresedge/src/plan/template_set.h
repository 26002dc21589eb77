/*
 * template_set.h - the templates of one folder (an application's, a policy's, Flux's own), and what can be made of
 * them: one variant without an overlay, and one for each overlay.
 */
#ifndef RESEDGE_PLAN_TEMPLATE_SET_H
#define RESEDGE_PLAN_TEMPLATE_SET_H

#include "resedge/catalogue.h"
#include "libresedge/src/plan/source.h"

struct cJSON;

#define BOOTSTRAP_PATH "apps/flux-system"

/* Which files are rendered together. */
struct variant {
    struct rse_str folder; /* whose kustomization is built: "base", "overlays/1.2.0", or "": the set's own folder */
    uint32_t *files;       /* numbers in the set's files, in their order */
    size_t nfiles;
    struct rse_str *namespaces; /* names of the Namespace documents that it applies, as written */
    size_t nnamespaces;
    struct manifest beyond; /* the first document that is not a namespace's; kind empty: all are */
    struct rse_str beyond_path;
    struct rse_err err;
};

enum set_kind { SET_APPLICATION, SET_BOOTSTRAP, SET_POLICY };

struct template_set {
    struct rse_template_set pub; /* first: the public pointer is this one's */
    enum set_kind kind;
    struct source **sources;  /* of pub.files, number by number */
    struct variant *variants; /* 0: no overlay; 1 + i: pub.overlays[i] */
    size_t nvariants;
    struct cJSON *flux_patch; /* flux.yaml, or NULL */
    struct rse_err note;      /* worth showing, though nothing is broken by it */
};

static inline const struct template_set *template_set_of(const struct rse_template_set *set)
{
    return (const struct template_set *)set;
}

/* pub.path, kind, files and sources are there: finds overlays and variants and checks everything. */
void template_set_seal(struct template_set *set, struct rse_arena *arena);
/* Ends what is not in the arena. */
void template_set_release(struct template_set *set);

/* The number of a file by its path from the set's folder, or -1. */
ptrdiff_t template_set_file(const struct template_set *set, struct rse_str path);
/* Whether any file is below the folder. */
bool template_set_has_folder(const struct template_set *set, struct rse_str folder);
/* The number of the folder's kustomization, or -1: none, or (with err set) two of them. */
ptrdiff_t template_set_kustomization(const struct template_set *set, struct rse_str folder, struct rse_err *err);

/* overlay.c: fills pub.overlays from the folders under overlays/. */
void overlays_find(struct template_set *set, struct rse_arena *arena);

/* variant.c: files, namespaces and err of the variant whose folder is set. */
void variant_build(const struct template_set *set, struct variant *variant, struct rse_arena *arena);

#endif
