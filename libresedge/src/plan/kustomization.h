/*
 * kustomization.h - what a kustomization.yaml names, and what an overlay says of itself in one.
 */
#ifndef RESEDGE_PLAN_KUSTOMIZATION_H
#define RESEDGE_PLAN_KUSTOMIZATION_H

#include "resedge/arena.h"
#include "resedge/err.h"

enum ref_kind {
    REF_RESOURCE, /* a file of manifests, or a folder with a kustomization */
    REF_FOLDER,   /* a folder with a kustomization */
    REF_PLUGIN,   /* as REF_RESOURCE, but what is in the file is not applied */
    REF_FILE,
    REF_SECRET, /* a file that a Secret is made from: must be encrypted */
};

struct kustomization_ref {
    enum ref_kind kind;
    const char *field;     /* "resources" */
    struct rse_str target; /* as written */
};

struct kustomization {
    struct kustomization_ref *refs;
    size_t nrefs;
    struct rse_str version, expression, clusters; /* annotations; absent: p is NULL */
    struct rse_err err;                           /* why it can't be used */
};

/* kustomization.yaml and the two other names that kustomize looks for. */
bool kustomization_is_name(struct rse_str basename);

/* In the arena; never NULL. */
struct kustomization *kustomization_read(struct rse_arena *arena, struct rse_str path, struct rse_str text);

#endif
