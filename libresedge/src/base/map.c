/*
 * map.c - entries in an array, in the order they came, and an index of open addresses into it.
 *
 * A slot of the index holds the entry's number plus one and some bits of its hash, so that a probe seldom looks at an
 * entry in vain. Removing shifts the slots behind back (no tombstones) and moves the last entry into the gap.
 */
#include "resedge/map.h"

#include <assert.h>
#include <stdlib.h>

enum { SHORT_KEY = 16, FIRST_SLOTS = 16 };

struct entry {
    uint64_t hash;
    void *value;
    size_t key_len;
    union {
        char bytes[SHORT_KEY]; /* up to SHORT_KEY bytes */
        char *heap;
    } key;
};

struct slot {
    uint32_t number; /* of the entry, from 1 on; 0: free */
    uint32_t tag;    /* the upper half of its hash */
};

struct rse_map {
    struct entry *entries;
    size_t count, cap;
    struct slot *slots;
    size_t mask; /* number of slots - 1; a power of two less one */
};

static struct rse_str entry_key(const struct entry *entry)
{
    return rse_str_n(entry->key_len <= SHORT_KEY ? entry->key.bytes : entry->key.heap, entry->key_len);
}

static void entry_release(struct entry *entry)
{
    if (entry->key_len > SHORT_KEY)
        free(entry->key.heap);
}

static uint32_t tag_of(uint64_t hash)
{
    return (uint32_t)(hash >> 32);
}

struct rse_map *rse_map_new(void)
{
    struct rse_map *map = rse_new(struct rse_map);

    map->slots = rse_xcalloc(FIRST_SLOTS, sizeof(map->slots[0]));
    map->mask = FIRST_SLOTS - 1;
    return map;
}

void rse_map_free(struct rse_map *map)
{
    if (map == NULL)
        return;
    rse_map_clear(map);
    free(map->entries);
    free(map->slots);
    free(map);
}

void rse_map_freep(struct rse_map **map)
{
    rse_map_free(RSE_TAKE(*map));
}

void rse_map_clear(struct rse_map *map)
{
    for (size_t i = 0; i < map->count; i++)
        entry_release(&map->entries[i]);
    map->count = 0;
    memset(map->slots, 0, (map->mask + 1) * sizeof(map->slots[0]));
}

size_t rse_map_count(const struct rse_map *map)
{
    return map->count;
}

/* The slot that holds the key, or the free one where it would go. There always is a free one. */
static size_t find_slot(const struct rse_map *map, uint64_t hash, struct rse_str key)
{
    size_t at = hash & map->mask;

    for (; map->slots[at].number != 0; at = (at + 1) & map->mask) {
        const struct slot *slot = &map->slots[at];
        if (slot->tag == tag_of(hash) && rse_str_eq(entry_key(&map->entries[slot->number - 1]), key))
            break;
    }
    return at;
}

/* The slot that holds this entry number, by its hash alone. */
static size_t slot_of_entry(const struct rse_map *map, uint64_t hash, uint32_t number)
{
    size_t at = hash & map->mask;

    while (map->slots[at].number != number)
        at = (at + 1) & map->mask;
    return at;
}

/* Doubles the index before it is three quarters full. */
static void grow_index(struct rse_map *map)
{
    size_t nslots = map->mask + 1;

    if ((map->count + 1) * 4 <= nslots * 3)
        return;
    assert(map->count < UINT32_MAX / 2);
    nslots *= 2;
    free(map->slots);
    map->slots = rse_xcalloc(nslots, sizeof(map->slots[0]));
    map->mask = nslots - 1;
    for (size_t i = 0; i < map->count; i++) {
        uint64_t hash = map->entries[i].hash;
        size_t at = slot_of_entry(map, hash, 0);
        map->slots[at] = (struct slot){ (uint32_t)i + 1, tag_of(hash) };
    }
}

void *rse_map_get(const struct rse_map *map, struct rse_str key)
{
    const struct slot *slot = &map->slots[find_slot(map, rse_hash(key.p, key.len), key)];

    return slot->number != 0 ? map->entries[slot->number - 1].value : NULL;
}

static void append_entry(struct rse_map *map, uint64_t hash, struct rse_str key, void *value)
{
    RSE_GROW(map->entries, map->count, map->cap);
    struct entry *entry = &map->entries[map->count++];
    *entry = (struct entry){ .hash = hash, .value = value, .key_len = key.len };
    if (key.len > SHORT_KEY)
        entry->key.heap = rse_xstrndup(key);
    else if (key.len > 0)
        memcpy(entry->key.bytes, key.p, key.len);
}

void *rse_map_put(struct rse_map *map, struct rse_str key, void *value)
{
    uint64_t hash = rse_hash(key.p, key.len);

    assert(value != NULL);
    grow_index(map);
    struct slot *slot = &map->slots[find_slot(map, hash, key)];
    if (slot->number != 0) {
        struct entry *entry = &map->entries[slot->number - 1];
        void *before = entry->value;
        entry->value = value;
        return before;
    }
    append_entry(map, hash, key, value);
    *slot = (struct slot){ (uint32_t)map->count, tag_of(hash) };
    return NULL;
}

/* Frees the slot and moves those behind it closer to where their hashes want them, up to the next free slot. */
static void free_slot(struct rse_map *map, size_t gap)
{
    size_t at = gap;

    for (;;) {
        at = (at + 1) & map->mask;
        if (map->slots[at].number == 0)
            break;
        size_t wanted = map->entries[map->slots[at].number - 1].hash & map->mask;
        if (((at - wanted) & map->mask) >= ((at - gap) & map->mask)) {
            map->slots[gap] = map->slots[at];
            gap = at;
        }
    }
    map->slots[gap] = (struct slot){ 0, 0 };
}

void *rse_map_remove(struct rse_map *map, struct rse_str key)
{
    size_t at = find_slot(map, rse_hash(key.p, key.len), key);
    uint32_t number = map->slots[at].number;

    if (number == 0)
        return NULL;
    struct entry *gone = &map->entries[number - 1];
    void *value = gone->value;
    free_slot(map, at);
    entry_release(gone);
    if (number != map->count) {
        *gone = map->entries[map->count - 1];
        map->slots[slot_of_entry(map, gone->hash, (uint32_t)map->count)].number = number;
    }
    map->count--;
    return value;
}

bool rse_map_next(const struct rse_map *map, size_t *it, struct rse_str *key, void **value)
{
    if (*it >= map->count)
        return false;
    const struct entry *entry = &map->entries[(*it)++];
    if (key != NULL)
        *key = entry_key(entry);
    if (value != NULL)
        *value = entry->value;
    return true;
}

void *rse_map_get_id(const struct rse_map *map, int64_t id)
{
    return rse_map_get(map, rse_str_n((const char *)&id, sizeof(id)));
}

void *rse_map_put_id(struct rse_map *map, int64_t id, void *value)
{
    return rse_map_put(map, rse_str_n((const char *)&id, sizeof(id)), value);
}

void *rse_map_remove_id(struct rse_map *map, int64_t id)
{
    return rse_map_remove(map, rse_str_n((const char *)&id, sizeof(id)));
}
