/*
 * paths.c - where groups stand: each one's parent and path, and which group has a path.
 *
 * Objects come in any order and unchecked, so a parent may be missing, named by a path, above itself, or too far up. The
 * groups are a forest all the same: where that is so, a group is cut off its parent, and the check tells people.
 *
 * All are placed at once when it is asked for after a change. A new group that goes below one that is there, or is a root, is placed
 * alone: else an inventory of 2,000 groups, which looks for each by its path, would place four million.
 */
#include <stdlib.h>

#include "libresedge/src/fleet/fleet_impl.h"

void fleet_release_paths(struct fleet_tree *tree)
{
    rse_arena_free(RSE_TAKE(tree->arena));
    rse_map_free(RSE_TAKE(tree->by_path));
}

static void clear_place(struct fleet_group *group)
{
    group->parent = group->twin = NULL;
    group->path = (struct rse_str){ NULL, 0 };
    group->level = 0;
    group->placed = group->cut = false;
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
        clear_place(as_group(table->at[i]));
    for (size_t i = 0; i < table->count; i++)
        place_chain(fleet, as_group(table->at[i]), chain);
    free(chain);
}

static void index_paths(struct rse_fleet *fleet)
{
    const struct fleet_table *table = &fleet->tables[RSE_GROUP];

    for (size_t i = 0; i < table->count; i++) {
        struct fleet_group *group = as_group(table->at[i]);
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
        struct fleet_group *group = as_group(table->at[i]);
        const struct rse_ref *ref = &group_of(group)->parent;

        if (ref->id <= 0 && ref->name.len > 0 && !group->cut)
            group->parent = rse_map_get(fleet->tree.by_path, path_without_slash(ref->name));
    }
}

static bool names_parent(const struct fleet_group *group)
{
    const struct rse_ref *ref = &group_of(group)->parent;

    return ref->id > 0 || ref->name.len > 0;
}

static size_t count_orphans(const struct rse_fleet *fleet)
{
    const struct fleet_table *table = &fleet->tables[RSE_GROUP];
    size_t count = 0;

    for (size_t i = 0; i < table->count; i++) {
        const struct fleet_group *group = as_group(table->at[i]);

        count += group->parent == NULL && names_parent(group);
    }
    return count;
}

void fleet_place_groups(struct rse_fleet *fleet)
{
    struct fleet_tree *tree = &fleet->tree;

    if (tree->placed_at >= fleet->tree_changed)
        return;
    fleet_release_paths(tree);
    tree->arena = rse_arena_new();
    tree->by_path = rse_map_new();
    place_all(fleet);
    index_paths(fleet);
    follow_named_parents(fleet);
    tree->norphans = count_orphans(fleet);
    tree->placed_at = fleet->clock;
}

void fleet_place_new_group(struct rse_fleet *fleet, struct fleet_group *group)
{
    struct fleet_tree *tree = &fleet->tree;
    int64_t parent_id = group_of(group)->parent.id;
    struct fleet_group *parent = parent_id > 0 ? as_group(table_get(&fleet->tables[RSE_GROUP], parent_id)) : NULL;
    struct rse_str path;

    /* Who waits for a parent may have waited for this one. */
    if (tree->norphans > 0 || (parent == NULL && names_parent(group)))
        return;
    place_group(tree, group, parent);
    path = path_without_slash(group->path);
    if (group->cut || rse_map_get(tree->by_path, path) != NULL)
        return;
    rse_map_put(tree->by_path, path, group);
    tree->placed_at = fleet->clock;
}

void rse_fleet_group_path(const struct rse_fleet *fleet, int64_t group_id, struct rse_buf *out)
{
    struct fleet_entry *entry;

    fleet_place_groups(fleet_mutable(fleet));
    entry = table_get(&fleet->tables[RSE_GROUP], group_id);
    if (entry != NULL)
        rse_buf_add_str(out, as_group(entry)->path);
}
