/*
 * suggest.c - "did you mean": the known words nearest to one that nobody knows.
 */
#include "resedge/suggest.h"

#include <assert.h>

/* Cells of a row that can still become `most` or less lie that near to the diagonal; one more on each side is never
 * reached. */
enum { BAND = 2 * RSE_EDIT_DISTANCE_MAX + 1, FENCED = BAND + 2 };

static unsigned min2(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static char to_lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static bool is_same(char a, char b)
{
    return to_lower(a) == to_lower(b);
}

/* The distance of the first i letters of a and the first j of b, from the cells around it. j >= 1; a cell's diagonal
 * neighbours have its own index in the rows above. */
static unsigned cell(struct rse_str a, size_t i, struct rse_str b, size_t j, const unsigned *left,
                     const unsigned *above, const unsigned *above2)
{
    unsigned least = min2(left[0], above[1]) + 1;

    least = min2(least, above[0] + (is_same(a.p[i - 1], b.p[j - 1]) ? 0 : 1));
    if (i > 1 && j > 1 && is_same(a.p[i - 1], b.p[j - 2]) && is_same(a.p[i - 2], b.p[j - 1]))
        least = min2(least, above2[0] + 1);
    return least;
}

/* Cell `at` of row i is column i + at - most - 1 of the whole table. */
static unsigned distance_of_rest(struct rse_str a, struct rse_str b, unsigned most)
{
    unsigned rows[3][FENCED], far = most + 1;

    for (size_t at = 0; at <= 2 * (size_t)most + 2; at++)
        rows[0][at] = rows[1][at] = rows[2][at] = far;
    for (size_t j = 0; j <= most && j <= b.len; j++)
        rows[0][most + 1 + j] = (unsigned)j;
    for (size_t i = 1; i <= a.len; i++) {
        unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3], *above2 = rows[(i + 1) % 3], least = far;

        for (size_t at = 1; at <= 2 * (size_t)most + 1; at++) {
            size_t column = i + at - 1;

            if (column < most || column - most > b.len)
                row[at] = far;
            else if (column == most)
                row[at] = (unsigned)i;
            else
                row[at] = min2(far, cell(a, i, b, column - most, &row[at - 1], &above[at], &above2[at]));
            least = min2(least, row[at]);
        }
        if (least == far)
            return far;
    }
    return rows[a.len % 3][b.len + most + 1 - a.len];
}

/* What both begin or end with doesn't count, and the names of stores have most of it in common. */
unsigned rse_edit_distance(struct rse_str a, struct rse_str b, unsigned most)
{
    assert(most <= RSE_EDIT_DISTANCE_MAX);
    if (a.len > b.len + most || b.len > a.len + most)
        return most + 1;
    while (a.len > 0 && b.len > 0 && is_same(a.p[0], b.p[0])) {
        a = rse_str_from(a, 1);
        b = rse_str_from(b, 1);
    }
    while (a.len > 0 && b.len > 0 && is_same(a.p[a.len - 1], b.p[b.len - 1])) {
        a.len--;
        b.len--;
    }
    return distance_of_rest(a, b, most);
}

void rse_suggest_begin(struct rse_suggestion *s, struct rse_str word)
{
    unsigned most = word.len < 2 ? 0 : word.len < 4 ? 1 : 2;

    *s = (struct rse_suggestion){ .word = word, .distance = most };
}

void rse_suggest_put(struct rse_suggestion *s, struct rse_str known, unsigned distance)
{
    if (distance > s->distance)
        return;
    if (distance < s->distance)
        s->count = 0;
    s->distance = distance;
    if (s->count < RSE_SUGGEST_SHOWN)
        s->best[s->count++] = known;
}

void rse_suggest_offer(struct rse_suggestion *s, struct rse_str known)
{
    rse_suggest_put(s, known, rse_edit_distance(s->word, known, s->distance));
}

bool rse_suggest_hint(const struct rse_suggestion *s, const char *before, const char *after, struct rse_err *err)
{
    RSE_BUF_AUTO text = { 0 };

    rse_buf_init(&text, 4096);
    for (size_t i = 0; i < s->count; i++) {
        const char *between = i == 0 ? "" : i + 1 < s->count ? ", " : " or ";

        rse_buf_addf(&text, "%s%s%.*s%s", between, before, RSE_STR_ARG(s->best[i]), after);
    }
    if (s->count > 0)
        rse_err_hint(err, "Did you mean %s?", text.p);
    return s->count > 0;
}
