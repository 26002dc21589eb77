/*
 * resources.h - the files of a folder as what they hold for Kubernetes: one resource for each document.
 *
 * What is no such document (a kustomization, a file that isn't YAML or can't be read) stands for itself, under its path.
 */
#ifndef WORKER_HTTP_RESOURCES_H
#define WORKER_HTTP_RESOURCES_H

#include <resedge/arena.h>
#include <resedge/buf.h>
#include <resedge/err.h>

struct resource {
    struct rse_str api_version, kind, namespace_, name; /* kind empty: a file */
    struct rse_str path, text;
    bool paired;
};
struct resources {
    struct resource *at;
    size_t count, cap;
};
/* Strings in the arena or the caller's, who keeps them. */
void resources_add(struct resources *resources, struct rse_arena *arena, struct rse_str path, struct rse_str bytes);
void resources_release(struct resources *resources);

/* Appends "added", "changed", "removed", "unchanged" and "resources": what differs, each with its diff. A resource is the same
 * wherever its file is, as it is for Kubernetes. */
bool resources_compare(struct resources *before, struct resources *after, struct rse_buf *out,
                       struct rse_err *err) RSE_MUST;

#endif
