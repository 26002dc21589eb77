#include "automation-worker/job/recount.h"

#include <resedge/buf.h>

#define MAX_FOLDER 1024

struct counting {
    struct tree_counts *files;
    int64_t *clusters;
    int depth;           /* of a cluster's folder, in segments */
    struct rse_buf last; /* the cluster's folder seen before: its files come one after the other */
};

/* The first segments of a path; empty when there are not more than these. */
static struct rse_str first_segments(struct rse_str path, int count)
{
    size_t len = 0;

    for (int i = 0; i < count; i++) {
        ptrdiff_t slash = rse_str_find(rse_str_from(path, len), '/');

        if (slash < 0)
            return rse_str_n(path.p, 0);
        len += (size_t)slash + 1;
    }
    return rse_str_n(path.p, len);
}

static bool count_file(void *arg, const struct tree_change *change, struct rse_err *err)
{
    struct counting *counting = arg;
    struct rse_str folder = first_segments(change->path, counting->depth);

    counting->files->added += change->op == TREE_ADDED;
    counting->files->changed += change->op == TREE_CHANGED;
    counting->files->removed += change->op == TREE_REMOVED;
    if (!rse_str_starts(folder, RSE_STR("clusters/")) || rse_str_eq(folder, rse_buf_str(&counting->last)))
        return true;
    ++*counting->clusters;
    rse_buf_reset(&counting->last);
    rse_buf_add_str(&counting->last, folder);
    return rse_buf_ok(&counting->last, err);
}

bool recount(struct tree *before, struct tree *after, enum rse_folder_pattern pattern, struct tree_counts *files,
             int64_t *clusters, struct rse_err *err)
{
    struct counting counting = { .files = files, .clusters = clusters };

    counting.depth = pattern == RSE_FOLDER_FLAT ? 2 : 3;
    rse_buf_init(&counting.last, MAX_FOLDER);
    bool ok = tree_diff(before, after, count_file, &counting, err);
    rse_buf_release(&counting.last);
    return ok;
}
