/*
 * suggest.h - "did you mean": the known word nearest to one that nobody knows.
 */
#ifndef RESEDGE_SRC_MODEL_SUGGEST_H
#define RESEDGE_SRC_MODEL_SUGGEST_H

#include "resedge/base.h"

/* How many letters must be added, taken away, changed or swapped with their neighbour; at most `most`, else most + 1.
 * */
unsigned suggest_distance(struct rse_str a, struct rse_str b, unsigned most);

struct suggestion {
    struct rse_str word;
    const char *best; /* NULL: nothing is near */
    unsigned distance;
};

void suggest_begin(struct suggestion *s, struct rse_str word);
void suggest_offer(struct suggestion *s, const char *known);

#endif
