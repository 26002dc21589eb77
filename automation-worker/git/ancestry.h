/*
 * ancestry.h - how the head of a branch came about: people's commits on top of ours, ours on top of one that is known.
 */
#ifndef WORKER_GIT_ANCESTRY_H
#define WORKER_GIT_ANCESTRY_H

#include "automation-worker/git/commit.h"

struct ancestry {
    /* The newest commit that is ours or the known one; not found: people's commits are all there is. */
    struct checkpoint base;
    bool base_is_ours; /* it has trailers; else it is the known one, and nothing is said of its trailers */
    bool known;        /* the known commit is the base, or stands below it */
};

/* Follows first parents from the head, over 10,000 commits at most. known: zero for none. */
bool ancestry_find(struct ancestry *out, git_repository *git, const git_oid *head, const git_oid *known,
                   struct rse_err *err) RSE_MUST;

#endif
