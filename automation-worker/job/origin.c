#include "automation-worker/job/origin.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>

#include <resedge/log.h>

#include "automation-worker/crash.h"
#include "automation-worker/git/error.h"
#include "automation-worker/member.h"
#include "automation-worker/remote/outgoing.h"
#include "automation-worker/remote/remote.h"

#define MAX_UNPUSHED 1000
#define LOCK_WAIT_MS 10000

void origin_ref(char out[static ORIGIN_REF_SIZE], const char *branch)
{
    snprintf(out, ORIGIN_REF_SIZE, "refs/resedge/next/%s", branch);
}

static void head_ref(char out[static ORIGIN_REF_SIZE], const char *branch)
{
    snprintf(out, ORIGIN_REF_SIZE, "refs/heads/%s", branch);
}

bool origin_open(struct repo **out, const struct worker *worker, const struct place *home, struct rse_err *err)
{
    static pthread_mutex_t making = PTHREAD_MUTEX_INITIALIZER; /* jobs and looks may both be the first */
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    const char *clones = rse_arena_printf(arena, "%s/clones", worker->config->data_dir);

    if (place_is_remote(home) && mkdir(clones, 0700) != 0 && errno != EEXIST) {
        rse_err_object(err, "%s", clones);
        return rse_fail_errno(err, RSE_UNAVAILABLE, errno, "could not make the folder of clones");
    }
    pthread_mutex_lock(&making);
    bool ok = repo_open_or_create(out, home->path, home->branch, err);
    pthread_mutex_unlock(&making);
    return ok;
}

bool origin_open_templates(struct repo **out, const struct worker *worker, const struct place *templates,
                           struct rse_err *err)
{
    struct repo *repo;

    if (!place_is_remote(templates))
        return repo_open(out, templates->path, err);
    if (!origin_open(&repo, worker, templates, err))
        return false;
    if (!repo_lock(repo, LOCK_WAIT_MS, err)) {
        repo_free(repo);
        return false;
    }
    *out = repo;
    return true;
}

static bool reach(struct remote **out, const struct origin *origin, const struct place *place, struct rse_err *err)
{
    const struct config *config = origin->worker->config;
    struct remote_options options = {
        .url = place->url,
        .credential = place->credential,
        .credentials_dir = config->credentials_dir,
        .limits = { .connect_ms = config->remote_connect_ms,
                    .idle_ms = config->remote_idle_ms,
                    .whole_ms = config->remote_whole_ms,
                    .max_bytes = config->remote_max_bytes },
        .go_on = origin->go_on,
        .arg = origin->arg,
    };

    return remote_new(out, &options, err);
}

/* ---- history that was rewritten ---- */

/* What the Data Service knows of the branch. */
struct known {
    git_oid last;     /* the commit of the last job that was done; zero: none */
    git_oid accepted; /* the head of rewritten history that a person said is meant; zero: nobody did */
    bool deletion;    /* or that it is gone */
};

static bool ask_known(const struct origin *origin, struct known *out, struct rse_err *err)
{
    char path[64];
    cJSON *status;

    *out = (struct known){ .deletion = false };
    snprintf(path, sizeof(path), "/api/v1/targets/%" PRId64 "/status", origin->target->id);
    if (!rse_client_json(origin->worker->client, "GET", path, NULL, &status, err))
        return false;
    const char *accepted = member_text(status, "acceptedHistory");

    if (git_oid_fromstr(&out->last, member_text(status, "lastCommit")) != 0)
        memset(&out->last, 0, sizeof(out->last));
    if (git_oid_fromstr(&out->accepted, accepted) != 0)
        memset(&out->accepted, 0, sizeof(out->accepted));
    out->deletion = strcmp(accepted, "deleted") == 0;
    cJSON_Delete(status);
    return true;
}

/* Whether the templates go with the branch. Made anew without them it would hold no application, and every store would
 * delete what it runs. */
static bool has_templates(const struct target_spec *target)
{
    return strcmp(target->templates.path, target->home.path) == 0 &&
           strcmp(target->templates.branch, target->home.branch) == 0;
}

static bool fail_deleted(const struct origin *origin, struct rse_err *err)
{
    const struct target_spec *target = origin->target;

    rse_err_object(err, "remote %.*s", RSE_STR_ARG(target->home.url));
    if (has_templates(target))
        rse_err_hint(err,
                     "Restore the branch, or push one with the templates, which went with it; then retry the job.");
    else
        rse_err_hint(err,
                     "Restore the branch. If it is to be made anew: POST /api/v1/targets/%" PRId64
                     "/accept-history {\"commit\": null}.",
                     target->id);
    return rse_fail(err, RSE_CONFIRM, "branch %s is gone", target->home.branch);
}

static bool fail_rewritten(const struct origin *origin, const git_oid *tip, const git_oid *missing, struct rse_err *err)
{
    const struct place *home = &origin->target->home;
    char now[GIT_OID_HEXSZ + 1], then[GIT_OID_HEXSZ + 1];

    git_oid_tostr(now, sizeof(now), tip);
    git_oid_tostr(then, sizeof(then), missing);
    rse_err_object(err, "remote %.*s", RSE_STR_ARG(home->url));
    rse_err_hint(err,
                 "Put the branch back. If this is meant: POST /api/v1/targets/%" PRId64
                 "/accept-history {\"commit\": \"%s\"}.",
                 origin->target->id, now);
    return rse_fail(err, RSE_CONFIRM, "the history of branch %s was rewritten: its head %.12s does not contain %.12s",
                    home->branch, now, then);
}

/* Only what adds to the history that we know is taken without asking. */
static bool check_history(const struct origin *origin, const git_oid *before, const git_oid *tip, struct rse_err *err)
{
    const git_oid *missing = NULL;
    struct known known;

    if (!ask_known(origin, &known, err))
        return false;
    if (git_oid_is_zero(tip)) {
        bool was = !git_oid_is_zero(before) || !git_oid_is_zero(&known.last);

        return !was || (known.deletion && !has_templates(origin->target)) || fail_deleted(origin, err);
    }
    if (!git_oid_is_zero(before) && !repo_has_ancestor(origin->repo, tip, before))
        missing = before;
    else if (!git_oid_is_zero(&known.last) && !repo_has_ancestor(origin->repo, tip, &known.last))
        missing = &known.last;
    if (missing == NULL || (!git_oid_is_zero(&known.accepted) && repo_has_ancestor(origin->repo, tip, &known.accepted)))
        return true;
    return fail_rewritten(origin, tip, missing, err);
}

/* ---- fetching ---- */

/* Whether commits of ours that wait to be pushed still can be: they are on top of what the remote has, or the first
 * ones where it never had any. */
static bool may_push(const struct origin *origin, const git_oid *next, const git_oid *before, const git_oid *tip)
{
    if (git_oid_is_zero(tip))
        return git_oid_is_zero(before);
    return repo_has_ancestor(origin->repo, next, tip);
}

static bool set_next(const struct origin *origin, const git_oid *before, const git_oid *tip, struct rse_err *err)
{
    char ref[ORIGIN_REF_SIZE];
    git_oid next;

    origin_ref(ref, origin->target->home.branch);
    if (!repo_branch_id(origin->repo, ref, &next, err))
        return false;
    if (git_oid_equal(&next, tip) || (!git_oid_is_zero(&next) && may_push(origin, &next, before, tip)))
        return true;
    if (!git_oid_is_zero(&next) && !repo_has_ancestor(origin->repo, tip, &next))
        rse_log(RSE_LOG_INFO, "the remote moved, commits that were not pushed are planned anew",
                RSE_LOG_BYTES("target", origin->target->name), RSE_LOG_STR("commit", git_oid_tostr_s(&next)));
    return repo_set_ref(origin->repo, ref, tip, err);
}

bool origin_fetch(const struct origin *origin, struct rse_err *err)
{
    RSE_CLEANUP(remote_freep) struct remote *remote = NULL;
    const struct place *home = &origin->target->home;
    char ref[ORIGIN_REF_SIZE];
    git_oid before, tip;

    head_ref(ref, home->branch);
    return repo_branch_id(origin->repo, ref, &before, err) && reach(&remote, origin, home, err) &&
           remote_fetch(remote, repo_git(origin->repo), home->branch, &tip, err) &&
           check_history(origin, &before, &tip, err) &&
           (git_oid_equal(&before, &tip) || repo_set_ref(origin->repo, ref, &tip, err)) &&
           set_next(origin, &before, &tip, err);
}

bool origin_fetch_templates(const struct origin *origin, struct repo_head *out, struct rse_err *err)
{
    RSE_CLEANUP(remote_freep) struct remote *remote = NULL;
    const struct place *templates = &origin->target->templates;
    git_oid tip;
    bool ok;

    if (place_is_remote(templates))
        ok = reach(&remote, origin, templates, err) &&
             remote_fetch(remote, repo_git(origin->repo), templates->branch, &tip, err) &&
             repo_head_at(origin->repo, &tip, out, err);
    else
        ok = repo_head(origin->repo, templates->branch, out, err);
    if (!ok || out->born)
        return ok;
    rse_err_object(err, "%s", place_is_remote(templates) ? templates->url.p : templates->path);
    return rse_fail(err, RSE_NOT_FOUND, "there is no branch %s to take templates from", templates->branch);
}

bool origin_look(const struct origin *origin, git_oid *out, struct rse_err *err)
{
    RSE_CLEANUP(remote_freep) struct remote *remote = NULL;

    return reach(&remote, origin, &origin->target->templates, err) &&
           remote_look(remote, origin->target->templates.branch, out, err);
}

/* ---- pushing ---- */

/* Ours from the one after `from` up to `to`, the newest first. */
static bool list_unpushed(const struct origin *origin, const git_oid *from, const git_oid *to,
                          git_oid ids[static MAX_UNPUSHED], size_t *count, struct rse_err *err)
{
    git_oid at = *to;

    for (*count = 0; !git_oid_equal(&at, from); (*count)++) {
        git_commit *commit;
        int rc;

        if (git_oid_is_zero(&at) || *count == MAX_UNPUSHED)
            return rse_fail(err, RSE_INTERNAL, "the commits to be pushed do not follow what the remote has");
        rc = git_commit_lookup(&commit, repo_git(origin->repo), &at);
        if (rc != 0)
            return git_error_take(err, rc, "could not read commit %.12s", git_oid_tostr_s(&at));
        ids[*count] = at;
        memset(&at, 0, sizeof(at));
        if (git_commit_parentcount(commit) > 0)
            at = *git_commit_parent_id(commit, 0);
        git_commit_free(commit);
    }
    return true;
}

static bool push_one(const struct origin *origin, struct remote *remote, const git_oid *from, const git_oid *to,
                     struct rse_err *err)
{
    const char *branch = origin->target->home.branch;
    struct remote_update update = { .branch = branch, .from = *from, .to = *to };
    struct outgoing pack;
    char ref[ORIGIN_REF_SIZE];

    if (!outgoing_open(&pack, repo_git(origin->repo), to, err))
        return false;
    update.pack_fd = pack.fd;
    update.pack_size = pack.size;
    crash_point("before-push");
    bool ok = remote_push(remote, &update, err);
    outgoing_close(&pack);
    if (!ok)
        return false;
    crash_point("after-push");
    rse_log(RSE_LOG_INFO, "pushed", RSE_LOG_BYTES("target", origin->target->name),
            RSE_LOG_STR("commit", git_oid_tostr_s(to)), RSE_LOG_INT("bytes", pack.size),
            RSE_LOG_BOOL("stored", pack.stored));
    head_ref(ref, branch);
    return repo_set_ref(origin->repo, ref, to, err);
}

bool origin_push(const struct origin *origin, struct rse_err *err)
{
    RSE_CLEANUP(remote_freep) struct remote *remote = NULL;
    RSE_CLEANUP(rse_freep) git_oid *ids = rse_xcalloc(MAX_UNPUSHED, sizeof(*ids));
    const struct place *home = &origin->target->home;
    char ref[ORIGIN_REF_SIZE];
    git_oid from, to;
    size_t count;

    origin_ref(ref, home->branch);
    if (!repo_branch_id(origin->repo, ref, &to, err) || !repo_branch_id(origin->repo, home->branch, &from, err) ||
        !list_unpushed(origin, &from, &to, ids, &count, err))
        return false;
    if (count > 0 && !reach(&remote, origin, home, err))
        return false;
    for (; count > 0; from = ids[--count]) {
        if (!push_one(origin, remote, &from, &ids[count - 1], err))
            return false;
    }
    return true;
}
