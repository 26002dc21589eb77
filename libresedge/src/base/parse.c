/*
 * parse.c - checked readers of numbers, spans and sizes. (Names are in names.c, times in time.c, versions in version.c.)
 */
#include "resedge/parse.h"

#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>

/* No number that means anything is written with more. */
enum { LONGEST_NUMBER = 128, EXACT_DIGITS = 15 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool rse_is_digits(struct rse_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (!is_digit(s.p[i]))
            return false;
    }
    return s.len > 0;
}

bool rse_parse_int64(struct rse_str s, int64_t min, int64_t max, int64_t *out)
{
    bool negative = s.len > 0 && s.p[0] == '-';
    struct rse_str digits = rse_str_from(s, negative ? 1 : 0);
    int64_t n = 0;

    if (!rse_is_digits(digits))
        return false;
    for (size_t i = 0; i < digits.len; i++) {
        int digit = digits.p[i] - '0';
        /* Towards the sign from the start: INT64_MIN has no positive twin. */
        if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, negative ? -digit : digit, &n))
            return false;
    }
    if (n < min || n > max)
        return false;
    *out = n;
    return true;
}

/* How many digits stand at the start of s. */
static size_t count_digits(struct rse_str s)
{
    size_t n = 0;

    while (n < s.len && is_digit(s.p[n]))
        n++;
    return n;
}

/* -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)? */
static bool is_json_number(struct rse_str s)
{
    if (s.len > 0 && s.p[0] == '-')
        s = rse_str_from(s, 1);
    size_t digits = count_digits(s);
    if (digits == 0 || (digits > 1 && s.p[0] == '0'))
        return false;
    s = rse_str_from(s, digits);
    if (s.len > 0 && s.p[0] == '.') {
        digits = count_digits(rse_str_from(s, 1));
        if (digits == 0)
            return false;
        s = rse_str_from(s, 1 + digits);
    }
    if (s.len > 0 && (s.p[0] == 'e' || s.p[0] == 'E')) {
        s = rse_str_from(s, 1);
        if (s.len > 0 && (s.p[0] == '-' || s.p[0] == '+'))
            s = rse_str_from(s, 1);
        return rse_is_digits(s);
    }
    return s.len == 0;
}

static locale_t c_locale;
static pthread_once_t c_locale_once = PTHREAD_ONCE_INIT;

static void make_c_locale(void)
{
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (c_locale == (locale_t)0)
        abort();
}

/* [-]digits[.digits] with at most 15 digits: then the digits and the power of ten are exact, and so the quotient is rounded as it
 * should be (IEEE 754). */
static bool parse_decimal(struct rse_str s, double *out)
{
    static const double POWERS[] = {
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15
    };
    bool negative = s.len > 0 && s.p[0] == '-';
    size_t decimals = 0;
    int64_t n = 0;

    if (s.len > EXACT_DIGITS)
        return false;
    for (size_t i = negative; i < s.len; i++) {
        if (s.p[i] == '.')
            decimals = s.len - i - 1;
        else if (s.p[i] >= '0' && s.p[i] <= '9')
            n = n * 10 + (s.p[i] - '0');
        else
            return false;
    }
    *out = (double)n / POWERS[decimals];
    if (negative)
        *out = -*out;
    return true;
}

bool rse_parse_double(struct rse_str s, double *out)
{
    char text[LONGEST_NUMBER + 1];

    if (s.len > LONGEST_NUMBER || !is_json_number(s))
        return false;
    if (parse_decimal(s, out))
        return true;
    memcpy(text, s.p, s.len);
    text[s.len] = '\0';
    /* Whatever locale the program runs in, the point is a point. */
    pthread_once(&c_locale_once, make_c_locale);
    double value = strtod_l(text, NULL, c_locale);
    if (!isfinite(value))
        return false;
    *out = value;
    return true;
}

void rse_format_hex64(uint64_t n, char out[RSE_HEX64_SIZE])
{
    for (size_t i = 0; i < RSE_HEX64_SIZE - 1; i++)
        out[i] = "0123456789abcdef"[n >> (60 - 4 * i) & 15];
    out[RSE_HEX64_SIZE - 1] = '\0';
}

struct unit {
    const char *name;
    int64_t factor;
};

/* Digits and one of the units. */
static bool parse_with_unit(struct rse_str s, const struct unit *units, size_t nunits, int64_t *out)
{
    size_t digits = count_digits(s);
    struct rse_str name = rse_str_from(s, digits);
    int64_t n = 0;

    if (!rse_parse_int64(rse_str_n(s.p, digits), 0, INT64_MAX, &n))
        return false;
    for (size_t i = 0; i < nunits; i++) {
        if (!rse_str_is(name, units[i].name))
            continue;
        if (__builtin_mul_overflow(n, units[i].factor, &n))
            return false;
        *out = n;
        return true;
    }
    return false;
}

bool rse_parse_duration_ms(struct rse_str s, int64_t *out)
{
    static const struct unit units[] = {
        { "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 }, { "d", 86400000 },
    };

    if (rse_str_is(s, "0")) {
        *out = 0;
        return true;
    }
    return parse_with_unit(s, units, RSE_COUNT(units), out);
}

bool rse_parse_size(struct rse_str s, int64_t *out)
{
    static const struct unit units[] = {
        { "", 1 },
        { "KiB", (int64_t)1 << 10 },
        { "MiB", (int64_t)1 << 20 },
        { "GiB", (int64_t)1 << 30 },
    };

    return parse_with_unit(s, units, RSE_COUNT(units), out);
}
