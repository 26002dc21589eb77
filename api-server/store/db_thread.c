/*
 * db_thread.c - one thread for what libpq can only do blocking: resolving a host while it connects, and cancelling.
 *
 * It has a queue of orders, and hands finished connections back to the loop through an eventfd. A resolver or a server
 * that does not answer a cancel may keep the thread for as long as it likes, and nothing interrupts libpq there; so
 * whoever ends it waits for a moment only, and leaves it what it has to tidy up.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "api-server/store/db_internal.h"

enum { CONNECT_TIMEOUT_MS = 5000, END_TIMEOUT_S = 2 };

struct order {
    STAILQ_ENTRY(order) link;
    PGcancel *cancel; /* NULL: connect */
    const char *const *keywords;
    const char *const *values;
    PGconn *pg;
    void (*connected)(void *arg, PGconn *pg);
    void (*canceled)(void *arg);
    void *arg;
};
STAILQ_HEAD(order_list, order);

struct db_thread {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct order_list open, finished;
    bool stopping;
    bool ended;  /* the thread needs nothing of this any more */
    bool orphan; /* nobody waits for the thread: it frees all this itself */
    int done_fd; /* to the loop: something finished */
    int stop_fd; /* to the thread: give up what you wait for */
    struct event *done_event;
};

static int64_t now_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void signal_fd(int fd)
{
    uint64_t one = 1;
    ssize_t n RSE_UNUSED =
        write(fd, &one, sizeof(one)); /* can only fail when the counter is full: it wakes all the same */
}

/* Waits until the connection can go on. False: the time is up, or the thread is to stop. */
static bool wait_socket(struct db_thread *t, PGconn *pg, PostgresPollingStatusType want, int64_t until)
{
    struct pollfd fds[2] = { { .fd = PQsocket(pg), .events = want == PGRES_POLLING_READING ? POLLIN : POLLOUT },
                             { .fd = t->stop_fd, .events = POLLIN } };
    int64_t left = until - now_ms();
    int n;

    if (left <= 0 || fds[0].fd < 0)
        return false;
    n = poll(fds, 2, (int)left);
    if (n < 0)
        return errno == EINTR;
    return n > 0 && fds[1].revents == 0;
}

static PGconn *connect_now(struct db_thread *t, const struct order *order)
{
    PGconn *pg = PQconnectStartParams(order->keywords, order->values, 1);
    PostgresPollingStatusType status = PGRES_POLLING_WRITING;
    int64_t until = now_ms() + CONNECT_TIMEOUT_MS;

    if (pg == NULL || PQstatus(pg) == CONNECTION_BAD)
        return pg;
    while (status != PGRES_POLLING_OK && status != PGRES_POLLING_FAILED && wait_socket(t, pg, status, until))
        status = PQconnectPoll(pg);
    return pg;
}

static void cancel_now(struct order *order)
{
    char errbuf[256];

    /* When it can't be cancelled, the deadline of the connection will find out. */
    (void)PQcancel(order->cancel, errbuf, sizeof(errbuf));
    PQfreeCancel(order->cancel);
    order->cancel = NULL;
}

static void free_orders(struct order_list *list)
{
    struct order *order;

    while ((order = STAILQ_FIRST(list)) != NULL) {
        STAILQ_REMOVE_HEAD(list, link);
        if (order->cancel != NULL)
            PQfreeCancel(order->cancel);
        PQfinish(order->pg);
        free(order);
    }
}

static void free_thread(struct db_thread *t)
{
    free_orders(&t->open);
    free_orders(&t->finished);
    close(t->done_fd);
    close(t->stop_fd);
    pthread_cond_destroy(&t->wake);
    pthread_mutex_destroy(&t->lock);
    free(t);
}

static void *run(void *arg)
{
    struct db_thread *t = arg;
    bool orphan;

    pthread_mutex_lock(&t->lock);
    while (!t->stopping) {
        struct order *order = STAILQ_FIRST(&t->open);

        if (order == NULL) {
            pthread_cond_wait(&t->wake, &t->lock);
            continue;
        }
        STAILQ_REMOVE_HEAD(&t->open, link);
        pthread_mutex_unlock(&t->lock);
        if (order->cancel != NULL)
            cancel_now(order);
        else
            order->pg = connect_now(t, order);
        pthread_mutex_lock(&t->lock);
        STAILQ_INSERT_TAIL(&t->finished, order, link);
        signal_fd(t->done_fd);
    }
    t->ended = true;
    orphan = t->orphan;
    pthread_mutex_unlock(&t->lock);
    if (orphan)
        free_thread(t);
    return NULL;
}

static void on_done(evutil_socket_t fd, short what, void *arg)
{
    struct db_thread *t = arg;
    uint64_t count;
    ssize_t n RSE_UNUSED = read(fd, &count, sizeof(count));
    struct order *order;

    (void)what;
    for (;;) {
        pthread_mutex_lock(&t->lock);
        order = STAILQ_FIRST(&t->finished);
        if (order != NULL)
            STAILQ_REMOVE_HEAD(&t->finished, link);
        pthread_mutex_unlock(&t->lock);
        if (order == NULL)
            return;
        if (order->canceled != NULL)
            order->canceled(order->arg);
        else
            order->connected(order->arg, order->pg);
        free(order);
    }
}

bool db_thread_new(struct db_thread **out, struct event_base *base, struct rse_err *err)
{
    struct db_thread *t = rse_new(struct db_thread);
    int rc;

    STAILQ_INIT(&t->open);
    STAILQ_INIT(&t->finished);
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->wake, NULL);
    t->done_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    t->stop_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    t->done_event = event_new(base, t->done_fd, EV_READ | EV_PERSIST, on_done, t);
    rc = t->done_fd < 0 || t->stop_fd < 0 ? errno : pthread_create(&t->thread, NULL, run, t);
    if (rc != 0 || t->done_event == NULL || event_add(t->done_event, NULL) != 0) {
        t->stopping = true;
        return rse_fail_errno(err, RSE_INTERNAL, rc, "could not start the thread for database connections");
    }
    *out = t;
    return true;
}

static void stop(struct db_thread *t)
{
    pthread_mutex_lock(&t->lock);
    t->stopping = true;
    pthread_cond_signal(&t->wake);
    pthread_mutex_unlock(&t->lock);
    signal_fd(t->stop_fd);
}

/* Waits for the thread, but not for ever. */
static bool join(struct db_thread *t)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += END_TIMEOUT_S;
    return pthread_timedjoin_np(t->thread, NULL, &until) == 0;
}

/* False: it has ended at the last moment, and has left us what is to be freed. */
static bool leave(struct db_thread *t)
{
    bool ended;

    pthread_mutex_lock(&t->lock);
    ended = t->ended;
    t->orphan = !ended;
    if (!ended)
        pthread_detach(t->thread);
    pthread_mutex_unlock(&t->lock);
    if (ended)
        pthread_join(t->thread, NULL);
    return !ended;
}

void db_thread_free(struct db_thread *t)
{
    if (t == NULL)
        return;
    stop(t);
    event_free(t->done_event);
    if (join(t) || !leave(t))
        free_thread(t);
    else
        rse_log(RSE_LOG_WARN, "the database has not answered a cancel or a connection; not waiting for it");
}

static void give_order(struct db_thread *t, struct order *order, bool first)
{
    pthread_mutex_lock(&t->lock);
    if (first)
        STAILQ_INSERT_HEAD(&t->open, order, link);
    else
        STAILQ_INSERT_TAIL(&t->open, order, link);
    pthread_cond_signal(&t->wake);
    pthread_mutex_unlock(&t->lock);
}

void db_thread_connect(struct db_thread *t, const char *const *keywords, const char *const *values,
                       void (*done)(void *arg, PGconn *pg), void *arg)
{
    struct order *order = rse_new(struct order);

    order->keywords = keywords;
    order->values = values;
    order->connected = done;
    order->arg = arg;
    give_order(t, order, false);
}

void db_thread_cancel(struct db_thread *t, PGcancel *cancel, void (*done)(void *arg), void *arg)
{
    struct order *order = rse_new(struct order);

    order->cancel = cancel;
    order->canceled = done;
    order->arg = arg;
    give_order(t, order, true);
}
