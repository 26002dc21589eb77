/*
 * check_keys.c - metadata against the declared keys.
 */
#include "libresedge/src/fleet/fleet_impl.h"

static const struct rse_metadata_key *declared(const struct rse_fleet *fleet, struct rse_str key)
{
    const struct fleet_entry *entry = table_find(&fleet->tables[RSE_METADATA_KEY], key);

    return entry != NULL ? (const struct rse_metadata_key *)entry->object : NULL;
}

/* Of a cluster or a group: whether each value is what its key was declared to be. */
static void check_metadata(const struct rse_fleet *fleet, const struct rse_object *object, struct rse_faults *faults)
{
    struct rse_err one = RSE_ERR_INIT;

    for (size_t i = 0; i < object->metadata.count; i++) {
        const struct rse_pair *pair = &object->metadata.at[i];
        const struct rse_metadata_key *key = declared(fleet, pair->key);

        if (key == NULL || rse_metadata_key_fits(key, pair->value, &one))
            continue;
        rse_err_field(&one, "/metadata/%zu/value", i);
        rse_err_hint(&one, "The metadata key \"%.*s\" is declared; see resedge get metadataKey %.*s.",
                     RSE_STR_ARG(pair->key), RSE_STR_ARG(pair->key));
        rse_faults_add(faults, &one);
    }
}

/* ---- of a declared key: whether the values that are there are what it asks for ---- */

struct misfits {
    const struct rse_metadata_key *key;
    size_t count;
    const struct rse_object *first;
    struct rse_str value;
};

static void look_at(struct misfits *misfits, const struct rse_object *object)
{
    struct rse_str value;

    if (!rse_object_metadata(object, misfits->key->object.name, &value) ||
        rse_metadata_key_fits(misfits->key, value, NULL))
        return;
    if (misfits->count++ > 0)
        return;
    misfits->first = object;
    misfits->value = value;
}

static bool check_values_there(struct rse_fleet *fleet, const struct rse_metadata_key *key, struct rse_err *err)
{
    const struct cset *users =
        postings_get(&fleet->postings, &(struct term){ TERM_KEY, key->object.name, { NULL, 0 } });
    const struct fleet_table *groups = &fleet->tables[RSE_GROUP];
    struct misfits misfits = { .key = key };

    for (size_t i = 0; i < groups->count; i++)
        look_at(&misfits, groups->at[i]->object);
    for (uint32_t i = users != NULL ? cset_next(users, 0) : UINT32_MAX; i != UINT32_MAX; i = cset_next(users, i + 1))
        look_at(&misfits, fleet->clusters[i]->object);
    if (misfits.count == 0)
        return true;
    rse_fail(err, RSE_CONFLICT, "%zu values don't fit, the first being \"%.*s\" of the %s \"%.*s\"", misfits.count,
             RSE_STR_ARG(misfits.value), rse_noun_info(misfits.first->noun)->name,
             RSE_STR_ARG(fleet_display_name(fleet, misfits.first->noun, misfits.first->id)));
    rse_err_field(err, "/type");
    rse_err_hint(err, "Change these values first.");
    return false;
}

void fleet_check_keys(struct rse_fleet *fleet, const struct fleet_entry *entry, struct rse_faults *faults)
{
    enum rse_noun noun = entry->object->noun;
    struct rse_err one = RSE_ERR_INIT;

    if (noun == RSE_CLUSTER || noun == RSE_GROUP)
        check_metadata(fleet, entry->object, faults);
    else if (noun == RSE_METADATA_KEY &&
             !check_values_there(fleet, (const struct rse_metadata_key *)entry->object, &one))
        rse_faults_add(faults, &one);
}
