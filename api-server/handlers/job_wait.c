/*
 * job_wait.c - GET /api/v1/jobs/wait: answers when some target has work that nobody holds.
 *
 * It also answers when a Git host told of a push after the one that the worker heard of last (pushes=N): which targets to
 * look at, and the number to ask with the next time. All who wait share one question to the database. It is asked when somebody new comes, when a NOTIFY says that
 * something changed, and when a lease or a pause ends (the database says when).
 */
#include <stdlib.h>

#include <event2/event.h>

#include "api-server/api.h"
#include "api-server/http/call.h"
#include "api-server/store/db.h"
#include "api-server/store/job.h"
#include "api-server/handlers/job_routes.h"
#include "api-server/handlers/queue.h"

enum { LONGEST_WAIT_S = 60 };

struct waiter {
    TAILQ_ENTRY(waiter) link;
    struct queue *queue;
    struct call *call;
    struct event *timeout;
    bool patient;   /* false: wants an answer as soon as there is one */
    int64_t pushes; /* the last push that it heard of; -1: it doesn't ask */
};

struct queue {
    struct api *api;
    TAILQ_HEAD(, waiter) waiters;
    struct event *again;
    bool asking, ask_again;
    char *pushes; /* "<number>:<target>,..." as last answered */
};

static void ask(struct queue *queue);

/* The next "<number>:<target>" of a list, the latest first. */
static bool next_push(struct rse_str *list, int64_t *number, int64_t *target)
{
    ptrdiff_t comma = rse_str_find(*list, ',');
    struct rse_str item = comma < 0 ? *list : rse_str_n(list->p, (size_t)comma);
    ptrdiff_t colon = rse_str_find(item, ':');

    *list = rse_str_from(*list, item.len + 1);
    return colon > 0 && rse_parse_int64(rse_str_n(item.p, (size_t)colon), 0, INT64_MAX, number) &&
           rse_parse_int64(rse_str_from(item, (size_t)colon + 1), 0, INT64_MAX, target);
}

static void add_pushes(struct rse_buf *body, const struct waiter *waiter)
{
    struct rse_str list = rse_str(waiter->queue->pushes);
    int64_t latest = waiter->pushes, number, target;

    rse_buf_adds(body, ",\"pushed\":[");
    for (bool first = true; next_push(&list, &number, &target) && number > waiter->pushes; first = false) {
        latest = number > latest ? number : latest;
        rse_buf_addf(body, "%s%lld", first ? "" : ",", (long long)target);
    }
    rse_buf_addf(body, "],\"pushes\":%lld", (long long)latest);
}

static void reply(const struct waiter *waiter, bool ready)
{
    RSE_BUF_AUTO body = { 0 };

    rse_buf_init(&body, 1 << 20);
    rse_buf_addf(&body, "{\"ready\":%s", ready ? "true" : "false");
    if (waiter->pushes >= 0)
        add_pushes(&body, waiter);
    rse_buf_addc(&body, '}');
    call_reply_buf(waiter->call, 200, &body);
}

static void finish(struct waiter *waiter, bool ready, const struct rse_err *err)
{
    TAILQ_REMOVE(&waiter->queue->waiters, waiter, link);
    event_free(waiter->timeout);
    if (err != NULL)
        call_fail_with(waiter->call, err);
    else
        reply(waiter, ready);
}

static void finish_all(struct queue *queue, bool ready, const struct rse_err *err)
{
    struct waiter *waiter;

    while ((waiter = TAILQ_FIRST(&queue->waiters)) != NULL)
        finish(waiter, ready, err);
}

static bool has_news(const struct waiter *waiter)
{
    struct rse_str list = rse_str(waiter->queue->pushes);
    int64_t number, target;

    return waiter->pushes >= 0 && next_push(&list, &number, &target) && number > waiter->pushes;
}

/* Those who want an answer at once, or have not heard of a push. */
static void finish_some(struct queue *queue)
{
    struct waiter *waiter, *next;

    for (waiter = TAILQ_FIRST(&queue->waiters); waiter != NULL; waiter = next) {
        next = TAILQ_NEXT(waiter, link);
        if (!waiter->patient || has_news(waiter))
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
    free(queue->pushes);
    queue->pushes = rse_xstrndup(db_text(res, 0, 2));
    if (db_bool(res, 0, 0)) {
        finish_all(queue, true, NULL);
        return;
    }
    finish_some(queue);
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
    queue->pushes = rse_xstrdup("");
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
    free(queue->pushes);
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
    int64_t wait_s, pushes;

    if (!call_query_int(call, "wait", 0, LONGEST_WAIT_S, 30, &wait_s) ||
        !call_query_int(call, "pushes", 0, (int64_t)1 << 53, -1, &pushes)) {
        call_fail(call);
        return;
    }
    if (call->api->draining)
        wait_s = 0;
    /* The patience of somebody who has none still covers the question to the database. */
    tv.tv_sec = wait_s > 0 ? wait_s : LONGEST_WAIT_S;
    *waiter = (struct waiter){ .queue = queue, .call = call, .patient = wait_s > 0, .pushes = pushes };
    waiter->timeout = evtimer_new(call->api->base, on_timeout, waiter);
    event_add(waiter->timeout, &tv);
    TAILQ_INSERT_TAIL(&queue->waiters, waiter, link);
    call->state = waiter;
    call->canceled = canceled;
    ask(queue);
}
