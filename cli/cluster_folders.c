/* See cluster_folders.h. */
#include "cli/cluster_folders.h"

#include <dirent.h>
#include <errno.h>

enum { MAX_PATH = 8192 };

struct looking {
    const char *checkout;
    enum rse_folder_pattern pattern;
    struct rse_map *names;
};

/* A folder elsewhere than where its name belongs is nobody's. */
static void take_name(struct looking *looking, const char *folder, const char *name)
{
    RSE_BUF_AUTO path = { 0 }, wanted = { 0 };

    rse_buf_init(&path, MAX_PATH);
    rse_buf_init(&wanted, MAX_PATH);
    rse_buf_addf(&path, "%s/%s", folder, name);
    rse_cluster_folder(looking->pattern, rse_str(name), &wanted);
    if (rse_str_eq(rse_buf_str(&path), rse_buf_str(&wanted)))
        (void)rse_map_put(looking->names, rse_str(name), looking);
}

/* Shards have one level more. */
static bool look(struct looking *looking, const char *folder, int levels, struct rse_err *err)
{
    RSE_BUF_AUTO path = { 0 };
    struct dirent *entry;
    bool ok = true;
    DIR *open;

    rse_buf_init(&path, MAX_PATH);
    rse_buf_addf(&path, "%s/%s", looking->checkout, folder);
    open = opendir(path.p);
    if (open == NULL)
        return errno == ENOENT || errno == ENOTDIR ||
               rse_fail_errno(err, RSE_INVALID, errno, "could not open %s", path.p);
    while (ok && (entry = readdir(open)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        rse_buf_reset(&path);
        rse_buf_addf(&path, "%s/%s", folder, entry->d_name);
        if (levels > 0)
            ok = rse_buf_ok(&path, err) && look(looking, path.p, levels - 1, err);
        else
            take_name(looking, folder, entry->d_name);
    }
    closedir(open);
    return ok;
}

bool cluster_folders_read(const char *checkout, enum rse_folder_pattern pattern, struct rse_map **out,
                          struct rse_err *err)
{
    struct looking looking = { checkout, pattern, rse_map_new() };

    *out = looking.names;
    if (look(&looking, "clusters", pattern == RSE_FOLDER_SHARDED ? 1 : 0, err))
        return true;
    rse_map_free(*out);
    *out = NULL;
    return false;
}
