/*
 * near.h - "did you mean": the nearest of some words to one that is not known.
 */
#ifndef CLI_NEAR_H
#define CLI_NEAR_H

#include <resedge/resedge.h>

struct near {
    struct rse_str word;
    const char *best; /* NULL while nothing offered was near enough */
    size_t distance;
};

struct near near_to(struct rse_str word);
void near_offer(struct near *near, const char *candidate);

#endif
