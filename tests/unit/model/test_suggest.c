#include "tests/unit/model/model_test.h"

#include "libresedge/src/model/suggest.h"

static void distance__counts_changes_and_swaps(void **state)
{
    assert_int_equal(suggest_distance(RSE_STR("groups"), RSE_STR("groups"), 3), 0);
    assert_int_equal(suggest_distance(RSE_STR("Groups"), RSE_STR("groups"), 3), 0);
    assert_int_equal(suggest_distance(RSE_STR("gruops"), RSE_STR("groups"), 3), 1);
    assert_int_equal(suggest_distance(RSE_STR("group"), RSE_STR("groups"), 3), 1);
    assert_int_equal(suggest_distance(RSE_STR("graups"), RSE_STR("groups"), 3), 1);
    assert_int_equal(suggest_distance(RSE_STR(""), RSE_STR("abc"), 3), 3);
    assert_int_equal(suggest_distance(RSE_STR("kitten"), RSE_STR("sitting"), 3), 3);
    assert_int_equal(suggest_distance(RSE_STR("abcdefgh"), RSE_STR("zyxwvuts"), 3), 4);
    (void)state;
}

static const char *best(const char *word)
{
    static const char *const KNOWN[] = { "name", "namePath", "groups", "groupIds", "id" };
    struct suggestion s;

    suggest_begin(&s, rse_str(word));
    for (size_t i = 0; i < RSE_COUNT(KNOWN); i++)
        suggest_offer(&s, KNOWN[i]);
    return s.best;
}

static void suggestion__is_the_nearest_known_word(void **state)
{
    assert_string_equal(best("nmae"), "name");
    assert_string_equal(best("group"), "groups");
    assert_string_equal(best("groupids"), "groupIds");
    (void)state;
}

static void suggestion__is_none_where_nothing_is_near(void **state)
{
    assert_null(best("colour"));
    assert_null(best(""));
    assert_null(best("averyveryveryveryveryveryveryveryveryverylongword"));
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distance__counts_changes_and_swaps),
        cmocka_unit_test(suggestion__is_the_nearest_known_word),
        cmocka_unit_test(suggestion__is_none_where_nothing_is_near),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
