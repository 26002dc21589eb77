/*
 * suggest.h - "did you mean": the known words nearest to one that nobody knows.
 *
 * Begin with the word, offer what is known, give the hint. 60,000 known words are fine: most are given up on after a
 * few letters. Nothing is copied and nothing is to be freed.
 */
#ifndef RESEDGE_SUGGEST_H
#define RESEDGE_SUGGEST_H

#include "base.h"
#include "err.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    RSE_SUGGEST_SHOWN = 3,     /* of several that are equally near, the first ones */
    RSE_EDIT_DISTANCE_MAX = 8, /* what `most` may be */
};

/* How many letters must be added, taken away, changed or swapped with their neighbour to make one of the other; where
 * that is more than `most`, most + 1. Letters are bytes; small and capital ASCII letters are the same. */
RSE_API unsigned rse_edit_distance(struct rse_str a, struct rse_str b, unsigned most);

struct rse_suggestion {
    struct rse_str word;
    unsigned distance; /* of the best; before there is one, the largest that counts as near */
    size_t count;      /* of best; 0: nothing is near */
    struct rse_str best[RSE_SUGGEST_SHOWN];
};

/* Near is what differs in one letter, or in two where the word has at least four; in none where it is one letter. */
RSE_API void rse_suggest_begin(struct rse_suggestion *s, struct rse_str word);
/* Both words have to live as long as the suggestion. */
RSE_API void rse_suggest_offer(struct rse_suggestion *s, struct rse_str known);
/* Offers a word at a distance that the caller knows better. */
RSE_API void rse_suggest_put(struct rse_suggestion *s, struct rse_str known, unsigned distance);
/* Sets the hint "Did you mean a, b or c?", each with `before` and `after` around it ("\"", "--", ""). False where nothing
 * is near. */
RSE_API bool rse_suggest_hint(const struct rse_suggestion *s, const char *before, const char *after,
                              struct rse_err *err);

#ifdef __cplusplus
}
#endif

#endif
