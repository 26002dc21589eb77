#include "libresedge/src/fleet/cset.h"

#include <stdlib.h>

/* A sparse member takes 32 bits, so bits are smaller from one member in 32 on. Going back waits for one in 64, so that a
 * set on the border doesn't flap. */
enum { DENSE_FROM = 32, SPARSE_FROM = 64, NEVER_DENSE_BELOW = 32 };

void cset_release(struct cset *set)
{
    free(set->at);
    *set = (struct cset){ 0 };
}

/* The place of the first member >= the given one. */
static uint32_t lower_bound(const struct cset *set, uint32_t member)
{
    uint32_t low = 0, high = set->count;

    /* Loading a fleet adds members in ascending order. */
    if (high > 0 && set->at[high - 1] < member)
        return high;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (set->at[middle] < member)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void make_dense(struct cset *set, uint32_t highest)
{
    uint32_t room = highest / 64 + 1;
    uint64_t *words = rse_xcalloc(room, sizeof(*words));

    for (uint32_t i = 0; i < set->count; i++)
        words[set->at[i] / 64] |= (uint64_t)1 << (set->at[i] % 64);
    free(set->at);
    set->words = words;
    set->room = room;
    set->dense = true;
}

static void make_sparse(struct cset *set)
{
    uint32_t *at = rse_xmalloc(sizeof(*at) * (set->count + 1));
    uint32_t n = 0;

    for (uint32_t i = 0; i < set->room; i++)
        for (uint64_t word = set->words[i]; word != 0; word &= word - 1)
            at[n++] = i * 64 + (uint32_t)__builtin_ctzll(word);
    free(set->words);
    set->at = at;
    set->room = set->count + 1;
    set->dense = false;
}

static void reserve_word(struct cset *set, uint32_t word)
{
    uint32_t room = set->room;

    if (word < room)
        return;
    room = word + 1 > room + room / 4 ? word + 1 : room + room / 4;
    set->words = rse_xrealloc(set->words, sizeof(*set->words) * room);
    memset(set->words + set->room, 0, sizeof(*set->words) * (room - set->room));
    set->room = room;
}

static bool add_dense(struct cset *set, uint32_t member)
{
    uint64_t bit = (uint64_t)1 << (member % 64);

    reserve_word(set, member / 64);
    if ((set->words[member / 64] & bit) != 0)
        return false;
    set->words[member / 64] |= bit;
    set->count++;
    return true;
}

bool cset_add(struct cset *set, uint32_t member)
{
    if (set->dense)
        return add_dense(set, member);

    uint32_t place = lower_bound(set, member);

    if (place < set->count && set->at[place] == member)
        return false;
    if (set->count == set->room) {
        set->room = set->room == 0 ? 2 : set->room + set->room / 2 + 1;
        set->at = rse_xrealloc(set->at, sizeof(*set->at) * set->room);
    }
    memmove(set->at + place + 1, set->at + place, sizeof(*set->at) * (set->count - place));
    set->at[place] = member;
    set->count++;

    uint32_t highest = set->at[set->count - 1];

    if (set->count >= NEVER_DENSE_BELOW && (uint64_t)set->count * DENSE_FROM > highest)
        make_dense(set, highest);
    return true;
}

bool cset_remove(struct cset *set, uint32_t member)
{
    if (!cset_has(set, member))
        return false;
    if (set->dense) {
        set->words[member / 64] &= ~((uint64_t)1 << (member % 64));
        set->count--;
        if ((uint64_t)set->count * SPARSE_FROM < (uint64_t)set->room * 64)
            make_sparse(set);
        return true;
    }

    uint32_t place = lower_bound(set, member);

    set->count--;
    memmove(set->at + place, set->at + place + 1, sizeof(*set->at) * (set->count - place));
    return true;
}

bool cset_has(const struct cset *set, uint32_t member)
{
    if (set->dense)
        return member / 64 < set->room && (set->words[member / 64] >> (member % 64) & 1) != 0;

    uint32_t place = lower_bound(set, member);

    return place < set->count && set->at[place] == member;
}

static void assign_dense(struct cset *set, const struct rse_bitmap *from)
{
    size_t nwords = rse_bitmap_nwords(from);

    set->words = rse_xmalloc(sizeof(*set->words) * nwords);
    memcpy(set->words, from->words, sizeof(*set->words) * nwords);
    set->room = (uint32_t)nwords;
    set->dense = true;
}

void cset_assign(struct cset *set, const struct rse_bitmap *from)
{
    uint32_t count = rse_bitmap_count(from), n = 0;

    cset_release(set);
    set->count = count;
    if (count == 0)
        return;
    if (count >= NEVER_DENSE_BELOW && (uint64_t)count * DENSE_FROM > from->nbits) {
        assign_dense(set, from);
        return;
    }
    set->at = rse_xmalloc(sizeof(*set->at) * count);
    set->room = count;
    RSE_BITMAP_EACH(from, bit)
    set->at[n++] = bit;
}

void cset_or_into(const struct cset *set, struct rse_bitmap *to)
{
    if (!set->dense) {
        for (uint32_t i = 0; i < set->count; i++)
            rse_bitmap_set(to, set->at[i]);
        return;
    }

    size_t nwords = rse_bitmap_nwords(to);

    /* Growing ahead leaves words past the last member; they are empty. */
    for (size_t i = 0; i < set->room && i < nwords; i++)
        to->words[i] |= set->words[i];
}

static uint32_t next_dense(const struct cset *set, uint32_t from)
{
    uint32_t i = from / 64;

    if (i >= set->room)
        return UINT32_MAX;

    uint64_t word = set->words[i] & (UINT64_MAX << (from % 64));

    while (word == 0) {
        if (++i == set->room)
            return UINT32_MAX;
        word = set->words[i];
    }
    return i * 64 + (uint32_t)__builtin_ctzll(word);
}

uint32_t cset_next(const struct cset *set, uint32_t from)
{
    if (set->dense)
        return next_dense(set, from);

    uint32_t place = lower_bound(set, from);

    return place < set->count ? set->at[place] : UINT32_MAX;
}

size_t cset_bytes(const struct cset *set)
{
    return set->room * (set->dense ? sizeof(*set->words) : sizeof(*set->at));
}
