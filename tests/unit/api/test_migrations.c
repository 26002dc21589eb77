#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api-server/store/migrate.h"

static struct rse_err err;
static size_t pending;

#define LIST(...)                                                        \
    (&(struct migrations){ .items = (struct migration[]){ __VA_ARGS__ }, \
                           .count = sizeof((struct migration[]){ __VA_ARGS__ }) / sizeof(struct migration) })
#define ONE(number, sum)                                                        \
    {                                                                           \
        .version = (number), .name = RSE_STR_INIT("m" #number), .checksum = sum \
    }
#define GROWN(number)                                                                           \
    {                                                                                           \
        .version = (number), .name = RSE_STR_INIT("m" #number), .checksum = "x", .expand = true \
    }

static bool compare(const struct migrations *files, const struct migrations *applied)
{
    err = (struct rse_err)RSE_ERR_INIT;
    return migrations_compare(files, applied, &pending, &err);
}

static void compare__counts_what_is_to_be_applied(void **state)
{
    struct migrations none = { .count = 0 };

    (void)state;
    assert_true(compare(LIST(ONE(1, "a"), ONE(2, "b")), &none));
    assert_int_equal(pending, 2);
    assert_true(compare(LIST(ONE(1, "a"), ONE(2, "b")), LIST(ONE(1, "a"))));
    assert_int_equal(pending, 1);
    assert_true(compare(LIST(ONE(1, "a")), LIST(ONE(1, "a"))));
    assert_int_equal(pending, 0);
}

static void compare__refuses_a_file_that_changed(void **state)
{
    (void)state;
    assert_false(compare(LIST(ONE(1, "a"), ONE(2, "b")), LIST(ONE(1, "other"))));
    assert_non_null(strstr(err.object, "m1"));
}

static void compare__refuses_a_gap_on_either_side(void **state)
{
    (void)state;
    assert_false(compare(LIST(ONE(1, "a"), ONE(3, "c")), LIST(ONE(1, "a"), ONE(2, "b"), ONE(3, "c"))));
    assert_false(compare(LIST(ONE(1, "a"), ONE(2, "b"), ONE(3, "c")), LIST(ONE(1, "a"), ONE(3, "c"))));
}

static void compare__goes_along_with_a_database_ahead_only_where_it_grew(void **state)
{
    (void)state;
    assert_true(compare(LIST(ONE(1, "a")), LIST(ONE(1, "a"), GROWN(2), GROWN(3))));
    assert_int_equal(pending, 0);
    assert_false(compare(LIST(ONE(1, "a")), LIST(ONE(1, "a"), GROWN(2), ONE(3, "c"))));
    assert_non_null(strstr(err.object, "m3"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compare__counts_what_is_to_be_applied),
        cmocka_unit_test(compare__refuses_a_file_that_changed),
        cmocka_unit_test(compare__refuses_a_gap_on_either_side),
        cmocka_unit_test(compare__goes_along_with_a_database_ahead_only_where_it_grew),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
