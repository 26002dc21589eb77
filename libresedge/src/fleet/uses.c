/*
 * uses.c - who refers to an object: what stands in the way of removing it, and what shows its name.
 */
#include <stdlib.h>

#include "libresedge/src/fleet/expr_impl.h"
#include "libresedge/src/fleet/fleet_impl.h"

/* ---- expressions ---- */

/* Whether a node names the object, or of a group also one below it. */
static bool names_it(struct rse_fleet *fleet, const struct rse_expr_node *node, const struct fleet_entry *entry,
                     bool below)
{
    const struct fleet_entry *named;

    if (noun_of_node(node) != entry->object->noun)
        return false;
    named = fleet_bind(fleet, node);
    if (named == entry)
        return true;
    return below && named != NULL && entry->object->noun == RSE_GROUP &&
           group_holds((const struct fleet_group *)entry, (const struct fleet_group *)named);
}

bool fleet_mentions(struct rse_fleet *fleet, const struct fleet_selecting *by, const struct fleet_entry *entry,
                    bool below)
{
    const struct rse_expr_node *node;

    for (size_t i = 0; i < by->nexprs; i++) {
        for (size_t it = 0; (node = expr_next_reference(by->exprs[i], &it)) != NULL;) {
            if (names_it(fleet, node, entry, below))
                return true;
        }
    }
    return false;
}

bool fleet_is_in_expressions(struct rse_fleet *fleet, const struct fleet_entry *entry)
{
    static const enum rse_noun NOUNS[] = { RSE_GROUP, RSE_NAMESPACE, RSE_METADATA_KEY };

    for (size_t n = 0; n < RSE_COUNT(NOUNS); n++) {
        const struct fleet_table *table = &fleet->tables[NOUNS[n]];

        for (size_t i = 0; i < table->count; i++) {
            if (fleet_mentions(fleet, entry_selecting(table->at[i], NOUNS[n]), entry, false))
                return true;
        }
    }
    return false;
}

/* ---- all that refer to it ---- */

struct users {
    struct rse_fleet *fleet;
    const struct fleet_entry *entry;
    bool below; /* of a group: also those that refer to one below it */
    struct rse_dependent *at;
    size_t count, room;
};

static void add_user(struct users *users, const struct rse_object *object)
{
    RSE_GROW(users->at, users->count, users->room);
    users->at[users->count++] = (struct rse_dependent){ object->noun, object->id };
}

static void add_clusters(struct users *users, enum term_kind by_id, enum term_kind by_name,
                         const struct rse_object *object)
{
    struct rse_fleet *fleet = users->fleet;
    struct rse_str name = path_without_slash(fleet_display_name(fleet, object->noun, object->id));
    struct term terms[] = { term_of_id(by_id, &object->id), { .kind = by_name, .key = name } };
    const struct fleet_entry *found = fleet_find_entry(fleet, object->noun, name);
    size_t nterms = found != NULL && found->object == object ? 2 : 1;

    for (size_t i = 0; i < nterms; i++) {
        const struct cset *set = postings_get(&fleet->postings, &terms[i]);

        for (uint32_t bit = set != NULL ? cset_next(set, 0) : UINT32_MAX; bit != UINT32_MAX;
             bit = cset_next(set, bit + 1))
            add_user(users, fleet->clusters[bit]->object);
    }
}

static void add_mentions(struct users *users)
{
    for (enum rse_noun noun = 0; noun < RSE_NOUN_COUNT; noun++) {
        const struct fleet_table *table = &users->fleet->tables[noun];

        for (size_t i = 0; i < table->count; i++) {
            const struct fleet_selecting *by = entry_selecting(table->at[i], noun);

            if (by != NULL && table->at[i] != users->entry &&
                fleet_mentions(users->fleet, by, users->entry, users->below))
                add_user(users, table->at[i]->object);
        }
    }
}

static void add_applications(struct users *users)
{
    const struct fleet_table *table = &users->fleet->tables[RSE_APPLICATION];

    for (size_t i = 0; i < table->count; i++) {
        const struct rse_application *application = (const struct rse_application *)table->at[i]->object;

        if (fleet_follow(users->fleet, RSE_NAMESPACE, &application->namespace_) == users->entry)
            add_user(users, &application->object);
    }
}

static void add_policy_users(struct users *users)
{
    const struct fleet_table *table = &users->fleet->tables[RSE_NAMESPACE];

    for (size_t i = 0; i < table->count; i++) {
        const struct rse_refs *policies = &((const struct rse_namespace *)table->at[i]->object)->policies;

        for (size_t j = 0; j < policies->count; j++) {
            if (fleet_follow(users->fleet, RSE_POLICY, &policies->at[j]) == users->entry)
                add_user(users, table->at[i]->object);
        }
    }
}

static void add_group_users(struct users *users)
{
    struct rse_fleet *fleet = users->fleet;
    const struct fleet_group *group = (const struct fleet_group *)users->entry;

    fleet_build_tree(fleet);
    for (uint32_t i = group->enter; i < group->leave; i++) {
        const struct fleet_group *at = fleet->tree.groups[i];

        if (at != group && (users->below || at->parent == group))
            add_user(users, &group_of(at)->object);
        if (at == group || users->below)
            add_clusters(users, TERM_MEMBER, TERM_MEMBER_PATH, &group_of(at)->object);
    }
}

static int compare_users(const void *a, const void *b)
{
    const struct rse_dependent *x = a, *y = b;

    if (x->noun != y->noun)
        return x->noun < y->noun ? -1 : 1;
    return x->id < y->id ? -1 : x->id > y->id;
}

static void sort_users(struct users *users)
{
    size_t kept = 0;

    if (users->count == 0)
        return;
    qsort(users->at, users->count, sizeof(users->at[0]), compare_users);
    for (size_t i = 1; i < users->count; i++) {
        if (compare_users(&users->at[kept], &users->at[i]) != 0)
            users->at[++kept] = users->at[i];
    }
    users->count = kept + 1;
}

/* Sorted by noun and id; users.at is to be freed. */
static void find_users(struct users *users)
{
    switch (users->entry->object->noun) {
    case RSE_TARGET:
        add_clusters(users, TERM_TARGET, TERM_TARGET_NAME, users->entry->object);
        break;
    case RSE_GROUP:
        add_group_users(users);
        break;
    case RSE_NAMESPACE:
        add_applications(users);
        break;
    case RSE_POLICY:
        add_policy_users(users);
        break;
    default:
        break;
    }
    if (is_scope(users->entry->object->noun) || users->entry->object->noun == RSE_CLUSTER)
        add_mentions(users);
    sort_users(users);
}

/* ---- for others ---- */

enum { SHOWN_USERS = 5 };

static void fail_used(struct users *users, struct rse_err *err)
{
    RSE_BUF_AUTO list = { 0 };

    rse_buf_init(&list, 4096);
    for (size_t i = 0; i < users->count && i < SHOWN_USERS; i++) {
        const struct rse_dependent *user = &users->at[i];

        rse_buf_addf(&list, "%s%s ", i > 0 ? ", " : "", rse_noun_info(user->noun)->name);
        fleet_add_full_name(users->fleet, table_get(&users->fleet->tables[user->noun], user->id), &list);
    }
    if (users->count > SHOWN_USERS)
        rse_buf_addf(&list, " and %zu more", users->count - SHOWN_USERS);
    rse_fail(err, RSE_CONFLICT, "it is in use by %.*s", RSE_STR_ARG(rse_buf_str(&list)));
    rse_err_hint(err, "Change these first.");
}

bool rse_fleet_check_unused(const struct rse_fleet *fleet, enum rse_noun noun, int64_t id, struct rse_err *err)
{
    struct users users = { .fleet = fleet_mutable(fleet), .entry = table_get(&fleet->tables[noun], id) };
    bool used;

    if (users.entry == NULL)
        return true;
    find_users(&users);
    used = users.count > 0;
    if (used) {
        rse_err_object(err, "%s \"%.*s\"", rse_noun_info(noun)->name,
                       RSE_STR_ARG(fleet_display_name(users.fleet, noun, id)));
        fail_used(&users, err);
    }
    free(users.at);
    return !used;
}

size_t rse_fleet_dependents(const struct rse_fleet *fleet, enum rse_noun noun, int64_t id, struct rse_arena *arena,
                            struct rse_dependent **out)
{
    struct users users = {
        .fleet = fleet_mutable(fleet),
        .entry = table_get(&fleet->tables[noun], id),
        .below = true,
    };

    *out = NULL;
    if (users.entry == NULL)
        return 0;
    find_users(&users);
    *out = rse_arena_memdup(arena, users.at, users.count * sizeof(users.at[0]));
    free(users.at);
    return users.count;
}
