/*
 * names.c - what names, keys, tags and paths may look like.
 */
#include <strings.h>

#include "libresedge/src/base/utf8.h"
#include "resedge/parse.h"

enum { LONGEST_LABEL = 63, LONGEST_KEY = 63, LONGEST_NAME = 128, LONGEST_PATH = 512 };

static bool is_lower_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_alnum(char c)
{
    return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z');
}

static bool check_length(struct rse_str s, size_t longest, const char *of_what, struct rse_err *err)
{
    if (s.len == 0)
        return rse_fail(err, RSE_INVALID, "%s may not be empty", of_what);
    if (s.len > longest)
        return rse_fail(err, RSE_INVALID, "%s may have at most %zu bytes, not %zu", of_what, longest, s.len);
    return true;
}

bool rse_check_label(struct rse_str s, const char *of_what, struct rse_err *err)
{
    if (!check_length(s, LONGEST_LABEL, of_what, err))
        return false;
    for (size_t i = 0; i < s.len; i++) {
        if (!is_lower_or_digit(s.p[i]) && s.p[i] != '-')
            return rse_fail(err, RSE_INVALID, "%s may hold only a-z, 0-9 and '-', unlike \"%.*s\" at byte %zu", of_what,
                            RSE_STR_ARG(s), i + 1);
    }
    if (s.p[0] == '-' || s.p[s.len - 1] == '-')
        return rse_fail(err, RSE_INVALID, "%s must begin and end with a letter or digit, unlike \"%.*s\"", of_what,
                        RSE_STR_ARG(s));
    return true;
}

bool rse_check_visible(struct rse_str s, const char *of_what, struct rse_err *err)
{
    for (size_t at = 0; at < s.len;) {
        uint32_t cp = 0;
        size_t step = rse_utf8_step(rse_str_from(s, at), &cp);
        if (step == 0)
            return rse_fail(err, RSE_INVALID, "%s must be UTF-8, which ends at byte %zu", of_what, at + 1);
        if (rse_is_control(cp))
            return rse_fail(err, RSE_INVALID, "%s may not hold control characters: U+%04X at byte %zu", of_what,
                            (unsigned)cp, at + 1);
        if (cp >= 0x80 && rse_is_invisible(cp)) /* spares a call for most bytes */
            return rse_fail(err, RSE_INVALID, "%s may not hold invisible characters: U+%04X at byte %zu", of_what,
                            (unsigned)cp, at + 1);
        at += step;
    }
    return true;
}

/* s is valid UTF-8 and not empty. */
static bool has_space_at_an_end(struct rse_str s)
{
    uint32_t first = 0;
    uint32_t last = 0;
    size_t at = s.len - 1;

    while (at > 0 && ((unsigned char)s.p[at] & 0xC0) == 0x80)
        at--;
    return rse_utf8_step(s, &first) == 0 || rse_utf8_step(rse_str_from(s, at), &last) == 0 || rse_is_space(first) ||
           rse_is_space(last);
}

bool rse_check_name(struct rse_str s, size_t longest, const char *of_what, struct rse_err *err)
{
    if (!check_length(s, longest, of_what, err) || !rse_check_visible(s, of_what, err))
        return false;
    if (has_space_at_an_end(s))
        return rse_fail(err, RSE_INVALID, "%s may not begin or end with a space, unlike \"%.*s\"", of_what,
                        RSE_STR_ARG(s));
    return true;
}

bool rse_check_group_name(struct rse_str s, struct rse_err *err)
{
    static const char of_what[] = "a group's name";

    if (!rse_check_name(s, LONGEST_NAME, of_what, err))
        return false;
    return rse_str_find(s, '/') < 0 ||
           rse_fail(err, RSE_INVALID, "%s may not hold '/', unlike \"%.*s\"", of_what, RSE_STR_ARG(s));
}

bool rse_check_key(struct rse_str s, struct rse_err *err)
{
    static const char of_what[] = "a metadata key";

    if (!check_length(s, LONGEST_KEY, of_what, err))
        return false;
    for (size_t i = 0; i < s.len; i++) {
        if (!is_alnum(s.p[i]) && s.p[i] != '_' && s.p[i] != '-')
            return rse_fail(err, RSE_INVALID,
                            "%s may hold only A-Z, a-z, 0-9, '_' and '-', unlike \"%.*s\" at byte %zu", of_what,
                            RSE_STR_ARG(s), i + 1);
    }
    return true;
}

bool rse_check_tag(struct rse_str s, struct rse_err *err)
{
    static const char of_what[] = "a tag";

    return rse_check_name(s, LONGEST_NAME, of_what, err);
}

static bool check_segment(struct rse_str path, struct rse_str segment, struct rse_err *err)
{
    if (segment.len == 0)
        return rse_fail(err, RSE_INVALID, "a path may not hold an empty segment, unlike \"%.*s\"", RSE_STR_ARG(path));
    if (rse_str_is(segment, ".") || rse_str_is(segment, ".."))
        return rse_fail(err, RSE_INVALID, "a path may not hold \".\" or \"..\", unlike \"%.*s\"", RSE_STR_ARG(path));
    if (segment.len == 4 && strncasecmp(segment.p, ".git", 4) == 0)
        return rse_fail(err, RSE_INVALID, "a path may not lead into \".git\", unlike \"%.*s\"", RSE_STR_ARG(path));
    return true;
}

bool rse_check_path(struct rse_str s, struct rse_str *out, struct rse_err *err)
{
    static const char of_what[] = "a path";
    struct rse_str path = rse_str_starts(s, RSE_STR("/")) ? rse_str_from(s, 1) : s;

    if (!check_length(path, LONGEST_PATH, of_what, err) || !rse_check_visible(path, of_what, err))
        return false;
    if (rse_str_find(path, '\\') >= 0)
        return rse_fail(err, RSE_INVALID, "a path may not hold a backslash, unlike \"%.*s\"", RSE_STR_ARG(path));
    for (size_t at = 0; at <= path.len;) {
        struct rse_str rest = rse_str_from(path, at);
        ptrdiff_t slash = rse_str_find(rest, '/');
        struct rse_str segment = rse_str_n(rest.p, slash < 0 ? rest.len : (size_t)slash);
        if (!check_segment(path, segment, err))
            return false;
        at += segment.len + 1;
    }
    *out = path;
    return true;
}
