#include "automation-worker/job/claim.h"

#include <cjson/cJSON.h>

#include <resedge/log.h>

#include "automation-worker/clock.h"
#include "automation-worker/crash.h"
#include "automation-worker/git/pack_fold.h"
#include "automation-worker/metrics.h"

#include "automation-worker/job/run.h"

static cJSON *claim_body(const struct worker *worker)
{
    cJSON *body = cJSON_CreateObject();
    int64_t lease_s = worker->config->lease_ms / 1000;

    cJSON_AddStringToObject(body, "worker", worker->config->name);
    cJSON_AddStringToObject(body, "address", worker->address);
    cJSON_AddStringToObject(body, "secret", worker->secret);
    cJSON_AddNumberToObject(body, "leaseSeconds", (double)lease_s);
    return body;
}

static bool claim(struct worker *worker, struct job *job, struct rse_arena *arena, bool *claimed, struct rse_err *err)
{
    cJSON *body = claim_body(worker), *answer = NULL;

    bool ok = rse_client_json(worker->client, "POST", "/api/v1/jobs/claim", body, &answer, err);
    cJSON_Delete(body);
    *claimed = ok && answer != NULL;
    if (*claimed)
        ok = job_parse(job, answer, arena, err);
    cJSON_Delete(answer);
    return ok;
}

/* ---- the end of a job ---- */

static void log_done(const struct run *run)
{
    const struct completion *done = &run->completion;

    rse_log(RSE_LOG_INFO, "job done", RSE_LOG_INT("job", run->job->id), RSE_LOG_STR("state", done->state),
            RSE_LOG_INT("revision", done->revision),
            RSE_LOG_STR("commit", done->has_commit ? git_oid_tostr_s(&done->commit) : ""),
            RSE_LOG_INT("clusters", done->clusters_changed), RSE_LOG_INT("added", done->files.added),
            RSE_LOG_INT("changed", done->files.changed), RSE_LOG_INT("removed", done->files.removed),
            RSE_LOG_INT("held", held_count(done->held) + holds_count(done->holds)),
            RSE_LOG_INT("durationMs", done->duration_ms));
}

static bool report_done(struct run *run, struct rse_err *err)
{
    struct rse_client *client = run->worker->client;
    struct completion *done = &run->completion;

    lease_progress(run->lease, phase_name(PHASE_REPORT), run->build.files, run->build.files, run->build.bytes);
    phases_begin(&run->phases);
    crash_point("before-deployments");
    if (!report_deployments(client, run->job, run->build.deployments, err))
        return false;
    deployments_remember(run->build.deployments);
    phases_end(&run->phases, PHASE_REPORT);
    crash_point("before-complete");
    done->phases = &run->phases;
    done->held = run->held;
    done->holds = run->holds;
    done->drift = &run->scope.drift;
    done->fleet = fleet_sync_fleet(run->worker->sync);
    done->duration_ms = (clock_us() - run->started_us) / 1000;
    if (!report_complete(client, run->job, done, err))
        return false;
    run_remember(run);
    metrics_job_done(run->worker->metrics, done);
    log_done(run);
    return true;
}

/* What a person has to put right first is not tried again by itself. */
static bool may_retry(const struct rse_err *error)
{
    switch (error->code) {
    case RSE_INVALID:
    case RSE_GONE:
    case RSE_TOO_LARGE:
    case RSE_DENIED:
    case RSE_UNAUTHENTICATED:
    case RSE_CONFIRM:
        return false;
    default:
        return true;
    }
}

static void report_failed(struct run *run, const struct rse_err *error)
{
    struct rse_err err = RSE_ERR_INIT;

    run->worker->failed = true;
    rse_log(RSE_LOG_ERROR, "job failed", RSE_LOG_INT("job", run->job->id), RSE_LOG_ERR(error));
    metrics_job_failed(run->worker->metrics);
    if (!report_fail(run->worker->client, run->job, error, may_retry(error), &err))
        rse_log(RSE_LOG_WARN, "failure not reported", RSE_LOG_INT("job", run->job->id), RSE_LOG_ERR(&err));
}

/* The job is somebody else's by now, or will be soon: whatever was made counts only if it is on the branch. */
static void drop(const struct run *run, const struct rse_err *error)
{
    rse_log(RSE_LOG_WARN, "job dropped", RSE_LOG_INT("job", run->job->id), RSE_LOG_INT("fence", run->job->fence),
            RSE_LOG_ERR(error));
}

/* Whether the error is about the claim, not about the job. ran: it came from a report, not from the work. */
static bool is_lost(const struct lease *lease, const struct rse_err *error, bool ran)
{
    struct rse_err held = RSE_ERR_INIT;

    if (ran)
        return error->code == RSE_CONFLICT || rse_code_is_retryable(error->code);
    return error->code == RSE_CONFLICT && !lease_check(lease, &held) && held.code == RSE_CONFLICT;
}

/* After the report: nobody waits for it. The repository is still ours to write. */
static void fold_packs(const struct run *run)
{
    struct rse_err err = RSE_ERR_INIT;

    if (run->repo != NULL && !packs_fold(repo_git(run->repo), &err))
        rse_log(RSE_LOG_WARN, "packs not folded together", RSE_LOG_INT("job", run->job->id), RSE_LOG_ERR(&err));
}

/* claim_us: how long the claim took. */
static void run_and_report(struct worker *worker, const struct job *job, int64_t claim_us)
{
    struct lease *lease = lease_begin(worker->lease_client, job, worker->config->lease_ms);
    struct rse_err error = RSE_ERR_INIT;
    struct run run;

    rse_log(RSE_LOG_INFO, "job claimed", RSE_LOG_INT("job", job->id), RSE_LOG_INT("target", job->target_id),
            RSE_LOG_INT("revision", job->revision), RSE_LOG_INT("attempt", job->attempt));
    run_init(&run, worker, job, lease);
    run.phases.us[PHASE_CLAIM] = claim_us;
    bool ran = run_job(&run, &error);
    if (ran && report_done(&run, &error))
        fold_packs(&run);
    else if (is_lost(lease, &error, ran))
        drop(&run, &error);
    else
        report_failed(&run, &error);
    run_release(&run);
    lease_end(lease);
}

bool claim_and_run(struct worker *worker, bool *claimed, struct rse_err *err)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    int64_t started = clock_us();
    struct job job;

    if (!claim(worker, &job, arena, claimed, err))
        return false;
    if (!*claimed)
        return true;
    rse_log_about("job", job.id);
    run_and_report(worker, &job, clock_us() - started);
    rse_log_about(NULL, 0);
    return true;
}
