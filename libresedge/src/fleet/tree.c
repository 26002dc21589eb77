/*
 * tree.c - groups as a tree: paths, children, who is above whom. Built as a whole when it is asked for after a change:
 * 2,000 groups take a fraction of a millisecond.
 *
 * Objects come in any order and unchecked, so a parent may be missing, named by a path, above itself, or too far up. The
 * tree is a forest all the same: where that is so, a group is cut off its parent, and the check tells people.
 */
#include <assert.h>
#include <stdlib.h>

#include "libresedge/src/fleet/fleet_impl.h"

void fleet_release_tree(struct rse_fleet *fleet)
{
    rse_arena_free(RSE_TAKE(fleet->tree.arena));
    rse_map_free(RSE_TAKE(fleet->tree.by_path));
    free(RSE_TAKE(fleet->tree.groups));
    free(RSE_TAKE(fleet->tree.selecting));
    fleet->tree.count = fleet->tree.nselecting = 0;
}

static struct fleet_group *group_at(const struct fleet_table *table, size_t i)
{
    return as_group(table->at[i]);
}

static void clear_group(struct fleet_group *group)
{
    group->parent = group->twin = NULL;
    group->path = (struct rse_str){ NULL, 0 };
    group->children = NULL;
    group->nchildren = 0;
    group->enter = group->leave = group->level = 0;
    group->placed = group->cut = false;
    group->selects_below = group->scope.selecting.exprs[0] != NULL;
}

static struct rse_str join_path(struct rse_arena *arena, struct rse_str above, struct rse_str name)
{
    const char *slash = above.len > 0 && above.p[0] != '/' ? "/" : "";

    return rse_str(rse_arena_printf(arena, "%s%.*s/%.*s", slash, RSE_STR_ARG(above), RSE_STR_ARG(name)));
}

/* Below a parent that is placed, or as a root, or below a path that was only named. */
static void place_group(struct fleet_tree *tree, struct fleet_group *group, struct fleet_group *parent)
{
    const struct rse_group *g = group_of(group);

    if (parent != NULL && (!parent->placed || parent->level >= 2 * FLEET_MAX_LEVELS)) {
        group->cut = true;
        parent = NULL;
    }
    group->parent = parent;
    group->level = parent != NULL ? parent->level + 1 : 1;
    group->path = join_path(tree->arena,
                            parent != NULL ? parent->path
                            : group->cut   ? RSE_STR("")
                                           : g->parent.name,
                            g->object.name);
    group->placed = true;
}

/* The chain of parents by id up to one that is placed, then down again. `chain` has room for all groups. */
static void place_chain(struct rse_fleet *fleet, struct fleet_group *group, struct fleet_group **chain)
{
    const struct fleet_table *table = &fleet->tables[RSE_GROUP];
    struct fleet_group *parent = NULL;
    size_t n = 0;

    for (struct fleet_group *at = group; at != NULL && !at->placed; at = parent) {
        const struct rse_ref *ref = &group_of(at)->parent;

        /* Met before in this chain: a cycle ends here. */
        if (at->cut)
            break;
        at->cut = true;
        chain[n++] = at;
        parent = ref->id > 0 ? as_group(table_get(table, ref->id)) : NULL;
    }
    while (n > 0) {
        struct fleet_group *at = chain[--n];

        at->cut = false;
        place_group(&fleet->tree, at, parent);
        parent = at;
    }
}

static void place_all(struct rse_fleet *fleet)
{
    const struct fleet_table *table = &fleet->tables[RSE_GROUP];
    struct fleet_group **chain = rse_xcalloc(table->count, sizeof(struct fleet_group *));

    for (size_t i = 0; i < table->count; i++)
        clear_group(group_at(table, i));
    for (size_t i = 0; i < table->count; i++)
        place_chain(fleet, group_at(table, i), chain);
    free(chain);
}

static void index_paths(struct rse_fleet *fleet)
{
    const struct fleet_table *table = &fleet->tables[RSE_GROUP];

    for (size_t i = 0; i < table->count; i++) {
        struct fleet_group *group = group_at(table, i);
        struct rse_str path = path_without_slash(group->path);
        struct fleet_group *first = rse_map_get(fleet->tree.by_path, path);

        if (first == NULL) {
            rse_map_put(fleet->tree.by_path, path, group);
        } else {
            first->twin = group;
            group->twin = first;
        }
    }
}

/* A path is longer than that of what is above it, so no cycle can come of this. */
static void follow_named_parents(struct rse_fleet *fleet)
{
    const struct fleet_table *table = &fleet->tables[RSE_GROUP];

    for (size_t i = 0; i < table->count; i++) {
        struct fleet_group *group = group_at(table, i);
        const struct rse_ref *ref = &group_of(group)->parent;

        if (ref->id <= 0 && ref->name.len > 0 && !group->cut)
            group->parent = rse_map_get(fleet->tree.by_path, path_without_slash(ref->name));
    }
}

static void link_children(struct rse_fleet *fleet)
{
    const struct fleet_table *table = &fleet->tables[RSE_GROUP];

    for (size_t i = 0; i < table->count; i++) {
        if (group_at(table, i)->parent != NULL)
            group_at(table, i)->parent->nchildren++;
    }
    for (size_t i = 0; i < table->count; i++) {
        struct fleet_group *group = group_at(table, i);

        group->children = rse_arena_calloc(fleet->tree.arena, group->nchildren, sizeof(group->children[0]));
        group->nchildren = 0;
    }
    for (size_t i = 0; i < table->count; i++) {
        struct fleet_group *parent = group_at(table, i)->parent;

        if (parent != NULL)
            parent->children[parent->nchildren++] = table->at[i]->object->id;
    }
}

/* Parents before children: a group's place in the list is its number. */
static void number_groups(struct rse_fleet *fleet)
{
    const struct fleet_table *table = &fleet->tables[RSE_GROUP];
    struct fleet_tree *tree = &fleet->tree;
    struct fleet_group **stack = rse_xcalloc(table->count, sizeof(struct fleet_group *));
    size_t depth = 0;

    tree->groups = rse_xcalloc(table->count, sizeof(struct fleet_group *));
    for (size_t i = table->count; i-- > 0;) {
        if (group_at(table, i)->parent == NULL)
            stack[depth++] = group_at(table, i);
    }
    while (depth > 0) {
        struct fleet_group *group = stack[--depth];

        group->enter = (uint32_t)tree->count;
        group->level = group->parent != NULL ? group->parent->level + 1 : 1;
        tree->groups[tree->count++] = group;
        for (size_t i = group->nchildren; i-- > 0;)
            stack[depth++] = as_group(table_get(table, group->children[i]));
    }
    free(stack);
    assert(tree->count == table->count);
}

/* From the leaves up: where a subtree ends, and whether there is an expression in it. */
static void close_subtrees(struct fleet_tree *tree)
{
    for (size_t i = tree->count; i-- > 0;) {
        struct fleet_group *group = tree->groups[i], *parent = group->parent;

        if (group->leave == 0)
            group->leave = group->enter + 1;
        if (parent == NULL)
            continue;
        parent->selects_below |= group->selects_below;
        if (parent->leave < group->leave)
            parent->leave = group->leave;
    }
}

static bool selects(const struct fleet_group *group)
{
    return group->scope.selecting.exprs[0] != NULL;
}

static void list_selecting(struct fleet_tree *tree)
{
    tree->selecting = rse_xcalloc(tree->count, sizeof(struct fleet_group *));
    for (size_t i = 0; i < tree->count; i++) {
        if (selects(tree->groups[i]))
            tree->selecting[tree->nselecting++] = tree->groups[i];
    }
}

void fleet_build_tree(struct rse_fleet *fleet)
{
    struct fleet_tree *tree = &fleet->tree;

    if (tree->built_at >= fleet->tree_changed)
        return;
    fleet_release_tree(fleet);
    tree->arena = rse_arena_new();
    tree->by_path = rse_map_new();
    place_all(fleet);
    index_paths(fleet);
    follow_named_parents(fleet);
    link_children(fleet);
    number_groups(fleet);
    close_subtrees(tree);
    list_selecting(tree);
    tree->built_at = fleet->clock;
}

void fleet_spoil_groups_of(struct rse_fleet *fleet, const struct rse_cluster *cluster)
{
    /* A tree that is to be built anew spoils all sets. */
    if (cluster == NULL || fleet->tree.built_at < fleet->tree_changed)
        return;
    for (size_t i = 0; i < cluster->groups.count; i++) {
        struct fleet_entry *entry = fleet_follow(fleet, RSE_GROUP, &cluster->groups.at[i]);

        for (struct fleet_group *group = as_group(entry); group != NULL; group = group->parent)
            group->scope.computed_at = 0;
    }
}

void rse_fleet_group_path(const struct rse_fleet *fleet, int64_t group_id, struct rse_buf *out)
{
    struct fleet_entry *entry;

    fleet_build_tree(fleet_mutable(fleet));
    entry = table_get(&fleet->tables[RSE_GROUP], group_id);
    if (entry != NULL)
        rse_buf_add_str(out, as_group(entry)->path);
}

const int64_t *rse_fleet_group_children(const struct rse_fleet *fleet, int64_t group_id, size_t *count)
{
    struct fleet_entry *entry;

    fleet_build_tree(fleet_mutable(fleet));
    entry = table_get(&fleet->tables[RSE_GROUP], group_id);
    *count = entry != NULL ? as_group(entry)->nchildren : 0;
    return entry != NULL ? as_group(entry)->children : NULL;
}
