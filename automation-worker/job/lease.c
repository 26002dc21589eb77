#include "automation-worker/job/lease.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <resedge/log.h>

#include "automation-worker/clock.h"
#include "automation-worker/stop.h"

#define RETRY_MS 1000

struct lease {
    struct rse_client *client;
    int64_t job_id, fence, lease_ms;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    bool ending; /* under the mutex */
    _Atomic int64_t until_ms;
    atomic_bool lost, canceled;
    _Atomic(const char *) phase;
    _Atomic int64_t files, of_files, bytes;
};

static cJSON *progress_body(const struct lease *lease)
{
    cJSON *body = cJSON_CreateObject();
    cJSON *progress = cJSON_AddObjectToObject(body, "progress");

    cJSON_AddNumberToObject(body, "fence", (double)lease->fence);
    cJSON_AddStringToObject(progress, "phase", atomic_load(&lease->phase));
    cJSON_AddNumberToObject(progress, "files", (double)atomic_load(&lease->files));
    if (atomic_load(&lease->of_files) > 0)
        cJSON_AddNumberToObject(progress, "ofFiles", (double)atomic_load(&lease->of_files));
    if (atomic_load(&lease->bytes) > 0)
        cJSON_AddNumberToObject(progress, "bytes", (double)atomic_load(&lease->bytes));
    return body;
}

/* Returns when to do it again, in ms. */
static int64_t renew(struct lease *lease)
{
    struct rse_err err = RSE_ERR_INIT;
    cJSON *body = progress_body(lease), *answer = NULL;
    int64_t asked = clock_ms();
    char path[64];

    snprintf(path, sizeof(path), "/api/v1/jobs/%" PRId64 "/renew", lease->job_id);
    bool ok = rse_client_json(lease->client, "POST", path, body, &answer, &err);
    cJSON_Delete(body);
    if (ok) {
        atomic_store(&lease->until_ms, asked + lease->lease_ms);
        if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(answer, "cancel")))
            atomic_store(&lease->canceled, true);
    } else {
        rse_log(RSE_LOG_WARN, "lease not renewed", RSE_LOG_INT("job", lease->job_id), RSE_LOG_ERR(&err));
        if (err.code == RSE_CONFLICT || err.code == RSE_NOT_FOUND)
            atomic_store(&lease->lost, true);
    }
    cJSON_Delete(answer);
    return ok ? lease->lease_ms / 3 : RETRY_MS;
}

static void *run(void *arg)
{
    struct lease *lease = arg;
    int64_t pause_ms = lease->lease_ms / 3;

    pthread_mutex_lock(&lease->mutex);
    while (!lease->ending) {
        int64_t at = clock_us() + pause_ms * 1000;
        struct timespec until = { .tv_sec = at / 1000000, .tv_nsec = at % 1000000 * 1000 };

        if (pthread_cond_timedwait(&lease->wake, &lease->mutex, &until) == 0 || lease->ending)
            continue;
        pthread_mutex_unlock(&lease->mutex);
        pause_ms = renew(lease);
        pthread_mutex_lock(&lease->mutex);
    }
    pthread_mutex_unlock(&lease->mutex);
    return NULL;
}

struct lease *lease_begin(struct rse_client *client, const struct job *job, int64_t lease_ms)
{
    struct lease *lease = rse_new(struct lease);
    pthread_condattr_t monotonic;

    lease->client = client;
    lease->job_id = job->id;
    lease->fence = job->fence;
    lease->lease_ms = lease_ms;
    atomic_store(&lease->until_ms, clock_ms() + lease_ms);
    atomic_store(&lease->phase, "fleet");
    pthread_mutex_init(&lease->mutex, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&lease->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (pthread_create(&lease->thread, NULL, run, lease) != 0)
        abort(); /* no thread to be had: nothing sensible is left to do */
    return lease;
}

void lease_end(struct lease *lease)
{
    pthread_mutex_lock(&lease->mutex);
    lease->ending = true;
    pthread_cond_signal(&lease->wake);
    pthread_mutex_unlock(&lease->mutex);
    pthread_join(lease->thread, NULL);
    pthread_cond_destroy(&lease->wake);
    pthread_mutex_destroy(&lease->mutex);
    free(lease);
}

void lease_progress(struct lease *lease, const char *phase, int64_t files, int64_t of_files, int64_t bytes)
{
    atomic_store(&lease->phase, phase);
    atomic_store(&lease->files, files);
    atomic_store(&lease->of_files, of_files);
    atomic_store(&lease->bytes, bytes);
}

bool lease_check(const struct lease *lease, struct rse_err *err)
{
    if (atomic_load(&lease->lost) || clock_ms() > atomic_load(&lease->until_ms))
        return rse_fail(err, RSE_CONFLICT, "the job's lease is lost");
    if (atomic_load(&lease->canceled))
        return rse_fail(err, RSE_GONE, "the job was canceled");
    if (stop_overdue())
        return rse_fail(err, RSE_UNAVAILABLE, "the worker is shutting down");
    return true;
}
