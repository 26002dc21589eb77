/*
 * pool.h - builds clusters on all processors, and hands them over in order.
 *
 * The clusters are parted into batches of a fixed size. Threads take the next one that is free and build it; the caller
 * gets them one after the other, so the result is the same whatever the number of threads and whoever is faster. No
 * more than a few batches wait at any time, however large the fleet is. Without threads, the caller builds them.
 */
#ifndef WORKER_JOB_POOL_H
#define WORKER_JOB_POOL_H

#include "automation-worker/job/batch.h"

struct pool;

/* threads: 0 builds on the caller's. Borrows all. */
bool pool_new(struct pool **out, const struct build_input *input, const struct wished *wished, size_t count,
              unsigned threads, struct rse_err *err) RSE_MUST;
/* Lets the threads end; what they still build is thrown away. */
void pool_free(struct pool *pool);

/* What is begun from here on is encoded on its thread too: objects_share() came before. */
void pool_encode(struct pool *pool);

/* The next batch, borrowed until the next call; NULL after the last. A batch may have failed. */
struct batch *pool_next(struct pool *pool);

/* As many threads as there are processors that this process may use, 16 at most. */
unsigned pool_processors(void);

#endif
