/*
 * buf.h - a growing byte buffer that is born with its limit.
 *
 * Errors stick: past the limit an append does nothing, and rse_buf_ok says so once, at the end. The bytes are always
 * followed by a NUL that is not counted.
 */
#ifndef RESEDGE_BUF_H
#define RESEDGE_BUF_H

#include <assert.h>
#include <stdarg.h>
#include <string.h>

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

struct rse_err;

struct rse_buf {
    char *p;
    size_t len;
    size_t cap;
    size_t limit;
    bool overflow;
};

/* limit: the most bytes it may hold. p is a C string from here until the release. */
RSE_API void rse_buf_init(struct rse_buf *buf, size_t limit);
RSE_API void rse_buf_release(struct rse_buf *buf);
/* Empties it and forgets an overflow; keeps the memory. */
RSE_API void rse_buf_reset(struct rse_buf *buf);
RSE_API void rse_buf_add_int(struct rse_buf *buf, int64_t n);
RSE_API void rse_buf_addf(struct rse_buf *buf, const char *fmt, ...) RSE_PRINTF(2, 3);
RSE_API void rse_buf_vaddf(struct rse_buf *buf, const char *fmt, va_list ap) RSE_PRINTF(2, 0);
/* s as a JSON string, quotes included. Control characters and those that reorder text are written as \uXXXX, bytes
 * that are no UTF-8 become U+FFFD: the result is valid JSON and can't forge a line, whatever s holds. */
RSE_API void rse_buf_add_json_str(struct rse_buf *buf, struct rse_str s);
/* The same without the quotes. */
RSE_API void rse_buf_add_json_chars(struct rse_buf *buf, struct rse_str s);
/* A key as a segment of a JSON pointer, '/' in front (RFC 6901, section 3). */
RSE_API void rse_buf_add_pointer_segment(struct rse_buf *buf, struct rse_str key);
/* For rse_buf_reserve: where there is no room yet. */
RSE_API char *rse_buf_grow(struct rse_buf *buf, size_t len);
/* Shortens it to len bytes. */
RSE_API void rse_buf_truncate(struct rse_buf *buf, size_t len);
RSE_API bool rse_buf_ok(const struct rse_buf *buf, struct rse_err *err) RSE_MUST;

/* Appending is done here where there is room already, which is mostly so. */

/* Room for len more bytes, to be counted with rse_buf_commit; NULL past the limit. */
static inline char *rse_buf_reserve(struct rse_buf *buf, size_t len)
{
    return !buf->overflow && len < buf->cap - buf->len ? buf->p + buf->len : rse_buf_grow(buf, len);
}

static inline void rse_buf_commit(struct rse_buf *buf, size_t len)
{
    assert(len < buf->cap - buf->len);
    buf->len += len;
    buf->p[buf->len] = '\0';
}

static inline void rse_buf_addn(struct rse_buf *buf, const void *p, size_t len)
{
    char *room;

    if (len == 0)
        return;
    room = rse_buf_reserve(buf, len);
    if (room == NULL)
        return;
    memcpy(room, p, len);
    rse_buf_commit(buf, len);
}

static inline void rse_buf_adds(struct rse_buf *buf, const char *text)
{
    rse_buf_addn(buf, text, strlen(text));
}

static inline void rse_buf_add_str(struct rse_buf *buf, struct rse_str s)
{
    rse_buf_addn(buf, s.p, s.len);
}

static inline void rse_buf_addc(struct rse_buf *buf, char c)
{
    rse_buf_addn(buf, &c, 1);
}

static inline struct rse_str rse_buf_str(const struct rse_buf *buf)
{
    return rse_str_n(buf->p, buf->len);
}

/* RSE_BUF_AUTO out = { 0 }; - released at the end of the scope, also where that comes before rse_buf_init(). */
#define RSE_BUF_AUTO RSE_CLEANUP(rse_buf_release) struct rse_buf

#ifdef __cplusplus
}
#endif

#endif
