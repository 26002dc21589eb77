#include "automation-worker/job/judge.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>

#include <resedge/log.h>

#include "automation-worker/git/owned.h"

#include "automation-worker/job/fleet_sync.h"
#include "automation-worker/job/guard.h"
#include "automation-worker/job/history.h"

bool judge_load(struct run *run, struct rse_err *err)
{
    const struct target_state *state = run->state;

    run->before = holds_new();
    if (state->completed == run->job->done_revision && !state->holding)
        return true;
    return holds_load(run->before, run->worker->client, run->job->target_id, err);
}

/* ---- history ---- */

bool judge_history(struct run *run, const struct checkpoint *checkpoint, bool *forked, struct rse_err *err)
{
    struct target_state *state = run->state;
    uint64_t epoch = fleet_sync_epoch(run->worker->sync);
    bool has;

    *forked = false;
    if (!checkpoint->found || checkpoint->trailers.revision == 0 ||
        (state->known_epoch == epoch && git_oid_equal(&state->known, &checkpoint->commit)))
        return true;
    if (!history_has(run->worker->client, &checkpoint->trailers, &has, err))
        return false;
    *forked = !has;
    if (*forked) {
        rse_log(RSE_LOG_WARN, "the branch names a change that the Data Service does not have",
                RSE_LOG_INT("job", run->job->id), RSE_LOG_STR("commit", git_oid_tostr_s(&checkpoint->commit)),
                RSE_LOG_INT("revision", checkpoint->trailers.revision));
        return true;
    }
    state->known = checkpoint->commit;
    state->known_epoch = epoch;
    return true;
}

/* Everything waits, with its numbers, until somebody has seen them. */
static void judge_fork(struct run *run, const struct checkpoint *checkpoint)
{
    struct tree_counts files = summary_files(run->build.summary);
    struct hold_counts counts = {
        .losing = guard_count(summary_touches(run->build.summary)).losing,
        .changed = summary_clusters(run->build.summary),
        .files = files.added + files.changed + files.removed,
    };
    char key[80], subject[200];

    snprintf(key, sizeof(key), "fork/%s", checkpoint->trailers.change);
    for (size_t i = 0; i < run->before->count; i++) {
        const struct hold *old = run->before->at[i];

        if (rse_str_is(old->key, key) && old->state == HOLD_APPROVED && counts.losing <= old->approved.losing &&
            counts.changed <= old->approved.changed && counts.files <= old->approved.files)
            return;
    }
    snprintf(subject, sizeof(subject), "the branch was written from revision %" PRId64 ", which is not this history's",
             checkpoint->trailers.revision);
    run->holds = holds_new();
    struct hold *hold = holds_add(run->holds, rse_str(key));
    hold->kind = HOLD_FORK;
    hold->revision = checkpoint->trailers.revision;
    hold->counts = counts;
    hold->of = counts.changed;
    hold->subject = rse_arena_str(run->holds->arena, rse_str(subject));
    run->blocked = true;
}

/* ---- the guard ---- */

static bool is_shard(struct rse_str name)
{
    return name.len == 2 && isxdigit((unsigned char)name.p[0]) && isxdigit((unsigned char)name.p[1]);
}

/* Folders right under one; with into_shards, those in it that are shards count by what is in them. */
static bool count_folders(struct tree *folder, bool into_shards, int64_t *count, struct rse_err *err)
{
    size_t entries = 0;

    if (folder != NULL && !tree_count(folder, &entries, err))
        return false;
    for (size_t i = 0; i < entries; i++) {
        const struct tree_entry *entry = tree_at(folder, i);
        struct tree *shard;

        if (!tree_entry_is_folder(entry))
            continue;
        if (!into_shards) {
            ++*count;
        } else if (is_shard(entry->name)) {
            if (!tree_open(folder, entry->name, &shard, err) || !count_folders(shard, false, count, err))
                return false;
        }
    }
    return true;
}

static bool count_clusters(struct run *run, struct objects *objects, int64_t *count, struct rse_err *err)
{
    RSE_CLEANUP(tree_freep) struct tree *root = tree_new(objects, run->head.born ? &run->head.tree : NULL);
    struct tree *clusters;

    *count = 0;
    return tree_open(root, RSE_STR("clusters"), &clusters, err) &&
           count_folders(clusters, run->spec.pattern == RSE_FOLDER_SHARDED, count, err);
}

static struct rse_str cluster_name(const struct run *run, uint32_t index)
{
    return rse_fleet_cluster_at(fleet_sync_fleet(run->worker->sync), index)->object.name;
}

/* Of the folders that do not look like ours, those that no commit of ours ever changed. */
static bool find_foreign(struct run *run, struct objects *objects, struct rse_map *foreign, struct rse_err *err)
{
    const struct build *build = &run->build;
    struct owned_folder *folders = rse_arena_calloc(run->arena, build->nunmarked, sizeof(*folders));
    RSE_BUF_AUTO path = { 0 };

    rse_buf_init(&path, 1024);
    for (size_t i = 0; i < build->nunmarked; i++) {
        rse_buf_reset(&path);
        rse_cluster_folder(run->spec.pattern, cluster_name(run, build->unmarked[i]), &path);
        folders[i].path = rse_arena_str(run->arena, rse_buf_str(&path));
    }
    if (build->nunmarked > 0 &&
        !owned_find(objects, repo_git(run->repo), &run->head.commit, folders, build->nunmarked, err))
        return false;
    for (size_t i = 0; i < build->nunmarked; i++) {
        if (!folders[i].owned)
            rse_map_put(foreign, cluster_name(run, build->unmarked[i]), run);
    }
    return true;
}

static bool judge_guard(struct run *run, struct objects *objects, const struct rse_map *foreign, struct rse_err *err)
{
    const struct touches *touches = summary_touches(run->build.summary);
    struct guard_input input = {
        .client = run->worker->client,
        .fleet = fleet_sync_fleet(run->worker->sync),
        .target_id = run->spec.id,
        .after = run->job->done_revision,
        .revision = fleet_sync_revision(run->worker->sync),
        .before = run->before,
        .foreign = foreign,
    };

    if (run->before->count == 0 && rse_map_count(foreign) == 0 && touches->nclusters < GUARD_MIN_CLUSTERS)
        return true;
    if (!count_clusters(run, objects, &input.clusters, err) || !guard_judge(touches, &input, &run->holds, err))
        return false;
    if (run->holds != NULL)
        rse_log(RSE_LOG_WARN, "held for a person", RSE_LOG_INT("job", run->job->id),
                RSE_LOG_INT("parts", holds_count(run->holds)));
    return true;
}

bool judge_build(struct run *run, struct objects *objects, const struct checkpoint *checkpoint, bool forked,
                 bool *again, struct rse_err *err)
{
    *again = false;
    if (run->judged || !run->build.changed)
        return true;
    run->judged = true;
    if (forked) {
        judge_fork(run, checkpoint);
        return true;
    }
    RSE_CLEANUP(rse_map_freep) struct rse_map *foreign = rse_map_new();
    if (!find_foreign(run, objects, foreign, err) || !judge_guard(run, objects, foreign, err))
        return false;
    *again = run->holds != NULL;
    return true;
}
