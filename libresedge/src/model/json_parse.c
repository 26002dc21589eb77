/*
 * json_parse.c - reads JSON from outside into a cJSON tree, strictly.
 *
 * cJSON's own parser takes more than JSON (invalid UTF-8, control characters, 01, duplicate members, a thousand
 * levels) and can't say where it stopped. This one takes RFC 8259 and nothing else, in one pass, and keeps the text
 * of a number that a double would not give back.
 */
#include <stdio.h>
#include <stdlib.h>

#include "libresedge/src/model/json.h"
#include "resedge/map.h"
#include "resedge/parse.h"

enum {
    DEPTH_MAX = 32,
    NUMBER_MAX_BYTES = 128,
    PLAIN_INTEGER_DIGITS = 15, /* what fits in a double exactly */
    LINEAR_MEMBERS = 16,       /* an object with more looks its members up in a map */
};

struct reader {
    const char *start, *p, *end;
    unsigned depth;
    struct rse_err *err;
};

static cJSON *read_value(struct reader *r);

static void deletep(cJSON **json)
{
    cJSON_Delete(*json);
}

/* cJSON's memory comes from cJSON's allocator, and ends the process when it is out like all other small memory. */
static void *must(void *p)
{
    if (p == NULL) {
        fputs("out of memory\n", stderr);
        abort();
    }
    return p;
}

/* Fails at byte `at`, telling line and column (both from 1, columns in characters). */
static bool fail_with(struct reader *r, enum rse_code code, const char *at, const char *what)
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

static bool fail_at(struct reader *r, const char *at, const char *what)
{
    return fail_with(r, RSE_INVALID, at, what);
}

/* It is JSON, but says what nothing can hold. */
static bool fail_value(struct reader *r, const char *at, const char *what)
{
    return fail_with(r, RSE_UNPROCESSABLE, at, what);
}

/* "expected X", and what is there instead. */
static bool fail_expected(struct reader *r, const char *expected)
{
    char what[160];

    if (r->p == r->end)
        snprintf(what, sizeof(what), "expected %s, but the text ends here", expected);
    else if (*r->p > 0x20 && *r->p < 0x7f)
        snprintf(what, sizeof(what), "expected %s, found '%c'", expected, *r->p);
    else
        snprintf(what, sizeof(what), "expected %s", expected);
    return fail_at(r, r->p, what);
}

static void skip_space(struct reader *r)
{
    while (r->p < r->end && (*r->p == ' ' || *r->p == '\n' || *r->p == '\r' || *r->p == '\t'))
        r->p++;
}

static bool take(struct reader *r, char c)
{
    if (r->p == r->end || *r->p != c)
        return false;
    r->p++;
    return true;
}

/* ---- strings ---- */

static bool read_hex4(struct reader *r, uint32_t *out)
{
    uint32_t code = 0;

    for (int i = 0; i < 4; i++) {
        if (r->p == r->end)
            return fail_expected(r, "four hexadecimal digits after \\u");
        char c = *r->p;
        uint32_t digit;

        if (c >= '0' && c <= '9')
            digit = (uint32_t)(c - '0');
        else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
            digit = (uint32_t)((c | 0x20) - 'a' + 10);
        else
            return fail_expected(r, "four hexadecimal digits after \\u");
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
static char *read_code_point(struct reader *r, char *to)
{
    const char *start = r->p - 2;
    uint32_t code = 0, low = 0;

    if (!read_hex4(r, &code))
        return NULL;
    if (code == 0) {
        fail_value(r, start, "a NUL character can't be stored");
        return NULL;
    }
    if (code >= 0xdc00 && code <= 0xdfff) {
        fail_value(r, start, "half of a surrogate pair");
        return NULL;
    }
    if (code >= 0xd800 && code <= 0xdbff) {
        if (!take(r, '\\') || !take(r, 'u')) {
            fail_value(r, start, "half of a surrogate pair");
            return NULL;
        }
        if (!read_hex4(r, &low))
            return NULL;
        if (low < 0xdc00 || low > 0xdfff) {
            fail_value(r, start, "half of a surrogate pair");
            return NULL;
        }
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    return put_utf8(to, code);
}

/* After the backslash. NULL on failure. */
static char *read_escape(struct reader *r, char *to)
{
    static const char FROM[] = "\"\\/bfnrt";
    static const char TO[] = "\"\\/\b\f\n\r\t";

    if (take(r, 'u'))
        return read_code_point(r, to);
    const char *found = r->p < r->end && *r->p != '\0' ? strchr(FROM, *r->p) : NULL;

    if (found == NULL) {
        fail_expected(r, "an escape (one of \" \\ / b f n r t u) after the backslash");
        return NULL;
    }
    r->p++;
    *to++ = TO[found - FROM];
    return to;
}

/* The end of the raw string, where its closing quote stands; NULL on failure. */
static const char *find_quote(struct reader *r)
{
    const char *p = r->p;

    for (; p < r->end && *p != '"'; p++) {
        if ((unsigned char)*p < 0x20) {
            fail_at(r, p, "a control character in a string must be escaped");
            return NULL;
        }
        if (*p == '\\' && p + 1 < r->end)
            p++;
    }
    if (p >= r->end) {
        fail_at(r, r->p - 1, "a string that begins here has no end");
        return NULL;
    }
    return p;
}

/* After the opening quote. Decoding never makes it longer. NULL on failure. */
static char *read_string(struct reader *r)
{
    const char *quote = find_quote(r);
    size_t bad_at = 0;

    if (quote == NULL)
        return NULL;
    if (!rse_utf8_valid(rse_str_n(r->p, (size_t)(quote - r->p)), &bad_at)) {
        fail_value(r, r->p + bad_at, "not valid UTF-8");
        return NULL;
    }
    char *text = must(cJSON_malloc((size_t)(quote - r->p) + 1));
    char *to = text;

    while (r->p < quote && to != NULL) {
        const char *slash = memchr(r->p, '\\', (size_t)(quote - r->p));
        size_t run = (size_t)((slash != NULL ? slash : quote) - r->p);

        memcpy(to, r->p, run);
        to += run;
        r->p += run;
        if (slash != NULL) {
            r->p++;
            to = read_escape(r, to);
        }
    }
    if (to == NULL) {
        cJSON_free(text);
        return NULL;
    }
    *to = '\0';
    r->p = quote + 1;
    return text;
}

static cJSON *read_string_value(struct reader *r)
{
    r->p++;
    char *text = read_string(r);

    if (text == NULL)
        return NULL;
    cJSON *json = must(cJSON_CreateNull());

    json->type = cJSON_String;
    json->valuestring = text;
    return json;
}

/* ---- numbers and words ---- */

static bool skip_digits(struct reader *r)
{
    const char *start = r->p;

    while (r->p < r->end && *r->p >= '0' && *r->p <= '9')
        r->p++;
    return r->p > start || fail_expected(r, "a digit");
}

/* Moves over a number; *simple: up to 15 digits and nothing else. */
static bool scan_number(struct reader *r, bool *simple)
{
    const char *start = r->p;

    take(r, '-');
    if (!take(r, '0') && !skip_digits(r))
        return false;
    *simple = r->p - start <= PLAIN_INTEGER_DIGITS && !(start[0] == '-' && start[1] == '0');
    if (take(r, '.')) {
        *simple = false;
        if (!skip_digits(r))
            return false;
    }
    if (r->p < r->end && (*r->p == 'e' || *r->p == 'E')) {
        *simple = false;
        r->p++;
        if (!take(r, '+'))
            take(r, '-');
        if (!skip_digits(r))
            return false;
    }
    return true;
}

static cJSON *read_number(struct reader *r)
{
    const char *start = r->p;
    bool simple = false;
    double number = 0;

    if (!scan_number(r, &simple))
        return NULL;
    struct rse_str text = rse_str_n(start, (size_t)(r->p - start));

    if (text.len > NUMBER_MAX_BYTES || !rse_parse_double(text, &number)) {
        fail_value(r, start, "a number that is too large");
        return NULL;
    }
    cJSON *json = must(cJSON_CreateNumber(number));

    if (!simple) {
        json->valuestring = must(cJSON_malloc(text.len + 1));
        memcpy(json->valuestring, text.p, text.len);
        json->valuestring[text.len] = '\0';
    }
    return json;
}

static cJSON *read_word(struct reader *r)
{
    struct rse_str rest = rse_str_n(r->p, (size_t)(r->end - r->p));

    if (rse_str_starts(rest, RSE_STR("true"))) {
        r->p += 4;
        return must(cJSON_CreateTrue());
    }
    if (rse_str_starts(rest, RSE_STR("false"))) {
        r->p += 5;
        return must(cJSON_CreateFalse());
    }
    if (rse_str_starts(rest, RSE_STR("null"))) {
        r->p += 4;
        return must(cJSON_CreateNull());
    }
    fail_expected(r, "a value");
    return NULL;
}

/* ---- arrays and objects ---- */

static cJSON *read_array(struct reader *r)
{
    RSE_CLEANUP(deletep) cJSON *array = must(cJSON_CreateArray());
    size_t count = 0;

    r->p++;
    skip_space(r);
    if (take(r, ']'))
        return RSE_TAKE(array);
    do {
        cJSON *item = read_value(r);

        if (item == NULL) {
            rse_err_field_within(r->err, "/%zu", count);
            return NULL;
        }
        cJSON_AddItemToArray(array, item);
        count++;
        skip_space(r);
    } while (take(r, ','));
    if (!take(r, ']')) {
        fail_expected(r, "',' or ']'");
        return NULL;
    }
    return RSE_TAKE(array);
}

/* The members read so far, for finding duplicates: a walk while they are few, then a map. */
struct members {
    const cJSON *object;
    size_t count;
    struct rse_map *map;
};

static void members_release(struct members *m)
{
    rse_map_free(m->map);
}

static bool members_has(struct members *m, const char *key)
{
    if (m->count == LINEAR_MEMBERS && m->map == NULL) {
        m->map = rse_map_new();
        for (cJSON *c = m->object->child; c != NULL; c = c->next)
            rse_map_put(m->map, rse_str(c->string), c);
    }
    if (m->map != NULL)
        return rse_map_get(m->map, rse_str(key)) != NULL;
    for (const cJSON *c = m->object->child; c != NULL; c = c->next) {
        if (strcmp(c->string, key) == 0)
            return true;
    }
    return false;
}

static void members_add(struct members *m, cJSON *item)
{
    m->count++;
    if (m->map != NULL)
        rse_map_put(m->map, rse_str(item->string), item);
}

static bool read_member(struct reader *r, cJSON *object, struct members *members)
{
    skip_space(r);
    const char *at = r->p;

    if (!take(r, '"'))
        return fail_expected(r, "a member's name in double quotes");
    char *key = read_string(r);

    if (key == NULL)
        return false;
    if (members_has(members, key)) {
        fail_value(r, at, "this member is there twice");
        json_err_within_key(r->err, key);
        cJSON_free(key);
        return false;
    }
    skip_space(r);
    cJSON *value = NULL;

    if (!take(r, ':'))
        fail_expected(r, "':'");
    else
        value = read_value(r);
    if (value == NULL) {
        json_err_within_key(r->err, key);
        cJSON_free(key);
        return false;
    }
    value->string = key; /* as cJSON_AddItemToObject() has it, without another copy */
    cJSON_AddItemToArray(object, value);
    members_add(members, value);
    return true;
}

static cJSON *read_object(struct reader *r)
{
    RSE_CLEANUP(deletep) cJSON *object = must(cJSON_CreateObject());
    RSE_CLEANUP(members_release) struct members members = { .object = object };

    r->p++;
    skip_space(r);
    if (take(r, '}'))
        return RSE_TAKE(object);
    do {
        if (!read_member(r, object, &members))
            return NULL;
        skip_space(r);
    } while (take(r, ','));
    if (!take(r, '}')) {
        fail_expected(r, "',' or '}'");
        return NULL;
    }
    return RSE_TAKE(object);
}

static cJSON *read_nested(struct reader *r)
{
    if (r->depth == DEPTH_MAX) {
        fail_at(r, r->p, "nested too deep: at most 32 levels");
        return NULL;
    }
    r->depth++;
    cJSON *json = *r->p == '{' ? read_object(r) : read_array(r);

    r->depth--;
    return json;
}

static cJSON *read_value(struct reader *r)
{
    skip_space(r);
    if (r->p == r->end) {
        fail_expected(r, "a value");
        return NULL;
    }
    switch (*r->p) {
    case '{':
    case '[':
        return read_nested(r);
    case '"':
        return read_string_value(r);
    case '-':
    case '0' ... '9':
        return read_number(r);
    default:
        return read_word(r);
    }
}

bool rse_json_parse(struct cJSON **out, struct rse_str text, struct rse_err *err)
{
    const char *p = text.p != NULL ? text.p : "";
    struct reader r = { .start = p, .p = p, .end = p + text.len, .err = err };

    if (rse_str_starts(text, RSE_STR("\xef\xbb\xbf"))) /* a byte order mark may be ignored (RFC 8259, 8.1) */
        r.p += 3;
    RSE_CLEANUP(deletep) cJSON *json = read_value(&r);

    if (json == NULL)
        return false;
    skip_space(&r);
    if (r.p < r.end)
        return fail_expected(&r, "nothing after the value");
    *out = RSE_TAKE(json);
    return true;
}

/* ---- objects of lists that are too long to be kept ---- */

static bool walk_items(struct reader *r, const char *key, const struct json_walk *walk, bool *stop)
{
    size_t index = 0;

    r->p++;
    r->depth += 2;
    skip_space(r);
    if (take(r, ']'))
        return true;
    do {
        skip_space(r);
        const char *start = r->p;
        RSE_CLEANUP(deletep) cJSON *item = read_value(r);

        if (item == NULL) {
            rse_err_field_within(r->err, "/%zu", index);
            json_err_within_key(r->err, key);
            return false;
        }
        *stop = !walk->item(walk->arg, index++, rse_str_n(start, (size_t)(r->p - start)), item);
        skip_space(r);
    } while (!*stop && take(r, ','));
    r->depth -= 2;
    return *stop || take(r, ']') || fail_expected(r, "',' or ']'");
}

static bool walk_member(struct reader *r, const struct json_walk *walk, bool *stop)
{
    skip_space(r);
    if (!take(r, '"'))
        return fail_expected(r, "a member's name in double quotes");
    RSE_CLEANUP(rse_freep) char *copy = NULL;
    char *key = read_string(r);

    if (key == NULL)
        return false;
    copy = rse_xstrndup(rse_str(key));
    cJSON_free(key);
    skip_space(r);
    if (!take(r, ':'))
        return fail_expected(r, "':'");
    skip_space(r);
    if (r->p < r->end && *r->p == '[') {
        *stop = !walk->member(walk->arg, copy, NULL);
        return *stop || walk_items(r, copy, walk, stop);
    }
    RSE_CLEANUP(deletep) cJSON *value = read_value(r);

    if (value == NULL)
        json_err_within_key(r->err, copy);
    else
        *stop = !walk->member(walk->arg, copy, value);
    return value != NULL;
}

bool json_walk_lists(struct rse_str text, const struct json_walk *walk, struct rse_err *err)
{
    const char *p = text.p != NULL ? text.p : "";
    struct reader r = { .start = p, .p = p, .end = p + text.len, .err = err };
    bool stop = false;

    if (rse_str_starts(text, RSE_STR("\xef\xbb\xbf")))
        r.p += 3;
    skip_space(&r);
    if (!take(&r, '{'))
        return fail_expected(&r, "'{'");
    skip_space(&r);
    if (!take(&r, '}')) {
        do {
            if (!walk_member(&r, walk, &stop))
                return false;
            skip_space(&r);
        } while (!stop && take(&r, ','));
        if (!stop && !take(&r, '}'))
            return fail_expected(&r, "',' or '}'");
    }
    skip_space(&r);
    return stop || r.p == r.end || fail_expected(&r, "nothing after the value");
}
