/*
 * buf.c - the growing byte buffer. Its memory is there from the start, so p is a C string at any time.
 */
#include "resedge/buf.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "libresedge/src/base/utf8.h"
#include "resedge/err.h"

enum { FIRST_CAPACITY = 64 };

void rse_buf_init(struct rse_buf *buf, size_t limit)
{
    size_t cap = limit < FIRST_CAPACITY ? limit + 1 : FIRST_CAPACITY;

    *buf = (struct rse_buf){ .p = rse_xmalloc(cap), .cap = cap, .limit = limit < SIZE_MAX ? limit : SIZE_MAX - 1 };
    buf->p[0] = '\0';
}

void rse_buf_release(struct rse_buf *buf)
{
    free(buf->p);
    *buf = (struct rse_buf){ .p = NULL };
}

void rse_buf_reset(struct rse_buf *buf)
{
    buf->overflow = false;
    rse_buf_truncate(buf, 0);
}

char *rse_buf_grow(struct rse_buf *buf, size_t len)
{
    if (buf->overflow || buf->p == NULL || len > buf->limit - buf->len) {
        buf->overflow = true;
        return NULL;
    }
    size_t need = buf->len + len + 1;
    if (need > buf->cap) {
        size_t grown = buf->cap > SIZE_MAX / 2 ? need : buf->cap * 2;
        if (grown < need)
            grown = need;
        if (grown - 1 > buf->limit)
            grown = buf->limit + 1;
        buf->p = rse_xrealloc(buf->p, grown);
        buf->cap = grown;
    }
    return buf->p + buf->len;
}

void rse_buf_add_int(struct rse_buf *buf, int64_t n)
{
    char digits[24];
    size_t at = sizeof(digits);
    uint64_t rest = n < 0 ? -(uint64_t)n : (uint64_t)n;

    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (n < 0)
        digits[--at] = '-';
    rse_buf_addn(buf, digits + at, sizeof(digits) - at);
}

void rse_buf_addf(struct rse_buf *buf, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    rse_buf_vaddf(buf, fmt, ap);
    va_end(ap);
}

void rse_buf_vaddf(struct rse_buf *buf, const char *fmt, va_list ap)
{
    va_list again;

    if (buf->overflow || buf->p == NULL) {
        buf->overflow = true;
        return;
    }
    va_copy(again, ap);
    size_t room = buf->cap - buf->len;
    int len = vsnprintf(buf->p + buf->len, room, fmt, ap);
    if (len >= 0 && (size_t)len >= room) {
        buf->p[buf->len] = '\0';
        if (rse_buf_reserve(buf, (size_t)len) != NULL)
            len = vsnprintf(buf->p + buf->len, (size_t)len + 1, fmt, again);
    }
    va_end(again);
    if (len < 0)
        buf->overflow = true;
    if (!buf->overflow)
        rse_buf_commit(buf, (size_t)len);
    else
        buf->p[buf->len] = '\0';
}

static void add_json_char(struct rse_buf *buf, uint32_t cp, struct rse_str bytes)
{
    static const char short_forms[] = "\b\t\n\f\r\"\\";
    static const char letters[] = "btnfr\"\\";
    const char *at = cp != 0 && cp < 0x80 ? strchr(short_forms, (int)cp) : NULL;

    if (at != NULL)
        rse_buf_addn(buf, (char[]){ '\\', letters[at - short_forms] }, 2);
    else if (rse_is_control(cp))
        rse_buf_addf(buf, "\\u%04x", (unsigned)cp);
    else
        rse_buf_add_str(buf, bytes);
}

#define EACH_BYTE(value) (UINT64_C(0x0101010101010101) * (value))

/* Whether any of eight bytes is 0. */
static bool has_zero(uint64_t eight)
{
    return ((eight - EACH_BYTE(1)) & ~eight & EACH_BYTE(0x80)) != 0;
}

/* Whether eight bytes are all from ' ' to '~', and none is a quote or a backslash. */
static bool are_plain(const char *p)
{
    uint64_t eight;

    memcpy(&eight, p, sizeof(eight));
    return ((eight | (eight - EACH_BYTE(' ')) | (eight + EACH_BYTE(1))) & EACH_BYTE(0x80)) == 0 &&
           !has_zero(eight ^ EACH_BYTE('"')) && !has_zero(eight ^ EACH_BYTE('\\'));
}

/* How many bytes at the start of s stand in a JSON string as they are. */
static size_t plain_prefix(struct rse_str s)
{
    static const bool PLAIN[256] = { [' ' ... '!'] = true, ['#' ... '['] = true, [']' ... '~'] = true };
    size_t n = 0;

    while (s.len - n >= sizeof(uint64_t) && are_plain(s.p + n))
        n += sizeof(uint64_t);
    while (n < s.len && PLAIN[(unsigned char)s.p[n]])
        n++;
    return n;
}

void rse_buf_add_json_chars(struct rse_buf *buf, struct rse_str s)
{
    while (s.len > 0) {
        uint32_t cp = 0;
        size_t plain = plain_prefix(s);
        rse_buf_addn(buf, s.p, plain);
        s = rse_str_from(s, plain);
        if (s.len == 0)
            break;
        size_t step = rse_utf8_step(s, &cp);
        if (step == 0)
            rse_buf_adds(buf, "\xEF\xBF\xBD");
        else
            add_json_char(buf, cp, rse_str_n(s.p, step));
        s = rse_str_from(s, step > 0 ? step : 1);
    }
}

void rse_buf_add_json_str(struct rse_buf *buf, struct rse_str s)
{
    rse_buf_addc(buf, '"');
    rse_buf_add_json_chars(buf, s);
    rse_buf_addc(buf, '"');
}

void rse_buf_add_pointer_segment(struct rse_buf *buf, struct rse_str key)
{
    rse_buf_addc(buf, '/');
    for (size_t i = 0; i < key.len; i++) {
        if (key.p[i] == '~')
            rse_buf_adds(buf, "~0");
        else if (key.p[i] == '/')
            rse_buf_adds(buf, "~1");
        else
            rse_buf_addc(buf, key.p[i]);
    }
}

void rse_buf_truncate(struct rse_buf *buf, size_t len)
{
    if (buf->p == NULL)
        return;
    assert(len <= buf->len);
    buf->len = len;
    buf->p[len] = '\0';
}

bool rse_buf_ok(const struct rse_buf *buf, struct rse_err *err)
{
    if (!buf->overflow)
        return true;
    return rse_fail(err, RSE_TOO_LARGE, "the text is longer than %zu bytes", buf->limit);
}
