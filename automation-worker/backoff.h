/*
 * backoff.h - growing pauses between attempts, up to ten seconds, each a little random so that workers don't march in
 * step.
 */
#ifndef WORKER_BACKOFF_H
#define WORKER_BACKOFF_H

#include <stdint.h>

struct backoff {
    int64_t ms; /* of the last pause; 0: none yet */
};
#define BACKOFF_INIT \
    {                \
        .ms = 0      \
    }

/* The next pause, in ms. */
int64_t backoff_next(struct backoff *backoff);

#endif
