#include "automation-worker/http/differences.h"

#include <inttypes.h>
#include <stdlib.h>

#include <resedge/map.h>
#include <resedge/model.h>

#define MAX_DISTINCT 1000
#define MAX_SHOWN    50

enum op { ADDED, CHANGED, REMOVED, OP_COUNT };

static const char *const op_names[] = { "added", "changed", "removed" };

struct difference {
    enum op op;
    struct rse_str cluster, path, before, after; /* the example */
    struct rse_str last;                         /* cluster that was counted */
    int64_t clusters, files;
};

struct differences {
    struct rse_arena *arena;
    struct rse_map *by_key;
    struct difference **at;
    size_t count, cap;
    struct rse_str last; /* cluster where anything differed */
    int64_t clusters, files[OP_COUNT];
    bool more; /* than are told apart */
};

struct differences *differences_new(struct rse_arena *arena)
{
    struct differences *differences = rse_new(struct differences);

    differences->arena = arena;
    differences->by_key = rse_map_new();
    return differences;
}

void differences_free(struct differences *differences)
{
    if (differences == NULL)
        return;
    rse_map_free(differences->by_key);
    free(differences->at);
    free(differences);
}

/* ---- what is alike ---- */

/* Takes whole lines that both begin with, and whole lines that both end with, off. */
static void trim_common(struct rse_str *a, struct rse_str *b)
{
    size_t most = a->len < b->len ? a->len : b->len, line = 0, i = 0;

    for (; i < most && a->p[i] == b->p[i]; i++) {
        if (a->p[i] == '\n')
            line = i + 1;
    }
    *a = rse_str_from(*a, line);
    *b = rse_str_from(*b, line);
    most = a->len < b->len ? a->len : b->len;
    line = 0;
    for (i = 0; i < most && a->p[a->len - 1 - i] == b->p[b->len - 1 - i]; i++) {
        if (a->p[a->len - 1 - i] == '\n')
            line = i;
    }
    if (i == most)
        line = i;
    a->len -= line;
    b->len -= line;
}

static int64_t key_of(enum op op, struct rse_str path, struct rse_str before, struct rse_str after)
{
    uint64_t parts[3] = { (uint64_t)op, 0, 0 };

    if (op == CHANGED) {
        trim_common(&before, &after);
        parts[1] = rse_hash(before.p, before.len);
        parts[2] = rse_hash(after.p, after.len);
    } else {
        parts[1] = rse_hash(path.p, path.len);
    }
    return (int64_t)rse_hash(parts, sizeof(parts));
}

static struct difference *find(struct differences *differences, int64_t key)
{
    struct difference *found = rse_map_get_id(differences->by_key, key);

    if (found != NULL || differences->count == MAX_DISTINCT) {
        differences->more = differences->more || found == NULL;
        return found;
    }
    found = rse_arena_new_of(differences->arena, struct difference);
    *found = (struct difference){ .files = 0 };
    RSE_GROW(differences->at, differences->count, differences->cap);
    differences->at[differences->count++] = found;
    (void)rse_map_put_id(differences->by_key, key, found);
    return found;
}

static void note(struct differences *differences, struct rse_str cluster, enum op op, struct rse_str path,
                 struct rse_str before, struct rse_str after)
{
    struct difference *difference = find(differences, key_of(op, path, before, after));

    differences->files[op]++;
    if (!rse_str_eq(differences->last, cluster)) {
        differences->last = rse_arena_str(differences->arena, cluster);
        differences->clusters++;
    }
    if (difference == NULL)
        return;
    if (difference->files++ == 0) {
        difference->op = op;
        difference->cluster = differences->last;
        difference->path = rse_arena_str(differences->arena, path);
        difference->before = rse_arena_str(differences->arena, before);
        difference->after = rse_arena_str(differences->arena, after);
    }
    if (!rse_str_eq(difference->last, cluster)) {
        difference->last = differences->last;
        difference->clusters++;
    }
}

/* Both plans name their files in the same order, so that the one looked for is nearly always the next. */
static struct preview_file *take(struct preview_files *files, size_t *next, struct rse_str path)
{
    for (size_t i = 0; i < files->count; i++) {
        struct preview_file *file = &files->at[(*next + i) % files->count];

        if (file->paired || !rse_str_eq(file->path, path))
            continue;
        *next = (*next + i + 1) % files->count;
        file->paired = true;
        return file;
    }
    return NULL;
}

void differences_compare(struct differences *differences, struct rse_str cluster, struct preview_files *before,
                         struct preview_files *after)
{
    const struct rse_str nothing = RSE_STR("");
    size_t next = 0;

    for (size_t i = 0; i < after->count; i++) {
        const struct preview_file *now = &after->at[i], *was = take(before, &next, now->path);

        if (was == NULL)
            note(differences, cluster, ADDED, now->path, nothing, now->bytes);
        else if (!rse_str_eq(was->bytes, now->bytes))
            note(differences, cluster, CHANGED, now->path, was->bytes, now->bytes);
    }
    for (size_t i = 0; i < before->count; i++) {
        if (!before->at[i].paired)
            note(differences, cluster, REMOVED, before->at[i].path, before->at[i].bytes, nothing);
    }
}

/* ---- for people ---- */

static int by_files(const void *a, const void *b)
{
    const struct difference *left = *(struct difference *const *)a, *right = *(struct difference *const *)b;
    int order = (right->files > left->files) - (right->files < left->files);

    return order != 0 ? order : rse_str_cmp(left->path, right->path);
}

static bool add_difference(const struct difference *difference, struct rse_buf *out, struct rse_err *err)
{
    rse_buf_addf(out, "{\"op\":\"%s\",\"clusters\":%" PRId64 ",\"files\":%" PRId64 ",\"example\":{\"cluster\":",
                 op_names[difference->op], difference->clusters, difference->files);
    rse_json_add_string(out, difference->cluster);
    rse_buf_adds(out, ",\"path\":");
    rse_json_add_string(out, difference->path);
    rse_buf_adds(out, ",\"diff\":");
    if (!preview_add_diff(out, difference->before, difference->after, err))
        return false;
    rse_buf_adds(out, "}}");
    return true;
}

bool differences_render(struct differences *differences, struct rse_buf *out, struct rse_err *err)
{
    if (differences->count > 0)
        qsort(differences->at, differences->count, sizeof(differences->at[0]), by_files);
    rse_buf_addf(out, "\"clustersChanged\":%" PRId64 ",\"files\":{", differences->clusters);
    for (int op = 0; op < OP_COUNT; op++)
        rse_buf_addf(out, "%s\"%s\":%" PRId64, op > 0 ? "," : "", op_names[op], differences->files[op]);
    rse_buf_addf(out, "},\"distinct\":%zu,\"truncated\":%s,\"differences\":[", differences->count,
                 differences->more || differences->count > MAX_SHOWN ? "true" : "false");
    for (size_t i = 0; i < differences->count && i < MAX_SHOWN; i++) {
        if (i > 0)
            rse_buf_addc(out, ',');
        if (!add_difference(differences->at[i], out, err))
            return false;
    }
    rse_buf_addc(out, ']');
    return true;
}
