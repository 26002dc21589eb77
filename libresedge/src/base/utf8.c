/*
 * utf8.c - UTF-8 as RFC 3629 has it: no surrogates, no overlong forms, nothing past U+10FFFF.
 */
#include "libresedge/src/base/utf8.h"

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* The length that a first byte announces, its own bits in *bits, and the least code point that needs that length. */
static size_t announced_length(unsigned char first, uint32_t *bits, uint32_t *least)
{
    if (first >= 0xC2 && first <= 0xDF) {
        *bits = first & 0x1F;
        *least = 0x80;
        return 2;
    }
    if (first >= 0xE0 && first <= 0xEF) {
        *bits = first & 0x0F;
        *least = 0x800;
        return 3;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        *bits = first & 0x07;
        *least = 0x10000;
        return 4;
    }
    return 0;
}

size_t rse_utf8_step(struct rse_str s, uint32_t *cp)
{
    uint32_t bits = 0;
    uint32_t least = 0;

    if (s.len == 0)
        return 0;
    if ((unsigned char)s.p[0] < 0x80) {
        *cp = (unsigned char)s.p[0];
        return 1;
    }
    size_t len = announced_length((unsigned char)s.p[0], &bits, &least);
    if (len == 0 || len > s.len)
        return 0;
    for (size_t i = 1; i < len; i++) {
        if (!is_continuation(s.p[i]))
            return 0;
        bits = bits << 6 | ((unsigned char)s.p[i] & 0x3F);
    }
    if (bits < least || bits > 0x10FFFF || (bits >= 0xD800 && bits <= 0xDFFF))
        return 0;
    *cp = bits;
    return len;
}

bool rse_utf8_valid(struct rse_str s, size_t *bad_at)
{
    uint32_t cp = 0;

    for (size_t at = 0; at < s.len;) {
        size_t step = rse_utf8_step(rse_str_from(s, at), &cp);
        if (step == 0) {
            if (bad_at != NULL)
                *bad_at = at;
            return false;
        }
        at += step;
    }
    return true;
}

bool rse_is_control(uint32_t cp)
{
    return cp < 0x20 || (cp >= 0x7F && cp <= 0x9F) || cp == 0x061C || (cp >= 0x200E && cp <= 0x200F) ||
           (cp >= 0x2028 && cp <= 0x202E) || (cp >= 0x2066 && cp <= 0x2069) || cp == 0xFEFF;
}

bool rse_is_invisible(uint32_t cp)
{
    static const struct {
        uint32_t first, last;
    } RANGES[] = {
        { 0x00AD, 0x00AD },   { 0x034F, 0x034F },   { 0x061C, 0x061C }, { 0x115F, 0x1160 },   { 0x17B4, 0x17B5 },
        { 0x180E, 0x180E },   { 0x200B, 0x200F },   { 0x202A, 0x202E }, { 0x2060, 0x206F },   { 0x3164, 0x3164 },
        { 0xFEFF, 0xFEFF },   { 0xFFA0, 0xFFA0 },   { 0xFFF0, 0xFFFB }, { 0x1BCA0, 0x1BCA3 }, { 0x1D173, 0x1D17A },
        { 0xE0000, 0xE00FF }, { 0xE01F0, 0xE0FFF },
    };

    for (size_t i = 0; i < RSE_COUNT(RANGES) && cp >= RANGES[i].first; i++) {
        if (cp <= RANGES[i].last)
            return true;
    }
    return false;
}

bool rse_is_space(uint32_t cp)
{
    return cp == ' ' || (cp >= '\t' && cp <= '\r') || cp == 0x85 || cp == 0xA0 || cp == 0x1680 ||
           (cp >= 0x2000 && cp <= 0x200A) || cp == 0x2028 || cp == 0x2029 || cp == 0x202F || cp == 0x205F ||
           cp == 0x3000;
}

/* Right-to-left text is written with these. In a name they would make two look alike, and are refused there. */
static bool is_mark(uint32_t cp)
{
    return cp == 0x061C || cp == 0x200E || cp == 0x200F || cp == 0xFEFF;
}

bool rse_utf8_find_control(struct rse_str s, const char *but, size_t *at, uint32_t *cp)
{
    for (size_t i = 0, step = 1; i < s.len; i += step) {
        *at = i;
        *cp = (unsigned char)s.p[i];
        step = *cp < 0x80 ? 1 : rse_utf8_step(rse_str_from(s, i), cp);
        if (step == 0 ||
            (rse_is_control(*cp) && !is_mark(*cp) && (*cp == 0 || *cp >= 0x80 || strchr(but, (int)*cp) == NULL)))
            return true;
    }
    return false;
}
