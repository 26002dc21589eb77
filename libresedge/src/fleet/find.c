/*
 * find.c - from names and references to what is stored.
 */
#include "libresedge/src/fleet/fleet_impl.h"

/* Looking for a name that isn't there is something that strangers can do all day; 60,000 names would take 15 ms. */
enum { MOST_TO_COMPARE = 5000 };

struct fleet_entry *fleet_find_entry(struct rse_fleet *fleet, enum rse_noun noun, struct rse_str name)
{
    if (noun != RSE_GROUP)
        return table_find(&fleet->tables[noun], name);
    fleet_place_groups(fleet);
    return rse_map_get(fleet->tree.by_path, path_without_slash(name));
}

struct fleet_entry *fleet_follow(struct rse_fleet *fleet, enum rse_noun noun, const struct rse_ref *ref)
{
    if (ref->id > 0)
        return table_get(&fleet->tables[noun], ref->id);
    return ref->name.len > 0 ? fleet_find_entry(fleet, noun, ref->name) : NULL;
}

enum rse_noun noun_of_node(const struct rse_expr_node *node)
{
    return node->kind == RSE_EXPR_GROUP ? RSE_GROUP : node->kind == RSE_EXPR_CLUSTER ? RSE_CLUSTER : RSE_NAMESPACE;
}

struct fleet_entry *fleet_bind(struct rse_fleet *fleet, const struct rse_expr_node *node)
{
    return fleet_follow(fleet, noun_of_node(node), &(struct rse_ref){ node->id, node->name });
}

static struct fleet_entry *namespace_of(struct rse_fleet *fleet, const struct fleet_entry *entry)
{
    return fleet_follow(fleet, RSE_NAMESPACE, &((const struct rse_application *)entry->object)->namespace_);
}

struct fleet_entry *fleet_namesake(struct rse_fleet *fleet, const struct fleet_entry *entry)
{
    enum rse_noun noun = entry->object->noun;
    const struct fleet_table *table = &fleet->tables[noun];
    struct rse_str name = entry->object->name;

    if (noun == RSE_GROUP) {
        fleet_place_groups(fleet);
        return (struct fleet_entry *)((const struct fleet_group *)entry)->twin;
    }
    for (struct fleet_entry *other = table_next_named(table, name, NULL); other != NULL;
         other = table_next_named(table, name, other)) {
        if (other != entry && (noun != RSE_APPLICATION || namespace_of(fleet, other) == namespace_of(fleet, entry)))
            return other;
    }
    return NULL;
}

struct rse_str fleet_display_name(struct rse_fleet *fleet, enum rse_noun noun, int64_t id)
{
    struct fleet_entry *entry = table_get(&fleet->tables[noun], id);

    if (entry == NULL)
        return (struct rse_str){ NULL, 0 };
    fleet_place_groups(fleet);
    return noun == RSE_GROUP ? as_group(entry)->path : entry->object->name;
}

void fleet_add_full_name(struct rse_fleet *fleet, const struct fleet_entry *entry, struct rse_buf *out)
{
    const struct rse_object *object = entry->object;
    const struct fleet_entry *within = object->noun == RSE_APPLICATION ? namespace_of(fleet, entry) : NULL;

    if (within != NULL)
        rse_buf_addf(out, "%.*s/", RSE_STR_ARG(within->object->name));
    rse_buf_add_str(out, fleet_display_name(fleet, object->noun, object->id));
}

/* ---- for others ---- */

size_t rse_fleet_count(const struct rse_fleet *fleet, enum rse_noun noun)
{
    return fleet->tables[noun].count;
}

int64_t rse_fleet_last_id(const struct rse_fleet *fleet, enum rse_noun noun)
{
    return fleet->tables[noun].last_id;
}

void rse_fleet_set_last_id(struct rse_fleet *fleet, enum rse_noun noun, int64_t id)
{
    if (id > fleet->tables[noun].last_id)
        fleet->tables[noun].last_id = id;
}

void rse_fleet_set_etag_holds(struct rse_fleet *fleet, enum rse_noun noun, int64_t id)
{
    struct fleet_entry *entry = table_get(&fleet->tables[noun], id);

    if (entry != NULL)
        entry->object->etag_holds = true;
}

const struct rse_object *rse_fleet_get(const struct rse_fleet *fleet, enum rse_noun noun, int64_t id)
{
    const struct fleet_entry *entry = table_get(&fleet->tables[noun], id);

    return entry != NULL ? entry->object : NULL;
}

const struct rse_object *rse_fleet_next(const struct rse_fleet *fleet, enum rse_noun noun, size_t *it)
{
    const struct fleet_table *table = &fleet->tables[noun];

    return *it < table->count ? table->at[(*it)++]->object : NULL;
}

uint32_t rse_fleet_nbits(const struct rse_fleet *fleet)
{
    return (uint32_t)fleet->nclusters;
}

const struct rse_cluster *rse_fleet_cluster_at(const struct rse_fleet *fleet, uint32_t index)
{
    const struct fleet_entry *entry = fleet_entry_at(fleet, index);

    return entry != NULL ? cluster_of(entry) : NULL;
}

uint32_t rse_fleet_cluster_index(const struct rse_fleet *fleet, int64_t id)
{
    const struct fleet_entry *entry = table_get(&fleet->tables[RSE_CLUSTER], id);

    return entry != NULL ? entry->index : UINT32_MAX;
}

/* ---- applications: by name, or by namespace and name ---- */

static struct fleet_entry *application_in(struct rse_fleet *fleet, const struct fleet_entry *namespace_,
                                          struct rse_str name)
{
    const struct fleet_table *table = &fleet->tables[RSE_APPLICATION];

    for (struct fleet_entry *entry = table_next_named(table, name, NULL); entry != NULL;
         entry = table_next_named(table, name, entry)) {
        if (namespace_of(fleet, entry) == namespace_)
            return entry;
    }
    return NULL;
}

static struct fleet_entry *find_application(struct rse_fleet *fleet, struct rse_str name, struct rse_err *err)
{
    const struct fleet_table *table = &fleet->tables[RSE_APPLICATION];
    ptrdiff_t slash = rse_str_find(name, '/');
    struct fleet_entry *first;

    if (slash >= 0) {
        struct fleet_entry *namespace_ = table_find(&fleet->tables[RSE_NAMESPACE], rse_str_n(name.p, (size_t)slash));

        return namespace_ != NULL ? application_in(fleet, namespace_, rse_str_from(name, (size_t)slash + 1)) : NULL;
    }
    first = table_next_named(table, name, NULL);
    if (first == NULL || table_next_named(table, name, first) == NULL)
        return first;
    rse_fail(err, RSE_CONFLICT, "more than one application is named \"%.*s\"", RSE_STR_ARG(name));
    rse_err_hint(err, "Put its namespace in front: <namespace>/%.*s.", RSE_STR_ARG(name));
    return NULL;
}

const struct rse_object *rse_fleet_find(const struct rse_fleet *fleet, enum rse_noun noun, struct rse_str name,
                                        struct rse_err *err)
{
    struct rse_fleet *mutable = fleet_mutable(fleet);
    const struct fleet_entry *entry =
        noun == RSE_APPLICATION ? find_application(mutable, name, err) : fleet_find_entry(mutable, noun, name);

    if (entry != NULL)
        return entry->object;
    rse_fail(err, RSE_NOT_FOUND, "there is no %s named \"%.*s\"", rse_noun_info(noun)->name, RSE_STR_ARG(name));
    if (fleet->tables[noun].count <= MOST_TO_COMPARE)
        fleet_hint_near(mutable, noun, name, err);
    return NULL;
}
