/*
 * accept.c - see accept.h.
 */
#include "api-server/http/accept.h"

#include <strings.h>

#include <resedge/parse.h>

/* Takes what stands before the next separator off *rest. */
static struct rse_str next_part(struct rse_str *rest, char separator)
{
    ptrdiff_t end = rse_str_find(*rest, separator);
    struct rse_str part = end < 0 ? *rest : rse_str_n(rest->p, (size_t)end);

    *rest = rse_str_from(*rest, part.len + 1);
    return rse_str_trimmed(part);
}

static bool is_same(struct rse_str text, const char *name, size_t len)
{
    return text.len == len && strncasecmp(text.p, name, len) == 0;
}

/* How closely a range names a type: 3 exactly, 2 its kind, 1 anything, 0 not at all. */
static int closeness(struct rse_str range, const char *type)
{
    size_t kind = strcspn(type, "/") + 1;

    if (rse_str_is(range, "*/*"))
        return 1;
    if (range.len == kind + 1 && range.p[kind] == '*' && strncasecmp(range.p, type, kind) == 0)
        return 2;
    return is_same(range, type, strlen(type)) ? 3 : 0;
}

/* 0 to 1; a number that can't be read is 0: the client wants something that we don't understand. */
static double quality(struct rse_str params)
{
    double q = 1;

    while (params.len > 0) {
        struct rse_str param = next_part(&params, ';');

        if (param.len >= 2 && (param.p[0] | 0x20) == 'q' && param.p[1] == '=')
            q = rse_parse_double(rse_str_from(param, 2), &q) && q >= 0 && q <= 1 ? q : 0;
    }
    return q;
}

/* Of the range that names the type most closely. */
static double quality_of(struct rse_str header, const char *type)
{
    double q = 0;
    int best = 0;

    while (header.len > 0) {
        struct rse_str params = next_part(&header, ','), range = next_part(&params, ';');
        int close = closeness(range, type);

        if (close > best) {
            best = close;
            q = quality(params);
        }
    }
    return q;
}

int accept_choose(const char *header, const char *const *types, size_t count)
{
    int best = -1;
    double best_quality = 0;

    if (header == NULL || rse_str_trimmed(rse_str(header)).len == 0)
        return 0;
    for (size_t i = 0; i < count; i++) {
        double q = quality_of(rse_str(header), types[i]);

        if (q > best_quality) {
            best = (int)i;
            best_quality = q;
        }
    }
    return best;
}
