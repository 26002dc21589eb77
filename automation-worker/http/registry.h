/*
 * registry.h - which repositories this worker can answer questions about. Written by the worker's thread, read by the
 * one that answers.
 */
#ifndef WORKER_HTTP_REGISTRY_H
#define WORKER_HTTP_REGISTRY_H

#include <resedge/arena.h>
#include <resedge/model.h>

struct target_spec;
struct registry;

struct registry *registry_new(void);
void registry_free(struct registry *registry);

/* Copies; replaces what was known of the target. */
void registry_put(struct registry *registry, const struct target_spec *spec);

struct registered {
    const char *path, *branch;
    const char *templates_path, *templates_ref; /* where the newest templates that are on this disk are */
    const char *template_folder;
    enum rse_folder_pattern pattern;
};
/* Strings are copied into the arena. False when the target is not known here. */
bool registry_get(struct registry *registry, int64_t target_id, struct rse_arena *arena, struct registered *out);

#endif
