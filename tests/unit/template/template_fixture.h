/*
 * template_fixture.h - compiling and rendering short templates with a few values, for tests.
 */
#ifndef TESTS_TEMPLATE_FIXTURE_H
#define TESTS_TEMPLATE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/template/values.h"

#define PATH RSE_STR("apps/x/base/x.yaml")

struct fixture {
    struct test_values values;
    struct rse_buf out;
    struct rse_err err;
};

static inline int setup(void **state)
{
    struct fixture *f = rse_new(struct fixture);

    test_values_init(&f->values);
    test_values_set(&f->values, RSE_SCOPE_CLUSTER, "name", RSE_STR("central-la-nola-2301"));
    test_values_set(&f->values, RSE_SCOPE_CLUSTER, "region", RSE_STR("central"));
    test_values_set(&f->values, RSE_SCOPE_CLUSTER, "zone", (struct rse_str){ 0 });
    test_values_set(&f->values, RSE_SCOPE_NAMESPACE, "name", RSE_STR("dogs"));
    test_values_set(&f->values, RSE_SCOPE_NAMESPACE, "name-redis", RSE_STR("dogs-cache"));
    test_values_set(&f->values, RSE_SCOPE_APPLICATION, "name", RSE_STR("vote"));
    test_values_set(&f->values, RSE_SCOPE_APPLICATION, "x", RSE_STR("x"));
    test_values_set(&f->values, RSE_SCOPE_APPLICATION, "y", RSE_STR("y"));
    rse_buf_init(&f->out, 16 << 20);
    *state = f;
    return 0;
}

static inline int teardown(void **state)
{
    struct fixture *f = *state;

    test_values_release(&f->values);
    rse_buf_release(&f->out);
    free(f);
    return 0;
}

static inline bool try_compile(struct fixture *f, struct rse_template **tpl, struct rse_str path, struct rse_str text)
{
    rse_err_clear(&f->err);
    return rse_template_compile(tpl, path, text, f->values.keys, &f->err);
}

static inline struct rse_template *compile(struct fixture *f, const char *text)
{
    struct rse_template *tpl = NULL;

    if (!try_compile(f, &tpl, PATH, rse_str(text)))
        fail_msg("%s", f->err.what);
    return tpl;
}

static inline bool try_render(struct fixture *f, const char *text)
{
    struct rse_values values = test_values_of(&f->values);
    struct rse_template *tpl = compile(f, text);
    bool ok;

    rse_buf_reset(&f->out);
    ok = rse_template_render(tpl, &values, &f->out, &f->err);
    rse_template_free(tpl);
    return ok;
}

static inline void check(struct fixture *f, const char *text, const char *expected)
{
    if (!try_render(f, text))
        fail_msg("%s", f->err.what);
    assert_string_equal(f->out.p, expected);
}

/* rea.application.x gets the value. */
static inline void check_x(struct fixture *f, const char *value, const char *text, const char *expected)
{
    test_values_set(&f->values, RSE_SCOPE_APPLICATION, "x", rse_str(value));
    check(f, text, expected);
}

static inline void check_refused(struct fixture *f, const char *text, const char *what, const char *hint)
{
    struct rse_template *tpl = NULL;

    assert_false(try_compile(f, &tpl, PATH, rse_str(text)));
    assert_null(tpl);
    assert_int_equal(f->err.code, RSE_INVALID);
    assert_string_equal(f->err.what, what);
    if (hint != NULL)
        assert_string_equal(f->err.hint, hint);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
