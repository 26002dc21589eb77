/*
 * offload.c - see offload.h.
 */
#include "api-server/offload.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <unistd.h>

#include <event2/event.h>

enum { MOST = 4 };

struct task {
    TAILQ_ENTRY(task) link;
    struct offload *offload;
    pthread_t thread;
    bool has_thread;
    void (*run)(void *arg);
    void (*done)(void *arg);
    void *arg;
};

struct offload {
    struct event *ended_event;
    int ended_fd;
    TAILQ_HEAD(task_list, task) running; /* the loop's own */
    unsigned count;
    pthread_mutex_t lock;
    struct task **ended; /* under the lock; room for all */
    size_t nended, cap;
};

/* Tells the loop. The last that the thread does with the task. */
static void note_ended(struct task *task)
{
    struct offload *offload = task->offload;
    uint64_t one = 1;

    pthread_mutex_lock(&offload->lock);
    RSE_GROW(offload->ended, offload->nended, offload->cap);
    offload->ended[offload->nended++] = task;
    pthread_mutex_unlock(&offload->lock);
    while (write(offload->ended_fd, &one, sizeof(one)) < 0 && errno == EINTR)
        continue;
}

static void *run_task(void *arg)
{
    struct task *task = arg;

    task->run(task->arg);
    note_ended(task);
    return NULL;
}

static struct task *take_ended(struct offload *offload)
{
    struct task *task = NULL;

    pthread_mutex_lock(&offload->lock);
    if (offload->nended > 0)
        task = offload->ended[--offload->nended];
    pthread_mutex_unlock(&offload->lock);
    return task;
}

static void end_task(struct task *task)
{
    if (task->has_thread) {
        pthread_join(task->thread, NULL);
        task->offload->count--;
    }
    TAILQ_REMOVE(&task->offload->running, task, link);
    free(task);
}

static void on_ended(evutil_socket_t fd, short what, void *arg)
{
    struct offload *offload = arg;
    struct task *task;
    uint64_t times;

    (void)what;
    (void)!read(fd, &times, sizeof(times)); /* how often does not matter */
    while ((task = take_ended(offload)) != NULL) {
        struct task copy = *task;

        end_task(task);
        copy.done(copy.arg);
    }
}

bool offload_new(struct offload **out, struct event_base *base, struct rse_err *err)
{
    struct offload *offload = rse_new(struct offload);

    TAILQ_INIT(&offload->running);
    pthread_mutex_init(&offload->lock, NULL);
    offload->ended_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (offload->ended_fd < 0) {
        (void)rse_fail_errno(err, RSE_INTERNAL, errno, "could not make an eventfd");
        offload_free(offload);
        return false;
    }
    offload->ended_event = event_new(base, offload->ended_fd, EV_READ | EV_PERSIST, on_ended, offload);
    event_add(offload->ended_event, NULL);
    *out = offload;
    return true;
}

void offload_free(struct offload *offload)
{
    struct task *task;

    if (offload == NULL)
        return;
    while ((task = TAILQ_FIRST(&offload->running)) != NULL)
        end_task(task);
    if (offload->ended_event != NULL)
        event_free(offload->ended_event);
    if (offload->ended_fd >= 0)
        close(offload->ended_fd);
    pthread_mutex_destroy(&offload->lock);
    free(offload->ended);
    free(offload);
}

void offload_run(struct offload *offload, void (*run)(void *arg), void (*done)(void *arg), void *arg)
{
    struct task *task = rse_new(struct task);

    *task = (struct task){ .offload = offload, .run = run, .done = done, .arg = arg };
    TAILQ_INSERT_TAIL(&offload->running, task, link);
    task->has_thread = offload->count < MOST && pthread_create(&task->thread, NULL, run_task, task) == 0;
    if (task->has_thread)
        offload->count++;
    else
        (void)run_task(task);
}
