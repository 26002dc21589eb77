/*
 * fleet.c - storing objects: put, remove, take back, look up.
 */
#include "resedge/fleet.h"

#include <assert.h>
#include <stdlib.h>

#include "libresedge/src/fleet/fleet_impl.h"

static const struct rse_cluster *lookup_cluster(const void *arg, uint32_t index)
{
    const struct fleet_entry *entry = fleet_entry_at(arg, index);

    return entry != NULL ? cluster_of(entry) : NULL;
}

struct rse_fleet *rse_fleet_new(void)
{
    struct rse_fleet *fleet = rse_new(struct rse_fleet);

    fleet->postings.lookup = lookup_cluster;
    fleet->postings.lookup_arg = fleet;
    fleet->clock = fleet->tree_changed = fleet->sets_changed = fleet->keys_changed = 1;
    rse_bitmap_init(&fleet->live, 0);
    return fleet;
}

static void free_objects(struct rse_fleet *fleet, enum rse_noun noun)
{
    struct fleet_table *table = &fleet->tables[noun];

    for (size_t i = 0; i < table->count; i++) {
        free(table->at[i]->object);
        entry_free(table->at[i], noun);
    }
    table_release(table);
}

void rse_fleet_free(struct rse_fleet *fleet)
{
    if (fleet == NULL)
        return;
    rse_fleet_release(fleet);
    fleet_release_tree(fleet);
    fleet_release_givers(fleet);
    fleet_release_keys(fleet);
    postings_release(&fleet->postings);
    for (enum rse_noun noun = 0; noun < RSE_NOUN_COUNT; noun++)
        free_objects(fleet, noun);
    rse_bitmap_release(&fleet->live);
    free(fleet->clusters);
    free(fleet);
}

void rse_fleet_freep(struct rse_fleet **fleet)
{
    rse_fleet_free(RSE_TAKE(*fleet));
}

int64_t rse_fleet_revision(const struct rse_fleet *fleet)
{
    return fleet->revision;
}

void rse_fleet_set_revision(struct rse_fleet *fleet, int64_t revision)
{
    fleet->revision = revision;
}

/* ---- clusters: terms and bits ---- */

struct term_change {
    struct postings_set *postings;
    const struct rse_cluster *other;
    uint32_t index;
    bool changed, member_changed;
    struct term added[TERMS_AT_ONCE]; /* not yet told to the postings */
    size_t nadded;
};

static void note_change(struct term_change *change, enum term_kind kind)
{
    change->changed = true;
    change->member_changed |= kind == TERM_MEMBER || kind == TERM_MEMBER_PATH;
}

static void remove_term(void *arg, const struct term *term)
{
    struct term_change *change = arg;

    if (change->other != NULL && cluster_has_term(change->other, term))
        return;
    postings_remove(change->postings, term, change->index);
    note_change(change, term->kind);
}

static void tell_added(struct term_change *change)
{
    postings_add(change->postings, change->added, change->nadded, change->index);
    change->nadded = 0;
}

static void add_term(void *arg, const struct term *term)
{
    struct term_change *change = arg;

    if (change->other != NULL && cluster_has_term(change->other, term))
        return;
    if (change->nadded == TERMS_AT_ONCE)
        tell_added(change);
    change->added[change->nadded++] = *term;
    note_change(change, term->kind);
}

static bool is_live(const struct rse_cluster *cluster)
{
    return cluster != NULL && cluster->state != RSE_CLUSTER_CLOSED;
}

static void set_live(struct rse_fleet *fleet, uint32_t index, bool live)
{
    if (live)
        rse_bitmap_set(&fleet->live, index);
    else
        rse_bitmap_unset(&fleet->live, index);
}

/* Postings ask the stored cluster what a slot stands for: terms go while the old one is stored, and come with the new. */
static void store_cluster(struct rse_fleet *fleet, struct fleet_entry *entry, struct rse_object *object)
{
    const struct rse_cluster *before = (const struct rse_cluster *)entry->object;
    const struct rse_cluster *after = (const struct rse_cluster *)object;
    struct term_change change;
    bool renamed = before != NULL && after != NULL && !rse_str_eq(before->object.name, after->object.name);
    bool life_changed = is_live(before) != is_live(after);

    change.postings = &fleet->postings;
    change.index = entry->index;
    change.other = after;
    change.changed = change.member_changed = false;
    change.nadded = 0;
    if (before != NULL)
        cluster_each_term(before, remove_term, &change);
    entry->object = object;
    change.other = before;
    if (after != NULL)
        cluster_each_term(after, add_term, &change);
    tell_added(&change);
    set_live(fleet, entry->index, is_live(after));
    if (fleet->restating)
        return;
    if (change.member_changed || life_changed) {
        fleet_spoil_groups_of(fleet, before);
        fleet_spoil_groups_of(fleet, after);
    }
    if (change.changed || life_changed || renamed)
        fleet->sets_changed = ++fleet->clock;
    if (fleet->postings.keys_changed)
        fleet->keys_changed = ++fleet->clock;
    fleet->postings.keys_changed = false;
}

static void give_index(struct rse_fleet *fleet, struct fleet_entry *entry, uint32_t index)
{
    if (index == UINT32_MAX) {
        index = (uint32_t)fleet->nclusters;
        RSE_GROW(fleet->clusters, fleet->nclusters, fleet->clusters_room);
        fleet->nclusters++;
        rse_bitmap_resize(&fleet->live, (uint32_t)fleet->nclusters);
    }
    entry->index = index;
    fleet->clusters[index] = entry;
}

/* ---- other nouns: what a change of them touches ---- */

static bool same_place(const struct rse_object *a, const struct rse_object *b)
{
    const struct rse_ref *x = &((const struct rse_group *)a)->parent, *y = &((const struct rse_group *)b)->parent;

    return x->id == y->id && rse_str_eq(x->name, y->name);
}

static bool same_expressions(const struct rse_object *a, const struct rse_object *b)
{
    struct rse_str x, y;

    for (size_t i = 0;; i++) {
        bool more_a = object_expression(a, i, &x), more_b = object_expression(b, i, &y);

        if (!more_a || !more_b)
            return more_a == more_b;
        if ((x.p == NULL) != (y.p == NULL) || !rse_str_eq(x, y))
            return false;
    }
}

static void touch(struct rse_fleet *fleet, enum rse_noun noun, const struct rse_object *before,
                  const struct rse_object *after)
{
    bool same = before != NULL && after != NULL && rse_str_eq(before->name, after->name) &&
                same_expressions(before, after) && (noun != RSE_GROUP || same_place(before, after));

    if (fleet->restating)
        return;
    fleet->keys_changed = ++fleet->clock;
    if (same || !is_scope(noun))
        return;
    fleet->sets_changed = fleet->clock;
    if (noun == RSE_GROUP)
        fleet->tree_changed = fleet->clock;
}

/* ---- one way in for every change ---- */

static void forget(struct rse_fleet *fleet, enum rse_noun noun, int64_t id, struct rse_object *before, uint32_t index)
{
    if (!fleet->marked) {
        free(before);
        return;
    }
    RSE_GROW(fleet->undo, fleet->nundo, fleet->undo_room);
    fleet->undo[fleet->nundo++] = (struct fleet_undo){ noun, id, before, index };
}

/* Groups are found by path, in the tree; all others by name, in the table. NULL: the object goes. */
static void store_object(struct rse_fleet *fleet, struct fleet_entry *entry, enum rse_noun noun,
                         struct rse_object *object)
{
    struct rse_object *before = entry->object;
    bool same_name = before != NULL && object != NULL && rse_str_eq(before->name, object->name);
    bool by_name = noun != RSE_GROUP && !same_name;

    if (by_name && before != NULL)
        table_remove_name(&fleet->tables[noun], entry);
    if (noun == RSE_CLUSTER)
        store_cluster(fleet, entry, object);
    else
        touch(fleet, noun, before, object);
    entry->object = object;
    if (by_name && object != NULL)
        table_add_name(&fleet->tables[noun], entry);
}

/* Takes object and exprs over. index: where a cluster that comes back was, else UINT32_MAX. */
static void install(struct rse_fleet *fleet, struct rse_object *object, struct fleet_exprs *exprs, uint32_t index)
{
    struct fleet_table *table = &fleet->tables[object->noun];
    struct fleet_entry *entry = table_get(table, object->id);
    struct rse_object *before = NULL;
    bool is_new_group = object->noun == RSE_GROUP && entry == NULL;
    bool were_placed = fleet->tree.placed_at >= fleet->tree_changed;

    if (entry == NULL) {
        entry = entry_new(object->noun);
        if (object->noun == RSE_CLUSTER)
            give_index(fleet, entry, index);
        store_object(fleet, entry, object->noun, object);
        table_insert(table, entry, object->id);
    } else {
        before = entry->object;
        store_object(fleet, entry, object->noun, object);
    }
    entry_take_exprs(entry, object->noun, exprs);
    if (is_new_group && were_placed)
        fleet_place_new_group(fleet, as_group(entry));
    forget(fleet, object->noun, object->id, before, entry->index);
}

static void uninstall(struct rse_fleet *fleet, struct fleet_entry *entry)
{
    struct rse_object *before = entry->object;
    uint32_t index = entry->index;

    table_remove(&fleet->tables[before->noun], before->id);
    store_object(fleet, entry, before->noun, NULL);
    if (before->noun == RSE_CLUSTER)
        fleet->clusters[index] = NULL;
    entry_free(entry, before->noun);
    forget(fleet, before->noun, before->id, before, index);
}

void fleet_restate(struct rse_fleet *fleet, const struct rse_object *object)
{
    struct fleet_entry *entry = table_get(&fleet->tables[object->noun], object->id);
    struct rse_object *before = entry->object;

    fleet->restating = true;
    store_object(fleet, entry, object->noun, rse_object_clone(object));
    fleet->restating = false;
    forget(fleet, object->noun, object->id, before, entry->index);
}

const struct rse_object *fleet_before(const struct rse_fleet *fleet, enum rse_noun noun, int64_t id, bool *known)
{
    *known = fleet->marked;
    for (size_t i = 0; i < fleet->nundo; i++) {
        if (fleet->undo[i].noun == noun && fleet->undo[i].id == id)
            return fleet->undo[i].before;
    }
    return rse_fleet_get(fleet, noun, id);
}

bool rse_fleet_take(struct rse_fleet *fleet, struct rse_object *object, struct rse_err *err)
{
    struct fleet_exprs exprs;

    assert(object->id > 0);
    if (!exprs_parse(&exprs, object, err)) {
        free(object);
        return false;
    }
    install(fleet, object, &exprs, UINT32_MAX);
    return true;
}

bool rse_fleet_put(struct rse_fleet *fleet, const struct rse_object *object, struct rse_err *err)
{
    return rse_fleet_take(fleet, rse_object_clone(object), err);
}

bool rse_fleet_remove(struct rse_fleet *fleet, enum rse_noun noun, int64_t id)
{
    struct fleet_entry *entry = table_get(&fleet->tables[noun], id);

    if (entry == NULL)
        return false;
    uninstall(fleet, entry);
    return true;
}

/* ---- taking back ---- */

void rse_fleet_mark(struct rse_fleet *fleet)
{
    assert(!fleet->marked);
    fleet->marked = true;
    fleet->nclusters_at_mark = fleet->nclusters;
    for (size_t noun = 0; noun < RSE_NOUN_COUNT; noun++)
        fleet->last_ids_at_mark[noun] = fleet->tables[noun].last_id;
}

void rse_fleet_release(struct rse_fleet *fleet)
{
    for (size_t i = 0; i < fleet->nundo; i++)
        free(fleet->undo[i].before);
    free(RSE_TAKE(fleet->undo));
    fleet->nundo = fleet->undo_room = 0;
    fleet->marked = false;
}

static void take_back(struct rse_fleet *fleet, const struct fleet_undo *undo)
{
    struct fleet_exprs exprs = { NULL, 0 };

    if (undo->before == NULL) {
        (void)rse_fleet_remove(fleet, undo->noun, undo->id);
        return;
    }
    /* It was stored, so it parses. */
    bool parsed = exprs_parse(&exprs, undo->before, NULL);

    assert(parsed);
    (void)parsed;
    install(fleet, undo->before, &exprs, undo->index);
}

/* Only clusters that came since have higher indexes, and they are gone. */
static void give_back_indexes(struct rse_fleet *fleet)
{
    fleet->nclusters = fleet->nclusters_at_mark;
    rse_bitmap_resize(&fleet->live, (uint32_t)fleet->nclusters);
}

void rse_fleet_rollback(struct rse_fleet *fleet)
{
    fleet->marked = false;
    while (fleet->nundo > 0)
        take_back(fleet, &fleet->undo[--fleet->nundo]);
    give_back_indexes(fleet);
    for (size_t noun = 0; noun < RSE_NOUN_COUNT; noun++)
        fleet->tables[noun].last_id = fleet->last_ids_at_mark[noun];
    rse_fleet_release(fleet);
}
