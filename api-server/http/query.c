/*
 * query.c - reads what the target of a call says: escapes, query parameters, path parameters.
 */
#include <assert.h>
#include <stdlib.h>
#include <strings.h>

#include <cjson/cJSON.h>

#include "api-server/http/call_internal.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool percent_decode(struct rse_str text, bool plus_is_space, struct rse_arena *arena, struct rse_str *out)
{
    char *to = rse_arena_alloc(arena, text.len + 1);
    size_t len = 0;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.p[i];

        if (c == '%') {
            int high = i + 2 < text.len ? hex_digit(text.p[i + 1]) : -1;
            int low = i + 2 < text.len ? hex_digit(text.p[i + 2]) : -1;

            if (high < 0 || low < 0)
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        if (c == '\0')
            return false;
        to[len++] = c;
    }
    *out = rse_str_n(to, len);
    return rse_utf8_valid(*out, NULL);
}

/* The next name=value of a query string, still escaped. */
static bool next_pair(struct rse_str *query, struct rse_str *name, struct rse_str *value)
{
    ptrdiff_t end, equals;
    struct rse_str pair;

    if (query->len == 0)
        return false;
    end = rse_str_find(*query, '&');
    pair = end < 0 ? *query : rse_str_n(query->p, (size_t)end);
    *query = rse_str_from(*query, end < 0 ? query->len : (size_t)end + 1);
    equals = rse_str_find(pair, '=');
    *name = equals < 0 ? pair : rse_str_n(pair.p, (size_t)equals);
    *value = equals < 0 ? rse_str_from(pair, pair.len) : rse_str_from(pair, (size_t)equals + 1);
    return true;
}

bool call_query(const struct call *call, const char *name, struct rse_str *out)
{
    struct rse_str query = call->query, key, value;

    while (next_pair(&query, &key, &value)) {
        if (!percent_decode(key, true, call->arena, &key))
            continue;
        if (key.len > 0 && key.p[0] == '$')
            key = rse_str_from(key, 1);
        if (rse_str_is(key, name))
            return percent_decode(value, true, call->arena, out);
    }
    return false;
}

static bool fail_broken(struct call *call)
{
    return rse_fail(&call->err, RSE_INVALID, "the query is not valid UTF-8, or has a broken %% escape");
}

bool call_query_all(struct call *call, struct rse_pairs *out)
{
    struct rse_str query = call->query;
    struct rse_pair param, *params = NULL;
    size_t count = 0, cap = 0;
    bool ok = true;

    while (ok && next_pair(&query, &param.key, &param.value)) {
        if (param.key.len == 0 && param.value.len == 0)
            continue;
        ok = percent_decode(param.key, true, call->arena, &param.key) &&
             percent_decode(param.value, true, call->arena, &param.value);
        if (param.key.len > 0 && param.key.p[0] == '$')
            param.key = rse_str_from(param.key, 1);
        RSE_GROW(params, count, cap);
        params[count++] = param;
    }
    *out = (struct rse_pairs){ rse_arena_memdup(call->arena, params, count * sizeof(*params)), count };
    free(params);
    return ok || fail_broken(call);
}

/* Where it stands among the names; SIZE_MAX: nowhere. */
static size_t place_of(struct rse_str name, const char *const *names)
{
    size_t i = 0;

    while (names[i] != NULL && !rse_str_is(name, names[i]))
        i++;
    return names[i] != NULL ? i : SIZE_MAX;
}

/* Which there are. */
static void hint_parameters(struct call *call, const char *const *names)
{
    RSE_BUF_AUTO list = { 0 };

    rse_buf_init(&list, sizeof(call->err.hint));
    for (size_t i = 0; names[i] != NULL; i++)
        rse_buf_addf(&list, "%s%s", i > 0 ? ", " : "", names[i]);
    if (list.len > 0)
        rse_err_hint(&call->err, "The parameters here are %s.", list.p);
    else
        rse_err_hint(&call->err, "No query parameters are taken here.");
}

void call_err_parameter(struct call *call, const char *name)
{
    rse_err_object(&call->err, "query parameter \"%s\"", name);
}

static bool fail_unknown(struct call *call, struct rse_str name, const char *const *names)
{
    hint_parameters(call, names);
    rse_err_object(&call->err, "query parameter \"%.*s\"", RSE_STR_ARG(name));
    return rse_fail(&call->err, RSE_INVALID, "there is no such query parameter");
}

/* Whether it is there with the $ and without. */
static bool is_spelled_both_ways(const struct call *call, struct rse_str name)
{
    struct rse_str query = call->query, key, value;
    bool with = false, without = false;

    while (next_pair(&query, &key, &value)) {
        if (!percent_decode(key, true, call->arena, &key))
            continue;
        without = without || rse_str_eq(key, name);
        with = with || (key.len > 0 && key.p[0] == '$' && rse_str_eq(rse_str_from(key, 1), name));
    }
    return with && without;
}

bool call_fail_twice(struct call *call, struct rse_str name)
{
    rse_err_object(&call->err, "query parameter \"%.*s\"", RSE_STR_ARG(name));
    rse_err_hint(&call->err, is_spelled_both_ways(call, name) ? "Say it once, with or without the $." : "Say it once.");
    return rse_fail(&call->err, RSE_INVALID, "the query parameter is there twice");
}

bool call_query_only(struct call *call, const char *const *names)
{
    struct rse_str query = call->query, key, value, text;
    uint64_t seen = 0; /* one bit a name */
    size_t place;

    while (next_pair(&query, &key, &value)) {
        if (key.len == 0 && value.len == 0)
            continue;
        if (!percent_decode(key, true, call->arena, &text) || !percent_decode(value, true, call->arena, &value))
            return fail_broken(call);
        if (text.len > 0 && text.p[0] == '$')
            text = rse_str_from(text, 1);
        place = place_of(text, names);
        if (place == SIZE_MAX)
            return fail_unknown(call, text, names);
        assert(place < 64);
        if ((seen & UINT64_C(1) << place) != 0)
            return call_fail_twice(call, text);
        seen |= UINT64_C(1) << place;
    }
    return true;
}

bool call_query_int(struct call *call, const char *name, int64_t min, int64_t max, int64_t fallback, int64_t *out)
{
    struct rse_str text;

    if (!call_query(call, name, &text)) {
        *out = fallback;
        return true;
    }
    if (rse_parse_int64(text, min, max, out))
        return true;
    call_err_parameter(call, name);
    return rse_fail(&call->err, RSE_INVALID, "\"%.*s\" is no whole number from %lld to %lld", RSE_STR_ARG(text),
                    (long long)min, (long long)max);
}

bool call_query_bool(struct call *call, const char *name, bool fallback, bool *out)
{
    struct rse_str text;

    if (!call_query(call, name, &text)) {
        *out = fallback;
        return true;
    }
    if (rse_str_is(text, "true") || rse_str_is(text, "1")) {
        *out = true;
        return true;
    }
    if (rse_str_is(text, "false") || rse_str_is(text, "0")) {
        *out = false;
        return true;
    }
    rse_err_object(&call->err, "query parameter \"%s\"", name);
    return rse_fail(&call->err, RSE_INVALID, "\"%.*s\" is neither true nor false", RSE_STR_ARG(text));
}

bool path_id(struct rse_str segment, int64_t *out)
{
    return !rse_str_starts(segment, RSE_STR("0")) && rse_parse_int64(segment, 1, INT64_MAX, out);
}

bool call_param_id(struct call *call, size_t index, int64_t *out)
{
    if (path_id(call->params[index], out))
        return true;
    rse_err_hint(&call->err, "An id is a number above 0, without zeros in front.");
    return rse_fail(&call->err, RSE_NOT_FOUND, "there is nothing with the id \"%.*s\"",
                    RSE_STR_ARG(call->params[index]));
}
