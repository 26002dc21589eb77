/*
 * catalogue.h - the templates of a repository at one tree: what is under apps/ and policies/, compiled and checked.
 *
 *     apps/<path>/base/...                            an application's templates
 *     apps/<path>/overlays/<version>/...              what differs in a version
 *     apps/<path>/flux.yaml                           patches the generated Flux Kustomization
 *     apps/flux-system/...                            no base: rendered as they are into each cluster's flux-system/
 *     policies/<path>/...
 *
 * An application without base/ is rendered as its files stand, the folder overlays/ apart. Of other folders (components/,
 * overlays/common/) come the files that its kustomizations name. Folders may be nested: apps/checkout/till/base/...
 * Filled from a Git tree by the worker and from a checkout by the CLI; knows neither. A broken file breaks its application
 * only.
 */
#ifndef RESEDGE_CATALOGUE_H
#define RESEDGE_CATALOGUE_H

#include "base.h"
#include "err.h"
#include "template.h"

#ifdef __cplusplus
extern "C" {
#endif

#define RSE_OID_SIZE 20

/* keys: which placeholders exist (of rse_plan_keys); owned by the caller and kept until the catalogue goes. previous (or NULL):
 * its files with the same path and id are shared and not compiled again, where its keys are the same; needed until this one
 * is sealed, and good for its own plans as long as it lives. Both belong to one thread. */
struct rse_catalogue;
RSE_API struct rse_catalogue *rse_catalogue_new(const struct rse_keys *keys, struct rse_catalogue *previous);
RSE_API void rse_catalogue_free(struct rse_catalogue *catalogue);

/* Adds a file; path is from the template root ("apps/imdb/base/service.yaml"). id: its Git blob id. Copies. Bounds: 4 MiB a
 * file. A file that doesn't compile is kept with its error. */
RSE_API void rse_catalogue_add(struct rse_catalogue *catalogue, struct rse_str path, const uint8_t id[RSE_OID_SIZE],
                               struct rse_str text);
/* Whether the previous catalogue has this file with this id, so that its text need not be read: then it is taken over. */
RSE_API bool rse_catalogue_reuse(struct rse_catalogue *catalogue, struct rse_str path, const uint8_t id[RSE_OID_SIZE]);
/* A symbolic link, a submodule, a file too large: its application is broken with this reason. */
RSE_API void rse_catalogue_refuse(struct rse_catalogue *catalogue, struct rse_str path, const char *reason);
/* After the last file: checks kustomizations (resources, patches, components, generators, configurations... name files
 * that are there; no remote bases, no helmCharts), overlay annotations, flux.yaml, Secrets. */
RSE_API void rse_catalogue_seal(struct rse_catalogue *catalogue);

/* ---- what is in it ---- */

struct rse_template_file {
    struct rse_str path; /* from the application's folder: "base/service.yaml" */
    uint8_t id[RSE_OID_SIZE];
    struct rse_template *tpl; /* NULL when it doesn't compile */
    struct rse_err err;
};

/* What an overlay says of itself (repositories made for the original). */
struct rse_overlay {
    struct rse_str version;    /* the folder's name, or its annotation `version` */
    struct rse_str folder;     /* "overlays/1.2.0" */
    struct rse_str expression; /* annotation, or made from `clusters: beta`; absent: only releases select it */
};

struct rse_template_set {
    struct rse_str path; /* "apps/imdb", "policies/no-ingress" */
    bool has_base;
    struct rse_template_file *files; /* sorted by path */
    size_t nfiles;
    struct rse_overlay *overlays; /* sorted by version, the highest first */
    size_t noverlays;
    const struct rse_template_file *flux; /* flux.yaml, or NULL */
    bool brings_namespace;                /* holds a Namespace document: see rse_plan */
    struct rse_err err;                   /* why the whole set can't be used; code RSE_OK when it can */
};

/* By path, NULL when there is none. */
RSE_API const struct rse_template_set *rse_catalogue_find(const struct rse_catalogue *catalogue, struct rse_str path);
RSE_API size_t rse_catalogue_count(const struct rse_catalogue *catalogue);
RSE_API const struct rse_template_set *rse_catalogue_at(const struct rse_catalogue *catalogue, size_t i);
RSE_API const struct rse_keys *rse_catalogue_keys(const struct rse_catalogue *catalogue);

/* The catalogue as the JSON array that the worker reports: [{path, versions: ["1.2.0", ...],
 * keys: ["cluster.region", ...], files: how many, error: the first one as a line, or null}]. */
RSE_API void rse_catalogue_render(const struct rse_catalogue *catalogue, struct rse_buf *out);

#ifdef __cplusplus
}
#endif

#endif
