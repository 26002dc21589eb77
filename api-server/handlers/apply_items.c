/*
 * apply_items.c - see apply_items.h.
 */
#include <stdlib.h>

#include "api-server/handlers/apply_faults.h"
#include "api-server/handlers/apply_items.h"
#include "api-server/handlers/writing.h"

/* ---- one object ---- */

static const struct rse_object *complete(struct changeset *set, const struct apply_items *items,
                                         struct inventory_item *item)
{
    return inventory_item_complete(item, changeset_fleet(set), items->table, changeset_arena(set));
}

static bool put_item(struct changeset *set, struct apply_items *items, struct inventory_item *item, struct rse_err *err)
{
    const struct rse_object *old = complete(set, items, item);
    struct rse_faults lacking = { .arena = changeset_arena(set) };
    size_t before;

    rse_object_faults(item->object, &lacking);
    if (lacking.count > 0)
        *err = lacking.at[0]; /* the others are told with the rest */
    if (lacking.count > 0 ||
        !rules_put(changeset_fleet(set), &items->rights, old, item->object, changeset_arena(set), err))
        return false;
    if (items->owner != NULL && !apply_owner_fields(items->owner, &items->rights, old, item->object, item->json, err))
        return false;
    before = changeset_count(set);
    if (!changeset_put(set, item->object, err))
        return false;
    if (items->owner != NULL)
        apply_owner_object(items->owner, item->object, item->index);
    if (changeset_count(set) > before)
        changeset_placed(set, item->object, item->index);
    return true;
}

/* What it lacks, and what the fleet as it is has against it, as far as its faults let that be seen. */
static void tell_rules(struct changeset *set, struct apply_items *items, struct inventory_item *item,
                       struct rse_faults *more)
{
    const struct rse_object *old = complete(set, items, item);
    struct rse_err one = RSE_ERR_INIT;

    rse_object_faults(item->object, more);
    if (!rules_put(changeset_fleet(set), &items->rights, old, item->object, changeset_arena(set), &one) &&
        writing_is_of_body(&one))
        rse_faults_add(more, &one);
}

/* One that is there twice may say only what it changes, and what it says of itself the first one has. */
static bool is_twice(const struct changeset *set, const struct inventory_item *item, const struct rse_faults *told)
{
    return rse_faults_at(told, "/name") && inventory_item_existing(changeset_fleet(set), item->object) != NULL;
}

static void set_apart(struct rse_object *object)
{
    if (object->noun == RSE_APPLICATION)
        ((struct rse_application *)object)->flux_name = rse_str(NULL);
}

/* It has faults: what else it has. */
static void tell_rest(struct changeset *set, struct apply_items *items, struct inventory_item *item,
                      struct apply_faults *faults)
{
    struct rse_arena *arena = changeset_arena(set);
    struct rse_faults told = { .arena = arena }, more = { .arena = arena };

    apply_faults_of(faults, item, &told);
    if (is_twice(set, item, &told))
        set_apart(item->object);
    else
        tell_rules(set, items, item, &more);
    if (!changeset_put_rest(set, item->object, &told, &more))
        apply_faults_fail(faults, item);
    if (changeset_has(set, item->noun, item->object->id))
        changeset_placed(set, item->object, item->index);
    apply_faults_add(faults, item, &more);
}

static void put_or_tell(struct changeset *set, struct apply_items *items, struct inventory_item *item,
                        struct apply_faults *faults)
{
    struct rse_err err = RSE_ERR_INIT;
    bool denied;

    if (!inventory_item_check(item, changeset_fleet(set), &err))
        apply_faults_add_form(faults, item, &err);
    else if (!apply_faults_has(faults, item) && put_item(set, items, item, &err))
        return object_keys_add(items->named, item->noun, item->object->id);
    denied = err.code != RSE_OK && !writing_is_of_body(&err);
    if (err.code != RSE_OK)
        apply_faults_add_one(faults, item, &err);
    if (item->object != NULL && !denied)
        tell_rest(set, items, item, faults);
    else
        apply_faults_fail(faults, item);
}

/* ---- all of a noun ---- */

/* In which order: groups with parents before children, applications that say their Flux name before those that take what is free, all
 * else as it stands. */
struct order {
    size_t index, rank;
};

static size_t rank_of(const struct rse_object *object)
{
    struct rse_str parent = ((const struct rse_group *)object)->parent.name;
    size_t depth = 0;

    if (object->noun == RSE_APPLICATION)
        return ((const struct rse_application *)object)->flux_name.len == 0;
    for (size_t i = 0; i < parent.len; i++)
        depth += parent.p[i] == '/';
    return depth;
}

static int by_rank(const void *a, const void *b)
{
    const struct order *x = a, *y = b;

    return x->rank != y->rank ? (x->rank < y->rank ? -1 : 1) : x->index < y->index ? -1 : 1;
}

static struct order *order_items(const struct apply_items *items, enum rse_noun noun, size_t count)
{
    struct order *order = rse_xcalloc(count + 1, sizeof(order[0]));
    bool ranked = noun == RSE_GROUP || noun == RSE_APPLICATION;

    for (size_t i = 0; i < count; i++) {
        struct inventory_item item;

        order[i] = (struct order){ .index = i };
        if (!ranked)
            continue;
        inventory_item_open(&item, &items->places, noun, i);
        if (item.object != NULL)
            order[i].rank = rank_of(item.object);
        inventory_item_close(&item);
    }
    if (ranked)
        qsort(order, count, sizeof(order[0]), by_rank);
    return order;
}

static void put_noun(struct changeset *set, struct apply_items *items, enum rse_noun noun, struct apply_faults *faults)
{
    size_t count = items->places.of[noun].count;
    RSE_CLEANUP(rse_freep) struct order *order = order_items(items, noun, count);

    for (size_t i = 0; i < count && !faults->list.more; i++) {
        struct inventory_item item;

        inventory_item_open(&item, &items->places, noun, order[i].index);
        put_or_tell(set, items, &item, faults);
        inventory_item_close(&item);
    }
}

/* ---- all of it ---- */

/* What shows only of the objects beside each other. */
static void tell_whole(struct changeset *set, const struct apply_items *items, struct apply_faults *faults)
{
    struct rse_faults more = { .arena = changeset_arena(set) };

    changeset_object_faults(set, &more);
    apply_faults_add_whole(faults, &(struct inventory_source){ &items->places, changeset_fleet(set), items->table },
                           &more);
    if (!faults->list.more && !apply_faults_hide_values(faults))
        changeset_value_faults(set, &faults->list);
}

bool apply_items_put(struct changeset *set, struct apply_items *items, struct rse_err *err)
{
    struct apply_faults *faults = rse_arena_new_of(changeset_arena(set), struct apply_faults);

    apply_faults_init(faults, changeset_arena(set), items->form);
    for (int noun = 0; noun < RSE_NOUN_COUNT; noun++)
        put_noun(set, items, noun, faults);
    if (faults->list.count > 0)
        tell_whole(set, items, faults);
    items->pointed = faults->list.count > 0;
    apply_faults_release(faults);
    return rse_faults_check(&faults->list, err);
}
