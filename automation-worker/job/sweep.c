#include "automation-worker/job/sweep.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include <resedge/arena.h>
#include <resedge/bitmap.h>

#include "automation-worker/git/owned.h"

#define MAX_FOLDER 1024

struct found {
    struct rse_str path, name;
    git_oid id;
};

struct sweep {
    const struct build_input *input;
    struct rse_arena *arena;
    struct found *found; /* folders that nobody wishes for */
    size_t count, cap;
};

static bool is_wished(const struct build_input *input, struct rse_str name)
{
    const struct rse_object *cluster = rse_fleet_find(input->fleet, RSE_CLUSTER, name, NULL);

    if (cluster == NULL)
        return false;
    uint32_t index = rse_fleet_cluster_index(input->fleet, cluster->id);
    return rse_plan_wish(input->plan, index) != RSE_FOLDER_NONE;
}

/* What a folder of people is remembered by: when it changes, its history is asked again. */
static struct rse_str foreign_key(struct rse_arena *arena, struct rse_str path, const git_oid *id)
{
    return rse_str(rse_arena_printf(arena, "%s %.*s", git_oid_tostr_s(id), RSE_STR_ARG(path)));
}

static void add_found(struct sweep *sweep, const char *prefix, const struct tree_entry *entry)
{
    struct found found = { .id = entry->id };

    found.path = rse_str(rse_arena_printf(sweep->arena, "%s/%.*s", prefix, RSE_STR_ARG(entry->name)));
    found.name = rse_arena_str(sweep->arena, entry->name);
    if (rse_map_get(sweep->input->foreign, foreign_key(sweep->arena, found.path, &found.id)) != NULL)
        return;
    RSE_GROW(sweep->found, sweep->count, sweep->cap);
    sweep->found[sweep->count++] = found;
}

/* Looks at the folders right under `prefix`. */
static bool look_into(struct sweep *sweep, struct tree *folder, const char *prefix, struct rse_err *err)
{
    size_t count;

    if (!tree_count(folder, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct tree_entry *entry = tree_at(folder, i);

        if (tree_entry_is_folder(entry) && !is_wished(sweep->input, entry->name))
            add_found(sweep, prefix, entry);
    }
    return true;
}

static bool is_shard(struct rse_str name)
{
    return name.len == 2 && isxdigit((unsigned char)name.p[0]) && isxdigit((unsigned char)name.p[1]);
}

/* ---- only where something may have gone ---- */

static bool look_for(struct sweep *sweep, struct tree *root, struct rse_str name, struct rse_err *err)
{
    char folder[MAX_FOLDER];
    struct tree_entry entry;
    bool found;
    RSE_BUF_AUTO path = { 0 };

    rse_buf_init(&path, sizeof(folder) - 1);
    rse_cluster_folder(sweep->input->pattern, name, &path);
    if (!rse_buf_ok(&path, err) || !tree_get(root, rse_buf_str(&path), &entry, &found, err))
        return false;
    if (!found || !tree_entry_is_folder(&entry) || is_wished(sweep->input, name))
        return true;
    /* Without its last segment. */
    snprintf(folder, sizeof(folder), "%.*s", (int)(path.len - name.len - 1), path.p);
    add_found(sweep, folder, &entry);
    return true;
}

static bool look_in_scope(struct sweep *sweep, struct tree *root, const struct build_scope *scope, struct rse_err *err)
{
    RSE_BITMAP_EACH(scope->clusters, index)
    {
        const struct rse_cluster *cluster = rse_fleet_cluster_at(sweep->input->fleet, index);

        if (cluster != NULL && rse_plan_wish(sweep->input->plan, index) == RSE_FOLDER_NONE &&
            !look_for(sweep, root, cluster->object.name, err))
            return false;
    }
    for (size_t i = 0; i < scope->ngone; i++) {
        if (!look_for(sweep, root, scope->gone[i], err))
            return false;
    }
    return true;
}

/* ---- everywhere ---- */

static bool look(struct sweep *sweep, struct tree *root, struct rse_err *err)
{
    struct tree *clusters, *shard;
    size_t count;

    if (!tree_open(root, RSE_STR("clusters"), &clusters, err))
        return false;
    if (clusters == NULL)
        return true;
    if (sweep->input->pattern == RSE_FOLDER_FLAT)
        return look_into(sweep, clusters, "clusters", err);
    if (!tree_count(clusters, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct tree_entry *entry = tree_at(clusters, i);

        if (!tree_entry_is_folder(entry) || !is_shard(entry->name))
            continue;
        char prefix[16];
        snprintf(prefix, sizeof(prefix), "clusters/%.*s", RSE_STR_ARG(entry->name));
        if (!tree_open(clusters, entry->name, &shard, err) || !look_into(sweep, shard, prefix, err))
            return false;
    }
    return true;
}

static bool remove_folder(struct build *build, const struct build_input *input, struct tree *root,
                          const struct found *found, struct rse_err *err)
{
    RSE_CLEANUP(tree_freep) struct tree *before = tree_new(input->objects, &found->id);
    const struct rse_object *object = rse_fleet_find(input->fleet, RSE_CLUSTER, found->name, NULL);

    if (holds_find_cluster(input->holds, found->name) != NULL)
        return true;
    if (!tree_remove(root, found->path, err) || !summary_gone(build->summary, found->name, before, err))
        return false;
    if (object != NULL && ((const struct rse_cluster *)object)->target.id == input->target_id)
        deployments_add(build->deployments, object->id, NULL, NULL, 0);
    return true;
}

static bool remove_owned(struct build *build, struct sweep *sweep, struct tree *root, struct rse_err *err)
{
    const struct build_input *input = sweep->input;
    struct owned_folder *folders = rse_arena_calloc(sweep->arena, sweep->count, sizeof(*folders));

    for (size_t i = 0; i < sweep->count; i++)
        folders[i].path = sweep->found[i].path;
    if (!owned_find(input->objects, input->git, input->head, folders, sweep->count, err))
        return false;
    for (size_t i = 0; i < sweep->count; i++) {
        const struct found *found = &sweep->found[i];

        if (!folders[i].owned)
            rse_map_put(input->foreign, foreign_key(sweep->arena, found->path, &found->id), input->foreign);
        else if (!remove_folder(build, input, root, found, err))
            return false;
    }
    return true;
}

bool sweep_run(struct build *build, const struct build_input *input, struct tree *root, struct rse_err *err)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    struct sweep sweep = { .input = input, .arena = arena };

    if (input->head == NULL)
        return true;
    bool ok = (input->scope != NULL ? look_in_scope(&sweep, root, input->scope, err) : look(&sweep, root, err)) &&
              (sweep.count == 0 || remove_owned(build, &sweep, root, err));
    free(sweep.found);
    return ok;
}
