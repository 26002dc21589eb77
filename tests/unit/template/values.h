/*
 * values.h - a set of keys with one value each, for tests of templates.
 */
#ifndef TESTS_TEMPLATE_VALUES_H
#define TESTS_TEMPLATE_VALUES_H

#include <stdlib.h>

#include "resedge/template.h"

#define MAX_TEST_KEYS 64

struct test_values {
    struct rse_keys *keys;
    struct rse_str at[RSE_SCOPE_COUNT][MAX_TEST_KEYS]; /* p == NULL: no value */
};

static inline void test_values_init(struct test_values *v)
{
    *v = (struct test_values){ .keys = rse_keys_new() };
}

static inline void test_values_release(struct test_values *v)
{
    rse_keys_free(v->keys);
}

/* Borrows value; NULL: the key exists, but has no value. */
static inline void test_values_set(struct test_values *v, enum rse_scope scope, const char *key, struct rse_str value)
{
    v->at[scope][rse_keys_add(v->keys, scope, rse_str(key))] = value;
}

static inline bool test_values_get(void *arg, enum rse_scope scope, uint32_t key, struct rse_str *out)
{
    const struct test_values *v = arg;

    *out = v->at[scope][key];
    return out->p != NULL;
}

static inline struct rse_values test_values_of(struct test_values *v)
{
    return (struct rse_values){ .get = test_values_get, .arg = v };
}

#endif
