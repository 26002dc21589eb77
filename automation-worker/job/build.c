#include "build.h"

#include <stdlib.h>

#include "cluster.h"
#include "sweep.h"

#define MAX_PATH_BYTES 1024

/* A cluster whose folder is to be built. */
struct wished {
    struct rse_str path;
    uint32_t index;
};

struct list {
    struct rse_arena *arena;
    struct wished *at;
    size_t count, cap;
};

static int by_path(const void *a, const void *b)
{
    return rse_str_cmp(((const struct wished *)a)->path, ((const struct wished *)b)->path);
}

static bool is_in_scope(const struct build_input *input, uint32_t index)
{
    return input->scope == NULL || rse_bitmap_has(input->scope->clusters, index);
}

/* In the order of paths: trees grow fastest at their end. */
static void list_wished(struct list *list, const struct build_input *input)
{
    RSE_BUF_AUTO path;

    rse_buf_init(&path, MAX_PATH_BYTES);
    for (uint32_t i = 0; i < rse_fleet_nbits(input->fleet); i++) {
        const struct rse_cluster *cluster = rse_fleet_cluster_at(input->fleet, i);
        enum rse_folder_wish wish = cluster != NULL ? rse_plan_wish(input->plan, i) : RSE_FOLDER_NONE;

        if (!is_in_scope(input, i) || (wish != RSE_FOLDER_FULL && wish != RSE_FOLDER_FLUX))
            continue;
        rse_buf_reset(&path);
        rse_cluster_folder(input->pattern, cluster->object.name, &path);
        RSE_GROW(list->at, list->count, list->cap);
        list->at[list->count++] = (struct wished){ .path = rse_arena_str(list->arena, rse_buf_str(&path)), .index = i };
    }
    if (list->count > 0)
        qsort(list->at, list->count, sizeof(*list->at), by_path);
}

static bool build_one(struct build *build, const struct build_input *input, struct tree *root,
                      const struct wished *wished, struct rse_err *err)
{
    RSE_CLEANUP(tree_freep) struct tree *now = NULL;
    struct tree_entry entry;
    bool found, changed;
    git_oid id;

    if (!tree_get(root, wished->path, &entry, &found, err))
        return false;
    if (found && tree_entry_is_folder(&entry))
        now = tree_new(input->objects, &entry.id);
    if (!cluster_build(build, input, wished->index, now, &id, &changed, err))
        return false;
    return !changed || tree_put(root, wished->path, TREE_FOLDER, &id, err);
}

static bool build_all(struct build *build, const struct build_input *input, struct tree *root, const struct list *list,
                      struct rse_err *err)
{
    for (size_t i = 0; i < list->count; i++) {
        if (!input->go_on(input->arg, build->files, (int64_t)i, (int64_t)list->count, err) ||
            !build_one(build, input, root, &list->at[i], err))
            return false;
    }
    return input->go_on(input->arg, build->files, (int64_t)list->count, (int64_t)list->count, err);
}

static bool finish(struct build *build, const struct build_input *input, struct tree *root, struct rse_err *err)
{
    static const git_oid nothing;

    if (!tree_hash(root, &build->tree, err))
        return false;
    build->changed = !git_oid_equal(&build->tree, input->head_tree != NULL ? input->head_tree : &nothing);
    /* A branch that does not exist yet, and nothing to put there: no commit of an empty tree. */
    if (input->head == NULL && summary_clusters(build->summary) == 0)
        build->changed = false;
    return !build->changed || tree_store(root, NULL, input->objects, err);
}

bool build_run(struct build *build, const struct build_input *input, struct rse_err *err)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    RSE_CLEANUP(tree_freep) struct tree *root = tree_new(input->objects, input->head_tree);
    struct list list = { .arena = arena };

    *build = (struct build){
        .summary = summary_new(),
        .held = held_new(),
        .deployments = deployments_new(input->said),
    };
    list_wished(&list, input);
    bool ok = build_all(build, input, root, &list, err) && sweep_run(build, input, root, err) &&
              finish(build, input, root, err);
    free(list.at);
    return ok;
}

void build_release(struct build *build)
{
    summary_free(build->summary);
    held_free(build->held);
    deployments_free(build->deployments);
    *build = (struct build){ .summary = NULL };
}
