/*
 * table.c - a sorted array of ids, and chains of names.
 */
#include "libresedge/src/fleet/table.h"

#include <stdlib.h>

#include "resedge/map.h"

enum { FIRST_BUCKETS = 16 };

void table_release(struct fleet_table *table)
{
    free(table->at);
    free(table->buckets);
    *table = (struct fleet_table){ .at = NULL };
}

/* The place of the first id >= the given one. Where no id is missing, the first guess is right. */
static size_t place_of(const struct fleet_table *table, int64_t id)
{
    size_t low = 0, high = table->count;

    if (high == 0 || table->at[high - 1]->object->id < id)
        return high;

    int64_t first = table->at[0]->object->id;

    if (id >= first && (uint64_t)(id - first) < high && table->at[id - first]->object->id == id)
        return (size_t)(id - first);
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (table->at[middle]->object->id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct fleet_entry *table_get(const struct fleet_table *table, int64_t id)
{
    size_t place = place_of(table, id);

    return place < table->count && table->at[place]->object->id == id ? table->at[place] : NULL;
}

void table_insert(struct fleet_table *table, struct fleet_entry *entry, int64_t id)
{
    size_t place = place_of(table, id);

    RSE_GROW(table->at, table->count, table->room);
    memmove(table->at + place + 1, table->at + place, (table->count - place) * sizeof(table->at[0]));
    table->at[place] = entry;
    table->count++;
    if (id > table->last_id)
        table->last_id = id;
}

void table_remove(struct fleet_table *table, int64_t id)
{
    size_t place = place_of(table, id);

    table->count--;
    memmove(table->at + place, table->at + place + 1, (table->count - place) * sizeof(table->at[0]));
}

static struct fleet_entry **bucket(const struct fleet_table *table, uint32_t hash)
{
    return &table->buckets[hash & (table->nbuckets - 1)];
}

static void rehash(struct fleet_table *table)
{
    struct fleet_entry **before = table->buckets;
    size_t nbefore = table->nbuckets;

    table->nbuckets = nbefore == 0 ? FIRST_BUCKETS : nbefore * 2;
    table->buckets = rse_xcalloc(table->nbuckets, sizeof(table->buckets[0]));
    for (size_t i = 0; i < nbefore; i++) {
        for (struct fleet_entry *entry = before[i], *next; entry != NULL; entry = next) {
            struct fleet_entry **head = bucket(table, entry->hash);

            next = entry->next;
            entry->next = *head;
            *head = entry;
        }
    }
    free(before);
}

static uint32_t hash_name(struct rse_str name)
{
    return (uint32_t)rse_hash(name.p, name.len);
}

void table_add_name(struct fleet_table *table, struct fleet_entry *entry)
{
    if (table->nnamed >= table->nbuckets)
        rehash(table);
    entry->hash = hash_name(entry->object->name);

    struct fleet_entry **head = bucket(table, entry->hash);

    entry->next = *head;
    *head = entry;
    table->nnamed++;
}

void table_remove_name(struct fleet_table *table, struct fleet_entry *entry)
{
    struct fleet_entry **link = bucket(table, entry->hash);

    while (*link != entry)
        link = &(*link)->next;
    *link = entry->next;
    table->nnamed--;
}

struct fleet_entry *table_next_named(const struct fleet_table *table, struct rse_str name,
                                     const struct fleet_entry *after)
{
    uint32_t hash = after != NULL ? after->hash : hash_name(name);

    if (table->nbuckets == 0)
        return NULL;
    for (struct fleet_entry *entry = after != NULL ? after->next : *bucket(table, hash); entry != NULL;
         entry = entry->next) {
        if (entry->hash == hash && rse_str_eq(entry->object->name, name))
            return entry;
    }
    return NULL;
}

struct fleet_entry *table_find(const struct fleet_table *table, struct rse_str name)
{
    struct fleet_entry *best = table_next_named(table, name, NULL);

    for (struct fleet_entry *entry = best; entry != NULL; entry = table_next_named(table, name, entry)) {
        if (entry->object->id < best->object->id)
            best = entry;
    }
    return best;
}
