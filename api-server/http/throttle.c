/*
 * throttle.c - see throttle.h.
 */
#include <stdlib.h>

#include "api-server/http/throttle.h"

enum { PLACES = 4096 };

/* A bucket that leaks: its level is what was spent, less what time has given back. */
struct place {
    int64_t level_us, at_us;
};

static const int64_t ATTEMPT_US = (int64_t)THROTTLE_AGAIN_S * 1000000;

struct throttle {
    struct place places[PLACES];
};

struct throttle *throttle_new(void)
{
    return rse_new(struct throttle);
}

void throttle_free(struct throttle *throttle)
{
    free(throttle);
}

static struct rse_str significant(const struct address *address)
{
    const char *bytes = (const char *)address->bytes;

    return address_is_v4(address) ? rse_str_n(bytes + 12, 4) : rse_str_n(bytes, 8);
}

static struct place *place_of(struct throttle *throttle, const struct address *address)
{
    struct rse_str bytes = significant(address);

    return &throttle->places[rse_hash(bytes.p, bytes.len) % PLACES];
}

bool throttle_take(struct throttle *throttle, const struct address *address, int64_t now_us)
{
    struct place *place = place_of(throttle, address);
    int64_t passed = now_us - place->at_us;

    place->level_us = place->level_us > passed ? place->level_us - passed : 0;
    place->at_us = now_us;
    if (place->level_us > (THROTTLE_AT_ONCE - 1) * ATTEMPT_US)
        return false;
    place->level_us += ATTEMPT_US;
    return true;
}

void throttle_give_back(struct throttle *throttle, const struct address *address)
{
    struct place *place = place_of(throttle, address);

    place->level_us = place->level_us > ATTEMPT_US ? place->level_us - ATTEMPT_US : 0;
}
