/*
 * bitmap.h - sets of clusters: one bit a cluster.
 *
 * 60,000 clusters are 7.5 KB, so and, or, not are a few microseconds. A bitmap has a size in bits; both operands of an
 * operation have the same size. Bits past the size are always 0.
 */
#ifndef RESEDGE_BITMAP_H
#define RESEDGE_BITMAP_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

struct rse_bitmap {
    uint64_t *words;
    uint32_t nbits;
};

static inline size_t rse_bitmap_nwords(const struct rse_bitmap *set)
{
    return ((size_t)set->nbits + 63) / 64;
}

RSE_API void rse_bitmap_init(struct rse_bitmap *set, uint32_t nbits); /* all bits 0 */
RSE_API void rse_bitmap_release(struct rse_bitmap *set);
/* Keeps the bits below both sizes; new ones are 0. */
RSE_API void rse_bitmap_resize(struct rse_bitmap *set, uint32_t nbits);
RSE_API void rse_bitmap_clear(struct rse_bitmap *set);
RSE_API void rse_bitmap_fill(struct rse_bitmap *set);
RSE_API void rse_bitmap_copy(struct rse_bitmap *to, const struct rse_bitmap *from); /* takes over the size too */
RSE_API void rse_bitmap_or(struct rse_bitmap *to, const struct rse_bitmap *with);
RSE_API void rse_bitmap_and(struct rse_bitmap *to, const struct rse_bitmap *with);
RSE_API void rse_bitmap_andnot(struct rse_bitmap *to, const struct rse_bitmap *without);
RSE_API void rse_bitmap_xor(struct rse_bitmap *to, const struct rse_bitmap *with);
RSE_API void rse_bitmap_not(struct rse_bitmap *set);
RSE_API uint32_t rse_bitmap_count(const struct rse_bitmap *set);
RSE_API bool rse_bitmap_eq(const struct rse_bitmap *a, const struct rse_bitmap *b);
/* The first set bit at or after `from`, or UINT32_MAX. */
RSE_API uint32_t rse_bitmap_next(const struct rse_bitmap *set, uint32_t from);

static inline bool rse_bitmap_has(const struct rse_bitmap *set, uint32_t bit)
{
    return bit < set->nbits && (set->words[bit / 64] >> (bit % 64) & 1) != 0;
}

static inline void rse_bitmap_set(struct rse_bitmap *set, uint32_t bit)
{
    set->words[bit / 64] |= (uint64_t)1 << (bit % 64);
}

static inline void rse_bitmap_unset(struct rse_bitmap *set, uint32_t bit)
{
    set->words[bit / 64] &= ~((uint64_t)1 << (bit % 64));
}

#define RSE_BITMAP_EACH(set, bit) \
    for (uint32_t bit = rse_bitmap_next((set), 0); bit != UINT32_MAX; bit = rse_bitmap_next((set), bit + 1))

#define RSE_BITMAP_AUTO RSE_CLEANUP(rse_bitmap_release) struct rse_bitmap

#ifdef __cplusplus
}
#endif

#endif
