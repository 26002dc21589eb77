#include "near.h"

enum { LONGEST = 48 };

/* The number of letters to insert, delete or replace (Levenshtein); words longer than LONGEST are far from everything. */
static size_t distance(struct rse_str a, struct rse_str b)
{
    size_t row[LONGEST + 1];

    if (a.len > LONGEST || b.len > LONGEST)
        return SIZE_MAX;
    for (size_t j = 0; j <= b.len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t replace = diagonal + (a.p[i - 1] != b.p[j - 1]);
            size_t least = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;

            diagonal = row[j];
            row[j] = replace < least ? replace : least;
        }
    }
    return row[b.len];
}

struct near near_to(struct rse_str word)
{
    /* A third of the letters may be wrong, and always one. */
    return (struct near){ .word = word, .distance = word.len / 3 + 2 };
}

void near_offer(struct near *near, const char *candidate)
{
    size_t d = distance(near->word, rse_str(candidate));

    if (d < near->distance) {
        near->distance = d;
        near->best = candidate;
    }
}
