/*
 * manifest.h - the documents of a manifest file, as far as planning must know them.
 */
#ifndef RESEDGE_PLAN_MANIFEST_H
#define RESEDGE_PLAN_MANIFEST_H

#include "libresedge/src/plan/source.h"

/* The annotation that says of a Secret: this one may be readable for everyone who reads the repository. */
#define ALLOW_SECRET "res-edge.io/allow-secret"

struct manifests {
    struct manifest *at;
    size_t count;
    uint32_t secret_line; /* where a Secret begins that is neither encrypted nor marked; 0: there is none */
};

/* Looks at each document, and at the items of each List. Text that is no YAML gives what was there until then. */
void manifests_read(struct rse_arena *arena, struct rse_str text, struct manifests *out);

#endif
