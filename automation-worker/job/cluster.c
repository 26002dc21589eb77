#include "automation-worker/job/cluster.h"

#include "automation-worker/clock.h"

#include "automation-worker/job/leftovers.h"

/* One cluster's parts, and how each came out. */
struct turn {
    struct parts *parts;
    struct batch *batch;
    struct built *built;
    const struct build_input *input;
    const struct wished *wished;
    const struct rse_cluster *cluster;
    struct tree *now; /* the folder at the head; NULL: there is none */
    struct rse_part *all;
    bool *present;
    size_t count;
};

static bool plan_parts(struct turn *turn, struct rse_err *err)
{
    struct rse_arena *arena = turn->batch->arena;
    struct built *built = turn->built;

    rse_plan_parts(turn->input->plan, turn->wished->index, arena, &turn->all, &turn->count);
    if (!leftovers_add(turn->input->holds, turn->input->fleet, turn->cluster->object.name, turn->now, arena, &turn->all,
                       &turn->count, err))
        return false;
    turn->present = rse_arena_calloc(arena, turn->count + 1, sizeof(*turn->present));
    built->outcomes = rse_arena_calloc(arena, turn->count + 1, sizeof(*built->outcomes));
    built->count = turn->count;
    for (size_t i = 0; i < turn->count; i++)
        built->outcomes[i] = (struct part_outcome){ .part = &turn->all[i], .version = turn->all[i].version };
    return true;
}

static bool is_held(const struct turn *turn, size_t i)
{
    const struct holds *holds = turn->input->holds;
    struct rse_str cluster = turn->cluster->object.name;

    return holds_find_cluster(holds, cluster) != NULL &&
           holds_find(holds, cluster, leftovers_path(&turn->all[i], turn->batch->arena)) != NULL;
}

/* The part's files stay as they are. False only when the repository can't be read. */
static bool freeze_part(struct turn *turn, size_t i, enum part_state state, struct rse_err *err)
{
    const struct rse_part *part = &turn->all[i];
    struct part_outcome *outcome = &turn->built->outcomes[i];

    outcome->state = state;
    if (part->kind == RSE_PART_APPLICATION && !parts_version(turn->parts, turn->now, part, &outcome->version, err))
        return false;
    if (!parts_keep(turn->parts, turn->now, part, &turn->present[i], err))
        return false;
    if (part->leftover && !turn->present[i])
        outcome->state = PART_ABSENT;
    return true;
}

/* The part's last good files stay, and the error is told. */
static bool fail_part(struct turn *turn, size_t i, const struct rse_err *error, struct rse_err *err)
{
    turn->built->outcomes[i].error = rse_arena_memdup(turn->batch->arena, error, sizeof(*error));
    return freeze_part(turn, i, PART_FAILED, err);
}

/* Keeps a part that comes out as it is. *present is false when it is not whole there. */
static bool keep_part(struct turn *turn, size_t i, struct rse_err *err)
{
    const struct build_scope *scope = turn->input->scope;
    const struct rse_part *part = &turn->all[i];

    if (scope == NULL || scope->unchanged == NULL || !scope->unchanged(scope->arg, turn->wished->index, part))
        return true;
    return parts_keep(turn->parts, turn->now, part, &turn->present[i], err);
}

static bool render_part(struct turn *turn, size_t i, struct rse_err *err)
{
    struct rse_err error = RSE_ERR_INIT;
    size_t files = 0;

    if (is_held(turn, i))
        return freeze_part(turn, i, PART_HELD, err);
    if (turn->all[i].frozen)
        return freeze_part(turn, i, PART_PAUSED, err);
    if (!keep_part(turn, i, err))
        return false;
    if (turn->present[i])
        return true;
    if (!parts_render(turn->parts, turn->wished->index, &turn->all[i], &files, &error))
        return fail_part(turn, i, &error, err);
    turn->present[i] = files > 0;
    return true;
}

/* A namespace that nobody wishes for stays for the sake of its applications only, unless it is held itself. */
static bool is_needed(const struct turn *turn, size_t number)
{
    const struct rse_part *part = &turn->all[number];

    if (part->kind != RSE_PART_NAMESPACE || !part->leftover || is_held(turn, number))
        return true;
    for (size_t i = 0; i < turn->count; i++) {
        if (turn->all[i].kind == RSE_PART_APPLICATION && turn->present[i] &&
            rse_str_eq(turn->all[i].namespace_->object.name, part->namespace_->object.name))
            return true;
    }
    return false;
}

/* Applications first: whether a namespace is still needed depends on them. */
static bool render_parts(struct turn *turn, struct rse_err *err)
{
    if (!plan_parts(turn, err))
        return false;
    for (size_t i = turn->count; i-- > 0;) {
        if (is_needed(turn, i) && !render_part(turn, i, err))
            return false;
    }
    return true;
}

/* The whole folder stays as it is: without its lists, its parts would reach nobody. */
static void hold_cluster(struct turn *turn, const struct rse_err *error)
{
    struct built *built = turn->built;

    built->held = rse_arena_memdup(turn->batch->arena, error, sizeof(*error));
    for (size_t i = 0; i < built->count; i++) {
        built->outcomes[i].state = PART_FAILED;
        if (built->outcomes[i].error == NULL)
            built->outcomes[i].error = built->held;
    }
}

/* Nobody adopted it: it is left alone. */
static bool is_foreign(const struct turn *turn)
{
    const struct hold *hold = holds_find_cluster(turn->input->holds, turn->cluster->object.name);

    return hold != NULL && hold->kind == HOLD_ADOPT;
}

static void leave_alone(struct turn *turn)
{
    struct built *built = turn->built;

    built->id = turn->wished->now;
    for (size_t i = 0; i < built->count; i++)
        built->outcomes[i] = (struct part_outcome){ .part = &turn->all[i], .state = PART_HELD };
}

/* Each folder that Automation wrote has this list, which begins as no person would write it. */
static bool has_mark(struct turn *turn, bool *marked, struct rse_err *err)
{
    static const char head[] =
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nmetadata:\n  name: listeners\n";
    git_odb_object *object;
    struct tree_entry entry;
    bool found;

    *marked = false;
    if (!tree_get(turn->now, RSE_STR("flux-system/listeners/kustomization.yaml"), &entry, &found, err))
        return false;
    if (!found || tree_entry_is_folder(&entry))
        return true;
    if (!objects_read(&object, turn->parts->reader, &entry.id, GIT_OBJECT_BLOB, err))
        return false;
    *marked = rse_str_starts(rse_str_n(git_odb_object_data(object), git_odb_object_size(object)), rse_str(head));
    git_odb_object_free(object);
    return true;
}

static bool hash(struct turn *turn, struct folder *folder, struct rse_err *err)
{
    int64_t started = clock_us();
    bool ok = folder_hash(folder, &turn->built->id, err);

    turn->batch->hash_us += clock_us() - started;
    return ok;
}

static bool finish(struct turn *turn, struct rse_err *err)
{
    const struct wished *wished = turn->wished;
    struct folder *folder = &turn->parts->folder;
    struct built *built = turn->built;
    struct rse_err error = RSE_ERR_INIT;
    bool marked = true;

    if (is_foreign(turn)) {
        leave_alone(turn);
        return true;
    }
    if (!parts_render_lists(turn->parts, wished->index, turn->all, turn->present, turn->count, &error) ||
        !hash(turn, folder, &error)) {
        hold_cluster(turn, &error);
        built->id = wished->now;
    }
    built->changed = !git_oid_equal(&built->id, &wished->now);
    if (built->changed && turn->now != NULL && !has_mark(turn, &marked, err))
        return false;
    built->unmarked = !marked;
    return !built->changed || folder_compare(folder, turn->cluster->object.name, turn->now, err);
}

bool cluster_build(struct parts *parts, struct batch *batch, size_t i, const struct build_input *input,
                   struct rse_err *err)
{
    struct turn turn = { .parts = parts, .batch = batch, .input = input };
    struct batch_mark mark = batch_mark(batch);

    turn.wished = &batch->wished[i];
    turn.built = &batch->built[i];
    turn.cluster = rse_fleet_cluster_at(input->fleet, turn.wished->index);
    turn.now = turn.wished->exists ? tree_new(parts->reader, &turn.wished->now) : NULL;
    folder_begin(&parts->folder, batch);
    bool ok = render_parts(&turn, err) && finish(&turn, err);
    tree_free(turn.now);
    if (!ok)
        rse_err_object(err, "cluster \"%.*s\"", RSE_STR_ARG(turn.cluster->object.name));
    if (!turn.built->changed)
        batch_return(batch, mark);
    return ok;
}
