#include "automation-worker/http/slow.h"

#include <event2/event.h>
#include <pthread.h>
#include <stdlib.h>

struct slow {
    struct event *finished;
    struct slow_work work;
    pthread_t thread;
    bool busy;
};

static void *run(void *arg)
{
    struct slow *slow = arg;

    slow->work.run(slow->work.arg);
    event_active(slow->finished, EV_TIMEOUT, 0);
    return NULL;
}

static void on_finished(evutil_socket_t fd, short what, void *arg)
{
    struct slow *slow = arg;

    (void)fd, (void)what;
    pthread_join(slow->thread, NULL);
    slow->busy = false;
    slow->work.done(slow->work.arg);
}

struct slow *slow_new(struct event_base *base)
{
    struct slow *slow = rse_new(struct slow);

    slow->finished = event_new(base, -1, 0, on_finished, slow);
    return slow;
}

void slow_free(struct slow *slow)
{
    if (slow == NULL)
        return;
    if (slow->busy) {
        pthread_join(slow->thread, NULL);
        slow->work.drop(slow->work.arg);
    }
    event_free(slow->finished);
    free(slow);
}

bool slow_start(struct slow *slow, const struct slow_work *work, struct rse_err *err)
{
    if (slow->busy) {
        rse_err_hint(err, "Ask again in some seconds.");
        return rse_fail(err, RSE_UNAVAILABLE, "the worker is busy with another preview");
    }
    slow->work = *work;
    int rc = pthread_create(&slow->thread, NULL, run, slow);
    slow->busy = rc == 0;
    return slow->busy || rse_fail_errno(err, RSE_INTERNAL, rc, "could not start a thread");
}
