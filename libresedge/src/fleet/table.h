/*
 * table.h - the objects of one noun: by id, and by name.
 *
 * Ids are nearly dense and come nearly in order, so a sorted array serves for look-ups, and for walks in the order of
 * ids. Names may be taken twice for as long as nobody has checked: the lowest id is found.
 */
#ifndef RESEDGE_FLEET_TABLE_H
#define RESEDGE_FLEET_TABLE_H

#include "resedge/model.h"

/* What the fleet keeps of an object besides the object; nouns that need more begin with it. */
struct fleet_entry {
    struct rse_object *object;
    struct fleet_entry *next; /* with the same hash of the name */
    uint32_t hash;
    uint32_t index; /* a cluster's bit in every set */
};

struct fleet_table {
    struct fleet_entry **at; /* by id */
    size_t count, room;
    struct fleet_entry **buckets; /* by name: a power of two of them, or NULL */
    size_t nbuckets, nnamed;
    int64_t last_id;
};

void table_release(struct fleet_table *table); /* not the entries */
struct fleet_entry *table_get(const struct fleet_table *table, int64_t id);
/* The id isn't there yet. */
void table_insert(struct fleet_table *table, struct fleet_entry *entry, int64_t id);
void table_remove(struct fleet_table *table, int64_t id);

/* By the name that entry->object has now. */
void table_add_name(struct fleet_table *table, struct fleet_entry *entry);
void table_remove_name(struct fleet_table *table, struct fleet_entry *entry);
struct fleet_entry *table_find(const struct fleet_table *table, struct rse_str name);
/* The next one with the same name, after table_find() and in no order: first NULL, then the last answer. */
struct fleet_entry *table_next_named(const struct fleet_table *table, struct rse_str name,
                                     const struct fleet_entry *after);

#endif
