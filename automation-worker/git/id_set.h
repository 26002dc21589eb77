/*
 * id_set.h - a set of object ids, a million and more of them, numbered in the order in which they came.
 *
 * 36 to 52 bytes an id. Ids are hashes, so their first bytes are as good a hash as any: whoever could choose them so that
 * they collide would have to break SHA-1's prefix a thousand times over within one fleet.
 */
#ifndef WORKER_GIT_ID_SET_H
#define WORKER_GIT_ID_SET_H

#include <git2.h>
#include <resedge/base.h>

struct id_set {
    git_oid *ids;
    uint64_t *table; /* number + 1, and above it other bits of the id than those that say where to look; 0: free */
    size_t count, cap, mask;
};

/* All zero is an empty set. */
void id_set_release(struct id_set *set);

/* The number of an id, UINT32_MAX when it is not there. */
uint32_t id_set_find(const struct id_set *set, const git_oid *id);
/* Says that an id will be asked for soon, so that it is not waited for then. */
void id_set_expect(const struct id_set *set, const git_oid *id);
/* Whether it is new. *number (or NULL): its number, old or new. */
bool id_set_add(struct id_set *set, const git_oid *id, uint32_t *number);

#endif
