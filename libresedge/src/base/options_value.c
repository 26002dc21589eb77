/*
 * options_value.c - from the text of a setting to its value, and what may be written there.
 */
#include <inttypes.h>
#include <stdio.h>

#include "libresedge/src/base/options_internal.h"
#include "resedge/parse.h"

enum { LONGEST_SECRET = 64 * 1024, AMOUNT_SIZE = 32 };

static bool is_bounded(const struct rse_option *row)
{
    return row->min != 0 || row->max != 0;
}

/* n with the largest unit that divides it. */
static void format_amount(enum rse_option_type type, int64_t n, char text[AMOUNT_SIZE])
{
    static const struct {
        enum rse_option_type type;
        int64_t factor;
        const char *unit;
    } units[] = {
        { RSE_OPT_DURATION, 86400000, "d" },
        { RSE_OPT_DURATION, 3600000, "h" },
        { RSE_OPT_DURATION, 60000, "m" },
        { RSE_OPT_DURATION, 1000, "s" },
        { RSE_OPT_DURATION, 1, "ms" },
        { RSE_OPT_SIZE, (int64_t)1 << 30, "GiB" },
        { RSE_OPT_SIZE, (int64_t)1 << 20, "MiB" },
        { RSE_OPT_SIZE, (int64_t)1 << 10, "KiB" },
    };

    for (size_t i = 0; n != 0 && i < RSE_COUNT(units); i++) {
        if (units[i].type == type && n % units[i].factor == 0) {
            snprintf(text, AMOUNT_SIZE, "%" PRId64 "%s", n / units[i].factor, units[i].unit);
            return;
        }
    }
    snprintf(text, AMOUNT_SIZE, "%" PRId64, n);
}

void options_fits(const struct rse_option *row, char text[OPTIONS_FITS_SIZE])
{
    static const char *const kinds[] = {
        [RSE_OPT_STRING] = "a text",
        [RSE_OPT_INT] = "a whole number",
        [RSE_OPT_BOOL] = "true or false",
        [RSE_OPT_DURATION] = "a duration such as 250ms, 30s, 5m, 12h or 7d",
        [RSE_OPT_SIZE] = "a size such as 512, 64KiB, 10MiB or 2GiB",
        [RSE_OPT_SECRET] = "a secret",
    };
    bool counts = row->type == RSE_OPT_INT || row->type == RSE_OPT_DURATION || row->type == RSE_OPT_SIZE;
    char min[AMOUNT_SIZE];
    char max[AMOUNT_SIZE];

    if (!counts || !is_bounded(row)) {
        snprintf(text, OPTIONS_FITS_SIZE, "%s", kinds[row->type]);
        return;
    }
    format_amount(row->type, row->min, min);
    format_amount(row->type, row->max, max);
    snprintf(text, OPTIONS_FITS_SIZE, "%s from %s to %s", kinds[row->type], min, max);
}

static bool parse_bool(struct rse_str s, bool *out)
{
    static const char *const words[][2] = { { "false", "true" }, { "no", "yes" }, { "off", "on" }, { "0", "1" } };

    for (size_t i = 0; i < RSE_COUNT(words); i++) {
        if (rse_str_is(s, words[i][0]) || rse_str_is(s, words[i][1])) {
            *out = rse_str_is(s, words[i][1]);
            return true;
        }
    }
    return false;
}

static bool parse_number(const struct rse_option *row, struct rse_str s, int64_t *out)
{
    int64_t n = 0;
    bool read = row->type == RSE_OPT_DURATION ? rse_parse_duration_ms(s, &n)
                : row->type == RSE_OPT_SIZE   ? rse_parse_size(s, &n)
                                              : rse_parse_int64(s, INT64_MIN, INT64_MAX, &n);

    if (!read || (is_bounded(row) && (n < row->min || n > row->max)))
        return false;
    *out = n;
    return true;
}

static bool refuse_value(const struct rse_option *row, const struct found *found, struct rse_err *err)
{
    char fits[OPTIONS_FITS_SIZE];

    options_fits(row, fits);
    return rse_fail(err, RSE_INVALID, "%s: \"%s\" does not fit %s, which takes %s", found->origin, found->value,
                    row->name, fits);
}

/* The file's content less one newline at its end. */
static bool read_secret(const struct found *found, struct rse_arena *arena, const char **out, struct rse_err *err)
{
    struct rse_str text;

    if (!options_read_file(found->value, LONGEST_SECRET, arena, &text, err)) {
        rse_err_object(err, "%s", found->origin);
        return false;
    }
    if (rse_str_ends(text, RSE_STR("\n")))
        text.len--;
    if (rse_str_ends(text, RSE_STR("\r")))
        text.len--;
    if (text.len == 0 || rse_str_find(text, '\0') >= 0)
        return rse_fail(err, RSE_INVALID, "%s: %s holds no secret: it is %s", found->origin, found->value,
                        text.len == 0 ? "empty" : "binary");
    *out = rse_arena_str(arena, text).p;
    return true;
}

bool options_store(const struct rse_option *row, const struct found *found, void *config, struct rse_arena *arena,
                   struct rse_err *err)
{
    void *place = (char *)config + row->offset;
    struct rse_str value = rse_str(found->value);

    switch (row->type) {
    case RSE_OPT_SECRET:
        if (found->in_file)
            return read_secret(found, arena, (const char **)place, err);
        *(const char **)place = rse_arena_str(arena, value).p;
        return true;
    case RSE_OPT_STRING:
        *(const char **)place = rse_arena_str(arena, value).p;
        return true;
    case RSE_OPT_BOOL:
        return parse_bool(value, (bool *)place) || refuse_value(row, found, err);
    case RSE_OPT_INT:
    case RSE_OPT_DURATION:
    case RSE_OPT_SIZE:
        return parse_number(row, value, (int64_t *)place) || refuse_value(row, found, err);
    }
    return rse_fail(err, RSE_INTERNAL, "the setting %s is of no known type", row->name);
}
