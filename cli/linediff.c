#include "cli/linediff.h"

#include <stdlib.h>

enum { MOST_CELLS = 4 * 1000 * 1000 /* of the table; larger differences are told as a whole */ };

struct lines {
    struct rse_str *at;
    size_t count, cap;
};

static struct lines split(struct rse_str text)
{
    struct lines lines = { NULL, 0, 0 };

    while (text.len > 0) {
        ptrdiff_t end = rse_str_find(text, '\n');
        size_t len = end >= 0 ? (size_t)end : text.len;

        RSE_GROW(lines.at, lines.count, lines.cap);
        lines.at[lines.count++] = rse_str_n(text.p, len);
        text = rse_str_from(text, len + 1);
    }
    return lines;
}

/* An empty text has no array to point into. */
static const struct rse_str *lines_from(const struct lines *lines, size_t first)
{
    return lines->at != NULL ? lines->at + first : NULL;
}

static void add_line(struct rse_buf *out, char sign, struct rse_str line)
{
    rse_buf_addc(out, sign);
    rse_buf_add_str(out, line);
    rse_buf_addc(out, '\n');
}

/* lengths[i * (m + 1) + j]: the longest common subsequence of what follows i and j. */
static uint32_t *common_lengths(const struct rse_str *a, size_t n, const struct rse_str *b, size_t m)
{
    uint32_t *lengths = rse_xcalloc((n + 1) * (m + 1), sizeof(*lengths));

    for (size_t i = n; i-- > 0;) {
        for (size_t j = m; j-- > 0;) {
            uint32_t down = lengths[(i + 1) * (m + 1) + j], right = lengths[i * (m + 1) + j + 1];

            lengths[i * (m + 1) + j] = rse_str_eq(a[i], b[j]) ? lengths[(i + 1) * (m + 1) + j + 1] + 1
                                       : down > right         ? down
                                                              : right;
        }
    }
    return lengths;
}

static void diff_middle(const struct rse_str *a, size_t n, const struct rse_str *b, size_t m, size_t first,
                        struct rse_buf *out)
{
    bool whole = n * m > MOST_CELLS, open = false;
    uint32_t *lengths = whole ? NULL : common_lengths(a, n, b, m);
    size_t i = 0, j = 0;

    while (i < n || j < m) {
        bool same = !whole && i < n && j < m && rse_str_eq(a[i], b[j]);

        if (!same && !open)
            rse_buf_addf(out, "@@ line %zu\n", first + j + 1);
        open = !same;
        if (same) {
            i++;
            j++;
        } else if (i < n && (j == m || whole || lengths[(i + 1) * (m + 1) + j] >= lengths[i * (m + 1) + j + 1])) {
            add_line(out, '-', a[i++]);
        } else {
            add_line(out, '+', b[j++]);
        }
    }
    free(lengths);
}

void line_diff(struct rse_str a, struct rse_str b, struct rse_buf *out)
{
    struct lines left = split(a), right = split(b);
    size_t first = 0, n = left.count, m = right.count;

    while (first < n && first < m && rse_str_eq(left.at[first], right.at[first]))
        first++;
    while (n > first && m > first && rse_str_eq(left.at[n - 1], right.at[m - 1])) {
        n--;
        m--;
    }
    diff_middle(lines_from(&left, first), n - first, lines_from(&right, first), m - first, first, out);
    free(left.at);
    free(right.at);
}
