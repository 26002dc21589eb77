#include "automation-worker/job/notice.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>

#include <resedge/log.h>

#include "automation-worker/git/ancestry.h"

#include "automation-worker/job/drift.h"
#include "automation-worker/job/fleet_sync.h"

static bool ask_for_job(struct worker *worker, const struct target_spec *spec, int64_t files, struct rse_err *err)
{
    cJSON *answer = NULL;
    char path[96];

    rse_log(RSE_LOG_WARN, "files that Automation wrote were changed by hand", RSE_LOG_BYTES("target", spec->name),
            RSE_LOG_INT("files", files));
    snprintf(path, sizeof(path), "/api/v1/targets/%" PRId64 "/refresh", spec->id);
    bool ok = rse_client_json(worker->client, "POST", path, NULL, &answer, err);
    cJSON_Delete(answer);
    return ok;
}

static bool same_place(const struct target_spec *spec)
{
    return strcmp(spec->home.path, spec->templates.path) == 0 && strcmp(spec->home.branch, spec->templates.branch) == 0;
}

/* Where the target's branch stands: on a remote it is known only from looking for its templates there. */
static bool read_head(struct repo *repo, const struct target_spec *spec, const git_oid *seen, struct repo_head *head,
                      struct rse_err *err)
{
    if (same_place(spec))
        return repo_head_at(repo, seen, head, err);
    *head = (struct repo_head){ .born = false };
    return place_is_remote(&spec->home) || repo_head(repo, spec->home.branch, head, err);
}

static bool find(struct repo *repo, const struct target_state *state, const struct target_spec *spec,
                 const struct rse_fleet *fleet, const git_oid *seen, int64_t *files, struct rse_err *err)
{
    RSE_CLEANUP(objects_freep) struct objects *objects = NULL;
    struct ancestry ancestry;
    struct repo_head head;
    struct drift drift;

    *files = 0;
    if (!read_head(repo, spec, seen, &head, err))
        return false;
    if (!head.born || git_oid_equal(&head.commit, &state->built.commit))
        return true;
    if (!ancestry_find(&ancestry, repo_git(repo), &head.commit, &state->built.commit, err) ||
        !objects_new(&objects, repo_git(repo), OBJECTS_HASH, err))
        return false;
    if (!ancestry.base.found)
        return true;
    if (!drift_find(&drift, objects, &ancestry.base.tree, &head.tree, spec->pattern, fleet, err))
        return false;
    *files = drift.count;
    drift_release(&drift);
    return true;
}

bool notice_drift(struct worker *worker, const struct target_state *state, const struct target_spec *spec,
                  const git_oid *seen, struct rse_err *err)
{
    RSE_CLEANUP(repo_freep) struct repo *repo = NULL;
    struct rse_err ignored = RSE_ERR_INIT;
    int64_t files;

    if (!repo_open(&repo, spec->home.path, &ignored))
        return true;
    return find(repo, state, spec, fleet_sync_fleet(worker->sync), seen, &files, err) &&
           (files == 0 || ask_for_job(worker, spec, files, err));
}
