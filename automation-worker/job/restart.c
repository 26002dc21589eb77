#include "automation-worker/job/restart.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <resedge/log.h>

#include "automation-worker/clock.h"
#include "automation-worker/git/commit.h"
#include "automation-worker/http/registry.h"
#include "automation-worker/member.h"

#include "automation-worker/job/fleet_sync.h"
#include "automation-worker/job/history.h"
#include "automation-worker/job/targets.h"

/* A target whose repository is here. */
struct point {
    struct target_spec spec;
    bool known;   /* the checkpoint says what was built at `done` */
    int64_t done; /* the revision that the Data Service has as done */
    struct checkpoint checkpoint;
};

struct points {
    struct rse_arena *arena;
    struct point *at;
    size_t count;
};

/* ---- what there is ---- */

static bool is_at_home(const struct target_spec *spec)
{
    return strcmp(spec->templates.path, spec->home.path) == 0 && strcmp(spec->templates.branch, spec->home.branch) == 0;
}

static bool read_checkpoint(struct point *point, bool *here)
{
    RSE_CLEANUP(repo_freep) struct repo *repo = NULL;
    struct rse_err ignored = RSE_ERR_INIT;
    struct repo_head head;

    *here = repo_open(&repo, point->spec.home.path, &ignored);
    return *here && is_at_home(&point->spec) && repo_head(repo, point->spec.home.branch, &head, &ignored) &&
           head.born && checkpoint_find(repo_git(repo), &head.commit, &point->checkpoint, &ignored) &&
           point->checkpoint.found;
}

/* Whether the Data Service says the same of what was built. */
static bool ask_about(struct worker *worker, struct point *point, struct rse_err *err)
{
    cJSON *answer;
    char path[96];

    snprintf(path, sizeof(path), "/api/v1/targets/%" PRId64 "/status", point->spec.id);
    if (!rse_client_json(worker->client, "GET", path, NULL, &answer, err))
        return false;
    point->done = member_int64(answer, "done", 0);
    cJSON_Delete(answer);
    if (point->checkpoint.trailers.revision > point->done)
        return true;
    return history_has(worker->client, &point->checkpoint.trailers, &point->known, err);
}

static bool look_at(struct worker *worker, struct points *points, const cJSON *doc, struct rse_err *err)
{
    struct point *point = &points->at[points->count];
    struct rse_err ignored = RSE_ERR_INIT;
    struct rse_object *target;
    bool here;

    *point = (struct point){ .known = false };
    if (!rse_object_parse(&target, RSE_TARGET, doc, RSE_PARSE_DOC, points->arena, &ignored) ||
        !target_spec_read(&point->spec, (const struct rse_target *)target, worker->config->data_dir, points->arena,
                          &ignored))
        return true;
    bool found = read_checkpoint(point, &here);
    if (!here)
        return true;
    registry_put(worker->registry, &point->spec);
    points->count++;
    return !found || ask_about(worker, point, err);
}

static bool look(struct worker *worker, struct points *points, struct rse_err *err)
{
    const cJSON *list, *doc;
    cJSON *answer;

    if (!rse_client_json(worker->client, "GET", "/api/v1/targets?$top=1000", NULL, &answer, err))
        return false;
    list = cJSON_GetObjectItemCaseSensitive(answer, "value");
    points->at = rse_arena_calloc(points->arena, (size_t)cJSON_GetArraySize(list) + 1, sizeof(points->at[0]));
    bool ok = true;
    cJSON_ArrayForEach(doc, list)
    {
        ok = ok && look_at(worker, points, doc, err);
    }
    cJSON_Delete(answer);
    return ok;
}

/* ---- telling where we are ---- */

static bool announce(struct worker *worker, const struct points *points, struct rse_err *err)
{
    cJSON *body = cJSON_CreateObject(), *answer = NULL;
    cJSON *targets = cJSON_AddArrayToObject(body, "targets");

    cJSON_AddStringToObject(body, "worker", worker->config->name);
    cJSON_AddStringToObject(body, "address", worker->address);
    cJSON_AddStringToObject(body, "secret", worker->secret);
    for (size_t i = 0; i < points->count; i++)
        cJSON_AddItemToArray(targets, cJSON_CreateNumber((double)points->at[i].spec.id));
    bool ok = rse_client_json(worker->client, "POST", "/api/v1/workers", body, &answer, err);
    cJSON_Delete(answer);
    cJSON_Delete(body);
    return ok;
}

/* ---- planning again ---- */

static bool read_retry(void *arg, const cJSON *part, struct rse_err *err RSE_UNUSED)
{
    struct target_state *state = arg;

    RSE_GROW(state->retries, state->nretries, state->retries_cap);
    state->retries[state->nretries++] = (struct retry){
        .cluster_id = member_int64(part, "cluster", 0),
        .namespace_id = member_int64(part, "namespace", 0),
        .application_id = member_int64(part, "application", 0),
    };
    return true;
}

static bool read_retries(struct worker *worker, struct target_state *state, int64_t target_id, struct rse_err *err)
{
    char path[96];

    snprintf(path, sizeof(path), "/api/v1/targets/%" PRId64 "/failures", target_id);
    return rse_client_lines(worker->client, path, read_retry, state, NULL, err);
}

static bool plan_again(struct worker *worker, const struct point *point, struct target_state *state,
                       struct objects *objects, struct rse_err *err)
{
    RSE_CLEANUP(tree_freep) struct tree *root = tree_new(objects, &point->checkpoint.tree);
    const struct rse_fleet *fleet = fleet_sync_fleet(worker->sync);
    struct rse_plan *plan;

    if (!templates_load(state->templates, root, point->spec.template_folder, fleet, err) ||
        !rse_plan_new(&plan, fleet, templates_catalogue(state->templates), point->spec.id, err))
        return false;
    state->built = (struct built){
        .inputs = rse_plan_inputs_new(plan),
        .epoch = fleet_sync_epoch(worker->sync),
        .revision = point->done,
        .commit = point->checkpoint.commit,
    };
    rse_plan_free(plan);
    return true;
}

static bool resume(struct worker *worker, const struct point *point, struct rse_err *err)
{
    struct target_state *state = targets_state(worker->targets, point->spec.id);
    RSE_CLEANUP(repo_freep) struct repo *repo = NULL;
    RSE_CLEANUP(objects_freep) struct objects *objects = NULL;
    int64_t started = clock_ms();

    if (!fleet_sync_exactly(worker->sync, point->done, err) || !repo_open(&repo, point->spec.home.path, err) ||
        !objects_new(&objects, repo_git(repo), OBJECTS_HASH, err) || !plan_again(worker, point, state, objects, err) ||
        !read_retries(worker, state, point->spec.id, err)) {
        target_state_forget(state);
        return false;
    }
    rse_log(RSE_LOG_INFO, "going on from the last commit", RSE_LOG_BYTES("target", point->spec.name),
            RSE_LOG_STR("commit", git_oid_tostr_s(&point->checkpoint.commit)), RSE_LOG_INT("revision", point->done),
            RSE_LOG_INT("durationMs", clock_ms() - started));
    return true;
}

static int by_revision(const void *a, const void *b)
{
    const struct point *left = a, *right = b;

    if (left->known != right->known)
        return left->known ? -1 : 1;
    return (left->done > right->done) - (left->done < right->done);
}

/* The fleet can only go forward: it begins where the first of them was built. */
static bool resume_all(struct worker *worker, const struct points *points, struct rse_err *err)
{
    struct rse_err gone = RSE_ERR_INIT;

    if (points->count == 0 || !points->at[0].known)
        return true;
    if (!fleet_sync_load(worker->sync, points->at[0].done, &gone)) {
        *err = gone;
        return gone.code == RSE_GONE && (rse_err_clear(err), true);
    }
    for (size_t i = 0; i < points->count && points->at[i].known; i++) {
        struct rse_err error = RSE_ERR_INIT;

        if (!resume(worker, &points->at[i], &error))
            rse_log(RSE_LOG_WARN, "the next job looks at everything", RSE_LOG_BYTES("target", points->at[i].spec.name),
                    RSE_LOG_ERR(&error));
    }
    return true;
}

bool restart_resume(struct worker *worker, struct rse_err *err)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    struct points points = { .arena = arena };

    if (!look(worker, &points, err) || !announce(worker, &points, err))
        return false;
    qsort(points.at, points.count, sizeof(points.at[0]), by_revision);
    return resume_all(worker, &points, err);
}
