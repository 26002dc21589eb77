#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api-server/http/throttle.h"

static const int64_t SECOND_US = 1000000;

static struct address address(const char *text)
{
    struct address out;

    assert_true(address_parse(rse_str(text), &out));
    return out;
}

static bool take(struct throttle *throttle, const char *from, int64_t at_us)
{
    struct address a = address(from);

    return throttle_take(throttle, &a, at_us);
}

static void exhaust(struct throttle *throttle, const char *from, int64_t at_us)
{
    for (int i = 0; i < THROTTLE_AT_ONCE; i++)
        assert_true(take(throttle, from, at_us));
    assert_false(take(throttle, from, at_us));
}

static void take__ends_after_a_number_of_attempts_and_comes_back_one_by_one(void **state)
{
    struct throttle *throttle = throttle_new();
    int64_t now = 1000 * SECOND_US;

    (void)state;
    exhaust(throttle, "192.0.2.1", now);
    now += THROTTLE_AGAIN_S * SECOND_US;
    assert_true(take(throttle, "192.0.2.1", now));
    assert_false(take(throttle, "192.0.2.1", now));
    now += 3600 * SECOND_US;
    exhaust(throttle, "192.0.2.1", now);
    throttle_free(throttle);
}

static void take__tells_addresses_apart_and_takes_a_network_of_v6_for_one(void **state)
{
    struct throttle *throttle = throttle_new();

    (void)state;
    exhaust(throttle, "2001:db8:1:1::1", SECOND_US);
    assert_false(take(throttle, "2001:db8:1:1:ffff::2", SECOND_US));
    exhaust(throttle, "192.0.2.7", SECOND_US);
    assert_false(take(throttle, "::ffff:192.0.2.7", SECOND_US));
    /* Of so many some share a place, but not all. */
    for (int i = 1, refused = 0; i < 100; i++) {
        char text[32];

        snprintf(text, sizeof(text), "198.51.100.%d", i);
        refused += !take(throttle, text, SECOND_US);
        assert_true(refused < 5);
    }
    throttle_free(throttle);
}

static void give_back__makes_a_good_attempt_cost_nothing(void **state)
{
    struct throttle *throttle = throttle_new();
    struct address a = address("192.0.2.1");

    (void)state;
    for (int i = 0; i < 3 * THROTTLE_AT_ONCE; i++) {
        assert_true(take(throttle, "192.0.2.1", SECOND_US));
        throttle_give_back(throttle, &a);
    }
    throttle_free(throttle);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(take__ends_after_a_number_of_attempts_and_comes_back_one_by_one),
        cmocka_unit_test(take__tells_addresses_apart_and_takes_a_network_of_v6_for_one),
        cmocka_unit_test(give_back__makes_a_good_attempt_cost_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
