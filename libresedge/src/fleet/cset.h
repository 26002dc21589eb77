/*
 * cset.h - a set of cluster indexes that is kept for long: a sorted array while it is sparse, bits once those are smaller.
 *
 * Most tags, values and groups have few clusters; as bitmaps they would cost 7.5 KB each. Zeroed memory is the empty set.
 */
#ifndef RESEDGE_FLEET_CSET_H
#define RESEDGE_FLEET_CSET_H

#include "resedge/base.h"
#include "resedge/bitmap.h"

struct cset {
    uint32_t count; /* members */
    uint32_t room;  /* of `at` in members, of `words` in words */
    bool dense;
    union {
        uint32_t *at;    /* sorted, distinct */
        uint64_t *words; /* bit = member */
    };
};

void cset_release(struct cset *set);
/* Whether it was not there before. */
bool cset_add(struct cset *set, uint32_t member);
/* Whether it was there. */
bool cset_remove(struct cset *set, uint32_t member);
bool cset_has(const struct cset *set, uint32_t member);
/* Becomes the members of a bitmap. */
void cset_assign(struct cset *set, const struct rse_bitmap *from);
/* Adds the members to a bitmap, which has room for them. */
void cset_or_into(const struct cset *set, struct rse_bitmap *to);
/* The first member at or after `from`, or UINT32_MAX. */
uint32_t cset_next(const struct cset *set, uint32_t from);
/* Heap memory it holds. */
size_t cset_bytes(const struct cset *set);

#endif
