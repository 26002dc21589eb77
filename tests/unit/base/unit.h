/*
 * unit.h - cmocka with what it leans on, and random numbers whose seed is printed.
 *
 * TEST_SEED=<number> repeats a run.
 */
#ifndef RESEDGE_TESTS_UNIT_BASE_UNIT_H
#define RESEDGE_TESTS_UNIT_BASE_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

/* Starts a series; the state goes to random_next. */
static inline uint64_t random_start(void)
{
    const char *text = getenv("TEST_SEED");
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t seed = text != NULL ? strtoull(text, NULL, 10) : (uint64_t)now.tv_sec ^ (uint64_t)now.tv_nsec;
    print_message("TEST_SEED=%llu\n", (unsigned long long)seed);
    return seed;
}

/* splitmix64 */
static inline uint64_t random_next(uint64_t *state)
{
    uint64_t z = *state += 0x9E3779B97F4A7C15;

    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
    z = (z ^ z >> 27) * 0x94D049BB133111EB;
    return z ^ z >> 31;
}

static inline uint32_t random_below(uint64_t *state, uint32_t end)
{
    return (uint32_t)(random_next(state) % end);
}

#endif
