/*
 * trace.c - see trace.h.
 */
#include <stdatomic.h>
#include <stdio.h>

#include <event2/util.h>

#include "trace.h"

enum { MAX_REQUEST_ID = 36 };

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
        snprintf(out, REQUEST_ID_SIZE, "%016llx", (unsigned long long)new_id());
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

void trace_parent_make(const char *trace_id, char out[TRACEPARENT_SIZE])
{
    unsigned long long span = new_id();

    if (trace_id[0] != '\0')
        snprintf(out, TRACEPARENT_SIZE, "00-%.32s-%016llx-01", trace_id, span);
    else
        snprintf(out, TRACEPARENT_SIZE, "00-%016llx%016llx-%016llx-01", (unsigned long long)new_id(),
                 (unsigned long long)new_id(), span);
}
