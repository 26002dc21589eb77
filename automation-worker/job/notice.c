#include "notice.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>

#include <resedge/log.h>

#include "automation-worker/git/ancestry.h"

#include "drift.h"
#include "fleet_sync.h"

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

static bool find(struct repo *repo, const struct target_state *state, const struct target_spec *spec,
                 const struct rse_fleet *fleet, int64_t *files, struct rse_err *err)
{
    RSE_CLEANUP(objects_freep) struct objects *objects = NULL;
    struct ancestry ancestry;
    struct repo_head head;
    struct drift drift;

    *files = 0;
    if (!repo_head(repo, spec->home.branch, &head, err))
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
                  struct rse_err *err)
{
    RSE_CLEANUP(repo_freep) struct repo *repo = NULL;
    struct rse_err ignored = RSE_ERR_INIT;
    int64_t files;

    /* A remote's branch is here only once a job has fetched it. */
    if (place_is_remote(&spec->home) || !repo_open(&repo, spec->home.path, &ignored))
        return true;
    return find(repo, state, spec, fleet_sync_fleet(worker->sync), &files, err) &&
           (files == 0 || ask_for_job(worker, spec, files, err));
}
