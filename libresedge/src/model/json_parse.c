/*
 * json_parse.c - reads JSON from outside into a cJSON tree, strictly.
 *
 * cJSON's own parser takes more than JSON (invalid UTF-8, control characters, 01, duplicate members, a thousand
 * levels) and can't say where it stopped. This one takes RFC 8259 and nothing else, in one pass, and keeps the text
 * of a number that a double would not give back.
 */
#include <stdlib.h>

#include "libresedge/src/model/json_reader.h"
#include "resedge/map.h"
#include "resedge/parse.h"

enum {
    DEPTH_MAX = 32,
    NUMBER_MAX_BYTES = 128,
    PLAIN_INTEGER_DIGITS = 15, /* what fits in a double exactly */
    LINEAR_MEMBERS = 64,       /* an object with more looks its members up in a map */
};

static cJSON *read_value(struct json_reader *r);

static cJSON *new_node(struct json_reader *r, int type)
{
    cJSON *json = r->arena != NULL ? rse_arena_new_of(r->arena, cJSON) : json_must(cJSON_CreateNull());

    json->type = type;
    return json;
}

/* NULL, for a way out with a failure. */
static cJSON *drop(struct json_reader *r, cJSON *json)
{
    if (r->arena == NULL)
        cJSON_Delete(json);
    return NULL;
}

static cJSON *read_string_value(struct json_reader *r)
{
    r->p++;
    char *end, *text = json_read_string(r, &end);

    if (text == NULL)
        return NULL;
    cJSON *json = new_node(r, cJSON_String);

    json->valuestring = text;
    if (r->arena != NULL)
        json->valueint = (int)(end - text); /* see json_text() */
    return json;
}

/* ---- numbers and words ---- */

static bool skip_digits(struct json_reader *r)
{
    const char *start = r->p;

    while (r->p < r->end && *r->p >= '0' && *r->p <= '9')
        r->p++;
    return r->p > start || json_fail_expected(r, "a digit");
}

/* Moves over a number; *simple: up to 15 digits and nothing else. */
static bool scan_number(struct json_reader *r, bool *simple)
{
    const char *start = r->p;

    json_take(r, '-');
    if (!json_take(r, '0') && !skip_digits(r))
        return false;
    *simple = r->p - start <= PLAIN_INTEGER_DIGITS && !(start[0] == '-' && start[1] == '0');
    if (json_take(r, '.')) {
        *simple = false;
        if (!skip_digits(r))
            return false;
    }
    if (r->p < r->end && (*r->p == 'e' || *r->p == 'E')) {
        *simple = false;
        r->p++;
        if (!json_take(r, '+'))
            json_take(r, '-');
        if (!skip_digits(r))
            return false;
    }
    return true;
}

/* Of at most PLAIN_INTEGER_DIGITS bytes. */
static double plain_integer(struct rse_str text)
{
    bool negative = text.p[0] == '-';
    int64_t n = 0;

    for (size_t i = negative; i < text.len; i++)
        n = n * 10 + (text.p[i] - '0');
    return (double)(negative ? -n : n);
}

static cJSON *read_number(struct json_reader *r)
{
    const char *start = r->p;
    bool simple = false;
    double number = 0;

    if (!scan_number(r, &simple))
        return NULL;
    struct rse_str text = rse_str_n(start, (size_t)(r->p - start));

    if (simple) {
        number = plain_integer(text);
    } else if (text.len > NUMBER_MAX_BYTES || !rse_parse_double(text, &number)) {
        json_fail_value(r, start, "a number that is too large");
        return NULL;
    }
    cJSON *json = new_node(r, cJSON_Number);

    cJSON_SetNumberHelper(json, number);
    if (!simple) {
        json->valuestring = json_new_text(r, text.len);
        memcpy(json->valuestring, text.p, text.len);
    }
    return json;
}

static cJSON *read_word(struct json_reader *r)
{
    struct rse_str rest = rse_str_n(r->p, (size_t)(r->end - r->p));

    if (rse_str_starts(rest, RSE_STR("true"))) {
        r->p += 4;
        return new_node(r, cJSON_True);
    }
    if (rse_str_starts(rest, RSE_STR("false"))) {
        r->p += 5;
        return new_node(r, cJSON_False);
    }
    if (rse_str_starts(rest, RSE_STR("null"))) {
        r->p += 4;
        return new_node(r, cJSON_NULL);
    }
    json_fail_expected(r, "a value");
    return NULL;
}

/* ---- arrays and objects ---- */

static cJSON *read_array(struct json_reader *r)
{
    cJSON *array = new_node(r, cJSON_Array);
    size_t count = 0;

    r->p++;
    json_skip_space(r);
    if (json_take(r, ']'))
        return array;
    do {
        cJSON *item = read_value(r);

        if (item == NULL) {
            rse_err_field_within(r->err, "/%zu", count);
            return drop(r, array);
        }
        cJSON_AddItemToArray(array, item);
        count++;
        json_skip_space(r);
    } while (json_take(r, ','));
    if (!json_take(r, ']')) {
        json_fail_expected(r, "',' or ']'");
        return drop(r, array);
    }
    return array;
}

/* The members read so far, for finding duplicates: a filter says of most that they are new; else a walk while they are few,
 * then a map. */
struct members {
    const cJSON *object;
    uint64_t seen[4]; /* bits of filter_bit() */
    size_t count;
    struct rse_map *map;
};

static void members_release(struct members *m)
{
    rse_map_free(m->map);
}

static uint8_t filter_bit(struct rse_str key)
{
    const unsigned char *p = (const unsigned char *)key.p;

    return (uint8_t)(key.len == 0 ? 0 : key.len * 41 + p[0] * 7 + p[key.len / 2] * 3 + p[key.len - 1]);
}

static bool members_walk(struct members *m, const char *key)
{
    if (m->count >= LINEAR_MEMBERS && m->map == NULL) {
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

static bool members_has(struct members *m, const char *key, uint8_t bit)
{
    return (m->seen[bit / 64] >> bit % 64 & 1) != 0 && members_walk(m, key);
}

static void members_add(struct members *m, cJSON *item, uint8_t bit)
{
    m->seen[bit / 64] |= UINT64_C(1) << bit % 64;
    m->count++;
    if (m->map != NULL)
        rse_map_put(m->map, rse_str(item->string), item);
}

static bool read_member(struct json_reader *r, cJSON *object, struct members *members)
{
    json_skip_space(r);
    const char *at = r->p;

    if (!json_take(r, '"'))
        return json_fail_expected(r, "a member's name in double quotes");
    char *end, *key = json_read_string(r, &end);

    if (key == NULL)
        return false;

    uint8_t bit = filter_bit(rse_str_n(key, (size_t)(end - key)));

    if (members_has(members, key, bit)) {
        json_fail_value(r, at, "this member is there twice");
        rse_err_field_within_key(r->err, key);
        json_drop_text(r, key);
        return false;
    }
    json_skip_space(r);
    cJSON *value = NULL;

    if (!json_take(r, ':'))
        json_fail_expected(r, "':'");
    else
        value = read_value(r);
    if (value == NULL) {
        rse_err_field_within_key(r->err, key);
        json_drop_text(r, key);
        return false;
    }
    value->string = key; /* as cJSON_AddItemToObject() has it, without another copy */
    cJSON_AddItemToArray(object, value);
    members_add(members, value, bit);
    return true;
}

static cJSON *read_object(struct json_reader *r)
{
    cJSON *object = new_node(r, cJSON_Object);
    RSE_CLEANUP(members_release) struct members members = { .object = object };

    r->p++;
    json_skip_space(r);
    if (json_take(r, '}'))
        return object;
    do {
        if (!read_member(r, object, &members))
            return drop(r, object);
        json_skip_space(r);
    } while (json_take(r, ','));
    if (!json_take(r, '}')) {
        json_fail_expected(r, "',' or '}'");
        return drop(r, object);
    }
    return object;
}

static cJSON *read_nested(struct json_reader *r)
{
    if (r->depth == DEPTH_MAX) {
        json_fail_at(r, r->p, "nested too deep: at most 32 levels");
        return NULL;
    }
    r->depth++;
    cJSON *json = *r->p == '{' ? read_object(r) : read_array(r);

    r->depth--;
    return json;
}

static cJSON *read_value(struct json_reader *r)
{
    json_skip_space(r);
    if (r->p == r->end) {
        json_fail_expected(r, "a value");
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

static bool read_text(struct cJSON **out, struct rse_str text, struct rse_arena *arena, struct rse_err *err)
{
    const char *p = text.p != NULL ? text.p : "";
    struct json_reader r = { .start = p, .p = p, .end = p + text.len, .arena = arena, .err = err };

    if (rse_str_starts(text, RSE_STR("\xef\xbb\xbf"))) /* a byte order mark may be ignored (RFC 8259, 8.1) */
        r.p += 3;

    cJSON *json = read_value(&r);

    if (json == NULL)
        return false;
    json_skip_space(&r);
    if (r.p < r.end) {
        drop(&r, json);
        return json_fail_expected(&r, "nothing after the value");
    }
    *out = json;
    return true;
}

bool rse_json_parse(struct cJSON **out, struct rse_str text, struct rse_err *err)
{
    return read_text(out, text, NULL, err);
}

bool rse_json_parse_in(const struct cJSON **out, struct rse_str text, struct rse_arena *arena, struct rse_err *err)
{
    cJSON *json;
    bool ok = read_text(&json, text, arena, err);

    if (ok)
        *out = json;
    return ok;
}

static bool walk_items(struct json_reader *r, const char *key, const struct json_walk *walk, bool *stop)
{
    size_t index = 0;

    r->p++;
    r->depth += 2;
    json_skip_space(r);
    if (json_take(r, ']'))
        return true;
    do {
        json_skip_space(r);
        const char *start = r->p;

        rse_arena_reset(r->arena);
        const cJSON *item = read_value(r);

        if (item == NULL) {
            rse_err_field_within(r->err, "/%zu", index);
            rse_err_field_within_key(r->err, key);
            return false;
        }
        *stop = !walk->item(walk->arg, index++, rse_str_n(start, (size_t)(r->p - start)), item);
        json_skip_space(r);
    } while (!*stop && json_take(r, ','));
    r->depth -= 2;
    return *stop || json_take(r, ']') || json_fail_expected(r, "',' or ']'");
}

static bool walk_member(struct json_reader *r, const struct json_walk *walk, bool *stop)
{
    json_skip_space(r);
    if (!json_take(r, '"'))
        return json_fail_expected(r, "a member's name in double quotes");
    RSE_CLEANUP(rse_freep) char *copy = NULL;
    char *end, *key = json_read_string(r, &end);

    if (key == NULL)
        return false;
    copy = rse_xstrndup(rse_str(key)); /* reading the items resets the arena */
    json_skip_space(r);
    if (!json_take(r, ':'))
        return json_fail_expected(r, "':'");
    json_skip_space(r);
    if (r->p < r->end && *r->p == '[') {
        *stop = !walk->member(walk->arg, copy, NULL);
        return *stop || walk_items(r, copy, walk, stop);
    }
    const cJSON *value = read_value(r);

    if (value == NULL)
        rse_err_field_within_key(r->err, copy);
    else
        *stop = !walk->member(walk->arg, copy, value);
    return value != NULL;
}

bool json_walk_lists(struct rse_str text, const struct json_walk *walk, struct rse_err *err)
{
    const char *p = text.p != NULL ? text.p : "";
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    struct json_reader r = { .start = p, .p = p, .end = p + text.len, .arena = arena, .err = err };
    bool stop = false;

    if (rse_str_starts(text, RSE_STR("\xef\xbb\xbf")))
        r.p += 3;
    json_skip_space(&r);
    if (!json_take(&r, '{'))
        return json_fail_expected(&r, "'{'");
    json_skip_space(&r);
    if (!json_take(&r, '}')) {
        do {
            if (!walk_member(&r, walk, &stop))
                return false;
            json_skip_space(&r);
        } while (!stop && json_take(&r, ','));
        if (!stop && !json_take(&r, '}'))
            return json_fail_expected(&r, "',' or '}'");
    }
    json_skip_space(&r);
    return stop || r.p == r.end || json_fail_expected(&r, "nothing after the value");
}
