/*
 * job_wait.c - GET /api/v1/jobs/wait: answers when some target has work that nobody holds.
 *
 * All who wait share one question to the database. It is asked when somebody new comes, when a NOTIFY says that
 * something changed, and when a lease or a pause ends (the database says when).
 */
#include <stdlib.h>

#include <event2/event.h>

#include "../api.h"
#include "../http/call.h"
#include "../store/db.h"
#include "../store/job.h"
#include "job_routes.h"
#include "queue.h"

enum { LONGEST_WAIT_S = 60 };

struct waiter {
    TAILQ_ENTRY(waiter) link;
    struct queue *queue;
    struct call *call;
    struct event *timeout;
    bool patient; /* false: wants an answer as soon as there is one */
};

struct queue {
    struct api *api;
    TAILQ_HEAD(, waiter) waiters;
    struct event *again;
    bool asking, ask_again;
};

static void ask(struct queue *queue);

static void finish(struct waiter *waiter, bool ready, const struct rse_err *err)
{
    struct call *call = waiter->call;

    TAILQ_REMOVE(&waiter->queue->waiters, waiter, link);
    event_free(waiter->timeout);
    if (err != NULL)
        call_fail_with(call, err);
    else
        call_reply(call, 200, NULL, ready ? RSE_STR("{\"ready\":true}") : RSE_STR("{\"ready\":false}"));
}

static void finish_all(struct queue *queue, bool ready, const struct rse_err *err)
{
    struct waiter *waiter;

    while ((waiter = TAILQ_FIRST(&queue->waiters)) != NULL)
        finish(waiter, ready, err);
}

static void finish_impatient(struct queue *queue)
{
    struct waiter *waiter, *next;

    for (waiter = TAILQ_FIRST(&queue->waiters); waiter != NULL; waiter = next) {
        next = TAILQ_NEXT(waiter, link);
        if (!waiter->patient)
            finish(waiter, false, NULL);
    }
}

static void answered(void *arg, PGresult *res, const struct rse_err *err)
{
    struct queue *queue = arg;

    queue->asking = false;
    if (err != NULL) {
        finish_all(queue, false, err);
        return;
    }
    if (queue->ask_again) {
        ask(queue);
        return;
    }
    if (db_bool(res, 0, 0)) {
        finish_all(queue, true, NULL);
        return;
    }
    finish_impatient(queue);
    if (!PQgetisnull(res, 0, 1)) {
        int64_t ms = db_int64(res, 0, 1);
        struct timeval tv = { .tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000 };

        event_add(queue->again, &tv);
    }
}

static void ask(struct queue *queue)
{
    if (TAILQ_EMPTY(&queue->waiters))
        return;
    queue->ask_again = queue->asking;
    if (queue->asking)
        return;
    queue->asking = true;
    event_del(queue->again);
    (void)db_send(queue->api->db,
                  &(struct db_query){ .lane = DB_READ, .sql = QUEUE_READY, .done = answered, .arg = queue });
}

static void on_again(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    ask(arg);
}

/* Progress of a job ("job:7") gives nobody work. */
static void on_notice(void *arg, const char *payload)
{
    if (payload == NULL || strncmp(payload, "job:", 4) != 0)
        ask(arg);
}

struct queue *queue_new(struct api *api)
{
    struct queue *queue = rse_new(struct queue);

    queue->api = api;
    TAILQ_INIT(&queue->waiters);
    queue->again = evtimer_new(api->base, on_again, queue);
    db_listen(api->db, "resedge_jobs", on_notice, queue);
    return queue;
}

void queue_free(struct queue *queue)
{
    struct rse_err err = RSE_ERR_INIT;

    if (queue == NULL)
        return;
    (void)rse_fail(&err, RSE_UNAVAILABLE, "the service is stopping");
    finish_all(queue, false, &err);
    event_free(queue->again);
    free(queue);
}

static void on_timeout(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what;
    finish(arg, false, NULL);
}

static void canceled(struct call *call)
{
    finish(call->state, false, NULL);
}

void job_wait(struct call *call)
{
    struct queue *queue = call->api->queue;
    struct waiter *waiter = rse_arena_new_of(call->arena, struct waiter);
    struct timeval tv = { .tv_sec = 0 };
    int64_t wait_s;

    if (!call_query_int(call, "wait", 0, LONGEST_WAIT_S, 30, &wait_s)) {
        call_fail(call);
        return;
    }
    if (call->api->draining)
        wait_s = 0;
    /* The patience of somebody who has none still covers the question to the database. */
    tv.tv_sec = wait_s > 0 ? wait_s : LONGEST_WAIT_S;
    *waiter = (struct waiter){ .queue = queue, .call = call, .patient = wait_s > 0 };
    waiter->timeout = evtimer_new(call->api->base, on_timeout, waiter);
    event_add(waiter->timeout, &tv);
    TAILQ_INSERT_TAIL(&queue->waiters, waiter, link);
    call->state = waiter;
    call->canceled = canceled;
    ask(queue);
}
