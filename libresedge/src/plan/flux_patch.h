/*
 * flux_patch.h - apps/<path>/flux.yaml: a partial Flux Kustomization that is merged over the generated one.
 */
#ifndef RESEDGE_PLAN_FLUX_PATCH_H
#define RESEDGE_PLAN_FLUX_PATCH_H

#include "resedge/err.h"

struct cJSON;

/* Reads and checks it; placeholders are still in it. To be freed with cJSON_Delete(); NULL and err when it is refused. */
struct cJSON *flux_patch_read(struct rse_str path, struct rse_str text, struct rse_err *err);

/* Merges it over a Kustomization: labels and annotations, and the spec as a JSON merge patch does, but `patches` and
 * `dependsOn` are added to those that are there. An entry of dependsOn that names an application is left as it is. */
void flux_patch_apply(const struct cJSON *patch, struct cJSON *document);

/* The next entry of spec.dependsOn of the document that names an application, or NULL. */
struct cJSON *flux_patch_next_application(struct cJSON *document, int *at);

#endif
