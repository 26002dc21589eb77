/*
 * json_reader.c - the reader's steps over single characters, and strings.
 */
#include "libresedge/src/model/json_reader.h"

#include <stdio.h>
#include <stdlib.h>

#include "resedge/parse.h"

void *json_must(void *p)
{
    if (p == NULL) {
        fputs("out of memory\n", stderr);
        abort();
    }
    return p;
}

/* Fails at byte `at`, telling line and column (both from 1, columns in characters). */
static bool fail_with(struct json_reader *r, enum rse_code code, const char *at, const char *what)
{
    size_t line = 1, column = 1;

    for (const char *p = r->start; p < at; p++) {
        if (*p == '\n') {
            line++;
            column = 1;
        } else if (((unsigned char)*p & 0xc0) != 0x80) {
            column++;
        }
    }
    rse_fail(r->err, code, "%sline %zu, column %zu: %s", code == RSE_INVALID ? "not valid JSON: " : "", line, column,
             what);
    rse_err_position(r->err, (size_t)(at - r->start));
    return false;
}

bool json_fail_at(struct json_reader *r, const char *at, const char *what)
{
    return fail_with(r, RSE_INVALID, at, what);
}

bool json_fail_value(struct json_reader *r, const char *at, const char *what)
{
    return fail_with(r, RSE_UNPROCESSABLE, at, what);
}

bool json_fail_expected(struct json_reader *r, const char *expected)
{
    char what[160];

    if (r->p == r->end)
        snprintf(what, sizeof(what), "expected %s, but the text ends here", expected);
    else if (*r->p > 0x20 && *r->p < 0x7f)
        snprintf(what, sizeof(what), "expected %s, found '%c'", expected, *r->p);
    else
        snprintf(what, sizeof(what), "expected %s", expected);
    return json_fail_at(r, r->p, what);
}

char *json_new_text(struct json_reader *r, size_t len)
{
    char *text = r->arena != NULL ? rse_arena_take(r->arena, len + 1) : json_must(cJSON_malloc(len + 1));

    text[len] = '\0';
    return text;
}

void json_drop_text(struct json_reader *r, char *text)
{
    if (r->arena == NULL)
        cJSON_free(text);
}

/* ---- strings ---- */

static bool read_hex4(struct json_reader *r, uint32_t *out)
{
    uint32_t code = 0;

    for (int i = 0; i < 4; i++) {
        if (r->p == r->end)
            return json_fail_expected(r, "four hexadecimal digits after \\u");
        char c = *r->p;
        uint32_t digit;

        if (c >= '0' && c <= '9')
            digit = (uint32_t)(c - '0');
        else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
            digit = (uint32_t)((c | 0x20) - 'a' + 10);
        else
            return json_fail_expected(r, "four hexadecimal digits after \\u");
        code = code << 4 | digit;
        r->p++;
    }
    *out = code;
    return true;
}

static char *put_utf8(char *to, uint32_t code)
{
    if (code < 0x80) {
        *to++ = (char)code;
    } else if (code < 0x800) {
        *to++ = (char)(0xc0 | code >> 6);
        *to++ = (char)(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        *to++ = (char)(0xe0 | code >> 12);
        *to++ = (char)(0x80 | (code >> 6 & 0x3f));
        *to++ = (char)(0x80 | (code & 0x3f));
    } else {
        *to++ = (char)(0xf0 | code >> 18);
        *to++ = (char)(0x80 | (code >> 12 & 0x3f));
        *to++ = (char)(0x80 | (code >> 6 & 0x3f));
        *to++ = (char)(0x80 | (code & 0x3f));
    }
    return to;
}

/* After "\u". NULL on failure. */
static char *read_code_point(struct json_reader *r, char *to)
{
    const char *start = r->p - 2;
    uint32_t code = 0, low = 0;

    if (!read_hex4(r, &code))
        return NULL;
    if (code == 0) {
        json_fail_value(r, start, "a NUL character can't be stored");
        return NULL;
    }
    if (code >= 0xdc00 && code <= 0xdfff) {
        json_fail_value(r, start, "half of a surrogate pair");
        return NULL;
    }
    if (code >= 0xd800 && code <= 0xdbff) {
        if (!json_take(r, '\\') || !json_take(r, 'u')) {
            json_fail_value(r, start, "half of a surrogate pair");
            return NULL;
        }
        if (!read_hex4(r, &low))
            return NULL;
        if (low < 0xdc00 || low > 0xdfff) {
            json_fail_value(r, start, "half of a surrogate pair");
            return NULL;
        }
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    return put_utf8(to, code);
}

/* After the backslash. NULL on failure. */
static char *read_escape(struct json_reader *r, char *to)
{
    static const char FROM[] = "\"\\/bfnrt";
    static const char TO[] = "\"\\/\b\f\n\r\t";

    if (json_take(r, 'u'))
        return read_code_point(r, to);
    const char *found = r->p < r->end && *r->p != '\0' ? strchr(FROM, *r->p) : NULL;

    if (found == NULL) {
        json_fail_expected(r, "an escape (one of \" \\ / b f n r t u) after the backslash");
        return NULL;
    }
    r->p++;
    *to++ = TO[found - FROM];
    return to;
}

/* What stands for itself in a string: ASCII but control characters, '"' and '\\'. */
static bool is_plain(char c)
{
    static const bool PLAIN[256] = { [' ' ... '!'] = true, ['#' ... '['] = true, [']' ... 0x7f] = true };

    return PLAIN[(unsigned char)c];
}

/* A string as it is written, from behind its opening quote. */
struct raw {
    const char *quote;       /* the closing one; NULL: it was refused */
    bool escapes, non_ascii; /* it has such */
};

static struct raw scan_string(struct json_reader *r)
{
    struct raw raw = { NULL, false, false };
    const char *p = r->p;

    for (;;) {
        while (p < r->end && is_plain(*p))
            p++;
        if (p >= r->end) {
            json_fail_at(r, r->p - 1, "a string that begins here has no end");
            return raw;
        }
        if (*p == '"')
            break;
        if ((unsigned char)*p < 0x20) {
            json_fail_at(r, p, "a control character in a string must be escaped");
            return raw;
        }
        raw.escapes |= *p == '\\';
        raw.non_ascii |= (unsigned char)*p >= 0x80;
        p += *p == '\\' && p + 1 < r->end ? 2 : 1;
    }
    raw.quote = p;
    return raw;
}

/* Decoding never makes it longer. Where the text ends; NULL: an escape was refused. */
static char *decode(struct json_reader *r, const char *quote, char *to)
{
    while (r->p < quote) {
        const char *slash = memchr(r->p, '\\', (size_t)(quote - r->p));
        size_t run = (size_t)((slash != NULL ? slash : quote) - r->p);

        memcpy(to, r->p, run);
        to += run;
        r->p += run;
        if (slash == NULL)
            break;
        r->p++;
        to = read_escape(r, to);
        if (to == NULL)
            return NULL;
    }
    *to = '\0';
    return to;
}

char *json_read_string(struct json_reader *r, char **end)
{
    struct raw raw = scan_string(r);
    size_t bad_at = 0;

    if (raw.quote == NULL)
        return NULL;

    size_t len = (size_t)(raw.quote - r->p);

    if (raw.non_ascii && !rse_utf8_valid(rse_str_n(r->p, len), &bad_at)) {
        json_fail_value(r, r->p + bad_at, "not valid UTF-8");
        return NULL;
    }

    char *text = json_new_text(r, len);

    *end = raw.escapes ? decode(r, raw.quote, text) : (char *)mempcpy(text, r->p, len);
    if (*end == NULL) {
        json_drop_text(r, text);
        return NULL;
    }
    r->p = raw.quote + 1;
    return text;
}
