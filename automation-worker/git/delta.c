#include "automation-worker/git/delta.h"

enum {
    MAX_INSERT = 127,
    MAX_COPY = 0xffffff,
    WORTH_COPYING = 6, /* a shorter copy, and the inserts around it that it parts, are no gain */
};

struct writer {
    struct rse_str base, target;
    struct rse_buf *out;
    size_t copy_from, copy_len;     /* a copy that may still grow */
    size_t insert_from, insert_len; /* bytes of the target after it, not covered yet */
};

static void add_size(struct rse_buf *out, size_t size)
{
    for (; size >= 0x80; size >>= 7)
        rse_buf_addc(out, (char)(size | 0x80));
    rse_buf_addc(out, (char)size);
}

static void flush_copy(struct writer *w)
{
    while (w->copy_len > 0) {
        size_t len = w->copy_len < MAX_COPY ? w->copy_len : MAX_COPY;
        uint8_t op[8] = { 0x80 };
        size_t n = 1;

        for (unsigned i = 0; i < 4; i++) {
            if (w->copy_from >> 8 * i & 0xff) {
                op[0] |= (uint8_t)(1 << i);
                op[n++] = (uint8_t)(w->copy_from >> 8 * i);
            }
        }
        for (unsigned i = 0; i < 3; i++) {
            if (len >> 8 * i & 0xff) {
                op[0] |= (uint8_t)(0x10 << i);
                op[n++] = (uint8_t)(len >> 8 * i);
            }
        }
        rse_buf_addn(w->out, op, n);
        w->copy_from += len;
        w->copy_len -= len;
    }
}

static void flush_insert(struct writer *w)
{
    while (w->insert_len > 0) {
        size_t len = w->insert_len < MAX_INSERT ? w->insert_len : MAX_INSERT;

        rse_buf_addc(w->out, (char)len);
        rse_buf_addn(w->out, w->target.p + w->insert_from, len);
        w->insert_from += len;
        w->insert_len -= len;
    }
}

static void insert(struct writer *w, size_t at, size_t len)
{
    if (len == 0)
        return;
    flush_copy(w);
    if (w->insert_len == 0)
        w->insert_from = at;
    w->insert_len += len;
}

/* Target bytes at `at` are those of the base at `from`. */
static void copy(struct writer *w, size_t from, size_t at, size_t len)
{
    if (len == 0)
        return;
    if (w->copy_len > 0 && w->insert_len == 0 && w->copy_from + w->copy_len == from) {
        w->copy_len += len;
    } else if (len < WORTH_COPYING) {
        insert(w, at, len);
    } else {
        flush_copy(w);
        flush_insert(w);
        w->copy_from = from;
        w->copy_len = len;
    }
}

static size_t common_prefix(const char *a, const char *b, size_t max)
{
    size_t n = 0;

    while (n < max && a[n] == b[n])
        n++;
    return n;
}

static size_t common_suffix(const char *a_end, const char *b_end, size_t max)
{
    size_t n = 0;

    while (n < max && a_end[-1 - (ptrdiff_t)n] == b_end[-1 - (ptrdiff_t)n])
        n++;
    return n;
}

/* Stretches of either side that take each other's place, up to what their ends have in common: its length. */
static size_t add_gap(struct writer *w, size_t base_at, size_t base_len, size_t at, size_t len)
{
    const char *base = w->base.p + base_at, *target = w->target.p + at;
    size_t least = base_len < len ? base_len : len;
    size_t prefix = common_prefix(base, target, least);
    size_t suffix = common_suffix(base + base_len, target + len, least - prefix);

    copy(w, base_at, at, prefix);
    insert(w, at + prefix, len - prefix - suffix);
    return suffix;
}

/* Walks the template's bytes that both sides have. */
static void add_spans(struct writer *w, const struct delta_side *base, const struct delta_side *target)
{
    size_t base_done = 0, done = 0, suffix;

    for (size_t i = 0, j = 0; i < base->count && j < target->count;) {
        const struct rse_span *b = &base->spans[i], *t = &target->spans[j];
        uint32_t start = b->tpl > t->tpl ? b->tpl : t->tpl;
        uint32_t b_end = b->tpl + b->len, t_end = t->tpl + t->len;
        uint32_t end = b_end < t_end ? b_end : t_end;

        size_t from = b->out + (start - b->tpl), at = t->out + (start - t->tpl);

        /* Looked at all the same: a wrong copy would be a wrong file in a store. */
        if (start < end && memcmp(w->base.p + from, w->target.p + at, end - start) == 0) {
            suffix = add_gap(w, base_done, from - base_done, done, at - done);
            base_done = from + (end - start);
            done = at + (end - start);
            copy(w, from - suffix, at - suffix, suffix + (end - start));
        }
        i += b_end <= t_end;
        j += t_end <= b_end;
    }
    suffix = add_gap(w, base_done, base->bytes.len - base_done, done, target->bytes.len - done);
    copy(w, base->bytes.len - suffix, target->bytes.len - suffix, suffix);
}

/* Place by place. */
static void add_same_layout(struct writer *w)
{
    size_t at = 0;

    while (at < w->target.len) {
        size_t same = common_prefix(w->base.p + at, w->target.p + at, w->target.len - at), other = 0;

        copy(w, at, at, same);
        at += same;
        while (at + other < w->target.len && w->base.p[at + other] != w->target.p[at + other])
            other++;
        insert(w, at, other);
        at += other;
    }
}

void delta_make(const struct delta_side *base, const struct delta_side *target, struct rse_buf *out)
{
    struct writer w = { .base = base->bytes, .target = target->bytes, .out = out };

    add_size(out, base->bytes.len);
    add_size(out, target->bytes.len);
    if (base->count == 0 && target->count == 0 && base->bytes.len == target->bytes.len)
        add_same_layout(&w);
    else
        add_spans(&w, base, target);
    flush_copy(&w);
    flush_insert(&w);
}

/* ---- reading ---- */

/* Takes a size off the front. */
static bool take_size(struct rse_str *delta, size_t *size)
{
    unsigned shift = 0;
    uint8_t c;

    *size = 0;
    do {
        if (delta->len == 0 || shift > 56)
            return false;
        c = (uint8_t)*delta->p;
        *delta = rse_str_from(*delta, 1);
        *size |= (size_t)(c & 0x7f) << shift;
        shift += 7;
    } while ((c & 0x80) != 0);
    return true;
}

bool delta_size(struct rse_str delta, size_t base_len, size_t *len)
{
    size_t base;

    return take_size(&delta, &base) && base == base_len && take_size(&delta, len);
}

/* The bytes of a number that `op` says are there, lowest first. */
static size_t take_number(const uint8_t **p, unsigned op, unsigned bytes)
{
    size_t number = 0;

    for (unsigned i = 0; i < bytes; i++) {
        if (op >> i & 1)
            number |= (size_t) * (*p)++ << 8 * i;
    }
    return number;
}

bool delta_apply(struct rse_str base, struct rse_str delta, char *out, size_t len)
{
    size_t ignored, done = 0;

    if (!take_size(&delta, &ignored) || !take_size(&delta, &ignored))
        return false;
    const uint8_t *p = (const uint8_t *)delta.p, *end = p + delta.len;
    while (p < end) {
        const char *from = (const char *)p + 1;
        uint8_t op = *p++;
        size_t n = op;

        if ((op & 0x80) != 0) {
            if (end - p < __builtin_popcount(op & 0x7f))
                return false;
            size_t at = take_number(&p, op, 4);
            n = take_number(&p, op >> 4 & 7, 3);
            n = n == 0 ? 0x10000 : n;
            if (at > base.len || n > base.len - at)
                return false;
            from = base.p + at;
        } else if (op == 0 || n > (size_t)(end - p)) {
            return false;
        } else {
            p += n;
        }
        if (n > len - done)
            return false;
        memcpy(out + done, from, n);
        done += n;
    }
    return done == len;
}
