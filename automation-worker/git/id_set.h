/*
 * id_set.h - a set of object ids, a million and more of them, numbered in the order in which they came.
 *
 * 28 bytes an id. Ids are hashes, so their first bytes are as good a hash as any: whoever could choose them so that
 * they collide would have to break SHA-1's prefix a thousand times over within one fleet.
 */
#ifndef WORKER_GIT_ID_SET_H
#define WORKER_GIT_ID_SET_H

#include <git2.h>
#include <resedge/base.h>

struct id_set {
    git_oid *ids;
    uint32_t *table; /* number + 1; 0: free */
    size_t count, cap, mask;
};

/* All zero is an empty set. */
void id_set_release(struct id_set *set);

/* The number of an id, UINT32_MAX when it is not there. */
uint32_t id_set_find(const struct id_set *set, const git_oid *id);
/* Whether it is new. *number (or NULL): its number, old or new. */
bool id_set_add(struct id_set *set, const git_oid *id, uint32_t *number);

#endif
