/*
 * changeset_check.c - checks a change set as a whole: each object against the fleet that has all of them, then what the clusters
 * would inherit.
 */
#include "api-server/fleet/changeset_internal.h"

/* ---- objects ---- */

/* Of the faults from that index on. */
static void name_place(struct changeset *set, struct rse_faults *faults, size_t from, const struct change *change)
{
    for (size_t i = from; i < faults->count && !change->nameless; i++)
        changeset_name_object(&faults->at[i], rse_fleet_get(set->fleet, change->noun, change->id));
    if (change->place > 0)
        rse_faults_within(faults, from, "/%s/%u", rse_noun_info(change->noun)->plural, change->place - 1);
}

void changeset_add_fault(struct changeset *set, struct rse_faults *faults, enum rse_noun noun, int64_t id,
                         struct rse_err *err)
{
    size_t before = faults->count;

    rse_faults_add(faults, err);
    name_place(set, faults, before, changeset_change_of(set, noun, id));
}

static bool is_put(const struct change *change)
{
    return !change->is_delete && !change->is_template;
}

static void check_object(struct changeset *set, struct change *change, struct rse_faults *faults)
{
    struct rse_faults all = { .arena = set->arena };
    size_t before = faults->count;

    if (rse_fleet_object_faults(set->fleet, change->noun, change->id, &all))
        return;
    for (size_t i = 0; i < all.count; i++) {
        /* Resolving told of all of them. */
        if (!change->unresolved || !changeset_is_reference(change->noun, all.at[i].field))
            rse_faults_add(faults, &all.at[i]);
    }
    name_place(set, faults, before, change);
    change->faulty = true;
}

void changeset_object_faults(struct changeset *set, struct rse_faults *faults)
{
    for (size_t i = 0; i < set->count && !faults->more; i++) {
        struct change *change = &set->changes[i];

        /* What is derived from something wrong is wrong for that reason. */
        if (is_put(change) && (!change->derived || faults->count == 0))
            check_object(set, change, faults);
    }
}

/* ---- values ---- */

/* Its change may touch what any cluster inherits, or has to have. */
static bool is_wide(const struct change *change)
{
    return change->noun == RSE_GROUP || change->noun == RSE_NAMESPACE || change->noun == RSE_METADATA_KEY;
}

/* What is put and asked for: what is derived inherits as it did. */
struct asked {
    size_t count, wide;
    const struct change *widest; /* one of them */
    bool unsaid;                 /* what would be inherited, as long as one of them has faults */
    int64_t *clusters;           /* without faults */
    size_t nclusters;
};

static void look_at_changes(struct changeset *set, struct asked *asked)
{
    asked->clusters = rse_arena_calloc(set->arena, set->count, sizeof(asked->clusters[0]));
    for (size_t i = 0; i < set->count; i++) {
        const struct change *change = &set->changes[i];

        if (!is_put(change) || change->derived)
            continue;
        asked->count++;
        if (is_wide(change)) {
            asked->wide++;
            asked->widest = change;
            asked->unsaid = asked->unsaid || change->faulty;
        } else if (change->noun == RSE_CLUSTER && !change->faulty) {
            asked->clusters[asked->nclusters++] = change->id;
        } else if (change->noun == RSE_CLUSTER) {
            rse_fleet_remove(set->fleet, RSE_CLUSTER, change->id); /* what it lacks may be what is wrong with it */
        }
    }
}

static void take_all(struct changeset *set, struct asked *asked)
{
    const struct rse_object *cluster;

    asked->nclusters = 0;
    asked->clusters =
        rse_arena_calloc(set->arena, rse_fleet_count(set->fleet, RSE_CLUSTER), sizeof(asked->clusters[0]));
    for (size_t it = 0; (cluster = rse_fleet_next(set->fleet, RSE_CLUSTER, &it)) != NULL;)
        asked->clusters[asked->nclusters++] = cluster->id;
}

static bool has_place(const struct changeset *set, int64_t cluster)
{
    const struct change *change = changeset_find(set, RSE_CLUSTER, cluster);

    return change != NULL && change->place > 0;
}

static void tell_one(struct changeset *set, const struct asked *asked, int64_t cluster, size_t others,
                     struct rse_faults *faults)
{
    const struct change *change = changeset_find(set, RSE_CLUSTER, cluster);
    size_t before = faults->count;
    struct rse_err one = RSE_ERR_INIT;

    rse_fleet_unwell_fault(set->fleet, cluster, others, &one);
    rse_faults_add(faults, &one);
    if (change == NULL && asked->wide == 1)
        change = asked->widest;
    if (change != NULL)
        name_place(set, faults, before, change);
}

/* Those that the body lists are told one by one, of others some are named and all are counted. */
static void tell_unwell(struct changeset *set, const struct asked *asked, const int64_t *unwell, size_t count,
                        struct rse_faults *faults)
{
    size_t elsewhere = 0, named = 0;

    for (size_t i = 0; i < count; i++)
        elsewhere += !has_place(set, unwell[i]);
    for (size_t i = 0; i < count && !faults->more; i++) {
        if (has_place(set, unwell[i]))
            tell_one(set, asked, unwell[i], 0, faults);
        else if (named < RSE_UNWELL_NAMED)
            tell_one(set, asked, unwell[i], named++ == 0 ? elsewhere - 1 : 0, faults);
    }
}

static void check_clusters(struct changeset *set, const struct asked *asked, struct rse_faults *faults)
{
    int64_t *unwell = rse_xcalloc(asked->nclusters + 1, sizeof(unwell[0]));
    size_t count = rse_fleet_unwell(set->fleet, asked->clusters, asked->nclusters, unwell);

    tell_unwell(set, asked, unwell, count, faults);
    rse_freep(&unwell);
}

void changeset_value_faults(struct changeset *set, struct rse_faults *faults)
{
    struct asked asked = { .count = 0 };
    size_t before = faults->count;

    look_at_changes(set, &asked);
    if (asked.unsaid)
        return;
    if (asked.count == 1 && asked.wide == 1 && !set->uncovers) {
        if (!rse_fleet_value_faults_of(set->fleet, asked.widest->noun, asked.widest->id, faults))
            name_place(set, faults, before, asked.widest);
        return;
    }
    if ((asked.wide > 0 || set->uncovers) && rse_fleet_check_values(set->fleet, NULL))
        return;
    if (asked.wide > 0 || set->uncovers)
        take_all(set, &asked);
    check_clusters(set, &asked, faults);
}
