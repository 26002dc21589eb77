/*
 * catalogue_internal.h - a catalogue from the inside.
 */
#ifndef RESEDGE_PLAN_CATALOGUE_INTERNAL_H
#define RESEDGE_PLAN_CATALOGUE_INTERNAL_H

#include "libresedge/src/plan/source.h"
#include "libresedge/src/plan/template_set.h"

struct rse_map;

/* A path of the tree: a file, or something that is refused. */
struct catalogue_entry {
    struct rse_str path;
    struct source *source; /* NULL when it is refused */
    const char *refusal;
};

struct rse_catalogue {
    const struct rse_keys *keys;
    const struct rse_catalogue *previous; /* until it is sealed; only with the same keys */
    struct rse_arena *arena;
    struct catalogue_entry **entries; /* sorted by path once it is sealed */
    size_t nentries, entries_cap;
    struct rse_map *by_path;
    struct template_set **sets; /* sorted by path */
    size_t nsets;
    struct rse_map *sets_by_path;
};

/* The same keys under the same numbers: what was compiled for one works with the other. */
bool keys_are_same(const struct rse_keys *a, const struct rse_keys *b);

/* grouping.c: makes sets of the entries. */
void catalogue_group(struct rse_catalogue *catalogue);

#endif
