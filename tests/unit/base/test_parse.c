/* Readers of numbers, spans, sizes, versions and times. */
#include "tests/unit/base/unit.h"

#include <inttypes.h>
#include <math.h>

#include "resedge/parse.h"

static void int64__reads_its_whole_range_and_nothing_else(void **state)
{
    static const char *const bad[] = { "",
                                       "-",
                                       "+1",
                                       " 1",
                                       "1 ",
                                       "1.0",
                                       "0x1",
                                       "1e3",
                                       "--1",
                                       "9223372036854775808",
                                       "1\n",
                                       "-9223372036854775809",
                                       "99999999999999999999999" };
    int64_t n = 77;

    (void)state;
    for (size_t i = 0; i < RSE_COUNT(bad); i++)
        assert_false(rse_parse_int64(rse_str(bad[i]), INT64_MIN, INT64_MAX, &n));
    assert_false(rse_parse_int64(RSE_STR("1\0"), INT64_MIN, INT64_MAX, &n));
    assert_int_equal(n, 77);
    assert_true(rse_parse_int64(RSE_STR("9223372036854775807"), INT64_MIN, INT64_MAX, &n) && n == INT64_MAX);
    assert_true(rse_parse_int64(RSE_STR("-9223372036854775808"), INT64_MIN, INT64_MAX, &n) && n == INT64_MIN);
    assert_true(rse_parse_int64(RSE_STR("-0"), 0, 0, &n) && n == 0);
    assert_true(rse_parse_int64(RSE_STR("007"), 0, 10, &n) && n == 7);
}

static void int64__keeps_to_its_bounds(void **state)
{
    int64_t n = 77;

    (void)state;
    assert_false(rse_parse_int64(RSE_STR("0"), 1, 9, &n));
    assert_false(rse_parse_int64(RSE_STR("10"), 1, 9, &n));
    assert_int_equal(n, 77);
    assert_true(rse_parse_int64(RSE_STR("1"), 1, 9, &n) && rse_parse_int64(RSE_STR("9"), 1, 9, &n));
}

static void int64__reads_back_random_numbers(void **state)
{
    uint64_t random = random_start();

    (void)state;
    for (int i = 0; i < 10000; i++) {
        int64_t n = (int64_t)random_next(&random) >> random_below(&random, 64);
        int64_t read = 0;
        char text[32];
        snprintf(text, sizeof(text), "%" PRId64, n);
        assert_true(rse_parse_int64(rse_str(text), INT64_MIN, INT64_MAX, &read));
        assert_true(read == n);
    }
}

static void double__is_what_json_calls_a_number(void **state)
{
    static const char *const bad[] = { "",    "-",  ".5", "5.",  "01",   "+1",    "1e",     "1e+", "0x10", "nan",
                                       "inf", "1 ", " 1", "1,5", "1e5.", "1e400", "-1e400", "--1", "1.e3", "1_0" };
    double value = 77;

    (void)state;
    for (size_t i = 0; i < RSE_COUNT(bad); i++)
        assert_false(rse_parse_double(rse_str(bad[i]), &value));
    assert_true(value == 77);
    assert_true(rse_parse_double(RSE_STR("-12.5e-1"), &value) && value == -1.25);
    assert_true(rse_parse_double(RSE_STR("0"), &value) && value == 0);
    assert_true(rse_parse_double(RSE_STR("-0.0"), &value) && value == 0 && signbit(value));
    assert_true(rse_parse_double(RSE_STR("1E+3"), &value) && value == 1000);
    assert_true(rse_parse_double(rse_str_n("30.2672x", 7), &value) && value == 30.2672);
}

/* The short way has to read what the long one would. */
static void double__is_what_the_c_library_reads(void **state)
{
    uint64_t bits = 0x9E3779B97F4A7C15u;

    (void)state;
    for (int i = 0; i < 200000; i++) {
        double value = 0;
        char text[40];

        bits = bits * 6364136223846793005u + 1442695040888963407u;
        snprintf(text, sizeof(text), "%s%d.%0*llu", bits & 1 ? "-" : "", (int)(bits >> 40 & 0xfff), 1 + i % 17,
                 (unsigned long long)(bits >> 44));
        assert_true(rse_parse_double(rse_str(text), &value));
        assert_true(value == strtod(text, NULL));
    }
}

static void hex64__has_all_its_digits(void **state)
{
    char text[RSE_HEX64_SIZE];

    (void)state;
    rse_format_hex64(0x0123456789abcdefu, text);
    assert_string_equal(text, "0123456789abcdef");
    rse_format_hex64(0, text);
    assert_string_equal(text, "0000000000000000");
}

static void double__refuses_an_endless_number(void **state)
{
    char digits[5000];
    double value = 77;

    (void)state;
    memset(digits, '1', sizeof(digits));
    assert_false(rse_parse_double(rse_str_n(digits, sizeof(digits)), &value));
    assert_true(value == 77);
}

static void duration__needs_a_unit_and_fits_int64(void **state)
{
    static const char *const bad[] = {
        "", "5", "ms", "-1s", "1.5s", "1 s", "1S", "1h30m", "s1", "9223372036854775807s"
    };
    int64_t ms = 77;

    (void)state;
    for (size_t i = 0; i < RSE_COUNT(bad); i++)
        assert_false(rse_parse_duration_ms(rse_str(bad[i]), &ms));
    assert_int_equal(ms, 77);
    assert_true(rse_parse_duration_ms(RSE_STR("0"), &ms) && ms == 0);
    assert_true(rse_parse_duration_ms(RSE_STR("250ms"), &ms) && ms == 250);
    assert_true(rse_parse_duration_ms(RSE_STR("30s"), &ms) && ms == 30000);
    assert_true(rse_parse_duration_ms(RSE_STR("5m"), &ms) && ms == 300000);
    assert_true(rse_parse_duration_ms(RSE_STR("12h"), &ms) && ms == 43200000);
    assert_true(rse_parse_duration_ms(RSE_STR("7d"), &ms) && ms == 604800000);
}

static void size__counts_in_powers_of_two(void **state)
{
    static const char *const bad[] = { "", "KiB", "1KB", "1kib", "1 KiB", "-1", "9007199254740992KiB" };
    int64_t bytes = 77;

    (void)state;
    for (size_t i = 0; i < RSE_COUNT(bad); i++)
        assert_false(rse_parse_size(rse_str(bad[i]), &bytes));
    assert_int_equal(bytes, 77);
    assert_true(rse_parse_size(RSE_STR("512"), &bytes) && bytes == 512);
    assert_true(rse_parse_size(RSE_STR("64KiB"), &bytes) && bytes == 65536);
    assert_true(rse_parse_size(RSE_STR("10MiB"), &bytes) && bytes == 10485760);
    assert_true(rse_parse_size(RSE_STR("2GiB"), &bytes) && bytes == 2147483648);
}

static void version__takes_semver_a_leading_v_and_short_forms(void **state)
{
    static const char *const good[] = { "0.0.0",
                                        "1.2.3",
                                        "v1.2.3",
                                        "1",
                                        "1.2",
                                        "v2",
                                        "1.0.0-alpha",
                                        "1.0.0-0.3.7",
                                        "1.0.0-x-y-z.--",
                                        "1.0.0+001",
                                        "1.0.0-rc.1+build.5-9",
                                        "1.0.0-0a",
                                        "1.2-rc.1",
                                        "99999999999999999999.0.0" };
    static const char *const bad[] = { "",         "v",      "vv1",        "V1",        "1.2.3.4", "01.2.3",
                                       "1.02.3",   "1..3",   "1.2.",       ".1",        "1.2.3-",  "1.2.3-a..b",
                                       "1.2.3-01", "1.2.3+", "1.2.3+a..b", "1.2.3-a_b", "1.2.3 ",  "-1.2.3",
                                       "1.2.x",    "latest", "1.0.0+a+b" };
    struct rse_err err = RSE_ERR_INIT;
    char longest[130];

    (void)state;
    for (size_t i = 0; i < RSE_COUNT(good); i++)
        assert_true(rse_check_version(rse_str(good[i]), NULL));
    for (size_t i = 0; i < RSE_COUNT(bad); i++)
        assert_false(rse_check_version(rse_str(bad[i]), NULL));
    memset(longest, '1', sizeof(longest));
    assert_true(rse_check_version(rse_str_n(longest, 128), NULL));
    assert_false(rse_check_version(rse_str_n(longest, 129), NULL));
    assert_false(rse_check_version(RSE_STR("latest"), &err));
    assert_int_equal(err.code, RSE_INVALID);
    assert_string_equal(err.what, "\"latest\" is no semantic version");
}

static void version__orders_by_precedence(void **state)
{
    static const char *const ascending[] = {
        "0.9.9",
        "1.0.0-1",
        "1.0.0-9",
        "1.0.0-10",
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-alpha.beta",
        "1.0.0-beta",
        "1.0.0-beta.2",
        "1.0.0-beta.11",
        "1.0.0-rc.1",
        "1.0.0",
        "1.0.1",
        "1.2",
        "1.10.0",
        "2",
        "10.0.0",
        "18446744073709551616.0.0",
        "18446744073709551617.0.0",
    };

    (void)state;
    for (size_t i = 0; i < RSE_COUNT(ascending); i++) {
        for (size_t k = 0; k < RSE_COUNT(ascending); k++) {
            int order = rse_version_cmp(rse_str(ascending[i]), rse_str(ascending[k]));
            assert_int_equal((order > 0) - (order < 0), (i > k) - (i < k));
        }
    }
}

static void version__ignores_build_metadata_the_v_and_missing_zeros(void **state)
{
    (void)state;
    assert_int_equal(rse_version_cmp(RSE_STR("1.0.0+a"), RSE_STR("1.0.0+b.9-x")), 0);
    assert_int_equal(rse_version_cmp(RSE_STR("v1.2.0"), RSE_STR("1.2")), 0);
    assert_int_equal(rse_version_cmp(RSE_STR("1"), RSE_STR("1.0.0")), 0);
    assert_true(rse_version_cmp(RSE_STR("1.0.0+a-b"), RSE_STR("1.0.0-a")) > 0);
}

static void assert_time(const char *text, int64_t expected)
{
    int64_t ms = INT64_MIN;

    assert_true(rse_parse_time(rse_str(text), &ms));
    assert_true(ms == expected);
}

static void time__reads_rfc_3339_with_any_offset(void **state)
{
    (void)state;
    assert_time("1970-01-01T00:00:00Z", 0);
    assert_time("1969-12-31T23:59:59.999Z", -1);
    assert_time("2026-02-03T04:05:06.789Z", 1770091506789);
    assert_time("2026-02-03t04:05:06.7z", 1770091506700);
    assert_time("2026-02-03T04:05:06.789999999Z", 1770091506789);
    assert_time("2026-02-03T05:35:06+01:30", 1770091506000);
    assert_time("2026-02-02T20:05:06-08:00", 1770091506000);
    assert_time("2024-02-29T00:00:00Z", 1709164800000);
    assert_time("2000-02-29T00:00:00Z", 951782400000);
    assert_time("2016-12-31T23:59:60Z", 1483228800000);
}

static void time__refuses_what_is_no_point_in_time(void **state)
{
    static const char *const bad[] = {
        "",
        "2026-02-03",
        "2026-02-03T04:05:06",
        "2026-02-03 04:05:06Z",
        "2026-02-03T04:05Z",
        "2026-2-03T04:05:06Z",
        "2026-13-03T04:05:06Z",
        "2026-00-03T04:05:06Z",
        "2026-02-00T04:05:06Z",
        "2026-02-29T04:05:06Z",
        "1900-02-29T04:05:06Z",
        "2026-04-31T04:05:06Z",
        "2026-02-03T24:05:06Z",
        "2026-02-03T04:60:06Z",
        "2026-02-03T04:05:61Z",
        "2026-02-03T04:05:06.Z",
        "2026-02-03T04:05:06.1",
        "2026-02-03T04:05:06+0100",
        "2026-02-03T04:05:06+24:00",
        "2026-02-03T04:05:06Zx",
        "-026-02-03T04:05:06Z",
    };
    int64_t ms = 77;

    (void)state;
    for (size_t i = 0; i < RSE_COUNT(bad); i++)
        assert_false(rse_parse_time(rse_str(bad[i]), &ms));
    assert_int_equal(ms, 77);
}

static void time__reads_back_what_it_wrote(void **state)
{
    uint64_t random = random_start();
    char text[RSE_TIME_SIZE];

    (void)state;
    for (int i = 0; i < 20000; i++) {
        /* Up to about the year 9000, and back to about -0. */
        int64_t ms = (int64_t)(random_next(&random) % 280000000000000) - 62000000000000;
        rse_format_time(ms, text);
        assert_int_equal(strlen(text), 24);
        assert_time(text, ms);
    }
    rse_format_time(-1, text);
    assert_string_equal(text, "1969-12-31T23:59:59.999Z");
    rse_format_time(INT64_MIN, text);
    assert_true(rse_str_ends(rse_str(text), RSE_STR("Z")));
    rse_format_time(INT64_MAX, text);
    assert_true(rse_str_ends(rse_str(text), RSE_STR("Z")));
}

static void time_zone__is_one_that_the_system_knows(void **state)
{
    static const char *const good[] = { "UTC", "America/Chicago", "America/Argentina/Buenos_Aires", "Etc/GMT+5" };
    static const char *const bad[] = { "",
                                       "America",
                                       "America/Nowhere",
                                       "../zoneinfo/UTC",
                                       "America/../UTC",
                                       "/America/Chicago",
                                       "America//Chicago",
                                       "America/Chicago/",
                                       "a/b/c/d",
                                       "tzdata.zi",
                                       "leapseconds",
                                       "posix/UTC",
                                       "right/UTC",
                                       "localtime",
                                       "America/Chicago\n" };
    struct rse_err err = RSE_ERR_INIT;
    char longest[4000];

    (void)state;
    for (size_t i = 0; i < RSE_COUNT(good); i++)
        assert_true(rse_check_time_zone(rse_str(good[i]), NULL));
    for (size_t i = 0; i < RSE_COUNT(bad); i++)
        assert_false(rse_check_time_zone(rse_str(bad[i]), NULL));
    assert_false(rse_check_time_zone(RSE_STR("America/Chicago\0"), NULL));
    memset(longest, 'a', sizeof(longest));
    assert_false(rse_check_time_zone(rse_str_n(longest, sizeof(longest)), &err));
    assert_int_equal(err.code, RSE_INVALID);
    assert_true(err.hint[0] != '\0');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(int64__reads_its_whole_range_and_nothing_else),
        cmocka_unit_test(int64__keeps_to_its_bounds),
        cmocka_unit_test(int64__reads_back_random_numbers),
        cmocka_unit_test(double__is_what_json_calls_a_number),
        cmocka_unit_test(double__is_what_the_c_library_reads),
        cmocka_unit_test(hex64__has_all_its_digits),
        cmocka_unit_test(double__refuses_an_endless_number),
        cmocka_unit_test(duration__needs_a_unit_and_fits_int64),
        cmocka_unit_test(size__counts_in_powers_of_two),
        cmocka_unit_test(version__takes_semver_a_leading_v_and_short_forms),
        cmocka_unit_test(version__orders_by_precedence),
        cmocka_unit_test(version__ignores_build_metadata_the_v_and_missing_zeros),
        cmocka_unit_test(time__reads_rfc_3339_with_any_offset),
        cmocka_unit_test(time__refuses_what_is_no_point_in_time),
        cmocka_unit_test(time__reads_back_what_it_wrote),
        cmocka_unit_test(time_zone__is_one_that_the_system_knows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
