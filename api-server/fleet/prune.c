/*
 * prune.c - see prune.h.
 */
#include <stdlib.h>

#include "api-server/fleet/prune.h"

enum { UNCONFIRMED_SHARE = 10 }; /* one in so many */

struct object_keys {
    struct rse_map *maps[RSE_NOUN_COUNT]; /* by id */
};

void object_list_add(struct object_list *list, enum rse_noun noun, int64_t id)
{
    RSE_GROW(list->at, list->count, list->cap);
    list->at[list->count++] = (struct object_key){ noun, id };
}

struct object_keys *object_keys_new(void)
{
    struct object_keys *keys = rse_new(struct object_keys);

    for (size_t i = 0; i < RSE_NOUN_COUNT; i++)
        keys->maps[i] = rse_map_new();
    return keys;
}

void object_keys_free(struct object_keys *keys)
{
    for (size_t i = 0; keys != NULL && i < RSE_NOUN_COUNT; i++)
        rse_map_free(keys->maps[i]);
    free(keys);
}

void object_keys_add(struct object_keys *keys, enum rse_noun noun, int64_t id)
{
    rse_map_put_id(keys->maps[noun], id, keys);
}

bool object_keys_have(const struct object_keys *keys, enum rse_noun noun, int64_t id)
{
    return rse_map_get_id(keys->maps[noun], id) != NULL;
}

static size_t level_of(const struct rse_fleet *fleet, const struct object_key *key)
{
    const struct rse_object *object = rse_fleet_get(fleet, key->noun, key->id);
    size_t level = 0;

    if (object == NULL || object->noun != RSE_GROUP)
        return 0;
    for (size_t i = 0; i < ((const struct rse_group *)object)->name_path.len; i++)
        level += ((const struct rse_group *)object)->name_path.p[i] == '/';
    return level;
}

/* Clusters refer to groups, groups to those above them, and so on: the other way round than an inventory is put. */
static int by_dependence(const void *a, const void *b, void *fleet)
{
    const struct object_key *x = a, *y = b;
    size_t lx = level_of(fleet, x), ly = level_of(fleet, y);

    if (x->noun != y->noun)
        return x->noun > y->noun ? -1 : 1;
    if (lx != ly)
        return lx > ly ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

static bool is_active(const struct rse_fleet *fleet, const struct object_key *key)
{
    const struct rse_object *object = rse_fleet_get(fleet, key->noun, key->id);

    return object != NULL && object->noun == RSE_CLUSTER &&
           ((const struct rse_cluster *)object)->state == RSE_CLUSTER_ACTIVE;
}

static bool check_confirmed(const struct rse_fleet *fleet, const struct write_rights *rights,
                            const struct object_list *list, struct rse_err *err)
{
    size_t of_noun[RSE_NOUN_COUNT] = { 0 }, all = 0, active = 0;

    for (size_t i = 0; i < list->count; i++) {
        if (of_noun[list->at[i].noun]++ == 0)
            all += rse_fleet_count(fleet, list->at[i].noun);
        active += is_active(fleet, &list->at[i]);
    }
    if ((active == 0 && list->count * UNCONFIRMED_SHARE <= all) || rules_confirmed(rights, (int64_t)list->count))
        return true;
    rse_err_hint(err, "If that is meant, repeat it with ?confirm=%zu; ?dryRun=true lists them.", list->count);
    rse_err_confirm(err, (uint32_t)list->count);
    rse_fail(err, RSE_CONFIRM, "this deletes %zu object%s, %zu active cluster%s among them", list->count,
             list->count == 1 ? "" : "s", active, active == 1 ? "" : "s");
    return rules_ask(rights, err);
}

static bool check_rights(const struct rse_fleet *fleet, const struct write_rights *confirmed,
                         const struct object_list *list, struct rse_err *err)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct rse_object *object = rse_fleet_get(fleet, list->at[i].noun, list->at[i].id);

        if (object != NULL && !rules_delete(confirmed, object, err))
            return false;
    }
    return true;
}

bool prune(struct changeset *set, const struct write_rights *rights, struct object_list *list, struct rse_err *err)
{
    const struct rse_fleet *fleet = changeset_fleet(set);
    struct write_rights confirmed = *rights;

    if (list->count == 0)
        return true;
    confirmed.confirm = 1; /* of each cluster, where their number is */
    if (!check_rights(fleet, &confirmed, list, err) || !check_confirmed(fleet, rights, list, err))
        return false;
    for (size_t i = 0; i < list->count; i++)
        if (list->at[i].noun == RSE_GROUP && !changeset_forget_expression(set, list->at[i].id, err))
            return false;
    qsort_r(list->at, list->count, sizeof(list->at[0]), by_dependence, (void *)fleet);
    for (size_t i = 0; i < list->count; i++) {
        const struct rse_object *object = rse_fleet_get(fleet, list->at[i].noun, list->at[i].id);

        if (object != NULL && !changeset_delete(set, list->at[i].noun, list->at[i].id, err))
            return false;
    }
    return true;
}
