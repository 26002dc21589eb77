#include "automation-worker/job/lookout.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/queue.h>

#include "automation-worker/stop.h"

#include "automation-worker/job/origin.h"

#define THREADS 4 /* so many remotes may hang before the others are looked at later */

struct look {
    STAILQ_ENTRY(look) link;
    struct rse_arena *arena;
    struct target_spec spec; /* its templates and its name only */
    git_oid known;
    struct looked result;
    bool ended;
};

struct lookout {
    struct worker *worker;
    pthread_mutex_t mutex;
    pthread_cond_t begun, ended;
    STAILQ_HEAD(, look) waiting;
    struct rse_map *by_target; /* every look that was not taken yet */
    size_t under_way;
    atomic_bool stopping;
    pthread_t threads[THREADS];
    size_t nthreads;
};

/* ---- on a thread ---- */

static bool go_on(void *arg, struct rse_err *err)
{
    struct lookout *lookout = arg;

    return !(atomic_load(&lookout->stopping) || stop_requested()) ||
           rse_fail(err, RSE_UNAVAILABLE, "the worker is shutting down");
}

/* The clone is not locked: what is fetched comes beside what is there, as a push of somebody does, and a remote that hangs must
 * not keep the target's own jobs from the clone. */
static bool fetch(struct origin *origin, struct look *look, struct rse_err *err)
{
    RSE_CLEANUP(repo_freep) struct repo *repo = NULL;
    struct repo_head head;

    if (!origin_open(&repo, origin->worker, &look->spec.templates, err))
        return false;
    origin->repo = repo;
    if (!origin_fetch_templates(origin, &head, err))
        return false;
    look->result.id = head.commit;
    return true;
}

static void do_look(struct lookout *lookout, struct look *look)
{
    struct origin origin = { .worker = lookout->worker, .target = &look->spec, .go_on = go_on, .arg = lookout };
    struct looked *result = &look->result;

    result->err = (struct rse_err)RSE_ERR_INIT;
    result->ok = origin_look(&origin, &result->id, &result->err) &&
                 (git_oid_is_zero(&result->id) || git_oid_equal(&result->id, &look->known) ||
                  fetch(&origin, look, &result->err));
}

static void *run(void *arg)
{
    struct lookout *lookout = arg;

    pthread_mutex_lock(&lookout->mutex);
    while (!atomic_load(&lookout->stopping)) {
        struct look *look = STAILQ_FIRST(&lookout->waiting);

        if (look == NULL) {
            pthread_cond_wait(&lookout->begun, &lookout->mutex);
            continue;
        }
        STAILQ_REMOVE_HEAD(&lookout->waiting, link);
        pthread_mutex_unlock(&lookout->mutex);
        do_look(lookout, look);
        pthread_mutex_lock(&lookout->mutex);
        look->ended = true;
        lookout->under_way--;
        pthread_cond_signal(&lookout->ended);
    }
    pthread_mutex_unlock(&lookout->mutex);
    return NULL;
}

/* ---- on the main thread ---- */

/* Signals are the main thread's. */
static bool start_threads(struct lookout *lookout, struct rse_err *err)
{
    sigset_t all, before;
    int rc = 0;

    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    while (rc == 0 && lookout->nthreads < THREADS) {
        rc = pthread_create(&lookout->threads[lookout->nthreads], NULL, run, lookout);
        lookout->nthreads += rc == 0;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rc == 0 || rse_fail_errno(err, RSE_INTERNAL, rc, "could not start a thread");
}

struct lookout *lookout_new(struct worker *worker, struct rse_err *err)
{
    struct lookout *lookout = rse_new(struct lookout);

    lookout->worker = worker;
    pthread_mutex_init(&lookout->mutex, NULL);
    pthread_cond_init(&lookout->begun, NULL);
    pthread_cond_init(&lookout->ended, NULL);
    STAILQ_INIT(&lookout->waiting);
    lookout->by_target = rse_map_new();
    if (start_threads(lookout, err))
        return lookout;
    lookout_free(lookout);
    return NULL;
}

static void look_free(struct look *look)
{
    rse_arena_free(look->arena);
    free(look);
}

void lookout_free(struct lookout *lookout)
{
    void *look;

    if (lookout == NULL)
        return;
    pthread_mutex_lock(&lookout->mutex);
    atomic_store(&lookout->stopping, true);
    pthread_cond_broadcast(&lookout->begun);
    pthread_mutex_unlock(&lookout->mutex);
    for (size_t i = 0; i < lookout->nthreads; i++)
        pthread_join(lookout->threads[i], NULL);
    for (size_t it = 0; rse_map_next(lookout->by_target, &it, NULL, &look);)
        look_free(look);
    rse_map_free(lookout->by_target);
    pthread_cond_destroy(&lookout->ended);
    pthread_cond_destroy(&lookout->begun);
    pthread_mutex_destroy(&lookout->mutex);
    free(lookout);
}

static struct look *look_new(const struct target_spec *spec, const git_oid *known)
{
    const struct place *templates = &spec->templates;
    struct look *look = rse_new(struct look);

    look->arena = rse_arena_new();
    look->known = *known;
    look->spec = (struct target_spec){
        .id = spec->id,
        .name = rse_arena_str(look->arena, spec->name),
        .templates = { .path = rse_arena_strdup(look->arena, templates->path),
                       .branch = rse_arena_strdup(look->arena, templates->branch),
                       .url = rse_arena_str(look->arena, templates->url),
                       .credential = rse_arena_str(look->arena, templates->credential) },
    };
    return look;
}

void lookout_begin(struct lookout *lookout, const struct target_spec *spec, const git_oid *known)
{
    struct look *look = look_new(spec, known);

    pthread_mutex_lock(&lookout->mutex);
    (void)rse_map_put_id(lookout->by_target, spec->id, look);
    STAILQ_INSERT_TAIL(&lookout->waiting, look, link);
    lookout->under_way++;
    pthread_cond_signal(&lookout->begun);
    pthread_mutex_unlock(&lookout->mutex);
}

bool lookout_ended(struct lookout *lookout, int64_t target_id)
{
    pthread_mutex_lock(&lookout->mutex);
    const struct look *look = rse_map_get_id(lookout->by_target, target_id);
    bool ended = look != NULL && look->ended;
    pthread_mutex_unlock(&lookout->mutex);
    return ended;
}

bool lookout_take(struct lookout *lookout, int64_t target_id, struct looked *out)
{
    struct look *look;

    if (!lookout_ended(lookout, target_id))
        return false;
    look = rse_map_remove_id(lookout->by_target, target_id); /* the map is this thread's alone */
    *out = look->result;
    look_free(look);
    return true;
}

void lookout_wait(struct lookout *lookout)
{
    pthread_mutex_lock(&lookout->mutex);
    while (lookout->under_way > 0 && !stop_requested())
        pthread_cond_wait(&lookout->ended, &lookout->mutex);
    pthread_mutex_unlock(&lookout->mutex);
}
