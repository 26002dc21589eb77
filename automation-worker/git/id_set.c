#include "automation-worker/git/id_set.h"

#include <stdlib.h>

enum { FIRST_TABLE = 1024 };

void id_set_release(struct id_set *set)
{
    free(set->ids);
    free(set->table);
    *set = (struct id_set){ .ids = NULL };
}

static size_t hash(const struct id_set *set, const git_oid *id)
{
    uint64_t bits;

    memcpy(&bits, id->id, sizeof(bits));
    return bits & set->mask;
}

/* Bits that tell most other ids apart without a look at them, in the upper half. */
static uint64_t tag_of(const git_oid *id)
{
    uint32_t bits;

    memcpy(&bits, id->id + GIT_OID_RAWSZ - sizeof(bits), sizeof(bits));
    return (uint64_t)bits << 32;
}

static uint32_t number_at(const struct id_set *set, size_t place)
{
    return (uint32_t)set->table[place] - 1;
}

/* The place in the table that holds the id, or the free one where it would go. */
static size_t find_place(const struct id_set *set, const git_oid *id)
{
    uint64_t tag = tag_of(id) >> 32;
    size_t at = hash(set, id);

    for (; set->table[at] != 0; at = (at + 1) & set->mask) {
        if (set->table[at] >> 32 == tag && git_oid_equal(&set->ids[number_at(set, at)], id))
            break;
    }
    return at;
}

/* Before it is half full. */
static void grow_table(struct id_set *set)
{
    size_t size = set->table == NULL ? FIRST_TABLE : (set->mask + 1) * 2;

    free(set->table);
    set->table = rse_xcalloc(size, sizeof(*set->table));
    set->mask = size - 1;
    for (size_t i = 0; i < set->count; i++) {
        size_t at = hash(set, &set->ids[i]);

        while (set->table[at] != 0)
            at = (at + 1) & set->mask;
        set->table[at] = tag_of(&set->ids[i]) | ((uint32_t)i + 1);
    }
}

void id_set_expect(const struct id_set *set, const git_oid *id)
{
    if (set->table != NULL)
        __builtin_prefetch(&set->table[hash(set, id)]);
}

uint32_t id_set_find(const struct id_set *set, const git_oid *id)
{
    size_t place = set->table != NULL ? find_place(set, id) : 0;

    return set->table == NULL || set->table[place] == 0 ? UINT32_MAX : number_at(set, place);
}

bool id_set_add(struct id_set *set, const git_oid *id, uint32_t *number)
{
    if (set->table == NULL || (set->count + 1) * 2 > set->mask)
        grow_table(set);
    size_t place = find_place(set, id);
    bool is_new = set->table[place] == 0;
    if (is_new) {
        RSE_GROW(set->ids, set->count, set->cap);
        set->ids[set->count++] = *id;
        set->table[place] = tag_of(id) | (uint32_t)set->count;
    }
    if (number != NULL)
        *number = number_at(set, place);
    return is_new;
}
