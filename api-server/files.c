#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api-server/files.h"

static bool is_folder(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

const char *beside_program(const char *const *folders, size_t count, struct rse_arena *arena)
{
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
    const char *slash;

    self[n > 0 ? n : 0] = '\0';
    slash = strrchr(self, '/');
    for (size_t i = 0; slash != NULL && i < count; i++) {
        const char *path = rse_arena_printf(arena, "%.*s/%s", (int)(slash - self), self, folders[i]);

        if (is_folder(path))
            return path;
    }
    return NULL;
}

bool file_read(const char *path, const char *what, size_t max, struct rse_arena *arena, struct rse_str *out,
               struct rse_err *err)
{
    FILE *file = fopen(path, "re");
    RSE_BUF_AUTO buf = { 0 };
    char piece[8192];
    size_t n;
    bool failed;

    rse_buf_init(&buf, max);
    rse_err_object(err, "%s", path);
    if (file == NULL)
        return rse_fail_errno(err, RSE_NOT_FOUND, errno, "could not open %s", what);
    while ((n = fread(piece, 1, sizeof(piece), file)) > 0)
        rse_buf_addn(&buf, piece, n);
    failed = ferror(file) != 0;
    fclose(file);
    if (failed)
        return rse_fail(err, RSE_INTERNAL, "could not read %s", what);
    if (!rse_buf_ok(&buf, err))
        return false;
    *out = rse_arena_str(arena, rse_buf_str(&buf));
    rse_err_clear(err);
    return true;
}
