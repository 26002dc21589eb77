/*
 * siblings.h - of each group of objects that resemble each other, the first one that a pack has whole.
 *
 * The others of the group become deltas against it: chains of length 1, so that reading any of them takes two looks.
 */
#ifndef WORKER_GIT_SIBLINGS_H
#define WORKER_GIT_SIBLINGS_H

#include <resedge/base.h>

#include "automation-worker/git/delta.h"

struct sibling {
    uint32_t entry; /* of the pack */
    struct delta_side side;
};

struct siblings;

struct siblings *siblings_new(void);
void siblings_free(struct siblings *siblings);

/* NULL: the group has none yet. */
const struct sibling *siblings_find(const struct siblings *siblings, uint64_t group);

/* Those that are known now may be asked for by other threads from here on, while more are put. */
void siblings_share(struct siblings *siblings);
/* Of those that are shared; NULL: none of the group's is. On any thread. */
const struct sibling *siblings_find_shared(const struct siblings *siblings, uint64_t group);
/* Copies. */
void siblings_put(struct siblings *siblings, uint64_t group, uint32_t entry, const struct delta_side *side);

#endif
