#include "automation-worker/git/tree_diff.h"

#include <resedge/buf.h>

#include "automation-worker/git/tree_parse.h"

#define MAX_PATH_BYTES ((size_t)64 << 10)

struct diff {
    tree_visit *visit;
    void *arg;
    struct rse_buf path;
    int depth;
};

static bool diff_trees(struct diff *diff, struct tree *from, struct tree *to, struct rse_err *err);

/* The folder behind an entry: the loaded one, or one to be freed by *temporary. */
static struct tree *folder_at(const struct tree *tree, size_t i, struct tree **temporary)
{
    struct tree *child = tree_child_at(tree, i);

    if (child == NULL)
        child = *temporary = tree_new(tree_objects(tree), &tree_at(tree, i)->id);
    return child;
}

static bool visit_file(struct diff *diff, enum tree_op op, const struct tree_entry *entry, struct rse_err *err)
{
    struct tree_change change = { .op = op, .path = rse_buf_str(&diff->path), .entry = entry };

    return rse_buf_ok(&diff->path, err) && diff->visit(diff->arg, &change, err);
}

/* One name, on either side or on both. from and to: the trees, NULL where the name is not in it. */
static bool diff_entry(struct diff *diff, const struct tree *from, size_t i, const struct tree *to, size_t j,
                       struct rse_err *err)
{
    RSE_CLEANUP(tree_freep) struct tree *temporary_from = NULL;
    RSE_CLEANUP(tree_freep) struct tree *temporary_to = NULL;
    const struct tree_entry *entry = to != NULL ? tree_at(to, j) : tree_at(from, i);
    enum tree_op op = from == NULL ? TREE_ADDED : to == NULL ? TREE_REMOVED : TREE_CHANGED;
    size_t length = diff->path.len;
    bool ok;

    if (from != NULL && to != NULL && tree_at(from, i)->mode == entry->mode &&
        git_oid_equal(&tree_at(from, i)->id, &entry->id))
        return true;
    if (length > 0)
        rse_buf_addc(&diff->path, '/');
    rse_buf_add_str(&diff->path, entry->name);
    if (tree_entry_is_folder(entry))
        ok = diff_trees(diff, from != NULL ? folder_at(from, i, &temporary_from) : NULL,
                        to != NULL ? folder_at(to, j, &temporary_to) : NULL, err);
    else
        ok = visit_file(diff, op, entry, err);
    rse_buf_truncate(&diff->path, length);
    return ok;
}

static bool diff_entries(struct diff *diff, struct tree *from, size_t nfrom, struct tree *to, size_t nto,
                         struct rse_err *err)
{
    size_t i = 0, j = 0;

    while (i < nfrom || j < nto) {
        int order = i == nfrom ? 1 : j == nto ? -1 : tree_entry_order(tree_at(from, i), tree_at(to, j));

        if (!diff_entry(diff, order <= 0 ? from : NULL, i, order >= 0 ? to : NULL, j, err))
            return false;
        i += order <= 0;
        j += order >= 0;
    }
    return true;
}

static bool diff_trees(struct diff *diff, struct tree *from, struct tree *to, struct rse_err *err)
{
    size_t nfrom = 0, nto = 0;

    if (diff->depth >= TREE_MAX_DEPTH)
        return rse_fail(err, RSE_INVALID, "a folder of the repository is deeper than %d folders", TREE_MAX_DEPTH);
    if ((from != NULL && !tree_count(from, &nfrom, err)) || (to != NULL && !tree_count(to, &nto, err)))
        return false;
    diff->depth++;
    bool ok = diff_entries(diff, from, nfrom, to, nto, err);
    diff->depth--;
    return ok;
}

bool tree_diff(struct tree *from, struct tree *to, tree_visit *visit, void *arg, struct rse_err *err)
{
    struct diff diff = { .visit = visit, .arg = arg };

    rse_buf_init(&diff.path, MAX_PATH_BYTES);
    bool ok = diff_trees(&diff, from, to, err);
    rse_buf_release(&diff.path);
    return ok;
}

static bool count_change(void *arg, const struct tree_change *change, struct rse_err *err RSE_UNUSED)
{
    struct tree_counts *counts = arg;

    counts->added += change->op == TREE_ADDED;
    counts->changed += change->op == TREE_CHANGED;
    counts->removed += change->op == TREE_REMOVED;
    return true;
}

bool tree_diff_count(struct tree *from, struct tree *to, struct tree_counts *counts, struct rse_err *err)
{
    return tree_diff(from, to, count_change, counts, err);
}
