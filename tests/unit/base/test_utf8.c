/* What counts as UTF-8, and the small functions on byte strings. */
#include "tests/unit/base/unit.h"

#include "libresedge/src/base/utf8.h"
#include "resedge/base.h"

static void assert_bad_at(struct rse_str s, size_t expected)
{
    size_t at = SIZE_MAX;

    assert_false(rse_utf8_valid(s, &at));
    assert_int_equal(at, expected);
    assert_false(rse_utf8_valid(s, NULL));
}

static void utf8__accepts_every_length_up_to_its_bounds(void **state)
{
    (void)state;
    assert_true(rse_utf8_valid(RSE_STR(""), NULL));
    assert_true(rse_utf8_valid(rse_str_n(NULL, 0), NULL));
    assert_true(rse_utf8_valid(RSE_STR("plain\0zero"), NULL));
    assert_true(rse_utf8_valid(RSE_STR("\xC2\x80 \xDF\xBF"), NULL));
    assert_true(rse_utf8_valid(RSE_STR("\xE0\xA0\x80 \xED\x9F\xBF \xEE\x80\x80 \xEF\xBF\xBF"), NULL));
    assert_true(rse_utf8_valid(RSE_STR("\xF0\x90\x80\x80 \xF4\x8F\xBF\xBF"), NULL));
}

static void utf8__refuses_overlong_forms_surrogates_and_what_is_past_the_end(void **state)
{
    (void)state;
    assert_bad_at(RSE_STR("a\xC0\x80"), 1);
    assert_bad_at(RSE_STR("ab\xC1\xBF"), 2);
    assert_bad_at(RSE_STR("\xE0\x9F\xBF"), 0);
    assert_bad_at(RSE_STR("\xF0\x8F\xBF\xBF"), 0);
    assert_bad_at(RSE_STR("\xED\xA0\x80"), 0);
    assert_bad_at(RSE_STR("\xED\xBF\xBF"), 0);
    assert_bad_at(RSE_STR("\xF4\x90\x80\x80"), 0);
    assert_bad_at(RSE_STR("\xF5\x80\x80\x80"), 0);
    assert_bad_at(RSE_STR("\xFF"), 0);
}

static void utf8__refuses_a_sequence_that_is_cut_or_stray(void **state)
{
    (void)state;
    assert_bad_at(RSE_STR("x\x80"), 1);
    assert_bad_at(RSE_STR("\xC2"), 0);
    assert_bad_at(RSE_STR("\xE2\x82"), 0);
    assert_bad_at(RSE_STR("\xE2\x82X"), 0);
    assert_bad_at(RSE_STR("\xC3\xA4\xF0\x9F\x98"), 2);
    /* The length decides, not a byte behind it. */
    assert_bad_at(rse_str_n("\xC3\xA4", 1), 0);
}

static size_t encode(uint32_t cp, char out[4])
{
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    if (cp < 0x800) {
        out[0] = (char)(0xC0 | cp >> 6);
        out[1] = (char)(0x80 | (cp & 0x3F));
        return 2;
    }
    if (cp < 0x10000) {
        out[0] = (char)(0xE0 | cp >> 12);
        out[1] = (char)(0x80 | (cp >> 6 & 0x3F));
        out[2] = (char)(0x80 | (cp & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | cp >> 18);
    out[1] = (char)(0x80 | (cp >> 12 & 0x3F));
    out[2] = (char)(0x80 | (cp >> 6 & 0x3F));
    out[3] = (char)(0x80 | (cp & 0x3F));
    return 4;
}

static void utf8__reads_back_every_code_point(void **state)
{
    (void)state;
    for (uint32_t cp = 0; cp < 0x110000; cp++) {
        char bytes[4];
        uint32_t read = UINT32_MAX;
        size_t len = encode(cp, bytes);
        size_t step = rse_utf8_step(rse_str_n(bytes, len), &read);
        if (cp >= 0xD800 && cp <= 0xDFFF) {
            assert_int_equal(step, 0);
        } else {
            assert_int_equal(step, len);
            assert_int_equal(read, cp);
        }
    }
}

static void str__orders_by_unsigned_bytes_with_prefixes_first(void **state)
{
    (void)state;
    assert_int_equal(rse_str_cmp(RSE_STR("a"), RSE_STR("a")), 0);
    assert_int_equal(rse_str_cmp(rse_str_n(NULL, 0), RSE_STR("")), 0);
    assert_true(rse_str_cmp(RSE_STR("a"), RSE_STR("ab")) < 0);
    assert_true(rse_str_cmp(RSE_STR("b"), RSE_STR("ab")) > 0);
    assert_true(rse_str_cmp(RSE_STR("\xFF"), RSE_STR("a")) > 0);
    assert_true(rse_str_cmp(RSE_STR(""), RSE_STR("\0")) < 0);
}

static void str__is_found_cut_and_matched_at_its_ends(void **state)
{
    (void)state;
    assert_int_equal(rse_str_find(RSE_STR("a/b/c"), '/'), 1);
    assert_int_equal(rse_str_find(RSE_STR("abc"), '/'), -1);
    assert_int_equal(rse_str_find(rse_str_n(NULL, 0), 'a'), -1);
    assert_true(rse_str_is(rse_str_from(RSE_STR("abc"), 1), "bc"));
    assert_int_equal(rse_str_from(RSE_STR("abc"), 9).len, 0);
    assert_true(rse_str_starts(RSE_STR("abc"), RSE_STR("ab")) && !rse_str_starts(RSE_STR("a"), RSE_STR("ab")));
    assert_true(rse_str_ends(RSE_STR("abc"), RSE_STR("bc")) && !rse_str_ends(RSE_STR("c"), RSE_STR("bc")));
}

static void secret_eq__sees_a_difference_anywhere(void **state)
{
    char a[32];
    char b[32];

    (void)state;
    memset(a, 'x', sizeof(a));
    memset(b, 'x', sizeof(b));
    assert_true(rse_secret_eq(a, b, sizeof(a)));
    assert_true(rse_secret_eq(a, b, 0));
    for (size_t i = 0; i < sizeof(a); i++) {
        b[i] ^= 0x40;
        assert_false(rse_secret_eq(a, b, sizeof(a)));
        b[i] ^= 0x40;
    }
}

static void grow__doubles_and_keeps_what_is_there(void **state)
{
    uint32_t *numbers = NULL;
    size_t len = 0;
    size_t cap = 0;

    (void)state;
    for (uint32_t i = 0; i < 1000; i++) {
        RSE_GROW(numbers, len, cap);
        numbers[len++] = i;
    }
    assert_true(cap >= 1000 && cap <= 2000);
    for (uint32_t i = 0; i < 1000; i++)
        assert_int_equal(numbers[i], i);
    rse_freep(&numbers);
    assert_null(numbers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf8__accepts_every_length_up_to_its_bounds),
        cmocka_unit_test(utf8__refuses_overlong_forms_surrogates_and_what_is_past_the_end),
        cmocka_unit_test(utf8__refuses_a_sequence_that_is_cut_or_stray),
        cmocka_unit_test(utf8__reads_back_every_code_point),
        cmocka_unit_test(str__orders_by_unsigned_bytes_with_prefixes_first),
        cmocka_unit_test(str__is_found_cut_and_matched_at_its_ends),
        cmocka_unit_test(secret_eq__sees_a_difference_anywhere),
        cmocka_unit_test(grow__doubles_and_keeps_what_is_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
