/* The growing buffer, its limit, and JSON strings. */
#include "tests/unit/base/unit.h"

#include <cjson/cJSON.h>

#include "libresedge/src/base/utf8.h"
#include "resedge/buf.h"
#include "resedge/err.h"

static void assert_text(const struct rse_buf *buf, const char *expected)
{
    assert_string_equal(buf->p, expected);
    assert_int_equal(buf->len, strlen(expected));
    assert_true(rse_buf_ok(buf, NULL));
}

static void buf__is_a_string_from_the_start_and_after_every_append(void **state)
{
    RSE_BUF_AUTO buf = { 0 };

    (void)state;
    rse_buf_init(&buf, 1000);
    assert_text(&buf, "");
    rse_buf_adds(&buf, "one");
    rse_buf_addc(&buf, ' ');
    rse_buf_add_int(&buf, INT64_MIN);
    assert_text(&buf, "one -9223372036854775808");
    rse_buf_add_str(&buf, RSE_STR("/x"));
    rse_buf_addn(&buf, NULL, 0);
    rse_buf_addf(&buf, "%s=%d", "k", 7);
    assert_text(&buf, "one -9223372036854775808/xk=7");
    rse_buf_truncate(&buf, 3);
    assert_text(&buf, "one");
    rse_buf_reset(&buf);
    assert_text(&buf, "");
}

static void buf__fills_up_to_its_limit_and_not_a_byte_more(void **state)
{
    RSE_BUF_AUTO buf = { 0 };

    (void)state;
    rse_buf_init(&buf, 5);
    rse_buf_adds(&buf, "12345");
    assert_text(&buf, "12345");
    rse_buf_addc(&buf, '6');
    assert_string_equal(buf.p, "12345");
    assert_false(rse_buf_ok(&buf, NULL));
}

static void buf__stays_failed_until_it_is_reset(void **state)
{
    struct rse_err err = RSE_ERR_INIT;
    RSE_BUF_AUTO buf = { 0 };

    (void)state;
    rse_buf_init(&buf, 8);
    rse_buf_adds(&buf, "abc");
    rse_buf_adds(&buf, "defghijkl");
    rse_buf_adds(&buf, "d");
    rse_buf_addf(&buf, "%d", 1);
    assert_string_equal(buf.p, "abc");
    assert_false(rse_buf_ok(&buf, &err));
    assert_int_equal(err.code, RSE_TOO_LARGE);
    assert_string_equal(err.what, "the text is longer than 8 bytes");
    rse_buf_reset(&buf);
    rse_buf_adds(&buf, "d");
    assert_text(&buf, "d");
}

static void buf__formats_what_is_longer_than_its_room(void **state)
{
    RSE_BUF_AUTO buf = { 0 };

    (void)state;
    for (int width = 50; width < 80; width++) {
        rse_buf_init(&buf, 100);
        rse_buf_addc(&buf, '>');
        rse_buf_addf(&buf, "%0*d", width, 0);
        assert_true(rse_buf_ok(&buf, NULL));
        assert_int_equal(buf.len, width + 1);
        assert_int_equal(strlen(buf.p), width + 1);
        rse_buf_addf(&buf, "%0*d", 200, 0);
        assert_false(rse_buf_ok(&buf, NULL));
        assert_int_equal(strlen(buf.p), width + 1);
        rse_buf_release(&buf);
    }
}

static void buf__gives_room_to_write_into(void **state)
{
    RSE_BUF_AUTO buf = { 0 };

    (void)state;
    rse_buf_init(&buf, 4096);
    char *room = rse_buf_reserve(&buf, 4000);
    assert_non_null(room);
    memset(room, 'x', 4000);
    rse_buf_commit(&buf, 3);
    assert_text(&buf, "xxx");
    assert_null(rse_buf_reserve(&buf, 4094));
    assert_false(rse_buf_ok(&buf, NULL));
}

static void buf__with_a_limit_of_nothing_takes_nothing(void **state)
{
    RSE_BUF_AUTO buf = { 0 };

    (void)state;
    rse_buf_init(&buf, 0);
    rse_buf_adds(&buf, "");
    assert_text(&buf, "");
    rse_buf_adds(&buf, "x");
    assert_false(rse_buf_ok(&buf, NULL));
}

static void buf__equals_a_plain_array_after_random_appends(void **state)
{
    uint64_t random = random_start();
    static char expected[70000];
    size_t len = 0;
    RSE_BUF_AUTO buf = { 0 };

    (void)state;
    rse_buf_init(&buf, sizeof(expected));
    while (len < 60000) {
        char piece[300];
        size_t n = random_below(&random, sizeof(piece));
        memset(piece, 'a' + (int)random_below(&random, 26), n);
        memcpy(expected + len, piece, n);
        len += n;
        rse_buf_addn(&buf, piece, n);
        assert_int_equal(buf.p[buf.len], '\0');
    }
    assert_int_equal(buf.len, len);
    assert_memory_equal(buf.p, expected, len);
}

static void json_str__escapes_what_must_be_and_what_could_deceive(void **state)
{
    RSE_BUF_AUTO buf = { 0 };

    (void)state;
    rse_buf_init(&buf, 1000);
    rse_buf_add_json_str(&buf, RSE_STR("a\"b\\c/\n\r\t\b\f\x01\x1b[31m\x7f"));
    assert_text(&buf, "\"a\\\"b\\\\c/\\n\\r\\t\\b\\f\\u0001\\u001b[31m\\u007f\"");
    rse_buf_reset(&buf);
    rse_buf_add_json_str(&buf, RSE_STR("\xC3\xA4 \xC2\x9B \xE2\x80\xAE \xE2\x80\xA8 \xF0\x9F\x98\x80"));
    assert_text(&buf, "\"\xC3\xA4 \\u009b \\u202e \\u2028 \xF0\x9F\x98\x80\"");
    rse_buf_reset(&buf);
    rse_buf_add_json_str(&buf, RSE_STR("\xFF<\xE2\x82>"));
    assert_text(&buf, "\"\xEF\xBF\xBD<\xEF\xBF\xBD\xEF\xBF\xBD>\"");
    rse_buf_reset(&buf);
    rse_buf_add_json_str(&buf, RSE_STR("a\0b"));
    assert_text(&buf, "\"a\\u0000b\"");
}

/* Strings are looked at eight bytes at a time: each byte, at each place. */
static void json_str__escapes_a_byte_wherever_it_stands(void **state)
{
    RSE_BUF_AUTO alone = { 0 }, among = { 0 };
    char bytes[19];

    (void)state;
    rse_buf_init(&alone, 100);
    rse_buf_init(&among, 300);
    for (int c = 0; c < 0x100; c++) {
        rse_buf_reset(&alone);
        rse_buf_add_json_chars(&alone, rse_str_n((char[]){ (char)c }, 1));
        for (size_t at = 0; at < sizeof(bytes); at++) {
            memset(bytes, at % 2 == 0 ? ' ' : '~', sizeof(bytes));
            bytes[at] = (char)c;
            rse_buf_reset(&among);
            rse_buf_add_json_chars(&among, rse_str_n(bytes, sizeof(bytes)));
            assert_int_equal(among.len, sizeof(bytes) - 1 + alone.len);
            assert_memory_equal(among.p + at, alone.p, alone.len);
            assert_memory_equal(among.p, bytes, at);
            assert_memory_equal(among.p + at + alone.len, bytes + at + 1, sizeof(bytes) - at - 1);
        }
    }
}

static void json_str__of_random_bytes_is_json_and_reads_back(void **state)
{
    uint64_t random = random_start();
    RSE_BUF_AUTO buf = { 0 };

    (void)state;
    rse_buf_init(&buf, 10000);
    for (int round = 0; round < 2000; round++) {
        char bytes[40];
        size_t n = random_below(&random, sizeof(bytes));
        for (size_t i = 0; i < n; i++)
            bytes[i] = (char)(1 + random_below(&random, random_below(&random, 2) ? 127 : 255));
        bytes[n] = '\0';
        rse_buf_reset(&buf);
        rse_buf_add_json_str(&buf, rse_str_n(bytes, n));
        assert_true(rse_utf8_valid(rse_buf_str(&buf), NULL));
        cJSON *doc = cJSON_Parse(buf.p);
        assert_non_null(doc);
        if (rse_utf8_valid(rse_str_n(bytes, n), NULL))
            assert_string_equal(cJSON_GetStringValue(doc), bytes);
        cJSON_Delete(doc);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buf__is_a_string_from_the_start_and_after_every_append),
        cmocka_unit_test(buf__fills_up_to_its_limit_and_not_a_byte_more),
        cmocka_unit_test(buf__stays_failed_until_it_is_reset),
        cmocka_unit_test(buf__formats_what_is_longer_than_its_room),
        cmocka_unit_test(buf__gives_room_to_write_into),
        cmocka_unit_test(buf__with_a_limit_of_nothing_takes_nothing),
        cmocka_unit_test(buf__equals_a_plain_array_after_random_appends),
        cmocka_unit_test(json_str__escapes_what_must_be_and_what_could_deceive),
        cmocka_unit_test(json_str__escapes_a_byte_wherever_it_stands),
        cmocka_unit_test(json_str__of_random_bytes_is_json_and_reads_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
