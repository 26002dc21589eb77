#include "tests/unit/template/template_fixture.h"

static void keys__have_a_digest_that_no_order_changes(void **state)
{
    struct rse_keys *a = rse_keys_new(), *b = rse_keys_new();

    assert_int_equal(rse_keys_add(a, RSE_SCOPE_CLUSTER, RSE_STR("x")), 0);
    assert_int_equal(rse_keys_add(a, RSE_SCOPE_CLUSTER, RSE_STR("y")), 1);
    assert_int_equal(rse_keys_add(a, RSE_SCOPE_CLUSTER, RSE_STR("x")), 0);
    assert_int_equal(rse_keys_count(a, RSE_SCOPE_CLUSTER), 2);
    assert_true(rse_str_is(rse_keys_name(a, RSE_SCOPE_CLUSTER, 1), "y"));
    assert_int_equal(rse_keys_find(a, RSE_SCOPE_NAMESPACE, RSE_STR("x")), UINT32_MAX);
    rse_keys_add(b, RSE_SCOPE_CLUSTER, RSE_STR("y"));
    assert_true(rse_keys_digest(a) != rse_keys_digest(b));
    rse_keys_add(b, RSE_SCOPE_CLUSTER, RSE_STR("x"));
    assert_true(rse_keys_digest(a) == rse_keys_digest(b));
    rse_keys_add(b, RSE_SCOPE_NAMESPACE, RSE_STR("x"));
    assert_true(rse_keys_digest(a) != rse_keys_digest(b));
    rse_keys_free(a);
    rse_keys_free(b);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys__have_a_digest_that_no_order_changes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
