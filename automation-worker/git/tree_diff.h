/*
 * tree_diff.h - which files differ between two trees. Folders with the same id are not looked into.
 */
#ifndef WORKER_GIT_TREE_DIFF_H
#define WORKER_GIT_TREE_DIFF_H

#include "automation-worker/git/tree.h"

enum tree_op { TREE_ADDED, TREE_CHANGED, TREE_REMOVED };

struct tree_change {
    enum tree_op op;
    struct rse_str path;            /* from the trees' root; borrowed for the call */
    const struct tree_entry *entry; /* the new one; of a removed file the old one */
};
typedef bool tree_visit(void *arg, const struct tree_change *change, struct rse_err *err);

/* Either may be NULL: nothing. An edited tree was hashed before. */
bool tree_diff(struct tree *from, struct tree *to, tree_visit *visit, void *arg, struct rse_err *err) RSE_MUST;

struct tree_counts {
    int64_t added, changed, removed; /* files */
};
/* Adds to counts. */
bool tree_diff_count(struct tree *from, struct tree *to, struct tree_counts *counts, struct rse_err *err) RSE_MUST;

#endif
