/*
 * values.c - what a cluster's metadata comes to: its own, its groups', or the declared default.
 *
 * Groups bring values by direct membership and by their own expression, each with all that is above them. Walking up from
 * such a group, the first one with the key is the only one of that line that can count.
 */
#include <stdlib.h>

#include "libresedge/src/fleet/fleet_impl.h"

/* ---- groups whose expression brings a key ---- */

void fleet_release_givers(struct rse_fleet *fleet)
{
    void *givers;

    if (fleet->givers.by_key == NULL)
        return;
    for (size_t it = 0; rse_map_next(fleet->givers.by_key, &it, NULL, &givers);) {
        free(((struct fleet_givers *)givers)->at);
        free(givers);
    }
    rse_map_free(RSE_TAKE(fleet->givers.by_key));
}

static void add_giver(struct rse_map *by_key, struct rse_str key, struct fleet_group *group)
{
    struct fleet_givers *givers = rse_map_get(by_key, key);

    if (givers == NULL) {
        givers = rse_new(struct fleet_givers);
        rse_map_put(by_key, key, givers);
    }
    if (givers->count > 0 && givers->at[givers->count - 1] == group)
        return;
    RSE_GROW(givers->at, givers->count, givers->room);
    givers->at[givers->count++] = group;
}

static void build_givers(struct rse_fleet *fleet)
{
    fleet_build_tree(fleet);
    if (fleet->givers.built_at >= fleet->keys_changed && fleet->givers.built_at >= fleet->tree_changed)
        return;
    fleet_release_givers(fleet);
    fleet->givers.by_key = rse_map_new();
    for (size_t i = 0; i < fleet->tree.nselecting; i++) {
        struct fleet_group *group = fleet->tree.selecting[i];

        for (const struct fleet_group *at = group; at != NULL; at = at->parent) {
            const struct rse_pairs *metadata = &group_of(at)->object.metadata;

            for (size_t j = 0; j < metadata->count; j++)
                add_giver(fleet->givers.by_key, metadata->at[j].key, group);
        }
    }
    fleet->givers.built_at = fleet->clock;
}

/* ---- candidates ---- */

struct candidate {
    const struct fleet_group *group;
    struct rse_str value;
};

struct candidates {
    struct candidate *at, few[16];
    size_t count, room;
};

static void init_candidates(struct candidates *candidates)
{
    candidates->at = candidates->few;
    candidates->count = 0;
    candidates->room = RSE_COUNT(candidates->few);
}

static void release_candidates(struct candidates *candidates)
{
    if (candidates->at != candidates->few)
        free(candidates->at);
}

static void add_candidate(struct candidates *candidates, const struct fleet_group *group, struct rse_str value)
{
    for (size_t i = 0; i < candidates->count; i++) {
        if (candidates->at[i].group == group)
            return;
    }
    if (candidates->count == candidates->room) {
        struct candidate *more = rse_xcalloc(candidates->room * 2, sizeof(*more));

        memcpy(more, candidates->at, candidates->count * sizeof(*more));
        release_candidates(candidates);
        candidates->at = more;
        candidates->room *= 2;
    }
    candidates->at[candidates->count++] = (struct candidate){ group, value };
}

static void add_line(struct candidates *candidates, const struct fleet_group *group, struct rse_str key)
{
    struct rse_str value;

    for (; group != NULL; group = group->parent) {
        if (!rse_object_metadata(&group_of(group)->object, key, &value))
            continue;
        add_candidate(candidates, group, value);
        return;
    }
}

static void gather(struct rse_fleet *fleet, uint32_t index, struct rse_str key, struct candidates *candidates)
{
    const struct rse_refs *groups = &cluster_of(fleet->clusters[index])->groups;
    const struct fleet_givers *givers;

    build_givers(fleet);
    for (size_t i = 0; i < groups->count; i++)
        add_line(candidates, as_group(fleet_follow(fleet, RSE_GROUP, &groups->at[i])), key);
    givers = rse_map_get(fleet->givers.by_key, key);
    for (size_t i = 0; givers != NULL && i < givers->count; i++) {
        if (cset_has(fleet_own_set(fleet, givers->at[i]), index))
            add_line(candidates, givers->at[i], key);
    }
}

/* ---- the one that counts ---- */

static int64_t priority_of(const struct fleet_group *group)
{
    for (; group != NULL; group = group->parent) {
        if (group_of(group)->has_priority)
            return group_of(group)->priority;
    }
    return 0;
}

static bool is_hidden(const struct candidates *candidates, const struct fleet_group *group)
{
    for (size_t i = 0; i < candidates->count; i++) {
        if (candidates->at[i].group != group && group_holds(group, candidates->at[i].group))
            return true;
    }
    return false;
}

static int64_t id_of(const struct fleet_group *group)
{
    return group_of(group)->object.id;
}

/* The value of the highest priority; of several with it, the group with the lowest id. */
static void choose(const struct candidates *candidates, struct inherited *out)
{
    for (size_t i = 0; i < candidates->count; i++) {
        const struct candidate *candidate = &candidates->at[i];
        int64_t priority = priority_of(candidate->group);

        if (is_hidden(candidates, candidate->group))
            continue;
        if (out->group != NULL && priority < out->priority)
            continue;
        if (out->group != NULL && priority == out->priority && id_of(out->group) < id_of(candidate->group))
            continue;
        out->group = candidate->group;
        out->value = candidate->value;
        out->priority = priority;
    }
}

static void find_rival(const struct candidates *candidates, struct inherited *out)
{
    for (size_t i = 0; i < candidates->count; i++) {
        const struct candidate *candidate = &candidates->at[i];

        if (rse_str_eq(candidate->value, out->value) || priority_of(candidate->group) != out->priority ||
            is_hidden(candidates, candidate->group))
            continue;
        if (out->rival == NULL || id_of(candidate->group) < id_of(out->rival))
            out->rival = candidate->group;
    }
}

bool fleet_inherit(struct rse_fleet *fleet, uint32_t index, struct rse_str key, struct inherited *out)
{
    struct candidates candidates;

    *out = (struct inherited){ .group = NULL };
    init_candidates(&candidates);
    gather(fleet, index, key, &candidates);
    choose(&candidates, out);
    if (candidates.count > 1)
        find_rival(&candidates, out);
    release_candidates(&candidates);
    return out->group != NULL;
}

static bool value_of_default(const struct rse_fleet *fleet, struct rse_str key, struct rse_str *out,
                             struct rse_value_source *source)
{
    const struct fleet_entry *entry = table_find(&fleet->tables[RSE_METADATA_KEY], key);
    const struct rse_metadata_key *declared = entry != NULL ? (const struct rse_metadata_key *)entry->object : NULL;

    if (declared == NULL || declared->default_value.p == NULL)
        return false;
    *out = declared->default_value;
    *source = (struct rse_value_source){ .object = &declared->object, .is_default = true };
    return true;
}

bool rse_fleet_value(const struct rse_fleet *fleet, uint32_t cluster_index, struct rse_str key, struct rse_str *out,
                     struct rse_value_source *source)
{
    const struct rse_cluster *cluster = rse_fleet_cluster_at(fleet, cluster_index);
    struct rse_value_source unused;
    struct inherited inherited;

    if (source == NULL)
        source = &unused;
    if (cluster == NULL)
        return false;
    if (rse_object_metadata(&cluster->object, key, out)) {
        *source = (struct rse_value_source){ .object = &cluster->object, .own = true };
        return true;
    }
    if (fleet_inherit(fleet_mutable(fleet), cluster_index, key, &inherited)) {
        *out = inherited.value;
        *source = (struct rse_value_source){ .object = &group_of(inherited.group)->object };
        return true;
    }
    return value_of_default(fleet, key, out, source);
}

/* ---- those that don't ---- */

/* All of a line, not only the one that can count. */
static void add_whole_line(struct candidates *candidates, const struct fleet_group *group, struct rse_str key)
{
    for (; group != NULL; group = group->parent)
        add_line(candidates, group, key);
}

static void gather_all(struct rse_fleet *fleet, uint32_t index, struct rse_str key, struct candidates *candidates)
{
    size_t lowest;

    gather(fleet, index, key, candidates);
    lowest = candidates->count;
    for (size_t i = 0; i < lowest; i++)
        add_whole_line(candidates, candidates->at[i].group->parent, key);
}

size_t rse_fleet_hidden_values(const struct rse_fleet *fleet, uint32_t cluster_index, struct rse_str key,
                               struct rse_arena *arena, struct rse_hidden_value **out)
{
    struct rse_value_source counts = { 0 }, of_default;
    struct rse_str value;
    struct candidates candidates;
    size_t count = 0;

    if (!rse_fleet_value(fleet, cluster_index, key, &value, &counts))
        return 0;
    init_candidates(&candidates);
    gather_all(fleet_mutable(fleet), cluster_index, key, &candidates);
    *out = rse_arena_calloc(arena, candidates.count + 1, sizeof(**out));
    for (size_t i = 0; i < candidates.count; i++) {
        const struct rse_object *object = &group_of(candidates.at[i].group)->object;

        if (object != counts.object)
            (*out)[count++] = (struct rse_hidden_value){ candidates.at[i].value, { .object = object } };
    }
    release_candidates(&candidates);
    if (!counts.is_default && value_of_default(fleet, key, &value, &of_default))
        (*out)[count++] = (struct rse_hidden_value){ value, of_default };
    return count;
}

void fleet_warm_values(struct rse_fleet *fleet)
{
    build_givers(fleet);
}
