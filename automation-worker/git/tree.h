/*
 * tree.h - a folder of a Git repository in memory: read when it is looked at, edited, hashed, written.
 *
 * Only what a path leads through is read, and only what changed is written, bottom-up, each tree whole and sorted the
 * way Git wants it (by bytes, folders as if their name ended in '/'). A folder without files does not exist in Git:
 * one that became empty vanishes. Paths are relative, '/' between segments; empty segments, ".", ".." and ".git" (in
 * any case) are refused, and so is a depth above 64.
 */
#ifndef WORKER_GIT_TREE_H
#define WORKER_GIT_TREE_H

#include <git2.h>
#include <resedge/base.h>
#include <resedge/err.h>

#include "automation-worker/git/objects.h"

#define TREE_MAX_DEPTH 64
#define TREE_EMPTY_ID  "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

enum tree_mode {
    TREE_FILE = 0100644,
    TREE_EXECUTABLE = 0100755,
    TREE_LINK = 0120000,
    TREE_SUBMODULE = 0160000,
    TREE_FOLDER = 0040000,
};

struct tree_entry {
    struct rse_str name;
    uint32_t mode; /* as it stands in the tree: old repositories have others than those above */
    git_oid id;
};

static inline bool tree_entry_is_folder(const struct tree_entry *entry)
{
    return entry->mode == TREE_FOLDER;
}

struct tree;

/* id: the tree to begin with, read when first looked at; NULL: an empty one. Borrows objects. */
struct tree *tree_new(struct objects *objects, const git_oid *id);
void tree_free(struct tree *tree);
void tree_freep(struct tree **tree);

/* *found says whether there is an entry; the name in *out is borrowed until the folder changes. */
bool tree_get(struct tree *tree, struct rse_str path, struct tree_entry *out, bool *found,
              struct rse_err *err) RSE_MUST;
/* The folder at a path, borrowed; *out is NULL when there is none or it is no folder. "" is the tree itself. */
bool tree_open(struct tree *tree, struct rse_str path, struct tree **out, struct rse_err *err) RSE_MUST;
/* Puts or replaces an entry, making folders on the way. RSE_CONFLICT when a file stands where a folder has to be. */
bool tree_put(struct tree *tree, struct rse_str path, uint32_t mode, const git_oid *id, struct rse_err *err) RSE_MUST;
/* Nothing there is fine. */
bool tree_remove(struct tree *tree, struct rse_str path, struct rse_err *err) RSE_MUST;

/* The entries, in Git's order; borrowed until the tree changes. */
bool tree_count(struct tree *tree, size_t *count, struct rse_err *err) RSE_MUST;
const struct tree_entry *tree_at(const struct tree *tree, size_t i);
/* The loaded or edited folder behind an entry, NULL when it was not looked at yet. */
struct tree *tree_child_at(const struct tree *tree, size_t i);
struct objects *tree_objects(const struct tree *tree);

/* The id that the tree has now; that of an empty tree when nothing is in it. Drops folders that became empty. */
bool tree_hash(struct tree *tree, git_oid *id, struct rse_err *err) RSE_MUST;
/* Writes what changed since it was read; tree_hash() came first. */
bool tree_store(struct tree *tree, struct objects *into, struct rse_err *err) RSE_MUST;

#endif
