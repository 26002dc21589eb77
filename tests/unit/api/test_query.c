#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api-server/http/call_internal.h"

static struct call call;

static int begin(void **state)
{
    (void)state;
    call = (struct call){ .arena = rse_arena_new() };
    return 0;
}

static int end(void **state)
{
    (void)state;
    rse_arena_free(call.arena);
    return 0;
}

static void assert_query(const char *query, const char *name, const char *wanted)
{
    struct rse_str value;

    call.query = rse_str(query);
    assert_true(call_query(&call, name, &value));
    assert_true(rse_str_is(value, wanted));
}

static void decode__reads_escapes(void **state)
{
    struct rse_str out;

    (void)state;
    assert_true(percent_decode(RSE_STR("a%2Fb%c3%A4+c"), false, call.arena, &out));
    assert_true(rse_str_is(out, "a/b\xc3\xa4+c"));
    assert_true(percent_decode(RSE_STR("a+b%2B"), true, call.arena, &out));
    assert_true(rse_str_is(out, "a b+"));
}

static void decode__refuses_what_is_broken(void **state)
{
    static const char *const broken[] = { "%", "%4", "a%4g", "%zz", "%00", "%ff", "%c3", "a%ed%a0%80" };
    struct rse_str out;

    (void)state;
    for (size_t i = 0; i < RSE_COUNT(broken); i++)
        assert_false(percent_decode(rse_str(broken[i]), false, call.arena, &out));
}

static void query__is_found_with_and_without_a_dollar(void **state)
{
    struct rse_str value;

    (void)state;
    assert_query("$top=5&skip=1", "top", "5");
    assert_query("$top=5&skip=1", "skip", "1");
    assert_query("%24search=a%26b", "search", "a&b");
    assert_query("dryRun", "dryRun", "");
    assert_query("filter=name+eq+'x'", "filter", "name eq 'x'");
    call.query = RSE_STR("topping=1&=2&&");
    assert_false(call_query(&call, "top", &value));
}

static void query_int__keeps_to_its_bounds_and_names_the_parameter(void **state)
{
    int64_t value;

    (void)state;
    call.query = RSE_STR("wait=30");
    assert_true(call_query_int(&call, "wait", 0, 60, 5, &value));
    assert_int_equal(value, 30);
    assert_true(call_query_int(&call, "other", 0, 60, 5, &value));
    assert_int_equal(value, 5);
    assert_false(call_query_int(&call, "wait", 0, 20, 5, &value));
    assert_non_null(strstr(call.err.object, "wait"));
}

static void query_bool__takes_true_false_and_nothing_else(void **state)
{
    bool value;

    (void)state;
    call.query = RSE_STR("a=true&b=false&c&d=maybe");
    assert_true(call_query_bool(&call, "a", false, &value) && value);
    assert_true(call_query_bool(&call, "b", true, &value) && !value);
    assert_false(call_query_bool(&call, "c", false, &value));
    rse_err_clear(&call.err);
    assert_true(call_query_bool(&call, "x", true, &value) && value);
    assert_false(call_query_bool(&call, "d", true, &value));
}

static void problem__may_have_a_status_of_its_own(void **state)
{
    struct rse_err err = RSE_ERR_INIT;
    RSE_BUF_AUTO out = { 0 };

    (void)state;
    rse_buf_init(&out, 4096);
    (void)rse_fail(&err, RSE_INVALID, "no");
    problem_render(405, &err, "id", &out);
    assert_non_null(strstr(out.p, "\"status\":405"));
    assert_non_null(strstr(out.p, "\"code\":\"invalid\""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(decode__reads_escapes, begin, end),
        cmocka_unit_test_setup_teardown(decode__refuses_what_is_broken, begin, end),
        cmocka_unit_test_setup_teardown(query__is_found_with_and_without_a_dollar, begin, end),
        cmocka_unit_test_setup_teardown(query_int__keeps_to_its_bounds_and_names_the_parameter, begin, end),
        cmocka_unit_test_setup_teardown(query_bool__takes_true_false_and_nothing_else, begin, end),
        cmocka_unit_test(problem__may_have_a_status_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
