#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "resedge/yaml.h"

static void check_each(const char *const *texts, size_t count, bool in_flow, bool safe)
{
    for (size_t i = 0; i < count; i++) {
        if (rse_yaml_plain_safe(rse_str(texts[i]), in_flow) != safe)
            fail_msg("\"%s\" is %s plain scalar", texts[i], safe ? "a" : "not a");
    }
}

#define CHECK_EACH(texts, in_flow, safe) check_each((texts), RSE_COUNT(texts), (in_flow), (safe))

static void plain_safe__keeps_ordinary_strings_bare(void **state)
{
    static const char *const texts[] = { "a",
                                         "central-la-nola-2301",
                                         "Dogz RULE!",
                                         "a:b",
                                         "http://x/y",
                                         "a#b",
                                         "10.0.0.1",
                                         "v1.2.3",
                                         "/c/central",
                                         "caf\xc3\xa9",
                                         "\xf0\x9f\x98\x80",
                                         "-x",
                                         "it's",
                                         "say \"hi\"",
                                         "x-",
                                         "1a",
                                         "yesterday",
                                         "nullable",
                                         "2026-01-01x",
                                         "a, b",

                                         "a=b",
                                         "." };

    CHECK_EACH(texts, false, true);
    (void)state;
}

static void plain_safe__keeps_ordinary_numbers_bare(void **state)
{
    static const char *const texts[] = { "0", "-5", "42", "3.14", "-0.5", "123456789012345678", "0.1" };

    CHECK_EACH(texts, false, true);
    CHECK_EACH(texts, true, true);
    (void)state;
}

static void plain_safe__refuses_what_yaml_reads_as_another_type(void **state)
{
    static const char *const texts[] = {
        "yes",
        "No",
        "ON",
        "off",
        "y",
        "N",
        "true",
        "False",
        "null",
        "Null",
        "~",
        "",
        "2026-01-01",
        "2026-1-1",
        "2001-12-14t21:59:43.10-05:00",
        "2001-12-14 21:59:43.10 -5",
        "12:30",
        "190:20:30.15",
        "0777",
        "007",
        "0o17",
        "0x1F",
        "0b101",
        "-0x1f",
        "1e3",
        "1E-3",
        "1.5e+3",
        ".5",
        "5.",
        "+5",
        "-0",
        "1_000",
        ".inf",
        "-.INF",
        ".nan",
        "<<",
        "=",
        "1234567890123456789",
        "0.1234567890123456",
        "00.5",
        "-_1",
    };

    CHECK_EACH(texts, false, false);
    CHECK_EACH(texts, true, false);
    (void)state;
}

static void plain_safe__refuses_what_would_change_the_structure(void **state)
{
    static const char *const texts[] = {
        "- x",
        "-",
        "? x",
        ":x",
        "a: b",
        "a:",
        "a #b",
        "#a",
        "&a",
        "*a",
        "!a",
        "|",
        ">",
        "'a'",
        "\"a\"",
        "%a",
        "@a",
        "`a",
        "{a",
        "[a",
        "]",
        "}",
        ",a",
        " a",
        "a ",
        "\ta",
        "a\t",
        "a\tb",
        "a\nb",
        "a\r",
        "---",
        "--- a",
        "...",
        "a\x01",
        "a\x7f",
        "a\xc2\x85",
        "a\xe2\x80\xa8",
        "a\xe2\x80\xa9z",
        "\xef\xbb\xbf",
        "a\xff",
        "a\xc0\xaf",
        "a\xed\xa0\x80",
        "a\xf0\x9f\x98",
    };

    CHECK_EACH(texts, false, false);
    (void)state;
}

static void plain_safe__refuses_flow_indicators_in_flow_only(void **state)
{
    static const char *const texts[] = { "a,b", "a[0]", "a{b}", "a]", "a}", "a?b", "a:,b" };

    CHECK_EACH(texts, true, false);
    CHECK_EACH(texts, false, true);
    (void)state;
}

static void plain_safe__looks_at_every_byte(void **state)
{
    assert_false(rse_yaml_plain_safe(rse_str_n("a\0b", 3), false));
    assert_true(rse_yaml_plain_safe(rse_str_n("a\0b", 1), false));
    (void)state;
}

static void check_text(void (*add)(struct rse_buf *, struct rse_str), struct rse_str text, const char *expected)
{
    RSE_BUF_AUTO out = { 0 };

    rse_buf_init(&out, 1000);
    add(&out, text);
    assert_string_equal(out.p, expected);
}

static void add_quoted__escapes_what_can_not_stand_raw(void **state)
{
    check_text(rse_yaml_add_quoted, RSE_STR(""), "\"\"");
    check_text(rse_yaml_add_quoted, RSE_STR("caf\xc3\xa9 \xf0\x9f\x98\x80"), "\"caf\xc3\xa9 \xf0\x9f\x98\x80\"");
    check_text(rse_yaml_add_quoted, RSE_STR("a\"\\\n\r\t\x01\x7f"), "\"a\\\"\\\\\\n\\r\\t\\u0001\\u007f\"");
    check_text(rse_yaml_add_quoted, rse_str_n("a\0", 2), "\"a\\u0000\"");
    check_text(rse_yaml_add_quoted, RSE_STR("\xc2\x85\xe2\x80\xa8\xe2\x80\xa9\xef\xbb\xbf"),
               "\"\\u0085\\u2028\\u2029\\ufeff\"");
    check_text(rse_yaml_add_quoted, RSE_STR("a\xff\x80z"), "\"a\xef\xbf\xbd\xef\xbf\xbdz\"");
    (void)state;
}

static void add_scalar__quotes_only_where_it_must(void **state)
{
    RSE_BUF_AUTO out = { 0 };

    rse_buf_init(&out, 1000);
    rse_yaml_add_scalar(&out, RSE_STR("a,b"), false);
    rse_buf_addc(&out, '|');
    rse_yaml_add_scalar(&out, RSE_STR("a,b"), true);
    rse_buf_addc(&out, '|');
    rse_yaml_add_scalar(&out, RSE_STR("42"), true);
    rse_buf_addc(&out, '|');
    rse_yaml_add_scalar(&out, RSE_STR("no"), true);
    assert_string_equal(out.p, "a,b|\"a,b\"|42|\"no\"");
    (void)state;
}

static void add_string__quotes_numbers_too(void **state)
{
    check_text(rse_yaml_add_string, RSE_STR("42"), "\"42\"");
    check_text(rse_yaml_add_string, RSE_STR("3.14"), "\"3.14\"");
    check_text(rse_yaml_add_string, RSE_STR("off"), "\"off\"");
    check_text(rse_yaml_add_string, RSE_STR("west"), "west");
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_safe__keeps_ordinary_strings_bare),
        cmocka_unit_test(plain_safe__keeps_ordinary_numbers_bare),
        cmocka_unit_test(plain_safe__refuses_what_yaml_reads_as_another_type),
        cmocka_unit_test(plain_safe__refuses_what_would_change_the_structure),
        cmocka_unit_test(plain_safe__refuses_flow_indicators_in_flow_only),
        cmocka_unit_test(plain_safe__looks_at_every_byte),
        cmocka_unit_test(add_quoted__escapes_what_can_not_stand_raw),
        cmocka_unit_test(add_scalar__quotes_only_where_it_must),
        cmocka_unit_test(add_string__quotes_numbers_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
