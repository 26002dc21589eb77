#include "automation-worker/job/clones.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>

#include <resedge/log.h>

#define OPEN_FOLDERS 16

static bool needs(const struct target_spec *target, const char *path)
{
    return strcmp(target->home.path, path) == 0 || strcmp(target->templates.path, path) == 0;
}

static bool is_needed(const struct target_spec *targets, size_t count, const char *path)
{
    for (size_t i = 0; i < count; i++) {
        if (needs(&targets[i], path))
            return true;
    }
    return false;
}

static int remove_entry(const char *path, const struct stat *st RSE_UNUSED, int type RSE_UNUSED,
                        struct FTW *at RSE_UNUSED)
{
    return remove(path);
}

/* Under another name first: half a repository must not be taken for a whole one. */
static void delete_clone(const char *path, struct rse_arena *arena)
{
    const char *gone =
        rse_arena_printf(arena, "%s%s", path, rse_str_ends(rse_str(path), RSE_STR(".git")) ? ".deleted" : "");

    if ((strcmp(path, gone) != 0 && rename(path, gone) != 0) ||
        nftw(gone, remove_entry, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS) != 0)
        rse_log(RSE_LOG_WARN, "clone not deleted", RSE_LOG_STR("path", path), RSE_LOG_STR("error", strerror(errno)));
    else
        rse_log(RSE_LOG_INFO, "clone deleted: no target needs it", RSE_LOG_STR("path", path));
}

static uint64_t digest_of(const struct target_spec *targets, size_t count)
{
    uint64_t digest = 1;

    for (size_t i = 0; i < count; i++) {
        const uint64_t parts[3] = { digest, rse_hash(targets[i].home.path, strlen(targets[i].home.path)),
                                    rse_hash(targets[i].templates.path, strlen(targets[i].templates.path)) };

        digest = rse_hash(parts, sizeof(parts));
    }
    return digest;
}

void clones_tidy(struct worker *worker, const struct target_spec *targets, size_t count)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    const char *folder = rse_arena_printf(arena, "%s/clones", worker->config->data_dir);
    uint64_t digest = digest_of(targets, count);
    const struct dirent *entry;
    DIR *clones;

    if (digest == worker->clones_of)
        return;
    worker->clones_of = digest;
    clones = opendir(folder);
    if (clones == NULL)
        return; /* there never was a remote */
    while ((entry = readdir(clones)) != NULL) {
        const char *path = rse_arena_printf(arena, "%s/%s", folder, entry->d_name);

        if (entry->d_name[0] != '.' && !is_needed(targets, count, path))
            delete_clone(path, arena);
    }
    closedir(clones);
}
