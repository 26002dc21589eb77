#include "registry.h"

#include <pthread.h>
#include <stdlib.h>

#include <resedge/map.h>

#include "automation-worker/job/targets.h"

struct entry {
    char *path, *branch;
    enum rse_folder_pattern pattern;
};

struct registry {
    pthread_mutex_t mutex;
    struct rse_map *by_id;
};

struct registry *registry_new(void)
{
    struct registry *registry = rse_new(struct registry);

    pthread_mutex_init(&registry->mutex, NULL);
    registry->by_id = rse_map_new();
    return registry;
}

static void entry_free(struct entry *entry)
{
    if (entry == NULL)
        return;
    free(entry->path);
    free(entry->branch);
    free(entry);
}

void registry_free(struct registry *registry)
{
    void *entry;

    if (registry == NULL)
        return;
    for (size_t it = 0; rse_map_next(registry->by_id, &it, NULL, &entry);)
        entry_free(entry);
    rse_map_free(registry->by_id);
    pthread_mutex_destroy(&registry->mutex);
    free(registry);
}

void registry_put(struct registry *registry, const struct target_spec *spec)
{
    struct entry *entry = rse_new(struct entry);

    entry->path = rse_xstrdup(spec->home.path);
    entry->branch = rse_xstrdup(spec->home.branch);
    entry->pattern = spec->pattern;
    pthread_mutex_lock(&registry->mutex);
    entry_free(rse_map_put_id(registry->by_id, spec->id, entry));
    pthread_mutex_unlock(&registry->mutex);
}

bool registry_get(struct registry *registry, int64_t target_id, struct rse_arena *arena, struct registered *out)
{
    pthread_mutex_lock(&registry->mutex);
    const struct entry *entry = rse_map_get_id(registry->by_id, target_id);
    if (entry != NULL)
        *out = (struct registered){
            .path = rse_arena_strdup(arena, entry->path),
            .branch = rse_arena_strdup(arena, entry->branch),
            .pattern = entry->pattern,
        };
    pthread_mutex_unlock(&registry->mutex);
    return entry != NULL;
}
