/*
 * source.h - one file of the templates, compiled and looked into once, shared by the catalogues that have it.
 */
#ifndef RESEDGE_PLAN_SOURCE_H
#define RESEDGE_PLAN_SOURCE_H

#include "resedge/arena.h"
#include "resedge/catalogue.h"

#define SOURCE_MAX_SIZE (4U << 20)

/* A document that planning must know of: of a kind that belongs to no namespace, or to Flux. */
struct manifest {
    struct rse_str api_version, kind;
    struct rse_str name; /* as written: may hold placeholders */
};

struct kustomization;

struct source {
    unsigned owners;
    struct rse_arena *arena;
    uint8_t id[RSE_OID_SIZE];
    struct rse_str path; /* from the template root */
    struct rse_str text; /* of a constant file, and of flux.yaml; else absent */
    struct rse_template *tpl;
    struct rse_err err; /* RSE_OK when tpl may be used */
    bool encrypted;     /* by SOPS */
    struct manifest *manifests;
    size_t nmanifests;
    struct kustomization *kustomization; /* of a kustomization.yaml that is YAML */
};

struct source *source_new(struct rse_str path, const uint8_t id[RSE_OID_SIZE], struct rse_str text,
                          const struct rse_keys *keys);
/* One more owner; each ends with source_free(). Not for two threads at once. */
struct source *source_share(struct source *source);
void source_free(struct source *source);

/* Whether a placeholder may be in the text: where only constant text can be understood. */
bool text_has_placeholder(const char *text);

/* ---- paths ---- */

bool path_is_yaml(struct rse_str path);
struct rse_str path_basename(struct rse_str path);
/* Without the last segment and its slash; empty when there is only one. */
struct rse_str path_dirname(struct rse_str path);
/* Whether path is inside of folder; every path is inside of the empty one. *rest (may be NULL) is the path from there. */
bool path_inside(struct rse_str path, struct rse_str folder, struct rse_str *rest);
/* folder + target with "." and ".." taken out, in the arena; false when that leaves the root. */
bool path_resolve(struct rse_arena *arena, struct rse_str folder, struct rse_str target, struct rse_str *out);

#endif
