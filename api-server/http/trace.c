/*
 * trace.c - see trace.h.
 */
#include <stdatomic.h>
#include <stdio.h>

#include <event2/util.h>

#include "api-server/http/trace.h"

enum { MAX_REQUEST_ID = 36, FLAGS_AT = 53 };

/* Of a tracestate; the sizes are those of the recommendation's second edition. */
enum { MAX_MEMBERS = 32, MAX_KEY = 256, MAX_VALUE = 256, LARGE_MEMBER = 128 };

/* Different for every call and every process; nobody needs to be kept from guessing it. */
static uint64_t new_id(void)
{
    static atomic_uint_fast64_t counter;
    static uint64_t seed;
    uint64_t n = atomic_fetch_add_explicit(&counter, 1, memory_order_relaxed);

    if (n == 0)
        evutil_secure_rng_get_bytes(&seed, sizeof(seed));
    /* splitmix64: a bijection, so no two are the same within a process. */
    n = seed + n * 0x9e3779b97f4a7c15u;
    n = (n ^ (n >> 30)) * 0xbf58476d1ce4e5b9u;
    n = (n ^ (n >> 27)) * 0x94d049bb133111ebu;
    return n ^ (n >> 31);
}

void request_id_choose(struct rse_str given, char out[REQUEST_ID_SIZE])
{
    bool harmless = given.len > 0 && given.len <= MAX_REQUEST_ID;

    for (size_t i = 0; i < given.len && harmless; i++)
        harmless = given.p[i] != '\0' &&
                   strchr("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_.", given.p[i]) != NULL;
    if (harmless)
        snprintf(out, REQUEST_ID_SIZE, "%.*s", RSE_STR_ARG(given));
    else
        rse_format_hex64(new_id(), out);
}

static bool is_hex(struct rse_str text)
{
    bool any = false;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.p[i];

        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
        any = any || c != '0';
    }
    return any;
}

/* version "-" trace-id "-" parent-id "-" flags; a version above 00 may have more behind it. */
void trace_id_take(struct rse_str header, char out[TRACE_ID_SIZE])
{
    struct rse_str trace, parent;

    out[0] = '\0';
    if (header.len < 55 || header.p[2] != '-' || header.p[35] != '-' || header.p[52] != '-')
        return;
    if (rse_str_starts(header, RSE_STR("ff")) || (rse_str_starts(header, RSE_STR("00")) && header.len != 55))
        return;
    trace = rse_str_n(header.p + 3, 32);
    parent = rse_str_n(header.p + 36, 16);
    if (is_hex(trace) && is_hex(parent))
        snprintf(out, TRACE_ID_SIZE, "%.*s", RSE_STR_ARG(trace));
}

/* The last bit of the flags, two hex digits; the others mean nothing that we know. */
static bool is_sampled(struct rse_str traceparent)
{
    return traceparent.p[FLAGS_AT + 1] != '\0' && strchr("13579bdf", traceparent.p[FLAGS_AT + 1]) != NULL;
}

void trace_parent_make(struct rse_str traceparent, char out[TRACEPARENT_SIZE])
{
    unsigned long long span = new_id();
    char trace[TRACE_ID_SIZE];

    trace_id_take(traceparent, trace);
    /* Who decided whether this trace is recorded decided it for everybody behind. */
    if (trace[0] != '\0')
        snprintf(out, TRACEPARENT_SIZE, "00-%.32s-%016llx-0%d", trace, span, is_sampled(traceparent));
    else
        snprintf(out, TRACEPARENT_SIZE, "00-%016llx%016llx-%016llx-01", (unsigned long long)new_id(),
                 (unsigned long long)new_id(), span);
}

/* ---- tracestate ---- */

static struct rse_str key_of(struct rse_str member)
{
    ptrdiff_t equals = rse_str_find(member, '=');

    return rse_str_n(member.p, equals < 0 ? 0 : (size_t)equals);
}

/* A lower case letter or a digit, then those and _-*, slash and @. */
static bool is_key(struct rse_str key)
{
    for (size_t i = 0; i < key.len; i++) {
        char c = key.p[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');

        if (!plain && (i == 0 || c == '\0' || strchr("_-*/@", c) == NULL))
            return false;
    }
    return key.len > 0 && key.len <= MAX_KEY;
}

/* Printable ASCII without ',' and '='; a space can't be the last, since members are trimmed. */
static bool is_value(struct rse_str value)
{
    for (size_t i = 0; i < value.len; i++)
        if (value.p[i] < 0x20 || value.p[i] > 0x7e || value.p[i] == '=')
            return false;
    return value.len > 0 && value.len <= MAX_VALUE;
}

static bool has_key(const struct rse_str *members, size_t count, struct rse_str key)
{
    for (size_t i = 0; i < count; i++)
        if (rse_str_eq(key_of(members[i]), key))
            return true;
    return false;
}

/* Cuts it into its members. False: it is none. */
static bool split_state(struct rse_str state, struct rse_str members[MAX_MEMBERS], size_t *count)
{
    *count = 0;
    while (state.len > 0) {
        ptrdiff_t comma = rse_str_find(state, ',');
        struct rse_str member = rse_str_trimmed(comma < 0 ? state : rse_str_n(state.p, (size_t)comma)),
                       key = key_of(member);

        state = rse_str_from(state, comma < 0 ? state.len : (size_t)comma + 1);
        if (member.len == 0)
            continue;
        if (*count == MAX_MEMBERS || !is_key(key) || !is_value(rse_str_from(member, key.len + 1)) ||
            has_key(members, *count, key))
            return false;
        members[(*count)++] = member;
    }
    return true;
}

static size_t size_of(const struct rse_str *members, size_t count)
{
    size_t size = 0;

    for (size_t i = 0; i < count; i++)
        size += members[i].len + (i > 0);
    return size;
}

static size_t without_large(struct rse_str *members, size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++)
        if (members[i].len <= LARGE_MEMBER)
            members[kept++] = members[i];
    return kept;
}

void trace_state_take(struct rse_str traceparent, struct rse_str tracestate, struct rse_buf *out)
{
    struct rse_str members[MAX_MEMBERS];
    char trace[TRACE_ID_SIZE];
    size_t count;

    trace_id_take(traceparent, trace);
    if (trace[0] == '\0' || !split_state(tracestate, members, &count))
        return;
    if (size_of(members, count) > TRACESTATE_MAX)
        count = without_large(members, count);
    while (size_of(members, count) > TRACESTATE_MAX)
        count--;
    for (size_t i = 0; i < count; i++) {
        rse_buf_adds(out, i > 0 ? "," : "");
        rse_buf_add_str(out, members[i]);
    }
}
