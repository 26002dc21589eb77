/*
 * options_file.c - the config file: lines `name = value`; '#' at the start of a line or behind a space begins a comment.
 * A value in double quotes keeps its spaces and '#'.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "libresedge/src/base/options_internal.h"

enum { LONGEST_CONFIG = 1024 * 1024 };

bool options_read_file(const char *path, size_t limit, struct rse_arena *arena, struct rse_str *out,
                       struct rse_err *err)
{
    RSE_BUF_AUTO text = { 0 };
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = -1;

    rse_buf_init(&text, limit);
    while (fd >= 0) {
        char piece[4096];
        n = read(fd, piece, sizeof(piece));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        rse_buf_addn(&text, piece, (size_t)n);
        if (!rse_buf_ok(&text, NULL))
            break;
    }
    int errnum = errno;
    if (fd >= 0)
        close(fd);
    if (n < 0)
        return rse_fail_errno(err, RSE_INVALID, errnum, "could not read %s", path);
    if (!rse_buf_ok(&text, NULL))
        return rse_fail(err, RSE_INVALID, "%s is longer than %zu bytes", path, limit);
    *out = rse_arena_str(arena, rse_buf_str(&text));
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static struct rse_str trim(struct rse_str s)
{
    while (s.len > 0 && is_blank(s.p[0]))
        s = rse_str_from(s, 1);
    while (s.len > 0 && is_blank(s.p[s.len - 1]))
        s.len--;
    return s;
}

/* The text before a comment. */
static struct rse_str without_comment(struct rse_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.p[i] == '#' && (i == 0 || is_blank(s.p[i - 1])))
            return rse_str_n(s.p, i);
    }
    return s;
}

/* What stands behind '=': quoted, then nothing but a comment may follow; or plain up to a comment. */
static bool read_value(struct rse_str s, struct rse_str *value)
{
    s = trim(s);
    if (!rse_str_starts(s, RSE_STR("\""))) {
        *value = trim(without_comment(s));
        return true;
    }
    struct rse_str quoted = rse_str_from(s, 1);
    ptrdiff_t end = rse_str_find(quoted, '"');
    if (end < 0 || trim(without_comment(rse_str_from(quoted, (size_t)end + 1))).len > 0)
        return false;
    *value = rse_str_n(quoted.p, (size_t)end);
    return true;
}

/* No message shows a value: it may be a secret. */
static bool read_line(const struct rse_option *table, struct rse_str line, const char *origin, struct found *found,
                      struct rse_arena *arena, struct rse_err *err)
{
    ptrdiff_t equals = rse_str_find(line, '=');
    struct rse_str value = { NULL, 0 };
    bool in_file = false;

    if (trim(without_comment(line)).len == 0)
        return true;
    if (equals < 0)
        return rse_fail(err, RSE_INVALID, "%s has no '='", origin);
    struct rse_str name = trim(rse_str_n(line.p, (size_t)equals));
    const struct rse_option *row = options_row(table, name, &in_file);
    if (row == NULL)
        return rse_fail(err, RSE_INVALID, "%s sets \"%.*s\", which is no setting", origin, RSE_STR_ARG(name));
    if (found[row - table].value != NULL)
        return rse_fail(err, RSE_INVALID, "%s sets \"%s\" a second time", origin, row->name);
    if (!read_value(rse_str_from(line, (size_t)equals + 1), &value))
        return rse_fail(err, RSE_INVALID, "%s has a quoted value that does not end with its quote", origin);
    found[row - table] = (struct found){ rse_arena_str(arena, value).p, origin, in_file };
    return true;
}

bool options_read_config(const struct rse_option *table, const char *path, struct found *found, struct rse_arena *arena,
                         struct rse_err *err)
{
    struct rse_str text;

    if (!options_read_file(path, LONGEST_CONFIG, arena, &text, err))
        return false;
    if (rse_str_find(text, '\0') >= 0)
        return rse_fail(err, RSE_INVALID, "%s is no text: it holds a zero byte", path);
    for (size_t number = 1; text.len > 0; number++) {
        ptrdiff_t newline = rse_str_find(text, '\n');
        struct rse_str line = rse_str_n(text.p, newline < 0 ? text.len : (size_t)newline);
        const char *origin = rse_arena_printf(arena, "line %zu of %s", number, path);
        if (!read_line(table, line, origin, found, arena, err))
            return false;
        text = rse_str_from(text, line.len + 1);
    }
    return true;
}
