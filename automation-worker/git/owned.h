/*
 * owned.h - which folders Automation wrote: those that one of its commits (told by its trailers) ever changed.
 *
 * The history is the only witness: it survives restarts, restored databases and deleted clusters. A folder that only
 * people ever changed is theirs.
 */
#ifndef WORKER_GIT_OWNED_H
#define WORKER_GIT_OWNED_H

#include <git2.h>

#include "automation-worker/git/objects.h"

struct owned_folder {
    struct rse_str path; /* from the root, below clusters/; borrowed */
    bool owned;          /* the answer */
    bool decided;        /* for owned_find() itself */
    git_oid id;
};

/* Answers for all folders in one walk along first parents from a commit, where each of them exists. Looks at 10,000
 * commits at most: what is not decided by then counts as people's. */
bool owned_find(struct objects *objects, git_repository *git, const git_oid *from, struct owned_folder *folders,
                size_t count, struct rse_err *err) RSE_MUST;

#endif
