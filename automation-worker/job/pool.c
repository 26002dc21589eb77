#include "automation-worker/job/pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "automation-worker/job/cluster.h"

/* Clusters in a batch: some milliseconds of work, and a few hundred kilobytes. */
enum { BATCH = 64, MAX_THREADS = 16, WAITING_PER_THREAD = 3 };

/* A place in the ring of batches. */
struct place {
    struct batch batch;
    bool used, done;
    bool encode; /* it is to be encoded too */
};

struct pool {
    const struct build_input *input;
    const struct wished *wished;
    size_t count, batches;
    struct place *ring;
    size_t nring;
    size_t begun, taken; /* batches that were begun, and that the caller has taken and given back */
    bool holding;        /* the caller has batch `taken` */
    bool encoding;       /* the caller said that threads are to encode */
    bool stopping;
    pthread_mutex_t lock;
    pthread_cond_t done, room; /* a batch is done; there is room in the ring */
    struct worker_thread *threads;
    unsigned nthreads;
    struct parts own; /* for building on the caller's thread */
};

struct worker_thread {
    struct pool *pool;
    pthread_t id;
    struct parts parts;
};

unsigned pool_processors(void)
{
    cpu_set_t set;
    int count = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;

    return (unsigned)(count < MAX_THREADS ? count : MAX_THREADS);
}

static void build_batch(struct batch *batch, struct parts *parts, const struct build_input *input)
{
    for (size_t i = 0; i < batch->count && !batch->failed; i++)
        batch->failed = !cluster_build(parts, batch, i, input, &batch->err);
}

static void encode_batch(struct batch *batch, struct parts *parts, const struct build_input *input)
{
    if (!batch->failed)
        batch->failed = !batch_encode(batch, parts->encoder, input->objects, &batch->err);
}

static void init_place(const struct pool *pool, size_t number)
{
    struct place *place = &pool->ring[number % pool->nring];
    size_t first = number * BATCH, rest = pool->count - first;

    batch_begin(&place->batch, pool->wished + first, rest < BATCH ? rest : BATCH);
    place->used = true;
    place->done = false;
    place->encode = pool->encoding;
}

/* ---- the threads ---- */

/* The first batch is built alone: what the writer stores of it is what the others are encoded against. */
static bool has_room(const struct pool *pool)
{
    return pool->taken == 0 ? pool->begun == 0 : pool->begun - pool->taken < pool->nring;
}

/* The next batch to build, once there is room for it; NULL: there is no more. */
static struct place *begin_next(struct pool *pool)
{
    struct place *place = NULL;

    pthread_mutex_lock(&pool->lock);
    while (!pool->stopping && pool->begun < pool->batches && !has_room(pool))
        pthread_cond_wait(&pool->room, &pool->lock);
    if (!pool->stopping && pool->begun < pool->batches) {
        init_place(pool, pool->begun);
        place = &pool->ring[pool->begun++ % pool->nring];
    }
    pthread_mutex_unlock(&pool->lock);
    return place;
}

static void end_batch(struct pool *pool, struct place *place)
{
    pthread_mutex_lock(&pool->lock);
    place->done = true;
    pthread_cond_signal(&pool->done);
    pthread_mutex_unlock(&pool->lock);
}

static void *run_thread(void *arg)
{
    struct worker_thread *thread = arg;
    struct place *place;

    while ((place = begin_next(thread->pool)) != NULL) {
        build_batch(&place->batch, &thread->parts, thread->pool->input);
        if (place->encode)
            encode_batch(&place->batch, &thread->parts, thread->pool->input);
        end_batch(thread->pool, place);
    }
    return NULL;
}

static bool start_thread(struct pool *pool, struct rse_err *err)
{
    struct worker_thread *thread = &pool->threads[pool->nthreads];

    thread->pool = pool;
    if (!parts_init(&thread->parts, pool->input, err))
        return false;
    int rc = pthread_create(&thread->id, NULL, run_thread, thread);
    if (rc == 0) {
        pool->nthreads++;
        return true;
    }
    parts_release(&thread->parts);
    return rse_fail_errno(err, RSE_UNAVAILABLE, rc, "could not start a thread to render");
}

static void stop_threads(struct pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->stopping = true;
    pthread_cond_broadcast(&pool->room);
    pthread_mutex_unlock(&pool->lock);
    for (unsigned i = 0; i < pool->nthreads; i++) {
        pthread_join(pool->threads[i].id, NULL);
        parts_release(&pool->threads[i].parts);
    }
}

/* ---- the caller ---- */

bool pool_new(struct pool **out, const struct build_input *input, const struct wished *wished, size_t count,
              unsigned threads, struct rse_err *err)
{
    struct pool *pool = rse_new(struct pool);
    size_t batches = (count + BATCH - 1) / BATCH;

    if (threads > batches)
        threads = (unsigned)batches;
    *pool = (struct pool){ .input = input, .wished = wished, .count = count, .batches = batches };
    pool->nring = threads > 0 ? (size_t)threads * WAITING_PER_THREAD : 1;
    pool->ring = rse_xcalloc(pool->nring, sizeof(*pool->ring));
    for (size_t i = 0; i < pool->nring; i++)
        batch_init(&pool->ring[i].batch);
    pool->threads = rse_xcalloc(threads + 1, sizeof(*pool->threads));
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->done, NULL);
    pthread_cond_init(&pool->room, NULL);
    bool ok = threads > 0 || parts_init(&pool->own, input, err);
    for (unsigned i = 0; ok && i < threads; i++)
        ok = start_thread(pool, err);
    if (!ok) {
        pool_free(pool);
        return false;
    }
    *out = pool;
    return true;
}

void pool_free(struct pool *pool)
{
    if (pool == NULL)
        return;
    stop_threads(pool);
    parts_release(&pool->own);
    for (size_t i = 0; i < pool->nring; i++) {
        batch_release(&pool->ring[i].batch);
    }
    pthread_cond_destroy(&pool->room);
    pthread_cond_destroy(&pool->done);
    pthread_mutex_destroy(&pool->lock);
    free(pool->threads);
    free(pool->ring);
    free(pool);
}

/* Gives back the batch that the caller has. */
static void give_back(struct pool *pool)
{
    struct place *place = &pool->ring[pool->taken % pool->nring];

    if (!pool->holding)
        return;
    batch_end(&place->batch);
    pthread_mutex_lock(&pool->lock);
    place->used = place->done = false;
    if (pool->taken++ == 0)
        pthread_cond_broadcast(&pool->room);
    else
        pthread_cond_signal(&pool->room);
    pthread_mutex_unlock(&pool->lock);
    pool->holding = false;
}

void pool_encode(struct pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->encoding = true;
    pthread_mutex_unlock(&pool->lock);
}

struct batch *pool_next(struct pool *pool)
{
    struct place *place;

    give_back(pool);
    if (pool->taken == pool->batches)
        return NULL;
    place = &pool->ring[pool->taken % pool->nring];
    if (pool->nthreads == 0) {
        init_place(pool, pool->taken);
        build_batch(&place->batch, &pool->own, pool->input);
    } else {
        pthread_mutex_lock(&pool->lock);
        while (!place->used || !place->done)
            pthread_cond_wait(&pool->done, &pool->lock);
        pthread_mutex_unlock(&pool->lock);
    }
    pool->holding = true;
    return &place->batch;
}
