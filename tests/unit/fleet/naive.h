/*
 * naive.h - the fleet as a list of objects, and its questions answered one cluster at a time by plain recursion: what the
 * real one is compared with. Shares nothing with it but the structs of the nouns.
 */
#ifndef RESEDGE_TESTS_FLEET_NAIVE_H
#define RESEDGE_TESTS_FLEET_NAIVE_H

#include "tests/unit/fleet/fleet_test.h"

/* ---- expressions, as a tree that is made first and then written down ---- */

enum { NAIVE_MAX_EXPRS = 3 };

struct wish {
    enum rse_expr_kind kind;
    int64_t id;
    char name[64], value[32];
    bool has_value;
    struct wish *left, *right;
};

/* ---- objects ---- */

struct naive_object {
    struct rse_object *object;            /* a clone */
    struct wish *wishes[NAIVE_MAX_EXPRS]; /* its expressions, in the order of the struct; borrowed */
    size_t nwishes;
};

struct naive {
    struct naive_object at[512];
    size_t count;
};

static inline struct naive_object *naive_get(struct naive *n, enum rse_noun noun, int64_t id)
{
    for (size_t i = 0; i < n->count; i++) {
        if (n->at[i].object->noun == noun && n->at[i].object->id == id)
            return &n->at[i];
    }
    return NULL;
}

static inline void naive_remove(struct naive *n, enum rse_noun noun, int64_t id)
{
    struct naive_object *o = naive_get(n, noun, id);

    if (o == NULL)
        return;
    free(o->object);
    *o = n->at[--n->count];
}

static inline void naive_put(struct naive *n, const struct rse_object *object, struct wish *const *wishes,
                             size_t nwishes)
{
    naive_remove(n, object->noun, object->id);
    assert_true(n->count < RSE_COUNT(n->at));

    struct naive_object *o = &n->at[n->count++];

    *o = (struct naive_object){ .object = rse_object_clone(object), .nwishes = nwishes };
    for (size_t i = 0; i < nwishes; i++)
        o->wishes[i] = wishes[i];
}

static inline void naive_clear(struct naive *n)
{
    for (size_t i = 0; i < n->count; i++)
        free(n->at[i].object);
    n->count = 0;
}

static inline void naive_copy(struct naive *to, const struct naive *from)
{
    naive_clear(to);
    for (size_t i = 0; i < from->count; i++)
        naive_put(to, from->at[i].object, from->at[i].wishes, from->at[i].nwishes);
}

/* ---- groups ---- */

static inline const struct rse_group *naive_group(const struct naive_object *o)
{
    return (const struct rse_group *)o->object;
}

/* Parents that are given by id must not form a cycle. */
static inline void naive_path(struct naive *n, const struct naive_object *o, char out[512])
{
    const struct rse_group *g = naive_group(o);
    const struct naive_object *parent = g->parent.id > 0 ? naive_get(n, RSE_GROUP, g->parent.id) : NULL;
    char above[512] = "";

    if (parent != NULL)
        naive_path(n, parent, above);
    else
        (void)snprintf(above, sizeof(above), "%.*s", RSE_STR_ARG(g->parent.name));
    assert_in_range(snprintf(out, 512, "%s/%.*s", above, RSE_STR_ARG(g->object.name)), 1, 511);
}

static inline struct naive_object *naive_find(struct naive *n, enum rse_noun noun, const char *name)
{
    struct naive_object *best = NULL;

    for (size_t i = 0; i < n->count; i++) {
        struct naive_object *o = &n->at[i];
        char path[512];

        if (o->object->noun != noun || (best != NULL && best->object->id < o->object->id))
            continue;
        if (noun == RSE_GROUP)
            naive_path(n, o, path);
        if (noun == RSE_GROUP ? strcmp(path + 1, name[0] == '/' ? name + 1 : name) == 0
                              : rse_str_is(o->object->name, name))
            best = o;
    }
    return best;
}

static inline struct naive_object *naive_follow(struct naive *n, enum rse_noun noun, const struct rse_ref *ref)
{
    if (ref->id > 0)
        return naive_get(n, noun, ref->id);
    return ref->name.len > 0 ? naive_find(n, noun, ref->name.p) : NULL;
}

static inline bool naive_is_parent(struct naive *n, const struct naive_object *parent, const struct naive_object *child)
{
    return naive_follow(n, RSE_GROUP, &naive_group(child)->parent) == parent;
}

/* ---- which sets depend on which ---- */

static inline struct naive_object *naive_named(struct naive *n, const struct wish *wish)
{
    enum rse_noun noun = wish->kind == RSE_EXPR_GROUP     ? RSE_GROUP
                         : wish->kind == RSE_EXPR_CLUSTER ? RSE_CLUSTER
                                                          : RSE_NAMESPACE;

    return wish->id > 0 ? naive_get(n, noun, wish->id) : naive_find(n, noun, wish->name);
}

static inline bool naive_mentions(struct naive *n, const struct wish *wish, const struct naive_object *other)
{
    if (wish == NULL)
        return false;
    if ((wish->kind == RSE_EXPR_GROUP || wish->kind == RSE_EXPR_NAMESPACE) && naive_named(n, wish) == other)
        return true;
    return naive_mentions(n, wish->left, other) || naive_mentions(n, wish->right, other);
}

static inline bool naive_needs(struct naive *n, const struct naive_object *a, const struct naive_object *b)
{
    if (a->object->noun == RSE_GROUP && b->object->noun == RSE_GROUP && naive_is_parent(n, a, b))
        return true;
    for (size_t i = 0; i < a->nwishes; i++) {
        if (naive_mentions(n, a->wishes[i], b))
            return true;
    }
    return false;
}

static inline bool naive_is_scope(const struct naive_object *o)
{
    return o->object->noun == RSE_GROUP || o->object->noun == RSE_NAMESPACE;
}

/* Marks what can be reached from `from`. */
static inline void naive_reach(struct naive *n, const struct naive_object *from, bool *seen)
{
    for (size_t i = 0; i < n->count; i++) {
        if (seen[i] || !naive_is_scope(&n->at[i]) || !naive_needs(n, from, &n->at[i]))
            continue;
        seen[i] = true;
        naive_reach(n, &n->at[i], seen);
    }
}

static inline bool naive_is_cyclic(struct naive *n, const struct naive_object *o)
{
    bool seen[512] = { false };

    naive_reach(n, o, seen);
    return seen[o - n->at];
}

/* ---- one cluster at a time ---- */

static inline bool naive_selects(struct naive *n, const struct wish *wish, const struct rse_cluster *cluster);

static inline bool naive_is_member(struct naive *n, const struct naive_object *group, const struct rse_cluster *cluster)
{
    for (size_t i = 0; i < cluster->groups.count; i++) {
        if (naive_follow(n, RSE_GROUP, &cluster->groups.at[i]) == group)
            return true;
    }
    return false;
}

static inline bool naive_in_group(struct naive *n, const struct naive_object *group, const struct rse_cluster *cluster)
{
    if (naive_is_cyclic(n, group))
        return false;
    if (naive_is_member(n, group, cluster) || (group->nwishes > 0 && naive_selects(n, group->wishes[0], cluster)))
        return true;
    for (size_t i = 0; i < n->count; i++) {
        const struct naive_object *child = &n->at[i];

        if (child->object->noun == RSE_GROUP && naive_is_parent(n, group, child) && naive_in_group(n, child, cluster))
            return true;
    }
    return false;
}

static inline bool naive_in_namespace(struct naive *n, const struct naive_object *ns, const struct rse_cluster *cluster)
{
    if (naive_is_cyclic(n, ns) || ns->wishes[0] == NULL || !naive_selects(n, ns->wishes[0], cluster))
        return false;
    return ns->wishes[1] == NULL || naive_selects(n, ns->wishes[1], cluster);
}

static inline bool naive_has_pair(const struct rse_cluster *cluster, const struct wish *wish)
{
    struct rse_str key = rse_str(wish->name), value = rse_str(wish->value), found;

    if (rse_object_metadata(&cluster->object, key, &found) && (!wish->has_value || rse_str_eq(found, value)))
        return true;
    if (rse_str_is(key, "environment") && cluster->object.environment.len > 0)
        return !wish->has_value || rse_str_eq(cluster->object.environment, value);
    if (rse_str_is(key, "timeZone") && cluster->time_zone.len > 0)
        return !wish->has_value || rse_str_eq(cluster->time_zone, value);
    return false;
}

static inline bool naive_selects_leaf(struct naive *n, const struct wish *wish, const struct rse_cluster *cluster)
{
    struct naive_object *named;

    switch (wish->kind) {
    case RSE_EXPR_GROUP:
        named = naive_named(n, wish);
        return named != NULL && naive_in_group(n, named, cluster);
    case RSE_EXPR_NAMESPACE:
        named = naive_named(n, wish);
        return named != NULL && naive_in_namespace(n, named, cluster);
    case RSE_EXPR_CLUSTER:
        named = naive_named(n, wish);
        return named != NULL && named->object->id == cluster->object.id;
    case RSE_EXPR_METADATA:
        return naive_has_pair(cluster, wish);
    case RSE_EXPR_TAG:
        return rse_object_has_tag(&cluster->object, rse_str(wish->name));
    case RSE_EXPR_STORE:
        return rse_str_is(cluster->store.len > 0 ? cluster->store : cluster->object.name, wish->name);
    default:
        return false;
    }
}

static inline bool naive_selects(struct naive *n, const struct wish *wish, const struct rse_cluster *cluster)
{
    if (wish == NULL || cluster->state == RSE_CLUSTER_CLOSED)
        return false;
    switch (wish->kind) {
    case RSE_EXPR_NONE:
        return false;
    case RSE_EXPR_ALL:
        return true;
    case RSE_EXPR_OR:
        return naive_selects(n, wish->left, cluster) || naive_selects(n, wish->right, cluster);
    case RSE_EXPR_AND:
        return naive_selects(n, wish->left, cluster) && naive_selects(n, wish->right, cluster);
    case RSE_EXPR_NOT:
        return !naive_selects(n, wish->left, cluster);
    default:
        return naive_selects_leaf(n, wish, cluster);
    }
}

/* ---- effective values ---- */

static inline const struct naive_object *naive_parent(struct naive *n, const struct naive_object *group)
{
    return naive_follow(n, RSE_GROUP, &naive_group(group)->parent);
}

static inline bool naive_is_above(struct naive *n, const struct naive_object *a, const struct naive_object *b)
{
    for (b = naive_parent(n, b); b != NULL; b = naive_parent(n, b)) {
        if (a == b)
            return true;
    }
    return false;
}

/* Whether the group has the cluster by itself: as a member or by its own expression. */
static inline bool naive_brings(struct naive *n, const struct naive_object *group, const struct rse_cluster *cluster)
{
    if (naive_is_member(n, group, cluster))
        return true;
    return !naive_is_cyclic(n, group) && group->nwishes > 0 && naive_selects(n, group->wishes[0], cluster);
}

static inline bool naive_counts(struct naive *n, const struct naive_object *group, const struct rse_cluster *cluster)
{
    if (naive_brings(n, group, cluster))
        return true;
    for (size_t i = 0; i < n->count; i++) {
        if (n->at[i].object->noun == RSE_GROUP && naive_is_above(n, group, &n->at[i]) &&
            naive_brings(n, &n->at[i], cluster))
            return true;
    }
    return false;
}

static inline int64_t naive_priority(struct naive *n, const struct naive_object *group)
{
    for (; group != NULL; group = naive_parent(n, group)) {
        if (naive_group(group)->has_priority)
            return naive_group(group)->priority;
    }
    return 0;
}

/* Groups that give a cluster a value for a key, but those that are hidden. */
static inline size_t naive_givers(struct naive *n, const struct rse_cluster *cluster, struct rse_str key,
                                  const struct naive_object *out[512])
{
    const struct naive_object *givers[512];
    size_t count = 0, kept = 0;
    struct rse_str value;

    for (size_t i = 0; i < n->count; i++) {
        if (n->at[i].object->noun == RSE_GROUP && rse_object_metadata(n->at[i].object, key, &value) &&
            naive_counts(n, &n->at[i], cluster))
            givers[count++] = &n->at[i];
    }
    for (size_t i = 0; i < count; i++) {
        bool hidden = false;

        for (size_t j = 0; j < count; j++)
            hidden = hidden || naive_is_above(n, givers[i], givers[j]);
        if (!hidden)
            out[kept++] = givers[i];
    }
    return kept;
}

/* The group that a cluster's value comes from, or NULL. */
static inline const struct naive_object *naive_giver(struct naive *n, const struct rse_cluster *cluster,
                                                     struct rse_str key)
{
    const struct naive_object *givers[512], *best = NULL;
    size_t count = naive_givers(n, cluster, key, givers);

    for (size_t i = 0; i < count; i++) {
        if (best == NULL || naive_priority(n, givers[i]) > naive_priority(n, best) ||
            (naive_priority(n, givers[i]) == naive_priority(n, best) && givers[i]->object->id < best->object->id))
            best = givers[i];
    }
    return best;
}

/* Whether groups of the same priority give a cluster, which has no value of its own, different ones. */
static inline bool naive_in_conflict(struct naive *n, const struct rse_cluster *cluster, struct rse_str key)
{
    const struct naive_object *givers[512], *best = naive_giver(n, cluster, key);
    struct rse_str value, other;
    size_t count;

    if (best == NULL || cluster->state == RSE_CLUSTER_CLOSED || rse_object_metadata(&cluster->object, key, &value))
        return false;
    (void)rse_object_metadata(best->object, key, &value);
    count = naive_givers(n, cluster, key, givers);
    for (size_t i = 0; i < count; i++) {
        (void)rse_object_metadata(givers[i]->object, key, &other);
        if (naive_priority(n, givers[i]) == naive_priority(n, best) && !rse_str_eq(value, other))
            return true;
    }
    return false;
}

#endif
