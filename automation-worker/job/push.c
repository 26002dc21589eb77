#include "automation-worker/job/push.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>

#include <resedge/log.h>

#include "automation-worker/clock.h"
#include "automation-worker/git/commit.h"
#include "automation-worker/http/registry.h"
#include "automation-worker/member.h"

#include "automation-worker/job/clones.h"
#include "automation-worker/job/fleet_sync.h"
#include "automation-worker/job/lookout.h"
#include "automation-worker/job/notice.h"
#include "automation-worker/job/report.h"

#define MAX_DOUBLINGS 4 /* of the pause between looks at a remote that can't be reached */

/* What the Data Service knows: to be asked once. No templates known is the same as none there. */
static bool learn_reported(struct worker *worker, struct target_state *state, int64_t target_id, struct rse_err *err)
{
    cJSON *answer;
    char path[64];

    if (state->reported)
        return true;
    snprintf(path, sizeof(path), "/api/v1/targets/%" PRId64 "/status", target_id);
    if (!rse_client_json(worker->client, "GET", path, NULL, &answer, err))
        return false;
    const char *tree = member_text(cJSON_GetObjectItemCaseSensitive(answer, "templates"), "tree");
    if (git_oid_fromstr(&state->reported_id, tree) != 0)
        git_oid_fromstr(&state->reported_id, TREE_EMPTY_ID);
    cJSON_Delete(answer);
    state->reported = true;
    return true;
}

static bool tell(struct worker *worker, struct target_state *state, const struct target_spec *spec,
                 const struct repo *repo, const struct repo_head *head, const git_oid *id, struct rse_err *err)
{
    struct templates_report report = {
        .target_id = spec->id,
        .commit = head->commit,
        .tree = *id,
        .catalogue = templates_catalogue(state->templates),
    };
    char tree[GIT_OID_HEXSZ + 1];
    struct pusher pusher;
    int64_t revision = 0;

    if (pusher_find(repo_git(repo), &head->commit, &pusher)) {
        report.author = pusher.name;
        report.email = pusher.email;
    }
    if (!report_templates(worker->client, &report, &revision, err))
        return false;
    state->reported_id = *id;
    state->reported_generation = templates_generation(state->templates);
    git_oid_tostr(tree, sizeof(tree), id); /* git_oid_tostr_s() has one buffer: two calls, one text */
    rse_log(RSE_LOG_INFO, "templates reported", RSE_LOG_BYTES("target", spec->name),
            RSE_LOG_STR("commit", git_oid_tostr_s(&head->commit)), RSE_LOG_STR("tree", tree),
            RSE_LOG_INT("revision", revision));
    return fleet_sync_to(worker->sync, revision > 0 ? revision : 0, err);
}

/* A catalogue may say something else of the same files: new placeholders cure errors. */
static bool is_news(const struct target_state *state, const git_oid *id)
{
    bool same = git_oid_equal(id, &state->reported_id);

    if (same && git_oid_streq(id, TREE_EMPTY_ID) == 0)
        return false;
    return !same || state->reported_generation != templates_generation(state->templates);
}

bool push_take(struct worker *worker, struct target_state *state, const struct target_spec *spec,
               const struct repo *repo, struct objects *objects, const struct repo_head *head, struct rse_err *err)
{
    RSE_CLEANUP(tree_freep) struct tree *root = tree_new(objects, head->born ? &head->tree : NULL);
    git_oid id;

    if (!templates_id(root, spec->template_folder, &id, err) ||
        !templates_load(state->templates, root, spec->template_folder, fleet_sync_fleet(worker->sync), err) ||
        !learn_reported(worker, state, spec->id, err))
        return false;
    if (!head->born || !is_news(state, &id))
        return true;
    /* The fleet may have got other placeholders meanwhile. */
    return tell(worker, state, spec, repo, head, &id, err) &&
           templates_load(state->templates, root, spec->template_folder, fleet_sync_fleet(worker->sync), err);
}

/* ---- polling ---- */

/* Remotes are looked at at their own pace: that is a request. */
static bool is_due(const struct target_state *state)
{
    return !state->looking && clock_ms() >= state->look_at_ms;
}

/* Where a branch stands on this disk; zero when there is nothing to look at: no repository yet, or no such branch. */
static bool look_here(const struct target_spec *spec, git_oid *id)
{
    struct rse_err ignored = RSE_ERR_INIT;
    struct repo *repo;

    memset(id, 0, sizeof(*id));
    if (!repo_open(&repo, spec->templates.path, &ignored))
        return false;
    bool ok = repo_branch_id(repo, spec->templates.branch, id, &ignored);
    repo_free(repo);
    if (!ok)
        memset(id, 0, sizeof(*id));
    return ok;
}

/* The commit is here, whoever fetched it. */
static bool take(struct worker *worker, struct target_state *state, const struct target_spec *spec, const git_oid *id,
                 struct rse_err *err)
{
    RSE_CLEANUP(repo_freep) struct repo *repo = NULL;
    RSE_CLEANUP(objects_freep) struct objects *objects = NULL;
    struct repo_head head;

    return repo_open(&repo, spec->templates.path, err) && repo_head_at(repo, id, &head, err) &&
           objects_new(&objects, repo_git(repo), OBJECTS_HASH, err) &&
           push_take(worker, state, spec, repo, objects, &head, err);
}

/* A remote that can't be reached is left alone for a while, which doubles up to sixteen polls. After a webhook, and for the
 * target's jobs, it is asked all the same. */
static void put_off(struct target_state *state, const struct worker *worker)
{
    if (state->look_failures < MAX_DOUBLINGS)
        state->look_failures++;
    state->look_at_ms = clock_ms() + (worker->config->remote_poll_ms << state->look_failures);
}

static void log_unread(const struct target_spec *spec, const struct rse_err *err)
{
    rse_log(RSE_LOG_WARN, "templates not read", RSE_LOG_BYTES("target", spec->name), RSE_LOG_ERR(err));
}

/* The templates' branch stands at id. */
static void found(struct worker *worker, struct target_state *state, const struct target_spec *spec, const git_oid *id)
{
    struct rse_err err = RSE_ERR_INIT;

    state->look_failures = 0;
    if (git_oid_is_zero(id) || git_oid_equal(id, &state->polled))
        return;
    if (take(worker, state, spec, id, &err) && notice_drift(worker, state, spec, id, &err)) {
        state->polled = *id;
        return;
    }
    log_unread(spec, &err);
    if (place_is_remote(&spec->templates))
        put_off(state, worker);
    /* A repository that is broken stays so until the next push; a Data Service that is away comes back. */
    if (!rse_code_is_retryable(err.code))
        state->polled = *id;
}

/* What a job of the target has fetched since is newer than what was seen before it. */
static void take_look(struct worker *worker, struct target_state *state, const struct target_spec *spec)
{
    bool outdated = state->looking_jobs != state->jobs;
    struct looked looked;

    if (!state->looking || !lookout_take(worker->lookout, spec->id, &looked))
        return;
    state->looking = false;
    if (outdated) {
        state->look_at_ms = 0;
    } else if (looked.ok) {
        found(worker, state, spec, &looked.id);
    } else {
        log_unread(spec, &looked.err);
        put_off(state, worker);
    }
}

static void begin_look(struct worker *worker, struct target_state *state, const struct target_spec *spec)
{
    state->look_at_ms = clock_ms() + worker->config->remote_poll_ms;
    state->looking = true;
    state->looking_jobs = state->jobs;
    lookout_begin(worker->lookout, spec, &state->polled);
}

static void poll_target(struct worker *worker, const struct target_spec *spec)
{
    struct target_state *state = targets_state(worker->targets, spec->id);
    git_oid id;

    registry_put(worker->registry, spec);
    take_look(worker, state, spec);
    if (!place_is_remote(&spec->templates)) {
        look_here(spec, &id);
        found(worker, state, spec, &id);
    } else if (is_due(state)) {
        begin_look(worker, state, spec);
    }
}

struct spec_list {
    struct target_spec *at;
    size_t count;
    bool complete; /* every target can be read */
};

static struct spec_list readable_targets(const struct worker *worker, struct rse_arena *arena)
{
    const struct rse_fleet *fleet = fleet_sync_fleet(worker->sync);
    struct spec_list list = { .count = 0 };
    const struct rse_object *object;

    list.at = rse_arena_calloc(arena, rse_fleet_count(fleet, RSE_TARGET) + 1, sizeof(*list.at));
    for (size_t it = 0; (object = rse_fleet_next(fleet, RSE_TARGET, &it)) != NULL;) {
        struct rse_err err = RSE_ERR_INIT;

        list.count += target_spec_read(&list.at[list.count], (const struct rse_target *)object,
                                       worker->config->data_dir, arena, &err);
    }
    list.complete = list.count == rse_fleet_count(fleet, RSE_TARGET);
    return list;
}

void push_poll(struct worker *worker)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    /* Copies: taking a push changes the fleet. */
    struct spec_list list = readable_targets(worker, arena);

    if (list.complete)
        clones_tidy(worker, list.at, list.count);
    for (size_t i = 0; i < list.count; i++)
        poll_target(worker, &list.at[i]);
    if (!worker->config->once)
        return;
    /* There is no later. */
    lookout_wait(worker->lookout);
    for (size_t i = 0; i < list.count; i++)
        take_look(worker, targets_state(worker->targets, list.at[i].id), &list.at[i]);
}

void push_poke(struct worker *worker, int64_t target_id)
{
    targets_state(worker->targets, target_id)->look_at_ms = 0;
}

bool push_pending(const struct worker *worker)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    struct spec_list list = readable_targets(worker, arena);
    bool pending = false;

    for (size_t i = 0; i < list.count && !pending; i++) {
        const struct target_state *state = targets_state(worker->targets, list.at[i].id);
        git_oid id;

        if (place_is_remote(&list.at[i].templates))
            pending = is_due(state) || (state->looking && lookout_ended(worker->lookout, list.at[i].id));
        else
            pending = look_here(&list.at[i], &id) && !git_oid_is_zero(&id) && !git_oid_equal(&id, &state->polled);
    }
    return pending;
}
