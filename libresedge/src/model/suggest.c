/*
 * suggest.c - "did you mean": the known word nearest to one that nobody knows.
 */
#include <ctype.h>

#include "libresedge/src/model/suggest.h"

enum { WORD_MAX = 40 };

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
    unsigned least = a < b ? a : b;

    return least < c ? least : c;
}

static bool same_letter(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

unsigned suggest_distance(struct rse_str a, struct rse_str b, unsigned most)
{
    unsigned rows[3][WORD_MAX + 1]; /* this row and the two above it */

    if (a.len > WORD_MAX || b.len > WORD_MAX)
        return most + 1;
    for (size_t j = 0; j <= b.len; j++)
        rows[0][j] = (unsigned)j;
    for (size_t i = 1; i <= a.len; i++) {
        unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3], *above2 = rows[(i + 1) % 3];

        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b.len; j++) {
            unsigned changed = same_letter(a.p[i - 1], b.p[j - 1]) ? 0 : 1;

            row[j] = min3(above[j] + 1, row[j - 1] + 1, above[j - 1] + changed);
            if (i > 1 && j > 1 && same_letter(a.p[i - 1], b.p[j - 2]) && same_letter(a.p[i - 2], b.p[j - 1]) &&
                above2[j - 2] + 1 < row[j])
                row[j] = above2[j - 2] + 1;
        }
    }
    unsigned distance = rows[a.len % 3][b.len];

    return distance <= most ? distance : most + 1;
}

void suggest_begin(struct suggestion *s, struct rse_str word)
{
    *s = (struct suggestion){ .word = word, .distance = word.len < 5 ? 2 : 3 };
}

void suggest_offer(struct suggestion *s, const char *known)
{
    unsigned distance = suggest_distance(s->word, rse_str(known), s->distance);

    if (distance < s->distance) {
        s->best = known;
        s->distance = distance;
    }
}
