#include "automation-worker/http/registry.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include <resedge/map.h>

#include "automation-worker/job/origin.h"

struct entry {
    char *path, *branch, *templates_path, *templates_ref, *template_folder;
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
    free(entry->templates_path);
    free(entry->templates_ref);
    free(entry->template_folder);
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

/* Of a branch that is only read from, the commits that were fetched last are kept by a ref of their own. */
static char *templates_ref(const struct target_spec *spec)
{
    const char *branch = spec->templates.branch;
    bool fetched = place_is_remote(&spec->templates) &&
                   (strcmp(spec->templates.path, spec->home.path) != 0 || strcmp(branch, spec->home.branch) != 0);
    char ref[ORIGIN_REF_SIZE];

    snprintf(ref, sizeof(ref), "%s%s", fetched ? "refs/resedge/fetched/" : "refs/heads/", branch);
    return rse_xstrdup(ref);
}

void registry_put(struct registry *registry, const struct target_spec *spec)
{
    struct entry *entry = rse_new(struct entry);

    entry->path = rse_xstrdup(spec->home.path);
    entry->branch = rse_xstrdup(spec->home.branch);
    entry->templates_path = rse_xstrdup(spec->templates.path);
    entry->templates_ref = templates_ref(spec);
    entry->template_folder = rse_xstrndup(spec->template_folder);
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
            .templates_path = rse_arena_strdup(arena, entry->templates_path),
            .templates_ref = rse_arena_strdup(arena, entry->templates_ref),
            .template_folder = rse_arena_strdup(arena, entry->template_folder),
            .pattern = entry->pattern,
        };
    pthread_mutex_unlock(&registry->mutex);
    return entry != NULL;
}
