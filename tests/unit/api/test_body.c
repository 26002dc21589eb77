#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api-server/http/head.h"

static struct http_body body;
static char contents[64];

/* Feeds the text in pieces; returns the last result, and how many bytes were used. What it held is in `contents`. */
static enum http_body_result feed(const char *text, size_t piece, size_t *total)
{
    enum http_body_result result = BODY_MORE;
    size_t len = strlen(text);

    *total = 0;
    contents[0] = '\0';
    while (result == BODY_MORE && *total < len) {
        size_t n = len - *total < piece ? len - *total : piece, used;
        struct rse_str content;

        result = http_body_feed(&body, text + *total, n, &used, &content);
        strncat(contents, content.len > 0 ? content.p : "", content.len);
        *total += used;
    }
    return result;
}

static void begin(int64_t content_length, bool chunked, uint64_t limit, enum http_body_result wanted)
{
    struct http_head head = { .content_length = content_length, .chunked = chunked };

    assert_int_equal(http_body_begin(&body, &head, limit), wanted);
}

static void begin__knows_that_there_is_none(void **state)
{
    (void)state;
    begin(-1, false, 10, BODY_DONE);
    begin(0, false, 0, BODY_DONE);
}

static void begin__refuses_a_length_above_the_limit(void **state)
{
    (void)state;
    begin(10, false, 10, BODY_MORE);
    begin(11, false, 10, BODY_TOO_LARGE);
    begin(1, false, 0, BODY_TOO_LARGE);
}

static void feed__takes_just_the_length(void **state)
{
    size_t used;

    (void)state;
    begin(5, false, 10, BODY_MORE);
    assert_int_equal(feed("helloGET /", 3, &used), BODY_DONE);
    assert_int_equal(used, 5);
    assert_int_equal(body.seen, 5);
    assert_string_equal(contents, "hello");
}

static void feed__follows_chunks_in_pieces_of_any_size(void **state)
{
    static const char text[] = "5\r\nhello\r\nA\r\n0123456789\r\n0\r\n\r\n";
    size_t used;

    (void)state;
    for (size_t piece = 1; piece <= sizeof(text); piece++) {
        begin(-1, true, 15, BODY_MORE);
        assert_int_equal(feed("5\r\nhello\r\nA\r\n0123456789\r\n0\r\n\r\nGET /", piece, &used), BODY_DONE);
        assert_int_equal(used, sizeof(text) - 1);
        assert_int_equal(body.seen, 15);
        assert_string_equal(contents, "hello0123456789");
    }
}

static void feed__counts_chunks_before_they_come(void **state)
{
    size_t used;

    (void)state;
    begin(-1, true, 15, BODY_MORE);
    assert_int_equal(feed("5\r\nhello\r\nb\r\n", 1, &used), BODY_TOO_LARGE);
    begin(-1, true, 15, BODY_MORE);
    assert_int_equal(feed("ffffffff\r\n", 1, &used), BODY_TOO_LARGE);
}

static void feed__refuses_odd_framing(void **state)
{
    static const char *const odd[] = {
        "\r\n",          "g\r\n",           "-1\r\n",    " 1\r\nx\r\n",       "5;a=b\r\nhello\r\n",
        "5\nhello\r\n",  "5\r\nhelloo\r\n", "000000000", "5\r\nhello\n0\r\n", "0\r\nTrailer: x\r\n\r\n",
        "0\r\n\r\r\n\n", "5\r\nhello\r0"
    };
    size_t used;

    (void)state;
    for (size_t i = 0; i < RSE_COUNT(odd); i++) {
        begin(-1, true, 1000, BODY_MORE);
        assert_int_equal(feed(odd[i], 100, &used), BODY_BAD);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(begin__knows_that_there_is_none),
        cmocka_unit_test(begin__refuses_a_length_above_the_limit),
        cmocka_unit_test(feed__takes_just_the_length),
        cmocka_unit_test(feed__follows_chunks_in_pieces_of_any_size),
        cmocka_unit_test(feed__counts_chunks_before_they_come),
        cmocka_unit_test(feed__refuses_odd_framing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
