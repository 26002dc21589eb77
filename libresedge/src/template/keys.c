#include "libresedge/src/template/placeholder.h"

#include <stdlib.h>

#include "resedge/map.h"

struct scope_keys {
    struct rse_map *numbers; /* name -> number + 1, as a pointer */
    struct rse_str *names;   /* by number; owned */
    size_t count, cap;
    size_t max_len;
};

struct rse_keys {
    struct scope_keys scopes[RSE_SCOPE_COUNT];
    uint64_t digest;
};

const char *rse_scope_name(enum rse_scope scope)
{
    static const char *const names[] = { "cluster", "namespace", "application" };

    return names[scope];
}

struct rse_keys *rse_keys_new(void)
{
    struct rse_keys *keys = rse_new(struct rse_keys);

    for (size_t i = 0; i < RSE_SCOPE_COUNT; i++)
        keys->scopes[i].numbers = rse_map_new();
    return keys;
}

void rse_keys_free(struct rse_keys *keys)
{
    if (keys == NULL)
        return;
    for (size_t i = 0; i < RSE_SCOPE_COUNT; i++) {
        struct scope_keys *scope = &keys->scopes[i];

        for (size_t n = 0; n < scope->count; n++)
            free((char *)scope->names[n].p);
        free(scope->names);
        rse_map_free(scope->numbers);
    }
    free(keys);
}

/* FNV-1a with a final mix. Not rse_hash(), whose seed differs from process to process. */
static uint64_t digest_of(enum rse_scope scope, struct rse_str key)
{
    uint64_t h = 0xcbf29ce484222325u ^ (uint64_t)scope;

    for (size_t i = 0; i < key.len; i++)
        h = (h ^ (unsigned char)key.p[i]) * 0x100000001b3u;
    h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9u;
    h = (h ^ (h >> 27)) * 0x94d049bb133111ebu;
    return h ^ (h >> 31);
}

uint32_t rse_keys_add(struct rse_keys *keys, enum rse_scope scope, struct rse_str key)
{
    struct scope_keys *s = &keys->scopes[scope];
    uint32_t number = rse_keys_find(keys, scope, key);

    if (number != UINT32_MAX)
        return number;
    number = (uint32_t)s->count;
    RSE_GROW(s->names, s->count, s->cap);
    s->names[s->count++] = rse_str_n(rse_xstrndup(key), key.len);
    rse_map_put(s->numbers, key, (void *)(uintptr_t)(number + 1));
    if (key.len > s->max_len)
        s->max_len = key.len;
    keys->digest += digest_of(scope, key); /* a sum: the order doesn't matter */
    return number;
}

uint32_t rse_keys_count(const struct rse_keys *keys, enum rse_scope scope)
{
    return (uint32_t)keys->scopes[scope].count;
}

struct rse_str rse_keys_name(const struct rse_keys *keys, enum rse_scope scope, uint32_t number)
{
    return keys->scopes[scope].names[number];
}

uint32_t rse_keys_find(const struct rse_keys *keys, enum rse_scope scope, struct rse_str key)
{
    uintptr_t found = (uintptr_t)rse_map_get(keys->scopes[scope].numbers, key);

    return found != 0 ? (uint32_t)(found - 1) : UINT32_MAX;
}

uint64_t rse_keys_digest(const struct rse_keys *keys)
{
    return keys->digest;
}

size_t keys_max_len(const struct rse_keys *keys, enum rse_scope scope)
{
    return keys->scopes[scope].max_len;
}
