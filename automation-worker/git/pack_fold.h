/*
 * pack_fold.h - keeps packs from piling up: every commit adds one, and readers look into all of them.
 *
 * The small ones are copied together into one, entry by entry as they are stored (nothing is inflated), together with
 * loose objects where there are many. What is folded grows geometrically: a pack is copied again only when the smaller
 * ones together are half its size, so an object is copied about as often as the logarithm of how many there are.
 *
 * Nothing is ever lost: every object of the old packs is in the new one, whether a branch refers to it or not. Old
 * packs are taken away a while after the new one is there (see .c), so that a reader who found them before goes on.
 */
#ifndef WORKER_GIT_PACK_FOLD_H
#define WORKER_GIT_PACK_FOLD_H

#include <git2.h>
#include <resedge/err.h>

/* The caller has the repository's lock. Cheap where there is nothing to do. Afterwards a git_repository that looked at
 * objects before should be opened anew: libgit2 does not forget packs that are gone. */
bool packs_fold(git_repository *git, struct rse_err *err) RSE_MUST;

#endif
