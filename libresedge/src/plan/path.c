/*
 * path.c - paths of files below the template root: segments between slashes.
 */
#include "libresedge/src/plan/source.h"

bool path_is_yaml(struct rse_str path)
{
    return rse_str_ends(path, RSE_STR(".yaml")) || rse_str_ends(path, RSE_STR(".yml"));
}

static size_t basename_at(struct rse_str path)
{
    size_t at = path.len;

    while (at > 0 && path.p[at - 1] != '/')
        at--;
    return at;
}

struct rse_str path_basename(struct rse_str path)
{
    return rse_str_from(path, basename_at(path));
}

struct rse_str path_dirname(struct rse_str path)
{
    size_t at = basename_at(path);

    return rse_str_n(path.p, at > 0 ? at - 1 : 0);
}

bool path_inside(struct rse_str path, struct rse_str folder, struct rse_str *rest)
{
    size_t from = folder.len > 0 ? folder.len + 1 : 0;

    if (!rse_str_starts(path, folder) || path.len <= from || (from > 0 && path.p[folder.len] != '/'))
        return false;
    if (rest != NULL)
        *rest = rse_str_from(path, from);
    return true;
}

/* Appends one segment of a target to the path of len bytes in out; false when it would leave the root. */
static bool add_segment(char *out, size_t *len, struct rse_str segment)
{
    if (segment.len == 0 || rse_str_is(segment, "."))
        return true;
    if (rse_str_is(segment, "..")) {
        if (*len == 0)
            return false;
        *len = path_dirname(rse_str_n(out, *len)).len;
        return true;
    }
    if (*len > 0)
        out[(*len)++] = '/';
    memcpy(out + *len, segment.p, segment.len);
    *len += segment.len;
    return true;
}

bool path_resolve(struct rse_arena *arena, struct rse_str folder, struct rse_str target, struct rse_str *out)
{
    char *path = rse_arena_alloc(arena, folder.len + target.len + 2);
    size_t len = folder.len;

    if (target.len > 0 && target.p[0] == '/')
        return false;
    if (folder.len > 0)
        memcpy(path, folder.p, folder.len);
    for (size_t at = 0; at <= target.len;) {
        struct rse_str rest = rse_str_from(target, at);
        ptrdiff_t slash = rse_str_find(rest, '/');
        struct rse_str segment = rse_str_n(rest.p, slash >= 0 ? (size_t)slash : rest.len);

        if (!add_segment(path, &len, segment))
            return false;
        at += segment.len + 1;
    }
    *out = rse_str_n(path, len);
    return true;
}
