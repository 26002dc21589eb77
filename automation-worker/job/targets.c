#include "automation-worker/job/targets.h"

#include <stdio.h>
#include <stdlib.h>

#include <openssl/evp.h>

#include <resedge/parse.h>

#include "automation-worker/remote/address.h"

struct targets {
    struct rse_map *by_id;
};

struct targets *targets_new(void)
{
    struct targets *targets = rse_new(struct targets);

    targets->by_id = rse_map_new();
    return targets;
}

void target_state_forget(struct target_state *state)
{
    rse_plan_inputs_free(state->built.inputs);
    state->built = (struct built){ .inputs = NULL };
    held_clear(state->held);
    free(state->retries);
    state->retries = NULL;
    state->nretries = state->retries_cap = 0;
}

static void state_free(struct target_state *state)
{
    target_state_forget(state);
    held_free(state->held);
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
        state->held = held_new();
        state->completed = -1;
        rse_map_put_id(targets->by_id, id, state);
    }
    return state;
}

/* ---- what a target says ---- */

static void free_path(void *path)
{
    free(path);
}

/* Clones are named after what they are clones of: targets of one repository share one. */
static const char *clone_path(const char *data_dir, struct rse_str url, struct rse_arena *arena)
{
    uint8_t sum[EVP_MAX_MD_SIZE];
    char name[17];

    if (EVP_Digest(url.p, url.len, sum, NULL, EVP_sha256(), NULL) != 1)
        abort(); /* no SHA-256: nothing else works either */
    for (size_t i = 0; i < 8; i++)
        snprintf(name + 2 * i, 3, "%02x", sum[i]);
    return rse_arena_printf(arena, "%s/clones/%s.git", data_dir, name);
}

static bool read_place(struct place *out, struct rse_str url, struct rse_str branch, const char *data_dir,
                       struct rse_arena *arena, struct rse_err *err)
{
    struct remote_address address;
    char *path;

    *out = (struct place){ .branch = branch.len > 0 ? rse_arena_str(arena, branch).p : "main" };
    if (!repo_check_branch(out->branch, err))
        return false;
    if (!remote_is_local(url)) {
        out->url = rse_arena_str(arena, url);
        out->path = clone_path(data_dir, url, arena);
        return remote_address_parse(&address, url, arena, err);
    }
    if (!repo_path(&path, url, err))
        return false;
    rse_arena_defer(arena, free_path, path);
    out->path = path;
    return true;
}

/* A target's credential is not shown to another host than its own. */
static bool same_host(const struct place *a, const struct place *b, struct rse_arena *arena)
{
    struct rse_err ignored = RSE_ERR_INIT;
    struct remote_address x, y;

    return remote_address_parse(&x, a->url, arena, &ignored) && remote_address_parse(&y, b->url, arena, &ignored) &&
           x.kind == y.kind && x.port == y.port && strcmp(x.host, y.host) == 0;
}

static bool read_templates(struct target_spec *out, const struct rse_target *target, const char *data_dir,
                           struct rse_arena *arena, struct rse_err *err)
{
    struct rse_str url = target->template_url.len > 0 ? target->template_url : target->url;
    struct rse_str branch = target->template_branch.len > 0 ? target->template_branch : rse_str(out->home.branch);

    if (!read_place(&out->templates, url, branch, data_dir, arena, err))
        return false;
    if (target->template_credential.len > 0)
        out->templates.credential = rse_arena_str(arena, target->template_credential);
    else if (place_is_remote(&out->templates) && same_host(&out->templates, &out->home, arena))
        out->templates.credential = out->home.credential;
    return target->template_path.len == 0 ||
           rse_check_path(rse_arena_str(arena, target->template_path), &out->template_folder, err);
}

bool target_spec_read(struct target_spec *out, const struct rse_target *target, const char *data_dir,
                      struct rse_arena *arena, struct rse_err *err)
{
    struct target_spec spec = { .id = target->object.id, .pattern = target->folder_pattern };

    spec.name = rse_arena_str(arena, target->object.name);
    if (read_place(&spec.home, target->url, target->branch, data_dir, arena, err)) {
        spec.home.credential = rse_arena_str(arena, target->credential);
        if (read_templates(&spec, target, data_dir, arena, err)) {
            *out = spec;
            return true;
        }
    }
    rse_err_object(err, "target \"%.*s\"", RSE_STR_ARG(target->object.name));
    return false;
}
