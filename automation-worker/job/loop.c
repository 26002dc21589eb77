#include "automation-worker/job/loop.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>

#include <resedge/log.h>

#include "automation-worker/backoff.h"
#include "automation-worker/clock.h"
#include "automation-worker/member.h"
#include "automation-worker/stop.h"

#include "automation-worker/job/claim.h"
#include "automation-worker/job/fleet_sync.h"
#include "automation-worker/job/push.h"
#include "automation-worker/job/restart.h"

#define WAIT_S 30

/* ---- waiting ---- */

struct waiting {
    struct worker *worker;
    int64_t next_poll_ms;
    bool pushed;
};

/* Asked a few times a second while the Data Service keeps us waiting. */
static bool interrupted(void *arg)
{
    struct waiting *waiting = arg;
    int64_t now = clock_ms();

    if (stop_requested())
        return true;
    if (now < waiting->next_poll_ms)
        return false;
    waiting->next_poll_ms = now + waiting->worker->config->poll_ms;
    waiting->pushed = push_pending(waiting->worker);
    return waiting->pushed;
}

/* Whether there is work. Targets that a Git host told of are looked at next. */
static bool read_ready(struct worker *worker, const struct rse_answer *answer)
{
    cJSON *json = cJSON_ParseWithLength(answer->body.p, answer->body.len);
    bool ready = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(json, "ready"));
    const cJSON *target;

    cJSON_ArrayForEach(target, cJSON_GetObjectItemCaseSensitive(json, "pushed"))
    {
        if (cJSON_IsNumber(target))
            push_poke(worker, (int64_t)target->valuedouble);
    }
    worker->pushes = member_int64(json, "pushes", worker->pushes);
    cJSON_Delete(json);
    return ready;
}

/* *ready: there is work. Without it, there may be a push to look at, or just nothing. */
static bool wait_for_work(struct worker *worker, bool *ready, struct rse_err *err)
{
    struct waiting waiting = { .worker = worker, .next_poll_ms = clock_ms() + worker->config->poll_ms };
    int wait_s = worker->config->once ? 0 : WAIT_S;
    struct rse_request request = {
        .method = "GET",
        .timeout_ms = (WAIT_S + 15) * 1000,
        .interrupted = interrupted,
        .interrupted_arg = &waiting,
        .no_retry = true,
    };
    struct rse_answer answer;
    char path[96];

    snprintf(path, sizeof(path), "/api/v1/jobs/wait?wait=%d&pushes=%" PRId64, wait_s, worker->pushes);
    request.path = path;
    rse_answer_init(&answer);
    bool ok = rse_client_send(worker->client, &request, &answer, err);
    *ready = ok && read_ready(worker, &answer);
    rse_answer_release(&answer);
    if (!ok && (waiting.pushed || stop_requested())) {
        rse_err_clear(err);
        return true;
    }
    return ok;
}

/* ---- the loop ---- */

/* *idle: there was nothing to do. */
static bool turn(struct worker *worker, bool *idle, struct rse_err *err)
{
    bool ready = false, claimed = false;

    *idle = false;
    if (!worker->resumed && !restart_resume(worker, err))
        return false;
    worker->resumed = true;
    if (!fleet_sync_to(worker->sync, 0, err))
        return false;
    push_poll(worker);
    if (!wait_for_work(worker, &ready, err))
        return false;
    if (ready && !stop_requested() && !claim_and_run(worker, &claimed, err))
        return false;
    *idle = !claimed;
    return true;
}

/* Whether trying again can't help. */
static bool is_final(const struct worker *worker, const struct rse_err *err)
{
    return worker->config->once || err->code == RSE_UNAUTHENTICATED || err->code == RSE_DENIED;
}

bool loop_run(struct worker *worker, struct rse_err *err)
{
    struct backoff backoff = BACKOFF_INIT;
    bool idle = false;

    while (!stop_requested() && !(idle && worker->config->once)) {
        struct rse_err error = RSE_ERR_INIT;

        if (turn(worker, &idle, &error)) {
            if (backoff.ms > 0)
                rse_log(RSE_LOG_INFO, "the Data Service answers again");
            backoff = (struct backoff)BACKOFF_INIT;
            continue;
        }
        if (stop_requested())
            break;
        if (is_final(worker, &error)) {
            *err = error;
            return false;
        }
        rse_log(RSE_LOG_WARN, "trying again later", RSE_LOG_ERR(&error));
        stop_wait(backoff_next(&backoff));
    }
    return true;
}
