#include "automation-worker/job/run.h"

#include <stdio.h>

#include <resedge/log.h>

#include "automation-worker/backoff.h"
#include "automation-worker/clock.h"
#include "automation-worker/crash.h"
#include "automation-worker/git/commit.h"
#include "automation-worker/http/registry.h"
#include "automation-worker/stop.h"

#include "automation-worker/job/fleet_sync.h"
#include "automation-worker/job/judge.h"
#include "automation-worker/job/push.h"
#include "automation-worker/job/recount.h"

#define MOVED_ATTEMPTS 5     /* how often people may push while a job runs */
#define LOCK_WAIT_MS   10000 /* for another worker that writes another branch of the repository */
#define MAX_MESSAGE    ((size_t)256 << 10)

void run_init(struct run *run, struct worker *worker, const struct job *job, struct lease *lease)
{
    *run = (struct run){ .worker = worker, .job = job, .lease = lease, .arena = rse_arena_new() };
    run->state = targets_state(worker->targets, job->target_id);
    run->state->jobs++;
    run->started_us = clock_us();
    phases_begin(&run->phases);
}

static void release_build(struct run *run)
{
    held_free(RSE_TAKE(run->held));
    build_release(&run->build);
    scope_release(&run->scope);
    rse_plan_free(RSE_TAKE(run->plan));
}

void run_release(struct run *run)
{
    release_build(run);
    holds_free(run->before);
    holds_free(run->holds);
    repo_free(run->repo);
    rse_arena_free(run->arena);
}

static bool open_target(struct run *run, struct rse_err *err)
{
    const struct rse_fleet *fleet = fleet_sync_fleet(run->worker->sync);
    const struct rse_object *object = rse_fleet_get(fleet, RSE_TARGET, run->job->target_id);

    if (object == NULL)
        return rse_fail(err, RSE_INVALID, "the job's target is gone");
    if (!target_spec_read(&run->spec, (const struct rse_target *)object, run->worker->config->data_dir, run->arena,
                          err))
        return false;
    registry_put(run->worker->registry, &run->spec);
    if (place_is_remote(&run->spec.home))
        origin_ref(run->ref, run->spec.home.branch);
    else
        snprintf(run->ref, sizeof(run->ref), "%s", run->spec.home.branch);
    return origin_open(&run->repo, run->worker, &run->spec.home, err) && repo_lock(run->repo, LOCK_WAIT_MS, err);
}

/* ---- the remote, where there is one ---- */

static bool leased(void *arg, struct rse_err *err)
{
    const struct run *run = arg;

    return lease_check(run->lease, err);
}

static struct origin origin_of(struct run *run, struct repo *repo)
{
    return (struct origin){ .worker = run->worker, .target = &run->spec, .repo = repo, .go_on = leased, .arg = run };
}

static bool fetch(struct run *run, struct rse_err *err)
{
    struct origin origin = origin_of(run, run->repo);

    if (!place_is_remote(&run->spec.home))
        return true;
    lease_progress(run->lease, phase_name(PHASE_FETCH), 0, 0, 0);
    bool ok = origin_fetch(&origin, err);
    phases_end(&run->phases, PHASE_FETCH);
    return ok;
}

/* Also where this job changed nothing: a worker that died may have left commits that were not pushed. */
static bool publish(struct run *run, struct rse_err *err)
{
    struct origin origin = origin_of(run, run->repo);

    if (!place_is_remote(&run->spec.home))
        return true;
    lease_progress(run->lease, phase_name(PHASE_PUSH), run->build.files, run->build.files, run->build.bytes);
    bool ok = origin_push(&origin, err);
    phases_end(&run->phases, PHASE_PUSH);
    if (ok && strcmp(run->completion.state, "committed") == 0)
        run->completion.state = "pushed";
    return ok;
}

/* Another branch of the same repository, or another repository. */
static bool take_templates_from(struct run *run, struct repo *repo, struct rse_err *err)
{
    struct origin origin = origin_of(run, repo);
    struct objects *objects;
    struct repo_head head;

    if (!origin_fetch_templates(&origin, &head, err) || !objects_new(&objects, repo_git(repo), OBJECTS_HASH, err))
        return false;
    bool ok = push_take(run->worker, run->state, &run->spec, repo, objects, &head, err);
    objects_free(objects);
    return ok;
}

static bool take_templates_elsewhere(struct run *run, struct rse_err *err)
{
    RSE_CLEANUP(repo_freep) struct repo *repo = NULL;

    return origin_open_templates(&repo, run->worker, &run->spec.templates, err) && take_templates_from(run, repo, err);
}

/* The templates' branch is the one that is written, unless the target says otherwise. */
static bool take_templates(struct run *run, struct objects *objects, struct rse_err *err)
{
    const struct target_spec *spec = &run->spec;
    bool same_repository = strcmp(spec->templates.path, spec->home.path) == 0, ok;

    if (same_repository && strcmp(spec->templates.branch, spec->home.branch) == 0)
        ok = push_take(run->worker, run->state, spec, run->repo, objects, &run->head, err);
    else if (same_repository)
        ok = take_templates_from(run, run->repo, err);
    else
        ok = take_templates_elsewhere(run, err);
    phases_end(&run->phases, PHASE_TEMPLATES);
    return ok;
}

/* ---- planning and building ---- */

static bool go_on(void *arg, int64_t files, int64_t clusters, int64_t of, struct rse_err *err)
{
    struct run *run = arg;

    /* How many files there will be is known at the end only: what was rendered so far tells. */
    lease_progress(run->lease, phase_name(PHASE_RENDER), files, clusters > 0 ? files * of / clusters : 0,
                   run->build.bytes);
    return lease_check(run->lease, err);
}

static bool make_scope(struct run *run, struct objects *objects, struct rse_err *err)
{
    const struct fleet_sync *sync = run->worker->sync;
    struct fleet_changes changes = { .ngone = 0 };
    bool known = fleet_sync_changes(sync, run->state->built.revision, run->arena, &changes);
    struct scope_input input = {
        .state = run->state,
        .fleet = fleet_sync_fleet(sync),
        .epoch = fleet_sync_epoch(sync),
        .changes = known ? &changes : NULL,
        .plan = run->plan,
        .git = repo_git(run->repo),
        .objects = objects,
        .head = run->head.born ? &run->head.commit : NULL,
        .head_tree = run->head.born ? &run->head.tree : NULL,
        .pattern = run->spec.pattern,
        .everything = run->everything,
        .holds = run->before,
    };

    bool ok = scope_make(&run->scope, &input, err);
    rse_bitmap_release(&changes.clusters);
    return ok;
}

static bool build_scope(struct run *run, struct objects *objects, struct rse_err *err)
{
    struct build_input input = {
        .fleet = fleet_sync_fleet(run->worker->sync),
        .plan = run->plan,
        .target_id = run->spec.id,
        .pattern = run->spec.pattern,
        .git = repo_git(run->repo),
        .objects = objects,
        .head = run->head.born ? &run->head.commit : NULL,
        .head_tree = run->head.born ? &run->head.tree : NULL,
        .scope = scope_of_build(&run->scope),
        .holds = run->holds,
        .said = run->state->said,
        .foreign = run->state->foreign,
        .go_on = go_on,
        .arg = run,
    };

    bool ok = build_run(&run->build, &input, err);
    if (ok)
        run->held = scope_held(&run->scope, input.fleet, run->build.held);
    phases_end(&run->phases, PHASE_RENDER);
    phases_split(&run->phases, PHASE_RENDER, PHASE_WRITE, run->build.write_us);
    phases_split(&run->phases, PHASE_RENDER, PHASE_HASH, run->build.hash_us);
    return ok;
}

static bool build(struct run *run, struct objects *objects, struct rse_err *err)
{
    const struct rse_fleet *fleet = fleet_sync_fleet(run->worker->sync);

    release_build(run);
    bool ok = rse_plan_new(&run->plan, fleet, templates_catalogue(run->state->templates), run->spec.id, err) &&
              make_scope(run, objects, err);
    phases_end(&run->phases, PHASE_PLAN);
    return ok && build_scope(run, objects, err);
}

/* ---- the commit ---- */

static bool write_commit(struct run *run, struct objects *objects, git_oid *id, struct rse_err *err)
{
    struct trailers trailers = { .revision = fleet_sync_revision(run->worker->sync), .job = run->job->id };
    struct commit_spec spec = {
        .tree = run->build.tree,
        .parent = run->head.born ? &run->head.commit : NULL,
        .author = run->job->author,
        .email = run->job->email,
        .time = run->job->time,
        .signer = run->worker->signer,
    };
    RSE_BUF_AUTO message = { 0 };

    snprintf(trailers.change, sizeof(trailers.change), "%s", fleet_sync_change_id(run->worker->sync));
    rse_buf_init(&message, MAX_MESSAGE);
    summary_message(run->build.summary, trailers.revision, run->held, run->holds, &message);
    trailers_add(&message, &trailers);
    spec.message = rse_buf_str(&message);
    return rse_buf_ok(&message, err) && commit_write(objects, &spec, id, err) && objects_finish(objects, err);
}

static void fill_completion(struct run *run, const char *state, const git_oid *commit)
{
    struct completion *done = &run->completion;

    *done = (struct completion){ .state = state, .revision = fleet_sync_revision(run->worker->sync) };
    done->has_commit = commit != NULL;
    if (commit != NULL)
        done->commit = *commit;
    done->tree = run->build.tree;
    done->files = summary_files(run->build.summary);
    done->clusters_changed = summary_clusters(run->build.summary);
    done->files_rendered = run->build.files;
    done->bytes_rendered = run->build.bytes;
}

static bool has_own_templates(const struct target_spec *spec)
{
    return strcmp(spec->templates.path, spec->home.path) == 0 && strcmp(spec->templates.branch, spec->home.branch) == 0;
}

void run_remember(struct run *run)
{
    struct target_state *state = run->state;
    const struct completion *done = &run->completion;
    struct rse_plan_inputs *inputs = scope_take_inputs(&run->scope);

    target_state_forget(state);
    state->completed = done->revision;
    state->holding = run->holds != NULL;
    /* A job whose commit was found says nothing about what has to come after it. */
    if (done->revision != fleet_sync_revision(run->worker->sync) || !done->has_commit) {
        rse_plan_inputs_free(inputs);
        return;
    }
    held_merge(state->held, run->held);
    /* Its templates are those that the job had. */
    if (git_oid_equal(&run->head.commit, &done->parent) && has_own_templates(&run->spec))
        state->polled = done->commit;
    state->built = (struct built){
        .inputs = inputs,
        .epoch = fleet_sync_epoch(run->worker->sync),
        .revision = done->revision,
        .commit = done->commit,
    };
    /* Made from this very fleet: nobody has to be asked whether it knows the change. */
    if (strcmp(done->state, "unchanged") != 0) {
        state->known = done->commit;
        state->known_epoch = state->built.epoch;
    }
}

/* Nothing goes out: the branch stays where it is. */
static void hold_back(struct run *run)
{
    struct completion *done = &run->completion;

    fill_completion(run, "unchanged", &run->head.commit);
    done->tree = run->head.tree;
    done->files = (struct tree_counts){ .added = 0 };
    done->clusters_changed = 0;
    deployments_clear(run->build.deployments);
}

static bool commit(struct run *run, struct objects *objects, struct rse_err *err)
{
    git_oid id;

    if (run->blocked) {
        hold_back(run);
        return true;
    }
    if (!run->build.changed) {
        fill_completion(run, "unchanged", run->head.born ? &run->head.commit : NULL);
        return true;
    }
    if (!write_commit(run, objects, &id, err) || !lease_check(run->lease, err))
        return false;
    crash_point("before-ref");
    if (!repo_move(run->repo, run->ref, &run->head, &id, err))
        return false;
    crash_point("after-ref");
    fill_completion(run, "committed", &id);
    run->completion.bytes_written = (int64_t)objects_counted(objects).packed;
    run->completion.has_parent = run->head.born;
    run->completion.parent = run->head.commit;
    phases_end(&run->phases, PHASE_COMMIT);
    return true;
}

/* ---- a job that was done before ---- */

static bool count_again(struct run *run, struct objects *objects, struct rse_err *err)
{
    RSE_CLEANUP(tree_freep) struct tree *after = tree_new(objects, &run->completion.tree);
    RSE_CLEANUP(tree_freep) struct tree *before = NULL;
    struct completion *done = &run->completion;

    if (done->has_parent) {
        git_commit *parent;

        if (git_commit_lookup(&parent, repo_git(run->repo), &done->parent) != 0)
            return rse_fail(err, RSE_INTERNAL, "could not read the parent of the job's commit");
        before = tree_new(objects, git_commit_tree_id(parent));
        git_commit_free(parent);
    }
    return recount(before, after, run->spec.pattern, &done->files, &done->clusters_changed, err);
}

static bool fill_from_commit(struct run *run, const struct checkpoint *checkpoint, int64_t revision,
                             struct objects *objects, struct rse_err *err)
{
    struct completion *done = &run->completion;

    rse_log(RSE_LOG_INFO, "the job's commit is on the branch already", RSE_LOG_INT("job", run->job->id),
            RSE_LOG_STR("commit", git_oid_tostr_s(&checkpoint->commit)));
    *done = (struct completion){ .state = "committed", .has_commit = true, .commit = checkpoint->commit };
    done->revision = revision;
    done->tree = checkpoint->tree;
    done->parent = checkpoint->parent;
    done->has_parent = !git_oid_is_zero(&checkpoint->parent);
    return count_again(run, objects, err);
}

/* The commit is on the branch: only what it is has to be told, again. What the fleet became since is work for the next job, which
 * tells of the clusters too: a job makes one commit. */
static bool resume(struct run *run, const struct checkpoint *checkpoint, struct objects *objects, struct rse_err *err)
{
    int64_t made_at = checkpoint->trailers.revision;
    bool moved_on = run->build.changed;

    if (moved_on)
        deployments_clear(run->build.deployments);
    return fill_from_commit(run, checkpoint, moved_on ? made_at : fleet_sync_revision(run->worker->sync), objects, err);
}

static bool find_checkpoint(struct run *run, struct checkpoint *checkpoint, struct rse_err *err)
{
    return !run->head.born || checkpoint_find(repo_git(run->repo), &run->head.commit, checkpoint, err);
}

/* ---- the whole ---- */

/* What was held because of it touches everything. */
static bool was_forked(const struct holds *before)
{
    for (size_t i = 0; i < before->count; i++) {
        if (before->at[i]->kind == HOLD_FORK)
            return true;
    }
    return false;
}

/* *again: parts are held, and the job is to be built once more. */
static bool attempt_with(struct run *run, struct objects *objects, bool *again, struct rse_err *err)
{
    struct checkpoint checkpoint = { .found = false };
    bool done_before, forked;

    if (!find_checkpoint(run, &checkpoint, err) || !judge_history(run, &checkpoint, &forked, err))
        return false;
    /* Jobs of another history have numbers of their own. */
    done_before = checkpoint.found && checkpoint.trailers.job == run->job->id && !forked;
    run->everything = done_before || forked || was_forked(run->before);
    if (done_before)
        rse_map_clear(run->state->said);
    else
        crash_point("before-objects");
    if (!take_templates(run, objects, err) || !build(run, objects, err) ||
        !judge_build(run, objects, &checkpoint, forked, again, err))
        return false;
    if (*again)
        return true;
    return done_before ? resume(run, &checkpoint, objects, err) : commit(run, objects, err);
}

static bool attempt_once(struct run *run, bool *again, struct rse_err *err)
{
    struct objects *objects;

    *again = false;
    if (!objects_new(&objects, repo_git(run->repo), OBJECTS_STORE, err))
        return false;
    bool ok = attempt_with(run, objects, again, err);
    objects_free(objects);
    return ok;
}

static bool attempt(struct run *run, struct rse_err *err)
{
    bool again = false;

    holds_free(RSE_TAKE(run->holds));
    run->judged = run->blocked = false;
    if (!fetch(run, err) || !repo_head(run->repo, run->ref, &run->head, err) || !attempt_once(run, &again, err))
        return false;
    if (again && !attempt_once(run, &again, err))
        return false;
    return publish(run, err);
}

bool run_job(struct run *run, struct rse_err *err)
{
    struct backoff backoff = BACKOFF_INIT;

    /* What was said of clusters before holds only if this worker did the target's last job. */
    if (run->state->completed != run->job->done_revision)
        rse_map_clear(run->state->said);
    /* The queue goes back by one for what a person decided, and by more where an older database was restored. */
    if (run->job->done_revision < run->state->completed - 1)
        fleet_sync_forget(run->worker->sync);
    if (!judge_load(run, err))
        return false;
    run->state->completed = -1;
    if (!fleet_sync_to(run->worker->sync, run->job->revision, err))
        return false;
    phases_end(&run->phases, PHASE_FLEET);
    if (!open_target(run, err))
        return false;
    for (int i = 1;; i++) {
        struct rse_err error = RSE_ERR_INIT;

        if (attempt(run, &error))
            break;
        if (error.code != RSE_STALE || i == MOVED_ATTEMPTS) {
            *err = error;
            return false;
        }
        rse_log(RSE_LOG_INFO, "the branch moved meanwhile, planning again", RSE_LOG_INT("job", run->job->id));
        if (place_is_remote(&run->spec.home))
            stop_wait(backoff_next(&backoff)); /* whoever pushes there may not be done */
    }
    return true;
}
