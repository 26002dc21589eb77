/*
 * bitmap.c - plain loops over 64-bit words, which the compiler turns into vector instructions.
 */
#include "resedge/bitmap.h"

#include <assert.h>
#include <stdlib.h>

/* Bits past the size stay 0: count, eq and next rely on it. */
static void clear_tail(struct rse_bitmap *set)
{
    uint32_t tail = set->nbits % 64;

    if (tail != 0)
        set->words[rse_bitmap_nwords(set) - 1] &= ((uint64_t)1 << tail) - 1;
}

void rse_bitmap_init(struct rse_bitmap *set, uint32_t nbits)
{
    set->nbits = nbits;
    set->words = rse_xcalloc(rse_bitmap_nwords(set), sizeof(set->words[0]));
}

void rse_bitmap_release(struct rse_bitmap *set)
{
    free(set->words);
    *set = (struct rse_bitmap){ .words = NULL };
}

void rse_bitmap_resize(struct rse_bitmap *set, uint32_t nbits)
{
    size_t before = rse_bitmap_nwords(set);

    set->nbits = nbits;
    size_t after = rse_bitmap_nwords(set);
    if (after != before)
        set->words = rse_xrealloc(set->words, after * sizeof(set->words[0]));
    if (after > before)
        memset(set->words + before, 0, (after - before) * sizeof(set->words[0]));
    clear_tail(set);
}

void rse_bitmap_clear(struct rse_bitmap *set)
{
    size_t nwords = rse_bitmap_nwords(set);

    for (size_t i = 0; i < nwords; i++)
        set->words[i] = 0;
}

void rse_bitmap_fill(struct rse_bitmap *set)
{
    size_t nwords = rse_bitmap_nwords(set);

    for (size_t i = 0; i < nwords; i++)
        set->words[i] = ~(uint64_t)0;
    clear_tail(set);
}

void rse_bitmap_copy(struct rse_bitmap *to, const struct rse_bitmap *from)
{
    size_t nwords = rse_bitmap_nwords(from);

    if (to == from)
        return;
    if (rse_bitmap_nwords(to) != nwords)
        to->words = rse_xrealloc(to->words, nwords * sizeof(to->words[0]));
    to->nbits = from->nbits;
    if (nwords > 0)
        memcpy(to->words, from->words, nwords * sizeof(to->words[0]));
}

void rse_bitmap_or(struct rse_bitmap *to, const struct rse_bitmap *with)
{
    size_t nwords = rse_bitmap_nwords(to);

    assert(to->nbits == with->nbits);
    for (size_t i = 0; i < nwords; i++)
        to->words[i] |= with->words[i];
}

void rse_bitmap_and(struct rse_bitmap *to, const struct rse_bitmap *with)
{
    size_t nwords = rse_bitmap_nwords(to);

    assert(to->nbits == with->nbits);
    for (size_t i = 0; i < nwords; i++)
        to->words[i] &= with->words[i];
}

void rse_bitmap_andnot(struct rse_bitmap *to, const struct rse_bitmap *without)
{
    size_t nwords = rse_bitmap_nwords(to);

    assert(to->nbits == without->nbits);
    for (size_t i = 0; i < nwords; i++)
        to->words[i] &= ~without->words[i];
}

void rse_bitmap_xor(struct rse_bitmap *to, const struct rse_bitmap *with)
{
    size_t nwords = rse_bitmap_nwords(to);

    assert(to->nbits == with->nbits);
    for (size_t i = 0; i < nwords; i++)
        to->words[i] ^= with->words[i];
}

void rse_bitmap_not(struct rse_bitmap *set)
{
    size_t nwords = rse_bitmap_nwords(set);

    for (size_t i = 0; i < nwords; i++)
        set->words[i] = ~set->words[i];
    clear_tail(set);
}

uint32_t rse_bitmap_count(const struct rse_bitmap *set)
{
    size_t nwords = rse_bitmap_nwords(set);
    uint32_t count = 0;

    for (size_t i = 0; i < nwords; i++)
        count += (uint32_t)__builtin_popcountll(set->words[i]);
    return count;
}

bool rse_bitmap_eq(const struct rse_bitmap *a, const struct rse_bitmap *b)
{
    size_t nwords = rse_bitmap_nwords(a);

    return a->nbits == b->nbits && (nwords == 0 || memcmp(a->words, b->words, nwords * sizeof(a->words[0])) == 0);
}

uint32_t rse_bitmap_next(const struct rse_bitmap *set, uint32_t from)
{
    if (from >= set->nbits)
        return UINT32_MAX;
    size_t nwords = rse_bitmap_nwords(set);
    size_t i = from / 64;
    uint64_t word = set->words[i] & ~(uint64_t)0 << (from % 64);
    while (word == 0) {
        if (++i == nwords)
            return UINT32_MAX;
        word = set->words[i];
    }
    return (uint32_t)(i * 64) + (uint32_t)__builtin_ctzll(word);
}
