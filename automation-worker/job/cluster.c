#include "cluster.h"

#include "automation-worker/clock.h"

#include "folder.h"

/* One cluster's parts, and how each came out. All in the folder's arena. */
struct turn {
    struct folder folder;
    const struct rse_cluster *cluster;
    uint32_t index;
    struct tree *now;
    struct rse_part *parts;
    struct part_outcome *outcomes;
    bool *present;
    size_t count;
};

static void plan_parts(struct turn *turn, const struct rse_plan *plan)
{
    rse_plan_parts(plan, turn->index, turn->folder.arena, &turn->parts, &turn->count);
    turn->outcomes = rse_arena_calloc(turn->folder.arena, turn->count + 1, sizeof(*turn->outcomes));
    turn->present = rse_arena_calloc(turn->folder.arena, turn->count + 1, sizeof(*turn->present));
    for (size_t i = 0; i < turn->count; i++)
        turn->outcomes[i] = (struct part_outcome){ .part = &turn->parts[i], .version = turn->parts[i].version };
}

/* The part's last good files stay, and the error is told. False only when the repository can't be read. */
static bool hold_part(struct turn *turn, struct build *build, size_t i, const struct rse_err *error,
                      struct rse_err *err)
{
    const struct rse_part *part = &turn->parts[i];

    turn->outcomes[i].error = rse_arena_memdup(turn->folder.arena, error, sizeof(*error));
    held_add(build->held, turn->cluster, part->namespace_, part->application, error);
    if (part->kind == RSE_PART_APPLICATION &&
        !folder_version(&turn->folder, turn->now, part, &turn->outcomes[i].version, err))
        return false;
    return folder_keep(&turn->folder, turn->now, part, &turn->present[i], err);
}

/* Keeps a part that comes out as it is. *present is false when it is not whole there. */
static bool keep_part(struct turn *turn, const struct build_scope *scope, size_t i, struct rse_err *err)
{
    const struct rse_part *part = &turn->parts[i];

    if (scope == NULL || scope->unchanged == NULL || !scope->unchanged(scope->arg, turn->index, part))
        return true;
    return folder_keep(&turn->folder, turn->now, part, &turn->present[i], err);
}

static bool render_part(struct turn *turn, struct build *build, const struct build_input *input, size_t i,
                        struct rse_err *err)
{
    struct rse_err error = RSE_ERR_INIT;
    size_t files = 0;

    if (!keep_part(turn, input->scope, i, err))
        return false;
    if (turn->present[i])
        return true;
    if (!folder_render(&turn->folder, input->plan, turn->index, &turn->parts[i], &files, &error))
        return hold_part(turn, build, i, &error, err);
    turn->present[i] = files > 0;
    return true;
}

static bool render_parts(struct turn *turn, struct build *build, const struct build_input *input, struct rse_err *err)
{
    int64_t started = clock_us();

    plan_parts(turn, input->plan);
    for (size_t i = 0; i < turn->count; i++) {
        if (!render_part(turn, build, input, i, err))
            return false;
    }
    build->render_us += clock_us() - started;
    return true;
}

/* The whole folder stays as it is: without its lists, its parts would reach nobody. */
static void hold_cluster(struct turn *turn, struct build *build, const struct rse_err *error)
{
    for (size_t i = 0; i < turn->count; i++)
        turn->outcomes[i].error = error;
    held_add(build->held, turn->cluster, NULL, NULL, error);
}

static bool write_folder(struct turn *turn, struct build *build, const struct build_input *input, struct rse_err *err)
{
    int64_t started = clock_us();

    bool ok = folder_store(&turn->folder, turn->now, input->objects, err) &&
              summary_add(build->summary, turn->cluster->object.name, turn->now, turn->folder.tree, err);
    build->write_us += clock_us() - started;
    return ok;
}

static bool finish(struct turn *turn, struct build *build, const struct build_input *input, git_oid *id, bool *changed,
                   struct rse_err *err)
{
    struct rse_err error = RSE_ERR_INIT;
    git_oid before = { { 0 } };

    if (turn->now != NULL && !tree_hash(turn->now, &before, err))
        return false;
    if (folder_render_lists(&turn->folder, input->plan, turn->index, turn->parts, turn->present, turn->count, &error)) {
        if (!tree_hash(turn->folder.tree, id, err))
            return false;
    } else {
        hold_cluster(turn, build, &error);
        *id = before;
    }
    build->files += turn->folder.files;
    *changed = !git_oid_equal(id, &before);
    if (*changed && !write_folder(turn, build, input, err))
        return false;
    deployments_add(build->deployments, turn->cluster->object.id, git_oid_is_zero(id) ? NULL : id, turn->outcomes,
                    turn->count);
    return true;
}

bool cluster_build(struct build *build, const struct build_input *input, uint32_t cluster_index, struct tree *now,
                   git_oid *id, bool *changed, struct rse_err *err)
{
    struct turn turn = { .index = cluster_index, .now = now };

    turn.cluster = rse_fleet_cluster_at(input->fleet, cluster_index);
    folder_init(&turn.folder, input->objects);
    bool ok = render_parts(&turn, build, input, err) && finish(&turn, build, input, id, changed, err);
    if (!ok)
        rse_err_object(err, "cluster \"%.*s\"", RSE_STR_ARG(turn.cluster->object.name));
    folder_release(&turn.folder);
    return ok;
}
