#include "automation-worker/git/pack_list.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool stat_beside(const char *name, const char *ending, struct stat *st)
{
    char path[PATH_MAX];

    return snprintf(path, sizeof(path), "%s%s", name, ending) < (int)sizeof(path) && stat(path, st) == 0;
}

static void add(struct pack_list *list, const char *folder, struct rse_str file)
{
    char name[PATH_MAX];
    struct stat st;

    if (!rse_str_starts(file, RSE_STR("pack-")) || !rse_str_ends(file, RSE_STR(".idx")) ||
        snprintf(name, sizeof(name), "%s/%.*s", folder, (int)(file.len - 4), file.p) >= (int)sizeof(name) ||
        !stat_beside(name, ".pack", &st))
        return;
    RSE_GROW(list->at, list->count, list->cap);
    struct listed_pack *pack = &list->at[list->count++];
    *pack = (struct listed_pack){ .name = rse_xstrdup(name), .size = (uint64_t)st.st_size, .made = st.st_mtime };
    pack->kept = stat_beside(name, ".keep", &st) || stat_beside(name, ".promisor", &st);
    if (stat_beside(name, ".folded", &st))
        pack->folded = st.st_mtime;
}

static int by_size(const void *a, const void *b)
{
    const struct listed_pack *x = a, *y = b;

    if (x->size != y->size)
        return x->size < y->size ? -1 : 1;
    return x->made != y->made ? (x->made < y->made ? -1 : 1) : strcmp(x->name, y->name);
}

bool pack_list_read(struct pack_list *out, const char *folder, struct rse_err *err)
{
    DIR *dir = opendir(folder);

    *out = (struct pack_list){ .at = NULL };
    if (dir == NULL) {
        rse_err_object(err, "%s", folder);
        return errno == ENOENT || rse_fail_errno(err, RSE_UNAVAILABLE, errno, "could not read the folder of packs");
    }
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;)
        add(out, folder, rse_str(entry->d_name));
    closedir(dir);
    if (out->count > 0)
        qsort(out->at, out->count, sizeof(*out->at), by_size);
    return true;
}

void pack_list_release(struct pack_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->at[i].name);
    free(list->at);
    *list = (struct pack_list){ .at = NULL };
}

bool pack_mark_folded(const char *name, struct rse_err *err)
{
    char path[PATH_MAX];

    rse_err_object(err, "%s", name);
    if (snprintf(path, sizeof(path), "%s.folded", name) >= (int)sizeof(path))
        return rse_fail(err, RSE_INVALID, "the path of a pack is too long");
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0444);
    if (fd < 0)
        return rse_fail_errno(err, RSE_UNAVAILABLE, errno, "could not mark a pack that was folded");
    close(fd);
    return true;
}

void pack_remove(const char *name)
{
    static const char *const endings[] = { ".idx", ".pack", ".rev", ".bitmap", ".mtimes", ".folded" };
    char path[PATH_MAX];

    for (size_t i = 0; i < RSE_COUNT(endings); i++) {
        if (snprintf(path, sizeof(path), "%s%s", name, endings[i]) < (int)sizeof(path))
            unlink(path);
    }
}
