/*
 * version.c - Semantic Versioning 2.0.0: what a version looks like, and which is newer.
 *
 * Two liberties: one leading 'v', and short forms ("1", "1.2"), whose missing numbers are 0.
 */
#include "resedge/parse.h"

enum { LONGEST_VERSION = 128 };

/* The parts, cut at the marks; none of them is checked. */
struct version {
    struct rse_str core, prerelease;
    struct rse_str build;
    bool has_prerelease, has_build;
};

/* Cuts *s at the first c: *s keeps what is before, *rest gets what is behind. */
static bool cut(struct rse_str *s, char c, struct rse_str *rest)
{
    ptrdiff_t at = rse_str_find(*s, c);

    if (at < 0)
        return false;
    *rest = rse_str_from(*s, (size_t)at + 1);
    s->len = (size_t)at;
    return true;
}

static struct version split(struct rse_str s)
{
    struct version v = { .core = s };

    if (rse_str_starts(v.core, RSE_STR("v")))
        v.core = rse_str_from(v.core, 1);
    v.has_build = cut(&v.core, '+', &v.build);
    v.has_prerelease = cut(&v.core, '-', &v.prerelease);
    return v;
}

/* Takes the next dotted identifier off *list; false when there is none left. */
static bool next_identifier(struct rse_str *list, bool *more, struct rse_str *identifier)
{
    if (!*more)
        return false;
    *identifier = *list;
    *more = cut(identifier, '.', list);
    return true;
}

static bool is_number(struct rse_str s)
{
    return rse_is_digits(s) && (s.len == 1 || s.p[0] != '0');
}

static bool is_identifier(struct rse_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.p[i];
        if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && c != '-')
            return false;
    }
    return s.len > 0;
}

static bool is_core(struct rse_str core)
{
    struct rse_str number;
    bool more = true;
    int count = 0;

    while (next_identifier(&core, &more, &number)) {
        if (!is_number(number))
            return false;
        count++;
    }
    return count <= 3;
}

/* Identifiers of digits have no leading zero before the '+', and any behind it. */
static bool is_list(struct rse_str list, bool zeros_allowed)
{
    struct rse_str identifier;
    bool more = true;

    while (next_identifier(&list, &more, &identifier)) {
        if (!is_identifier(identifier) || (!zeros_allowed && rse_is_digits(identifier) && !is_number(identifier)))
            return false;
    }
    return true;
}

bool rse_check_version(struct rse_str s, struct rse_err *err)
{
    if (s.len == 0)
        return rse_fail(err, RSE_INVALID, "a version may not be empty");
    if (s.len > LONGEST_VERSION)
        return rse_fail(err, RSE_INVALID, "a version may have at most %d bytes, not %zu", LONGEST_VERSION, s.len);
    struct version v = split(s);
    if (is_core(v.core) && (!v.has_prerelease || is_list(v.prerelease, false)) &&
        (!v.has_build || is_list(v.build, true)))
        return true;
    rse_err_hint(err, "Write it as 1.4.0 or 2.0.0-rc.1 (semver.org).");
    return rse_fail(err, RSE_INVALID, "\"%.*s\" is no semantic version", RSE_STR_ARG(s));
}

/* Both without leading zeros, of any length. */
static int compare_numbers(struct rse_str a, struct rse_str b)
{
    return a.len != b.len ? (a.len > b.len) - (a.len < b.len) : rse_str_cmp(a, b);
}

static int compare_cores(struct rse_str a, struct rse_str b)
{
    bool more_a = true;
    bool more_b = true;

    for (int i = 0; i < 3; i++) {
        struct rse_str x = RSE_STR("0");
        struct rse_str y = RSE_STR("0");
        next_identifier(&a, &more_a, &x);
        next_identifier(&b, &more_b, &y);
        int order = compare_numbers(x, y);
        if (order != 0)
            return order;
    }
    return 0;
}

static int compare_identifiers(struct rse_str a, struct rse_str b)
{
    bool a_is_number = rse_is_digits(a);
    bool b_is_number = rse_is_digits(b);

    if (a_is_number && b_is_number)
        return compare_numbers(a, b);
    if (a_is_number != b_is_number)
        return a_is_number ? -1 : 1;
    return rse_str_cmp(a, b);
}

static int compare_prereleases(struct rse_str a, struct rse_str b)
{
    bool more_a = true;
    bool more_b = true;

    for (;;) {
        struct rse_str x;
        struct rse_str y;
        bool has_x = next_identifier(&a, &more_a, &x);
        bool has_y = next_identifier(&b, &more_b, &y);
        if (!has_x || !has_y)
            return has_x - has_y;
        int order = compare_identifiers(x, y);
        if (order != 0)
            return order;
    }
}

int rse_version_cmp(struct rse_str a, struct rse_str b)
{
    struct version x = split(a);
    struct version y = split(b);
    int order = compare_cores(x.core, y.core);

    if (order != 0)
        return order;
    if (x.has_prerelease != y.has_prerelease)
        return x.has_prerelease ? -1 : 1;
    return x.has_prerelease ? compare_prereleases(x.prerelease, y.prerelease) : 0;
}
