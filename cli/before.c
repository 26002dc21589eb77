#include "cli/before.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

enum { MAX_FILE = 8 << 20, MAX_PATH = 8192, MAX_DEPTH = 32 };

struct reading {
    struct rse_map *files;
    struct rse_arena *arena;
    size_t root; /* bytes of a path up to the cluster's folder, with the slash */
};

void before_add(struct rse_map *files, struct rse_arena *arena, struct rse_str path, struct rse_str bytes)
{
    struct before_file *file = rse_arena_new_of(arena, struct before_file);

    *file = (struct before_file){ .bytes = rse_arena_str(arena, bytes) };
    rse_map_put(files, path, file);
}

static bool read_file(struct reading *reading, const char *path, struct rse_err *err)
{
    RSE_BUF_AUTO text = { 0 };
    char chunk[65536];
    FILE *file;
    size_t n;
    bool ok;

    rse_buf_init(&text, MAX_FILE);
    file = fopen(path, "re");
    if (file == NULL)
        return rse_fail_errno(err, RSE_INVALID, errno, "could not open %s", path);
    while ((n = fread(chunk, 1, sizeof(chunk), file)) > 0)
        rse_buf_addn(&text, chunk, n);
    ok = ferror(file) == 0 || rse_fail_errno(err, RSE_INVALID, errno, "could not read %s", path);
    fclose(file);
    if (!ok || !rse_buf_ok(&text, err))
        return false;
    before_add(reading->files, reading->arena, rse_str(path + reading->root), rse_buf_str(&text));
    return true;
}

static bool read_folder(struct reading *reading, const char *folder, int depth, struct rse_err *err);

static bool read_entry(struct reading *reading, const char *path, int depth, struct rse_err *err)
{
    struct stat st;

    if (lstat(path, &st) != 0)
        return rse_fail_errno(err, RSE_INVALID, errno, "could not look at %s", path);
    if (S_ISDIR(st.st_mode))
        return read_folder(reading, path, depth + 1, err);
    return !S_ISREG(st.st_mode) || read_file(reading, path, err);
}

static bool read_folder(struct reading *reading, const char *folder, int depth, struct rse_err *err)
{
    DIR *open = opendir(folder);
    struct dirent *entry;
    bool ok = true;

    if (open == NULL)
        return (depth == 0 && errno == ENOENT) || rse_fail_errno(err, RSE_INVALID, errno, "could not open %s", folder);
    if (depth > MAX_DEPTH)
        ok = rse_fail(err, RSE_INVALID, "%s is nested too deeply", folder);
    while (ok && (entry = readdir(open)) != NULL) {
        RSE_BUF_AUTO path = { 0 };

        rse_buf_init(&path, MAX_PATH);
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        rse_buf_addf(&path, "%s/%s", folder, entry->d_name);
        ok = rse_buf_ok(&path, err) && read_entry(reading, path.p, depth, err);
    }
    closedir(open);
    return ok;
}

bool before_read(struct rse_map *files, struct rse_arena *arena, const char *folder, struct rse_err *err)
{
    struct reading reading = { files, arena, strlen(folder) + 1 };

    return read_folder(&reading, folder, 0, err);
}

/* Whether a path is a part's file, or lies in its folder. */
static bool is_within(struct rse_str path, struct rse_str part)
{
    return part.len > 0 && rse_str_starts(path, part) && (path.len == part.len || path.p[part.len] == '/');
}

bool before_keep(struct rse_map *files, const struct rse_part *part)
{
    RSE_BUF_AUTO where = { 0 };
    RSE_BUF_AUTO listener = { 0 };
    struct rse_str path;
    bool any = false;
    void *value;

    rse_buf_init(&where, MAX_PATH);
    rse_buf_init(&listener, MAX_PATH);
    rse_part_path(part, &where);
    rse_part_listener_path(part, &listener);
    for (size_t it = 0; rse_map_next(files, &it, &path, &value);) {
        struct before_file *file = value;

        if (is_within(path, rse_buf_str(&where)) || is_within(path, rse_buf_str(&listener)))
            any = file->stays = true;
    }
    return any;
}
