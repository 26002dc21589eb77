#include "automation-worker/job/folder.h"

#include <stdlib.h>

#include <resedge/map.h>

#include "automation-worker/git/tree_parse.h"

#define MAX_TREE_BYTES ((size_t)64 << 20)

void folder_init(struct folder *folder)
{
    *folder = (struct folder){ .batch = NULL };
}

void folder_release(struct folder *folder)
{
    free(folder->entries);
    free(folder->nodes);
    for (int i = 0; i < folder->nlevels; i++)
        rse_buf_release(&folder->levels[i]);
    *folder = (struct folder){ .batch = NULL };
}

void folder_begin(struct folder *folder, struct batch *batch)
{
    folder->batch = batch;
    folder->count = 0;
    folder->nnodes = 0;
}

void folder_put(struct folder *folder, struct rse_str path, uint32_t mode, const git_oid *id, uint32_t made)
{
    RSE_GROW(folder->entries, folder->count, folder->cap);
    struct folder_entry *entry = &folder->entries[folder->count];
    *entry = (struct folder_entry){ .path = path, .mode = mode, .made = made, .order = (uint32_t)folder->count };
    entry->id = *id;
    folder->count++;
}

/* ---- Git's order ---- */

/* The byte at the end of a path: a folder's counts as '/'. */
static int order_of_paths(struct rse_str a, bool a_folder, struct rse_str b, bool b_folder)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = memcmp(a.p, b.p, common);

    if (order != 0)
        return order;
    int a_end = a.len > common ? (unsigned char)a.p[common] : a_folder ? '/' : 0;
    int b_end = b.len > common ? (unsigned char)b.p[common] : b_folder ? '/' : 0;
    return a_end - b_end;
}

static int entry_order(const void *a, const void *b)
{
    const struct folder_entry *x = a, *y = b;
    int order = order_of_paths(x->path, x->mode == TREE_FOLDER, y->path, y->mode == TREE_FOLDER);

    return order != 0 ? order : x->order < y->order ? -1 : 1;
}

/* Of entries with one path keeps the last. */
static void drop_doubles(struct folder *folder)
{
    size_t kept = 0;

    for (size_t i = 0; i < folder->count; i++) {
        if (i + 1 < folder->count && rse_str_eq(folder->entries[i].path, folder->entries[i + 1].path))
            continue;
        folder->entries[kept++] = folder->entries[i];
    }
    folder->count = kept;
}

bool folder_has(const struct folder *folder, struct rse_str path)
{
    size_t low = 0, high = folder->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (rse_str_cmp(folder->entries[middle].path, path) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < folder->count && rse_str_starts(folder->entries[low].path, path); low++) {
        struct rse_str rest = rse_str_from(folder->entries[low].path, path.len);

        if (rest.len == 0 || rest.p[0] == '/')
            return true;
    }
    return false;
}

/* ---- trees ---- */

/* A part of the entries: those below one folder. */
struct stretch {
    size_t first, end;
    size_t prefix; /* bytes of their paths up to the folder's end, the '/' included */
    int depth;
};

/* The next name in a stretch from `at` on: a folder of several entries, or an entry itself. *end: after it. */
static struct rse_str next_name(const struct folder *folder, const struct stretch *stretch, size_t at, size_t *end,
                                bool *is_folder)
{
    struct rse_str rest = rse_str_from(folder->entries[at].path, stretch->prefix);
    ptrdiff_t slash = rse_str_find(rest, '/');
    struct rse_str name = slash < 0 ? rest : rse_str_n(rest.p, (size_t)slash + 1);

    *is_folder = slash >= 0;
    *end = at + 1;
    while (*is_folder && *end < stretch->end &&
           rse_str_starts(rse_str_from(folder->entries[*end].path, stretch->prefix), name))
        ++*end;
    return *is_folder ? rse_str_n(name.p, name.len - 1) : name;
}

static struct stretch below(const struct stretch *stretch, size_t first, size_t end, struct rse_str name)
{
    return (struct stretch){
        .first = first, .end = end, .prefix = stretch->prefix + name.len + 1, .depth = stretch->depth + 1
    };
}

static struct rse_buf *level(struct folder *folder, int depth)
{
    while (folder->nlevels <= depth)
        rse_buf_init(&folder->levels[folder->nlevels++], MAX_TREE_BYTES);
    rse_buf_reset(&folder->levels[depth]);
    return &folder->levels[depth];
}

/* A file before it in the stretch with the folder's own name. */
static bool is_taken(const struct folder *folder, const struct stretch *stretch, size_t at, struct rse_str name)
{
    for (size_t i = at; i > stretch->first; i--) {
        struct rse_str rest = rse_str_from(folder->entries[i - 1].path, stretch->prefix);

        if (!rse_str_starts(rest, name))
            return false;
        if (rest.len == name.len)
            return true;
    }
    return false;
}

static bool hash_stretch(struct folder *folder, const struct stretch *stretch, git_oid *id, struct rse_err *err);

static bool add_name(struct folder *folder, const struct stretch *stretch, size_t at, size_t *end, struct rse_err *err)
{
    const struct folder_entry *entry = &folder->entries[at];
    struct tree_entry written = { .mode = entry->mode, .id = entry->id };
    bool is_folder;

    written.name = next_name(folder, stretch, at, end, &is_folder);
    if (is_folder) {
        struct stretch inner = below(stretch, at, *end, written.name);

        if (is_taken(folder, stretch, at, written.name))
            return rse_fail(err, RSE_CONFLICT, "\"%.*s\" is a file where a folder has to be",
                            RSE_STR_ARG(written.name));
        written.mode = TREE_FOLDER;
        if (!hash_stretch(folder, &inner, &written.id, err))
            return false;
    }
    tree_entry_write(&written, &folder->levels[stretch->depth]);
    return true;
}

/* Trees at one path with as many bytes have mostly the same names, whatever the cluster. */
static uint64_t group_of(const struct folder *folder, const struct stretch *stretch, size_t len)
{
    const char *path = stretch->prefix > 0 ? folder->entries[stretch->first].path.p : "";

    return (rse_hash(path, stretch->prefix) ^ (uint64_t)len * 0x9e3779b97f4a7c15U) | 1;
}

static bool hash_stretch(struct folder *folder, const struct stretch *stretch, git_oid *id, struct rse_err *err)
{
    size_t node = folder->nnodes;
    uint32_t made;

    if (stretch->depth >= TREE_MAX_DEPTH)
        return rse_fail(err, RSE_INVALID, "a path in the repository is deeper than %d folders", TREE_MAX_DEPTH);
    RSE_GROW(folder->nodes, folder->nnodes, folder->nodes_cap);
    folder->nnodes++;
    struct rse_buf *bytes = level(folder, stretch->depth);
    for (size_t at = stretch->first; at < stretch->end;) {
        if (!add_name(folder, stretch, at, &at, err))
            return false;
    }
    if (!rse_buf_ok(bytes, err) || !batch_make(folder->batch, GIT_OBJECT_TREE, rse_buf_str(bytes),
                                               group_of(folder, stretch, bytes->len), NULL, &made, err))
        return false;
    *id = folder->batch->made[made].id;
    folder->nodes[node] = (struct folder_node){ .id = *id, .made = made, .end = folder->nnodes };
    return true;
}

/* Those of the files are known only now. */
static void take_ids(struct folder *folder)
{
    for (size_t i = 0; i < folder->count; i++) {
        struct folder_entry *entry = &folder->entries[i];

        if (entry->made != FOLDER_KEPT)
            entry->id = folder->batch->made[entry->made].id;
    }
}

bool folder_hash(struct folder *folder, git_oid *id, struct rse_err *err)
{
    if (folder->count > 0)
        qsort(folder->entries, folder->count, sizeof(*folder->entries), entry_order);
    drop_doubles(folder);
    folder->nnodes = 0;
    if (!batch_hash(folder->batch, err))
        return false;
    take_ids(folder);
    struct stretch whole = { .end = folder->count };
    return hash_stretch(folder, &whole, id, err);
}

/* ---- what differs ---- */

struct compare {
    struct folder *folder;
    struct summary_diff diff;
};

static bool has(void *arg, struct rse_str path)
{
    return folder_has(arg, path);
}

static bool see_removed(void *arg, const struct tree_change *change, struct rse_err *err)
{
    struct compare *compare = arg;

    return summary_see(&compare->diff, TREE_REMOVED, change->path, err);
}

/* A file that was there, or a folder with all its files. prefix: the path of the folder that held it, with its '/'. */
static bool remove_entry(struct compare *compare, struct rse_str prefix, struct tree *was, size_t i,
                         struct rse_err *err)
{
    /* A tree with just this entry, so that the walk gives whole names below the prefix. */
    RSE_CLEANUP(tree_freep) struct tree *alone = tree_new(tree_objects(was), NULL);
    const struct tree_entry *entry = tree_at(was, i);
    RSE_BUF_AUTO path = { 0 };

    rse_buf_init(&path, 1 << 16);
    rse_buf_add_str(&path, prefix);
    rse_buf_add_str(&path, entry->name);
    return rse_buf_ok(&path, err) && tree_put(alone, rse_buf_str(&path), entry->mode, &entry->id, err) &&
           tree_diff(alone, NULL, see_removed, compare, err);
}

static bool compare_stretch(struct compare *compare, const struct stretch *stretch, size_t node, struct tree *was,
                            struct rse_err *err);

static bool compare_file(struct compare *compare, const struct folder_entry *entry, const struct tree_entry *was,
                         struct rse_err *err)
{
    if (was != NULL && was->mode == entry->mode && git_oid_equal(&was->id, &entry->id))
        return true;
    if (entry->made != FOLDER_KEPT)
        compare->folder->batch->made[entry->made].needed = true;
    return summary_see(&compare->diff, was != NULL ? TREE_CHANGED : TREE_ADDED, entry->path, err);
}

static bool compare_folder(struct compare *compare, const struct stretch *inner, size_t node, struct tree *in,
                           const struct tree_entry *was, struct rse_err *err)
{
    struct tree *child = NULL;

    if (was != NULL && git_oid_equal(&was->id, &compare->folder->nodes[node].id))
        return true;
    if (was != NULL && !tree_open(in, was->name, &child, err))
        return false;
    return compare_stretch(compare, inner, node, child, err);
}

/* What the old tree has before a name, in Git's order, is gone. *same: what it has under this name and kind. */
static bool pass_removed(struct compare *compare, struct rse_str prefix, struct tree *was, size_t count, size_t *k,
                         const struct tree_entry *next, const struct tree_entry **same, struct rse_err *err)
{
    *same = NULL;
    for (; *k < count; ++*k) {
        int order = next == NULL ? -1 : tree_entry_order(tree_at(was, *k), next);

        if (order > 0)
            return true;
        if (order == 0) {
            *same = tree_at(was, (*k)++);
            return true;
        }
        if (!remove_entry(compare, prefix, was, *k, err))
            return false;
    }
    return true;
}

static bool compare_stretch(struct compare *compare, const struct stretch *stretch, size_t node, struct tree *was,
                            struct rse_err *err)
{
    struct folder *folder = compare->folder;
    struct rse_str prefix = { NULL, 0 };
    size_t count = 0, k = 0, child = node + 1;
    const struct tree_entry *same;

    if (was != NULL && !tree_count(was, &count, err))
        return false;
    if (stretch->prefix > 0)
        prefix = rse_str_n(folder->entries[stretch->first].path.p, stretch->prefix);
    folder->batch->made[folder->nodes[node].made].needed = true;
    for (size_t at = stretch->first, end; at < stretch->end; at = end) {
        const struct folder_entry *entry = &folder->entries[at];
        struct tree_entry next = { .mode = entry->mode };
        bool is_folder, ok;

        next.name = next_name(folder, stretch, at, &end, &is_folder);
        if (is_folder)
            next.mode = TREE_FOLDER;
        if (!pass_removed(compare, prefix, was, count, &k, &next, &same, err))
            return false;
        if (is_folder) {
            struct stretch inner = below(stretch, at, end, next.name);

            ok = compare_folder(compare, &inner, child, was, same, err);
            child = folder->nodes[child].end;
        } else {
            ok = compare_file(compare, entry, same, err);
        }
        if (!ok)
            return false;
    }
    return pass_removed(compare, prefix, was, count, &k, NULL, &same, err);
}

bool folder_compare(struct folder *folder, struct rse_str cluster, struct tree *now, struct rse_err *err)
{
    struct compare compare = {
        .folder = folder,
        .diff = { .summary = folder->batch->summary, .cluster = cluster, .before = now, .has = has, .arg = folder },
    };
    struct stretch whole = { .end = folder->count };

    summary_cluster(folder->batch->summary, cluster);
    return compare_stretch(&compare, &whole, 0, now, err);
}
