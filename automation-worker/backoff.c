#include "automation-worker/backoff.h"

#include <sys/random.h>

#define FIRST_MS 200
#define LAST_MS  10000

int64_t backoff_next(struct backoff *backoff)
{
    uint8_t random = 128;

    backoff->ms = backoff->ms == 0 ? FIRST_MS : backoff->ms * 2;
    if (backoff->ms > LAST_MS)
        backoff->ms = LAST_MS;
    if (getrandom(&random, sizeof(random), GRND_NONBLOCK) != sizeof(random))
        random = 128;
    /* Between three quarters and five quarters of it. */
    return backoff->ms * 3 / 4 + backoff->ms / 2 * random / 255;
}
