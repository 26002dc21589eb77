#include "automation-worker/job/build.h"

#include <stdlib.h>

#include "automation-worker/clock.h"

#include "automation-worker/job/pool.h"
#include "automation-worker/job/sweep.h"

#define MAX_PATH_BYTES 1024

/* Fewer clusters than this are built before threads would have started. */
#define WORTH_THREADS 128

struct list {
    struct rse_arena *arena;
    struct wished *at;
    size_t count, cap;
};

static int by_path(const void *a, const void *b)
{
    return rse_str_cmp(((const struct wished *)a)->path, ((const struct wished *)b)->path);
}

static void add_wished(struct list *list, const struct build_input *input, uint32_t index, struct rse_buf *path)
{
    const struct rse_cluster *cluster = rse_fleet_cluster_at(input->fleet, index);
    enum rse_folder_wish wish = cluster != NULL ? rse_plan_wish(input->plan, index) : RSE_FOLDER_NONE;

    if (wish != RSE_FOLDER_FULL && wish != RSE_FOLDER_FLUX)
        return;
    rse_buf_reset(path);
    rse_cluster_folder(input->pattern, cluster->object.name, path);
    RSE_GROW(list->at, list->count, list->cap);
    list->at[list->count++] = (struct wished){ .path = rse_arena_str(list->arena, rse_buf_str(path)), .index = index };
}

/* In the order of paths: trees grow fastest at their end. A small scope costs nothing for the clusters outside of it. */
static void list_wished(struct list *list, const struct build_input *input)
{
    uint32_t nbits = rse_fleet_nbits(input->fleet);
    RSE_BUF_AUTO path = { 0 };

    rse_buf_init(&path, MAX_PATH_BYTES);
    if (input->scope != NULL) {
        RSE_BITMAP_EACH(input->scope->clusters, index)
        add_wished(list, input, index, &path);
    }
    for (uint32_t i = 0; input->scope == NULL && i < nbits; i++)
        add_wished(list, input, i, &path);
    if (list->count > 0)
        qsort(list->at, list->count, sizeof(*list->at), by_path);
}

/* What each folder is at the head. */
static bool look_up(const struct list *list, struct tree *root, struct rse_err *err)
{
    for (size_t i = 0; i < list->count; i++) {
        struct wished *wished = &list->at[i];
        struct tree_entry entry;
        bool found;

        if (!tree_get(root, wished->path, &entry, &found, err))
            return false;
        wished->exists = found && tree_entry_is_folder(&entry);
        if (wished->exists)
            wished->now = entry.id;
    }
    return true;
}

static void note_held(struct build *build, uint32_t cluster_index, const struct built *built)
{
    /* Single parts that failed before the whole did are told as well. */
    for (size_t i = 0; i < built->count; i++) {
        const struct part_outcome *outcome = &built->outcomes[i];

        if (outcome->error != NULL && outcome->error != built->held)
            held_add(build->held, cluster_index, outcome->part->namespace_, outcome->part->application, outcome->error);
    }
    if (built->held != NULL)
        held_add(build->held, cluster_index, NULL, NULL, built->held);
}

static bool take_cluster(struct build *build, const struct build_input *input, struct tree *root,
                         const struct wished *wished, const struct built *built, struct rse_err *err)
{
    const struct rse_cluster *cluster = rse_fleet_cluster_at(input->fleet, wished->index);

    note_held(build, wished->index, built);
    if (built->unmarked) {
        RSE_GROW(build->unmarked, build->nunmarked, build->unmarked_cap);
        build->unmarked[build->nunmarked++] = wished->index;
    }
    deployments_add(build->deployments, cluster->object.id, git_oid_is_zero(&built->id) ? NULL : &built->id,
                    built->outcomes, built->count);
    return !built->changed || tree_put(root, wished->path, TREE_FOLDER, &built->id, err);
}

static bool take_batch(struct build *build, const struct build_input *input, struct tree *root,
                       const struct batch *batch, struct rse_err *err)
{
    int64_t started = clock_us();

    if (batch->failed) {
        *err = batch->err;
        return false;
    }
    build->files += batch->files;
    build->bytes += batch->bytes_rendered;
    build->hash_us += batch->hash_us;
    summary_merge(build->summary, batch->summary);
    for (size_t i = 0; i < batch->count; i++) {
        if (!take_cluster(build, input, root, &batch->wished[i], &batch->built[i], err))
            return false;
    }
    bool ok = batch_store(batch, input->objects, err);
    build->write_us += clock_us() - started;
    return ok;
}

static bool take_all(struct build *build, const struct build_input *input, struct tree *root, struct pool *pool,
                     size_t count, struct rse_err *err)
{
    const struct batch *batch;
    int64_t done = 0;

    do {
        if (!input->go_on(input->arg, build->files, done, (int64_t)count, err))
            return false;
        batch = pool_next(pool);
        if (batch != NULL && !take_batch(build, input, root, batch, err))
            return false;
        if (done == 0 && objects_share(input->objects))
            pool_encode(pool);
        done += batch != NULL ? (int64_t)batch->count : 0;
    } while (batch != NULL);
    return true;
}

static unsigned threads_for(const struct build_input *input, size_t clusters)
{
    if (clusters < WORTH_THREADS)
        return 0;
    return input->threads > 0 ? input->threads : pool_processors();
}

static bool build_all(struct build *build, const struct build_input *input, struct tree *root, const struct list *list,
                      struct rse_err *err)
{
    int64_t started = clock_us();
    unsigned threads = threads_for(input, list->count);
    struct pool *pool;

    /* Threads may read the fleet only when nothing is left to be computed on the way. */
    rse_fleet_warm(input->fleet);
    if (!look_up(list, root, err) || !pool_new(&pool, input, list->at, list->count, threads, err))
        return false;
    bool ok = take_all(build, input, root, pool, list->count, err);
    pool_free(pool);
    build->hash_us /= threads > 1 ? threads : 1;
    build->render_us = clock_us() - started - build->write_us - build->hash_us;
    return ok;
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
    return !build->changed || tree_store(root, input->objects, err);
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
    /* First what goes: it is looked for in what is there, not among all that comes. */
    bool ok = sweep_run(build, input, root, err) && build_all(build, input, root, &list, err) &&
              finish(build, input, root, err);
    free(list.at);
    return ok;
}

void build_release(struct build *build)
{
    summary_free(build->summary);
    held_free(build->held);
    deployments_free(build->deployments);
    free(build->unmarked);
    *build = (struct build){ .summary = NULL };
}
