#include "targets.h"

#include <stdlib.h>

#include <resedge/parse.h>

struct targets {
    struct rse_map *by_id;
};

struct targets *targets_new(void)
{
    struct targets *targets = rse_new(struct targets);

    targets->by_id = rse_map_new();
    return targets;
}

static void state_free(struct target_state *state)
{
    templates_free(state->templates);
    rse_map_free(state->said);
    rse_map_free(state->foreign);
    free(state);
}

void targets_free(struct targets *targets)
{
    void *state;

    if (targets == NULL)
        return;
    for (size_t it = 0; rse_map_next(targets->by_id, &it, NULL, &state);)
        state_free(state);
    rse_map_free(targets->by_id);
    free(targets);
}

struct target_state *targets_state(struct targets *targets, int64_t id)
{
    struct target_state *state = rse_map_get_id(targets->by_id, id);

    if (state == NULL) {
        state = rse_new(struct target_state);
        state->templates = templates_new();
        state->said = rse_map_new();
        state->foreign = rse_map_new();
        state->completed = -1;
        rse_map_put_id(targets->by_id, id, state);
    }
    return state;
}

static void free_path(void *path)
{
    free(path);
}

static bool read_template_source(struct target_spec *out, const struct rse_target *target, struct rse_arena *arena,
                                 struct rse_err *err)
{
    if (target->template_url.len > 0 && !rse_str_eq(target->template_url, target->url)) {
        rse_err_hint(err, "Leave templateUrl empty, and keep apps/ and policies/ in the target's repository.");
        return rse_fail(err, RSE_INVALID, "templates of another repository can't be read yet");
    }
    out->template_branch = out->branch;
    if (target->template_branch.len > 0)
        out->template_branch = rse_arena_str(arena, target->template_branch).p;
    if (target->template_path.len > 0 &&
        !rse_check_path(rse_arena_str(arena, target->template_path), &out->template_folder, err))
        return false;
    return repo_check_branch(out->template_branch, err);
}

bool target_spec_read(struct target_spec *out, const struct rse_target *target, struct rse_arena *arena,
                      struct rse_err *err)
{
    struct target_spec spec = { .id = target->object.id, .pattern = target->folder_pattern, .branch = "main" };

    spec.name = rse_arena_str(arena, target->object.name);
    if (!repo_path(&spec.path, target->url, err))
        goto failed;
    rse_arena_defer(arena, free_path, spec.path);
    if (target->branch.len > 0)
        spec.branch = rse_arena_str(arena, target->branch).p;
    if (!repo_check_branch(spec.branch, err) || !read_template_source(&spec, target, arena, err))
        goto failed;
    *out = spec;
    return true;
failed:
    rse_err_object(err, "target \"%.*s\"", RSE_STR_ARG(target->object.name));
    return false;
}
