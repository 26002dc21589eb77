/*
 * check_values.c - that no cluster inherits two values for one key, nor lacks one that is required.
 *
 * A cluster's own write is checked on that cluster; a write to a group, a namespace or a declared key on all clusters that
 * it may touch. Once all of them are known to be well, nothing needs to be looked at until something changes, so many
 * objects that are put first and checked then cost one look at each cluster.
 */
#include <stdlib.h>

#include "libresedge/src/fleet/fleet_impl.h"

enum { NAMED_MAX = 10, NAME_MAX_BYTES = 256 };

/* ---- one cluster ---- */

/* A key that a line of groups brings: two lines with different groups for a key may differ. */
struct brought {
    struct rse_str key;
    const struct fleet_group *group;
};

struct brought_list {
    struct brought *at;
    size_t count, room;
};

static bool is_brought(const struct brought_list *list, size_t from, struct rse_str key)
{
    for (size_t i = from; i < list->count; i++) {
        if (rse_str_eq(list->at[i].key, key))
            return true;
    }
    return false;
}

/* From a group upwards, the nearest one for each key. */
static void add_line(struct brought_list *list, const struct fleet_group *group)
{
    size_t first = list->count;

    for (; group != NULL; group = group->parent) {
        const struct rse_pairs *metadata = &group_of(group)->object.metadata;

        for (size_t i = 0; i < metadata->count; i++) {
            if (is_brought(list, first, metadata->at[i].key))
                continue;
            RSE_GROW(list->at, list->count, list->room);
            list->at[list->count++] = (struct brought){ metadata->at[i].key, group };
        }
    }
}

static void add_lines(struct rse_fleet *fleet, const struct fleet_entry *entry, struct brought_list *list)
{
    const struct rse_refs *groups = &cluster_of(entry)->groups;

    fleet_build_tree(fleet);
    for (size_t i = 0; i < groups->count; i++)
        add_line(list, as_group(fleet_follow(fleet, RSE_GROUP, &groups->at[i])));
    for (size_t i = 0; i < fleet->tree.nselecting; i++) {
        if (cset_has(fleet_own_set(fleet, fleet->tree.selecting[i]), entry->index))
            add_line(list, fleet->tree.selecting[i]);
    }
}

/* others: how many more clusters are not well. */
static void name_cluster(const struct fleet_entry *entry, size_t others, struct rse_buf *out)
{
    rse_buf_addf(out, "cluster \"%.*s\"", RSE_STR_ARG(entry->object->name));
    if (others > 0)
        rse_buf_addf(out, " (and %zu more)", others);
}

static bool fail_conflict(const struct fleet_entry *entry, size_t others, struct rse_str key,
                          const struct inherited *inherited, struct rse_err *err)
{
    const struct fleet_group *group = inherited->group, *rival = inherited->rival;
    struct rse_str other = { NULL, 0 };
    RSE_BUF_AUTO who = { 0 };

    rse_buf_init(&who, NAME_MAX_BYTES);
    name_cluster(entry, others, &who);
    (void)rse_object_metadata(&group_of(rival)->object, key, &other);
    rse_fail(err, RSE_CONFLICT, "%s would have two values for \"%.*s\": \"%.*s\" of %.*s and \"%.*s\" of %.*s", who.p,
             RSE_STR_ARG(key), RSE_STR_ARG(inherited->value), RSE_STR_ARG(group->path), RSE_STR_ARG(other),
             RSE_STR_ARG(rival->path));
    rse_err_hint(err,
                 "Give the group that counts a priority above %lld, say %lld on %.*s, or set the value on the cluster.",
                 (long long)inherited->priority, (long long)inherited->priority + 1, RSE_STR_ARG(rival->path));
    return false;
}

static bool check_conflicts(struct rse_fleet *fleet, const struct fleet_entry *entry, const struct brought_list *list,
                            size_t others, struct rse_err *err)
{
    for (size_t i = 1; i < list->count; i++) {
        struct rse_str key = list->at[i].key, own;
        struct inherited inherited;
        bool differs = false;

        for (size_t j = 0; j < i && !differs; j++)
            differs = list->at[j].group != list->at[i].group && rse_str_eq(list->at[j].key, key);
        if (!differs || rse_object_metadata(entry->object, key, &own))
            continue;
        if (fleet_inherit(fleet, entry->index, key, &inherited) && inherited.rival != NULL)
            return err != NULL && fail_conflict(entry, others, key, &inherited, err);
    }
    return true;
}

static bool fail_required(const struct fleet_entry *entry, size_t others, const struct rse_metadata_key *key,
                          struct rse_err *err)
{
    RSE_BUF_AUTO who = { 0 };

    rse_buf_init(&who, NAME_MAX_BYTES);
    name_cluster(entry, others, &who);
    rse_fail(err, RSE_INVALID, "%s has no value for \"%.*s\", which it must have", who.p,
             RSE_STR_ARG(key->object.name));
    rse_err_hint(err, "It is required on %.*s. Set it on the cluster or on one of its groups.",
                 RSE_STR_ARG(key->required));
    return false;
}

static bool check_required(struct rse_fleet *fleet, const struct fleet_entry *entry, size_t others, struct rse_err *err)
{
    const struct fleet_table *keys = &fleet->tables[RSE_METADATA_KEY];

    for (size_t i = 0; i < keys->count; i++) {
        struct fleet_selector *key = (struct fleet_selector *)keys->at[i];
        struct rse_str name = keys->at[i]->object->name, value;

        if (!cset_has(fleet_selector_set(fleet, key, 0), entry->index) ||
            rse_fleet_value(fleet, entry->index, name, &value, NULL))
            continue;
        return err != NULL && fail_required(entry, others, (const struct rse_metadata_key *)keys->at[i]->object, err);
    }
    return true;
}

/* err NULL: it is only asked whether. */
static bool check_cluster(struct rse_fleet *fleet, const struct fleet_entry *entry, size_t others, struct rse_err *err)
{
    struct brought_list list = { .at = NULL };
    bool ok;

    if (entry == NULL || cluster_of(entry)->state == RSE_CLUSTER_CLOSED)
        return true;
    add_lines(fleet, entry, &list);
    ok = check_conflicts(fleet, entry, &list, others, err) && check_required(fleet, entry, others, err);
    free(list.at);
    return ok;
}

/* ---- many clusters ---- */

/* All are counted; the first ones are named. */
struct unwell {
    int64_t named[RSE_UNWELL_NAMED];
    size_t count;
};

static void note(struct unwell *unwell, const struct fleet_entry *entry)
{
    if (unwell->count < RSE_UNWELL_NAMED)
        unwell->named[unwell->count] = entry->object->id;
    unwell->count++;
}

static void tell(const struct rse_fleet *fleet, const struct unwell *unwell, struct rse_faults *faults)
{
    for (size_t i = 0; i < unwell->count && i < RSE_UNWELL_NAMED; i++) {
        struct rse_err one = RSE_ERR_INIT;

        rse_fleet_unwell_fault(fleet, unwell->named[i], i == 0 ? unwell->count - 1 : 0, &one);
        rse_faults_add(faults, &one);
    }
}

static void check_clusters(struct rse_fleet *fleet, const struct cset *set, struct rse_faults *faults)
{
    struct unwell unwell = { .count = 0 };

    for (uint32_t i = cset_next(set, 0); i != UINT32_MAX; i = cset_next(set, i + 1)) {
        if (!check_cluster(fleet, fleet->clusters[i], 0, NULL))
            note(&unwell, fleet->clusters[i]);
    }
    tell(fleet, &unwell, faults);
}

static void check_all_clusters(struct rse_fleet *fleet, struct rse_faults *faults)
{
    struct unwell unwell = { .count = 0 };

    RSE_BITMAP_EACH(&fleet->live, bit)
    {
        if (!check_cluster(fleet, fleet->clusters[bit], 0, NULL))
            note(&unwell, fleet->clusters[bit]);
    }
    tell(fleet, &unwell, faults);
    if (unwell.count == 0)
        fleet->values_checked = fleet->clock;
}

/* ---- which clusters a write touches ---- */

static bool text_differs(struct rse_str a, struct rse_str b)
{
    return (a.p == NULL) != (b.p == NULL) || !rse_str_eq(a, b);
}

static bool expressions_differ(const struct rse_object *a, const struct rse_object *b)
{
    struct rse_str x, y;

    for (size_t i = 0; object_expression(b, i, &y); i++) {
        x = (struct rse_str){ NULL, 0 };
        if (a != NULL)
            (void)object_expression(a, i, &x);
        if (text_differs(x, y))
            return true;
    }
    return false;
}

static bool metadata_differs(const struct rse_object *a, const struct rse_object *b)
{
    if (a->metadata.count != b->metadata.count)
        return true;
    for (size_t i = 0; i < a->metadata.count; i++) {
        if (!rse_str_eq(a->metadata.at[i].key, b->metadata.at[i].key) ||
            !rse_str_eq(a->metadata.at[i].value, b->metadata.at[i].value))
            return true;
    }
    return false;
}

static bool is_moved(const struct rse_group *before, const struct rse_group *after)
{
    return before != NULL && before->parent.id != after->parent.id;
}

static bool is_priority_new(const struct rse_group *before, const struct rse_group *after)
{
    return before->has_priority != after->has_priority || before->priority != after->priority;
}

static void check_group(struct rse_fleet *fleet, const struct fleet_entry *entry, struct rse_faults *faults)
{
    bool known;
    const struct rse_object *object = fleet_before(fleet, RSE_GROUP, entry->object->id, &known);
    const struct rse_group *before = (const struct rse_group *)object, *after = (const struct rse_group *)entry->object;

    if (!known || expressions_differ(object, entry->object) || is_moved(before, after))
        check_all_clusters(fleet, faults);
    else if (before == NULL || metadata_differs(object, entry->object) || is_priority_new(before, after))
        check_clusters(fleet, fleet_scope_set(fleet, &as_group((struct fleet_entry *)entry)->scope), faults);
}

/* What a namespace selects matters where a group or a declared key asks for it. */
static void check_namespace(struct rse_fleet *fleet, const struct fleet_entry *entry, struct rse_faults *faults)
{
    bool known;
    const struct rse_object *before = fleet_before(fleet, RSE_NAMESPACE, entry->object->id, &known);

    if (fleet_is_in_expressions(fleet, entry) && (!known || expressions_differ(before, entry->object)))
        check_all_clusters(fleet, faults);
}

static void check_key(struct rse_fleet *fleet, const struct fleet_entry *entry, struct rse_faults *faults)
{
    check_clusters(fleet, fleet_selector_set(fleet, (struct fleet_selector *)entry, 0), faults);
}

static bool all_are_well(const struct rse_fleet *fleet)
{
    return fleet->values_checked >= fleet->sets_changed && fleet->values_checked >= fleet->keys_changed;
}

bool rse_fleet_check_values(const struct rse_fleet *fleet, struct rse_err *err)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    struct rse_faults faults = { .arena = arena };

    if (!all_are_well(fleet))
        check_all_clusters(fleet_mutable(fleet), &faults);
    return faults.count == 0 || fleet_first_fault(&faults, err);
}

bool rse_fleet_value_faults_of(const struct rse_fleet *of, enum rse_noun noun, int64_t id, struct rse_faults *faults)
{
    struct rse_fleet *fleet = fleet_mutable(of);
    const struct fleet_entry *entry = table_get(&fleet->tables[noun], id);
    size_t before = faults->count;
    struct rse_err one = RSE_ERR_INIT;

    if (entry == NULL || all_are_well(fleet))
        return true;
    if (noun == RSE_CLUSTER && !check_cluster(fleet, entry, 0, &one))
        rse_faults_add(faults, &one);
    else if (noun == RSE_GROUP)
        check_group(fleet, entry, faults);
    else if (noun == RSE_NAMESPACE)
        check_namespace(fleet, entry, faults);
    else if (noun == RSE_METADATA_KEY)
        check_key(fleet, entry, faults);
    return faults->count == before;
}

size_t rse_fleet_unwell(const struct rse_fleet *of, const int64_t *among, size_t count, int64_t *out)
{
    struct rse_fleet *fleet = fleet_mutable(of);
    size_t unwell = 0;

    for (size_t i = 0; i < count && !all_are_well(fleet); i++) {
        if (!check_cluster(fleet, table_get(&fleet->tables[RSE_CLUSTER], among[i]), 0, NULL))
            out[unwell++] = among[i];
    }
    return unwell;
}

void rse_fleet_unwell_fault(const struct rse_fleet *of, int64_t cluster, size_t others, struct rse_err *err)
{
    struct rse_fleet *fleet = fleet_mutable(of);

    (void)check_cluster(fleet, table_get(&fleet->tables[RSE_CLUSTER], cluster), others, err);
}
