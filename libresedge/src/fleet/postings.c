#include "libresedge/src/fleet/postings.h"

#include <assert.h>
#include <stdlib.h>

#include "resedge/map.h"

static bool is_single(uintptr_t ref)
{
    return (ref & 1) != 0;
}

static uint32_t single_index(uintptr_t ref)
{
    return (uint32_t)(ref >> 1);
}

static uintptr_t single_ref(uint32_t index)
{
    return (uintptr_t)index << 1 | 1;
}

static struct posting *ref_posting(uintptr_t ref)
{
    return (struct posting *)ref;
}

/* Metadata keys are listed, and memberships are asked for as sets, so these always have the long form. */
static bool may_be_single(enum term_kind kind)
{
    return kind == TERM_TAG || kind == TERM_VALUE || kind == TERM_STORE;
}

static uint64_t term_hash(const struct term *term)
{
    uint64_t hash = rse_hash(term->key.p, term->key.len);

    if (term->kind == TERM_VALUE)
        hash = (hash << 23 | hash >> 41) ^ rse_hash(term->value.p, term->value.len);
    return hash;
}

static bool posting_is(const struct posting *posting, const struct term *term)
{
    return rse_str_eq(rse_str_n(posting->text, posting->key_len), term->key) &&
           rse_str_eq(rse_str_n(posting->text + posting->key_len, posting->value_len), term->value);
}

static bool slot_is(const struct postings_set *set, const struct posting_slot *slot, const struct term *term)
{
    if (!is_single(slot->ref))
        return posting_is(ref_posting(slot->ref), term);

    const struct rse_cluster *cluster = set->lookup(set->lookup_arg, single_index(slot->ref));

    return cluster != NULL && cluster_has_term(cluster, term);
}

/* The term's slot, or the free one where it belongs. The table is never full. */
static struct posting_slot *find_slot(const struct postings_set *set, const struct term *term, uint64_t hash)
{
    const struct postings *table = &set->kinds[term->kind];

    for (size_t i = hash & (table->cap - 1);; i = (i + 1) & (table->cap - 1)) {
        struct posting_slot *slot = &table->slots[i];

        if (slot->ref == 0 || (slot->hash == hash && slot_is(set, slot, term)))
            return slot;
    }
}

static void grow(struct postings *table)
{
    size_t cap = table->cap == 0 ? 16 : table->cap * 2;
    struct posting_slot *slots = rse_xcalloc(cap, sizeof(*slots));

    for (size_t i = 0; i < table->cap; i++) {
        size_t j = table->slots[i].hash & (cap - 1);

        if (table->slots[i].ref == 0)
            continue;
        while (slots[j].ref != 0)
            j = (j + 1) & (cap - 1);
        slots[j] = table->slots[i];
    }
    free(table->slots);
    table->slots = slots;
    table->cap = cap;
}

static struct posting *posting_new(const struct term *term)
{
    struct posting *posting = rse_xcalloc(1, sizeof(*posting) + term->key.len + term->value.len);

    posting->key_len = (uint32_t)term->key.len;
    posting->value_len = (uint32_t)term->value.len;
    if (term->key.len > 0)
        memcpy(posting->text, term->key.p, term->key.len);
    if (term->value.len > 0)
        memcpy(posting->text + term->key.len, term->value.p, term->value.len);
    return posting;
}

static void posting_free(struct posting *posting)
{
    cset_release(&posting->clusters);
    free(posting);
}

void postings_release(struct postings_set *set)
{
    for (size_t kind = 0; kind < TERM_KINDS; kind++) {
        struct postings *table = &set->kinds[kind];

        for (size_t i = 0; i < table->cap; i++)
            if (table->slots[i].ref != 0 && !is_single(table->slots[i].ref))
                posting_free(ref_posting(table->slots[i].ref));
        free(table->slots);
        *table = (struct postings){ 0 };
    }
}

static void occupy(struct postings_set *set, struct posting_slot *slot, const struct term *term, uint64_t hash,
                   uint32_t index)
{
    slot->hash = hash;
    set->kinds[term->kind].count++;
    if (may_be_single(term->kind)) {
        slot->ref = single_ref(index);
        return;
    }

    struct posting *posting = posting_new(term);

    (void)cset_add(&posting->clusters, index);
    slot->ref = (uintptr_t)posting;
    if (term->kind == TERM_KEY)
        set->keys_changed = true;
}

static void add(struct postings_set *set, const struct term *term, uint64_t hash, uint32_t index)
{
    struct posting_slot *slot = find_slot(set, term, hash);

    if (slot->ref == 0) {
        occupy(set, slot, term, hash, index);
        return;
    }
    if (is_single(slot->ref)) {
        if (single_index(slot->ref) == index)
            return;

        struct posting *posting = posting_new(term);

        (void)cset_add(&posting->clusters, single_index(slot->ref));
        slot->ref = (uintptr_t)posting;
    }
    (void)cset_add(&ref_posting(slot->ref)->clusters, index);
}

static void make_room(struct postings *table)
{
    if ((table->count + 1) * 3 > table->cap * 2)
        grow(table);
}

void postings_add(struct postings_set *set, const struct term *terms, size_t count, uint32_t index)
{
    uint64_t hashes[TERMS_AT_ONCE];

    assert(count <= TERMS_AT_ONCE);
    for (size_t i = 0; i < count; i++) {
        struct postings *table = &set->kinds[terms[i].kind];

        hashes[i] = term_hash(&terms[i]);
        make_room(table);
        __builtin_prefetch(&table->slots[hashes[i] & (table->cap - 1)]);
    }
    for (size_t i = 0; i < count; i++) {
        make_room(&set->kinds[terms[i].kind]);
        add(set, &terms[i], hashes[i], index);
    }
}

/* Takes a slot out and moves those that were pushed behind it back, so that no probe meets a hole. */
static void vacate(struct postings *table, struct posting_slot *slot)
{
    size_t mask = table->cap - 1, hole = (size_t)(slot - table->slots);

    for (size_t i = (hole + 1) & mask; table->slots[i].ref != 0; i = (i + 1) & mask) {
        size_t home = table->slots[i].hash & mask;

        if (((i - home) & mask) >= ((i - hole) & mask)) {
            table->slots[hole] = table->slots[i];
            hole = i;
        }
    }
    table->slots[hole] = (struct posting_slot){ 0 };
    table->count--;
}

void postings_remove(struct postings_set *set, const struct term *term, uint32_t index)
{
    struct postings *table = &set->kinds[term->kind];

    if (table->cap == 0)
        return;

    struct posting_slot *slot = find_slot(set, term, term_hash(term));

    if (slot->ref == 0)
        return;
    if (is_single(slot->ref)) {
        if (single_index(slot->ref) == index)
            vacate(table, slot);
        return;
    }

    struct posting *posting = ref_posting(slot->ref);

    if (!cset_remove(&posting->clusters, index))
        return;
    if (posting->clusters.count == 0) {
        posting_free(posting);
        vacate(table, slot);
        set->keys_changed = set->keys_changed || term->kind == TERM_KEY;
    } else if (posting->clusters.count == 1 && may_be_single(term->kind)) {
        slot->ref = single_ref(cset_next(&posting->clusters, 0));
        posting_free(posting);
    }
}

void postings_or_into(const struct postings_set *set, const struct term *term, struct rse_bitmap *to)
{
    if (set->kinds[term->kind].cap == 0)
        return;

    const struct posting_slot *slot = find_slot(set, term, term_hash(term));

    if (slot->ref == 0)
        return;
    if (is_single(slot->ref))
        rse_bitmap_set(to, single_index(slot->ref));
    else
        cset_or_into(&ref_posting(slot->ref)->clusters, to);
}

const struct cset *postings_get(const struct postings_set *set, const struct term *term)
{
    if (set->kinds[term->kind].cap == 0)
        return NULL;

    const struct posting_slot *slot = find_slot(set, term, term_hash(term));

    return slot->ref == 0 ? NULL : &ref_posting(slot->ref)->clusters;
}

bool postings_next_key(const struct postings_set *set, size_t *it, struct rse_str *key)
{
    const struct postings *table = &set->kinds[TERM_KEY];

    for (; *it < table->cap; (*it)++) {
        uintptr_t ref = table->slots[*it].ref;

        if (ref == 0)
            continue;
        *key = rse_str_n(ref_posting(ref)->text, ref_posting(ref)->key_len);
        (*it)++;
        return true;
    }
    return false;
}

size_t postings_bytes(const struct postings_set *set)
{
    size_t bytes = 0;

    for (size_t kind = 0; kind < TERM_KINDS; kind++) {
        const struct postings *table = &set->kinds[kind];

        bytes += table->cap * sizeof(*table->slots);
        for (size_t i = 0; i < table->cap; i++) {
            if (table->slots[i].ref == 0 || is_single(table->slots[i].ref))
                continue;

            const struct posting *posting = ref_posting(table->slots[i].ref);

            bytes += sizeof(*posting) + posting->key_len + posting->value_len + cset_bytes(&posting->clusters);
        }
    }
    return bytes;
}
