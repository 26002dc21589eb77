#include "tests/unit/model/model_test.h"

/* In an arena it is the same tree. */
static void check_in_arena(const char *text, const cJSON *json)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    struct rse_err err = RSE_ERR_INIT;
    const cJSON *other = NULL;

    assert_true(rse_json_parse_in(&other, rse_str(text), arena, &err));
    assert_true(cJSON_Compare(json, other, true));
}

static void check_json(const char *text, const char *again)
{
    cJSON *json = json_of(text);
    char *printed = cJSON_PrintUnformatted(json);

    assert_string_equal(printed, again);
    cJSON_free(printed);
    check_in_arena(text, json);
    cJSON_Delete(json);
}

static void check_bad(struct rse_str text, size_t position, const char *says)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    struct rse_err err = RSE_ERR_INIT, other = RSE_ERR_INIT;
    const cJSON *in_arena = NULL;
    cJSON *json = NULL;

    if (rse_json_parse(&json, text, &err) || rse_json_parse_in(&in_arena, text, arena, &other))
        fail_msg("taken: %.*s", RSE_STR_ARG(text));
    assert_null(json);
    assert_null(in_arena);
    assert_string_equal(other.what, err.what);
    assert_int_equal(err.code, strstr(err.what, "not valid JSON") != NULL ? RSE_INVALID : RSE_UNPROCESSABLE);
    if (strstr(err.what, says) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", err.what, says);
    assert_true(err.has_position);
    assert_int_equal(err.position, position);
}

static void parse__reads_every_kind_of_value(void **state)
{
    check_json(" { \"a\" : [ 1 , -2.5 , 1e3 , true , false , null , \"x\" , [ ] , { } ] } \r\n",
               "{\"a\":[1,-2.5,1000,true,false,null,\"x\",[],{}]}");
    check_json("\"\"", "\"\"");
    check_json("0", "0");
    check_json("\xef\xbb\xbf[]", "[]");
    (void)state;
}

static void parse__decodes_escapes(void **state)
{
    cJSON *json = json_of("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e9\\u20AC\\ud83d\\ude00 \xc3\xa9\"");

    assert_string_equal(json->valuestring, "\"\\/\b\f\n\r\tA\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80 \xc3\xa9");
    cJSON_Delete(json);
    (void)state;
}

static void parse__keeps_the_text_of_a_number_that_is_no_plain_integer(void **state)
{
    cJSON *json = json_of("[1.10, 9007199254740993, -0, 1E2, 42]");

    assert_string_equal(cJSON_GetArrayItem(json, 0)->valuestring, "1.10");
    assert_string_equal(cJSON_GetArrayItem(json, 1)->valuestring, "9007199254740993");
    assert_string_equal(cJSON_GetArrayItem(json, 2)->valuestring, "-0");
    assert_string_equal(cJSON_GetArrayItem(json, 3)->valuestring, "1E2");
    assert_null(cJSON_GetArrayItem(json, 4)->valuestring);
    assert_int_equal(cJSON_GetArrayItem(json, 4)->valueint, 42);
    cJSON_Delete(json);
    (void)state;
}

static void parse__tells_line_and_column(void **state)
{
    check_bad(RSE_STR("{\n  \"n\xc3\xa4me\": tru\n}"), 13, "line 2, column 11: expected a value, found 't'");
    (void)state;
}

static void parse__refuses_what_is_no_json(void **state)
{
    check_bad(RSE_STR(""), 0, "expected a value, but the text ends here");
    check_bad(RSE_STR("{"), 1, "expected a member's name in double quotes");
    check_bad(RSE_STR("{a:1}"), 1, "expected a member's name in double quotes, found 'a'");
    check_bad(RSE_STR("{\"a\" 1}"), 5, "expected ':'");
    check_bad(RSE_STR("{\"a\":1,}"), 7, "expected a member's name");
    check_bad(RSE_STR("{\"a\":1 \"b\":2}"), 7, "expected ',' or '}'");
    check_bad(RSE_STR("[1,]"), 3, "expected a value, found ']'");
    check_bad(RSE_STR("[1 2]"), 3, "expected ',' or ']'");
    check_bad(RSE_STR("[1"), 2, "expected ',' or ']', but the text ends here");
    check_bad(RSE_STR("[1] x"), 4, "expected nothing after the value");
    check_bad(RSE_STR("nul"), 0, "expected a value");
    check_bad(RSE_STR("'a'"), 0, "expected a value, found '''");
    check_bad(RSE_STR("[NaN]"), 1, "expected a value");
    (void)state;
}

static void parse__refuses_numbers_that_are_none(void **state)
{
    check_bad(RSE_STR("01"), 1, "expected nothing after the value");
    check_bad(RSE_STR("-"), 1, "expected a digit");
    check_bad(RSE_STR("+1"), 0, "expected a value, found '+'");
    check_bad(RSE_STR("1."), 2, "expected a digit");
    check_bad(RSE_STR("[.5]"), 1, "expected a value");
    check_bad(RSE_STR("1e+"), 3, "expected a digit");
    check_bad(RSE_STR("[1e999]"), 1, "too large");
    (void)state;
}

static void parse__refuses_strings_that_are_none(void **state)
{
    check_bad(RSE_STR("[\"abc"), 1, "has no end");
    check_bad(RSE_STR("\"a\nb\""), 2, "control character");
    check_bad(RSE_STR("\"a\0b\""), 2, "control character");
    check_bad(RSE_STR("\"\\x\""), 2, "expected an escape");
    check_bad(RSE_STR("\"\\u12g4\""), 5, "four hexadecimal digits");
    check_bad(RSE_STR("\"\\u12\""), 5, "four hexadecimal digits");
    check_bad(RSE_STR("\"\\u0000\""), 1, "NUL");
    check_bad(RSE_STR("{\"a\\u0000\":1}"), 3, "NUL");
    check_bad(RSE_STR("\"\\ud83d\""), 1, "surrogate");
    check_bad(RSE_STR("\"\\ud83d\\n\""), 1, "surrogate");
    check_bad(RSE_STR("\"\\ud83d\\u0041\""), 1, "surrogate");
    check_bad(RSE_STR("\"\\ude00\""), 1, "surrogate");
    check_bad(RSE_STR("\"\\"), 0, "has no end");
    (void)state;
}

static void parse__refuses_bytes_that_are_no_utf8(void **state)
{
    check_bad(RSE_STR("\"\xff\""), 1, "not valid UTF-8");
    check_bad(RSE_STR("\"\xc0\xaf\""), 1, "not valid UTF-8");
    check_bad(RSE_STR("[\"\xed\xa0\x80\"]"), 2, "not valid UTF-8");
    (void)state;
}

static void parse__refuses_a_member_that_is_there_twice(void **state)
{
    struct rse_err err = RSE_ERR_INIT;
    cJSON *json = NULL;

    check_bad(RSE_STR("{\"a\":1,\"b\":{\"c\":2},\"a\":3}"), 19, "line 1, column 20: this member is there twice");
    assert_false(rse_json_parse(&json, RSE_STR("{\"a/b\":1,\"a\\/b\":3}"), &err));
    assert_string_equal(err.field, "/a~1b");
    (void)state;
}

static void parse__finds_a_duplicate_among_many_members(void **state)
{
    RSE_BUF_AUTO text = { 0 };
    struct rse_err err = RSE_ERR_INIT;
    cJSON *json = NULL;

    rse_buf_init(&text, 1 << 20);
    rse_buf_addc(&text, '{');
    for (int i = 0; i < 5000; i++)
        rse_buf_addf(&text, "\"m%d\":%d,", i, i);
    size_t len = text.len;

    rse_buf_adds(&text, "\"last\":0}");
    assert_true(rse_json_parse(&json, rse_buf_str(&text), &err));
    assert_int_equal(cJSON_GetArraySize(json), 5001);
    cJSON_Delete(json);
    for (int i = 0; i < 5000; i += 17) {
        rse_buf_truncate(&text, len);
        rse_buf_addf(&text, "\"m%d\":0}", i);
        check_bad(rse_buf_str(&text), len, "there twice");
    }
    (void)state;
}

/* While they are few they are looked for in another way: each as the last of up to 80. */
static void parse__finds_a_duplicate_among_few_members(void **state)
{
    RSE_BUF_AUTO text = { 0 };

    rse_buf_init(&text, 1 << 12);
    for (int count = 1; count <= 80; count++) {
        for (int twice = 0; twice < count; twice++) {
            rse_buf_truncate(&text, 0);
            rse_buf_addc(&text, '{');
            for (int i = 0; i < count; i++)
                rse_buf_addf(&text, "\"m%d\":%d,", i, i);
            size_t len = text.len;

            rse_buf_addf(&text, "\"m%d\":0}", twice);
            check_bad(rse_buf_str(&text), len, "there twice");
        }
    }
    (void)state;
}

static void parse__takes_32_levels_and_no_more(void **state)
{
    char deep[67] = { 0 };

    memset(deep, '[', 32);
    memset(deep + 32, ']', 32);
    check_json(deep, deep);
    memset(deep, '[', 33);
    memset(deep + 33, ']', 33);
    check_bad(rse_str(deep), 32, "nested too deep");
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse__reads_every_kind_of_value),
        cmocka_unit_test(parse__decodes_escapes),
        cmocka_unit_test(parse__keeps_the_text_of_a_number_that_is_no_plain_integer),
        cmocka_unit_test(parse__tells_line_and_column),
        cmocka_unit_test(parse__refuses_what_is_no_json),
        cmocka_unit_test(parse__refuses_numbers_that_are_none),
        cmocka_unit_test(parse__refuses_strings_that_are_none),
        cmocka_unit_test(parse__refuses_bytes_that_are_no_utf8),
        cmocka_unit_test(parse__refuses_a_member_that_is_there_twice),
        cmocka_unit_test(parse__finds_a_duplicate_among_many_members),
        cmocka_unit_test(parse__finds_a_duplicate_among_few_members),
        cmocka_unit_test(parse__takes_32_levels_and_no_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
