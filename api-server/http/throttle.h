/*
 * throttle.h - slows down who keeps failing, by address, in a fixed amount of memory.
 *
 * An address may fail a number of times at once, and then once in a while. Addresses share a table of fixed size, at a place
 * that nobody outside can foresee: two of them may, rarely, share a place and its patience. An IPv6 address stands for its
 * /64, which is what one customer gets.
 */
#ifndef API_HTTP_THROTTLE_H
#define API_HTTP_THROTTLE_H

#include "api-server/http/address.h"

enum { THROTTLE_AT_ONCE = 20, THROTTLE_AGAIN_S = 2 };

struct throttle;

struct throttle *throttle_new(void);
void throttle_free(struct throttle *throttle);

/* Takes one attempt. False: there is none left, the next comes within THROTTLE_AGAIN_S seconds. now_us: a clock that only goes
 * forward. */
bool throttle_take(struct throttle *throttle, const struct address *address, int64_t now_us);
/* The attempt was a good one: it does not count. */
void throttle_give_back(struct throttle *throttle, const struct address *address);

#endif
