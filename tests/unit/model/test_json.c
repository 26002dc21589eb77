#include "tests/unit/model/model_test.h"

#include <math.h>

#include "libresedge/src/model/json.h"

static void check_double(double number, const char *text)
{
    RSE_BUF_AUTO out = { 0 };

    rse_buf_init(&out, 100);
    rse_json_add_double(&out, number);
    assert_string_equal(out.p, text);
}

static void add_double__writes_the_shortest_text_that_reads_back(void **state)
{
    check_double(0, "0");
    check_double(3, "3");
    check_double(-17, "-17");
    check_double(0.1, "0.1");
    check_double(0.25, "0.25");
    check_double(0.1 + 0.2, "0.30000000000000004");
    check_double(9007199254740992.0, "9007199254740992");
    check_double(-29.951065, "-29.951065");
    check_double(1e300, "1e+300");
    check_double(1.0 / 3, "0.3333333333333333");
    (void)state;
}

static void add_double__reads_back_as_the_same_whatever_it_is(void **state)
{
    uint64_t bits = 0x9E3779B97F4A7C15u;

    for (int i = 0; i < 20000; i++) {
        RSE_BUF_AUTO out = { 0 };
        struct rse_err err = RSE_ERR_INIT;
        cJSON *json = NULL;
        double number;

        bits = bits * 6364136223846793005u + 1442695040888963407u;
        memcpy(&number, &bits, sizeof(number));
        rse_buf_init(&out, 100);
        if (!isfinite(number))
            continue;
        rse_json_add_double(&out, number);
        if (!rse_json_parse(&json, rse_buf_str(&out), &err))
            fail_msg("%s: %s", out.p, err.what);
        assert_true(json->valuedouble == number);
        cJSON_Delete(json);
    }
    (void)state;
}

/* The short way has to write what the long one would. */
static void add_double__writes_decimals_as_the_c_library_does(void **state)
{
    uint64_t bits = 0x9E3779B97F4A7C15u;
    double scale = 1;

    for (int i = 0; i < 200000; i++) {
        RSE_BUF_AUTO out = { 0 };
        char text[40];
        double number;

        bits = bits * 6364136223846793005u + 1442695040888963407u;
        scale = i % 9 == 0 ? 1 : scale * 10;
        number = (double)((int64_t)(bits >> (20 + i % 40)) - (int64_t)(1u << (i % 20))) / scale;
        if (i % 3 == 0)
            number += 1e-13; /* mostly one that needs more digits */
        rse_buf_init(&out, 100);
        rse_json_add_double(&out, number);
        for (int digits = 15; digits <= 17; digits++) {
            snprintf(text, sizeof(text), "%.*g", digits, number);
            if (strtod(text, NULL) == number)
                break;
        }
        if (fabs(number) < 9e15 && trunc(number) == number)
            snprintf(text, sizeof(text), "%lld", (long long)number);
        assert_string_equal(out.p, text);
    }
    (void)state;
}

static void add_double__has_no_word_for_what_is_no_number(void **state)
{
    check_double(NAN, "null");
    check_double(INFINITY, "null");
    (void)state;
}

static void add_string__escapes_what_must_be(void **state)
{
    RSE_BUF_AUTO out = { 0 };

    rse_buf_init(&out, 100);
    rse_json_add_string(&out, RSE_STR("a\"b\\c\n\x01\xc3\xa9/"));
    assert_string_equal(out.p, "\"a\\\"b\\\\c\\n\\u0001\xc3\xa9/\"");
    (void)state;
}

static void add_string__replaces_what_is_no_utf8(void **state)
{
    RSE_BUF_AUTO out = { 0 };

    rse_buf_init(&out, 100);
    rse_json_add_string(&out, RSE_STR("a\xff"
                                      "b"));
    assert_string_equal(out.p, "\"a\xef\xbf\xbd"
                               "b\"");
    (void)state;
}

static void int64__is_exact_or_refused(void **state)
{
    cJSON *json = json_of("[9007199254740993, -9223372036854775808, 9223372036854775808, 1.5, 3.0, 1e2]");
    int64_t n = 0;

    assert_true(json_int64(cJSON_GetArrayItem(json, 0), &n));
    assert_true(n == 9007199254740993);
    assert_true(json_int64(cJSON_GetArrayItem(json, 1), &n));
    assert_true(n == INT64_MIN);
    assert_false(json_int64(cJSON_GetArrayItem(json, 2), &n));
    assert_false(json_int64(cJSON_GetArrayItem(json, 3), &n));
    assert_true(json_int64(cJSON_GetArrayItem(json, 4), &n) && n == 3);
    assert_true(json_int64(cJSON_GetArrayItem(json, 5), &n) && n == 100);
    cJSON_Delete(json);
    (void)state;
}

static void add_compact__leaves_out_only_what_stands_between_tokens(void **state)
{
    static const char *const cases[][2] = {
        { " {\"a\" : 1.50e+2 ,\r\n\t\"b c\" : [ 1, -0.0 , \"x  \\\" y \\\\\" , null ] } ",
          "{\"a\":1.50e+2,\"b c\":[1,-0.0,\"x  \\\" y \\\\\",null]}" },
        { "{\"a\":[]}", "{\"a\":[]}" },
        { " 12345678901234567890 ", "12345678901234567890" },
        { "\"\\u0020 \\\\\"", "\"\\u0020 \\\\\"" },
        { "", "" },
    };

    for (size_t i = 0; i < RSE_COUNT(cases); i++) {
        RSE_BUF_AUTO out = { 0 };

        rse_buf_init(&out, 256);
        rse_json_add_compact(&out, rse_str(cases[i][0]));
        assert_true(rse_str_is(rse_buf_str(&out), cases[i][1]));
    }
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(add_double__writes_the_shortest_text_that_reads_back),
        cmocka_unit_test(add_double__reads_back_as_the_same_whatever_it_is),
        cmocka_unit_test(add_double__writes_decimals_as_the_c_library_does),
        cmocka_unit_test(add_double__has_no_word_for_what_is_no_number),
        cmocka_unit_test(add_string__escapes_what_must_be),
        cmocka_unit_test(add_string__replaces_what_is_no_utf8),
        cmocka_unit_test(add_compact__leaves_out_only_what_stands_between_tokens),
        cmocka_unit_test(int64__is_exact_or_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
