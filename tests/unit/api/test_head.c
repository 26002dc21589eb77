#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api-server/http/head.h"

#define HOST "Host: x\r\n"

static struct http_head head;
static struct rse_err err;
static int status;

static bool parse(const char *text)
{
    err = (struct rse_err)RSE_ERR_INIT;
    status = 0;
    return http_head_parse(rse_str(text), &head, &status, &err);
}

static void assert_refused(const char *text, int wanted)
{
    assert_false(parse(text));
    assert_int_equal(status, wanted);
    assert_int_not_equal(err.code, RSE_OK);
}

static void parse__tells_method_path_and_credential(void **state)
{
    (void)state;
    assert_true(
        parse("PATCH /api/v1/x?a=b HTTP/1.1\r\n" HOST "authorization:  Bearer t \t\r\nX-Request-Id: 7\r\n\r\n"));
    assert_string_equal(head.method, "PATCH");
    assert_true(rse_str_is(head.path, "/api/v1/x"));
    assert_true(rse_str_is(head.authorization, "Bearer t"));
    assert_true(rse_str_is(head.request_id, "7"));
    assert_int_equal(head.content_length, -1);
    assert_false(head.chunked);
}

static void parse__takes_a_target_with_its_authority_which_counts_instead_of_host(void **state)
{
    (void)state;
    assert_true(parse("GET HTTP://y:8080/a?b=/c HTTP/1.1\r\n" HOST "\r\n"));
    assert_true(rse_str_is(head.path, "/a"));
    assert_true(rse_str_is(head.target, "/a?b=/c"));
    assert_true(rse_str_is(head.query, "b=/c"));
    assert_true(rse_str_is(head.host, "y:8080"));
    assert_false(parse("GET http://y/ HTTP/1.1\r\n\r\n"));
}

static void parse__knows_the_two_ways_to_frame_a_body(void **state)
{
    (void)state;
    assert_true(parse("POST / HTTP/1.1\r\n" HOST "Content-Length: 007\r\n\r\n"));
    assert_int_equal(head.content_length, 7);
    assert_true(parse("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: Chunked\r\n\r\n"));
    assert_true(head.chunked);
}

static void parse__refuses_two_ways_at_once_and_one_way_twice(void **state)
{
    (void)state;
    assert_refused("POST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400);
    assert_refused("POST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\nContent-Length: 1\r\n\r\n", 400);
    assert_refused("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400);
    assert_refused("POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip, chunked\r\n\r\n", 400);
    assert_refused("POST / HTTP/1.0\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n", 400);
}

static void parse__refuses_lengths_that_are_none(void **state)
{
    static const char *const lengths[] = { "", "-1", "+1", "1,1", "0x10", "1 1", "1000000000000000" };
    char text[200];

    (void)state;
    for (size_t i = 0; i < RSE_COUNT(lengths); i++) {
        snprintf(text, sizeof(text), "POST / HTTP/1.1\r\n" HOST "Content-Length: %s\r\n\r\n", lengths[i]);
        assert_refused(text, 400);
    }
}

static void parse__needs_a_host_since_http_1_1(void **state)
{
    (void)state;
    assert_refused("GET / HTTP/1.1\r\n\r\n", 400);
    assert_refused("GET / HTTP/1.1\r\n" HOST HOST "\r\n", 400);
    assert_true(parse("GET / HTTP/1.0\r\n\r\n"));
}

static void parse__refuses_lines_that_others_may_read_differently(void **state)
{
    (void)state;
    assert_refused("GET / HTTP/1.1\n" HOST "\r\n", 400);
    assert_refused("GET / HTTP/1.1\r\n" HOST "A: b\n\r\n", 400);
    assert_refused("GET / HTTP/1.1\r\n" HOST " folded\r\n\r\n", 400);
    assert_refused("GET / HTTP/1.1\r\n" HOST "A : b\r\n\r\n", 400);
    assert_refused("GET / HTTP/1.1\r\n" HOST ": b\r\n\r\n", 400);
    assert_refused("GET / HTTP/1.1\r\n" HOST "A: b\rc\r\n\r\n", 400);
    assert_refused("GET / HTTP/1.1\r\n" HOST "no colon\r\n\r\n", 400);
    assert_refused("GET / HTTP/1.1\r\n" HOST, 400);
}

static void parse__refuses_targets_that_are_no_path(void **state)
{
    (void)state;
    assert_refused("GET http:///x HTTP/1.1\r\n" HOST "\r\n", 400);
    assert_refused("GET http://x HTTP/1.1\r\n" HOST "\r\n", 400);
    assert_refused("GET ftp://x/ HTTP/1.1\r\n" HOST "\r\n", 400);
    assert_refused("GET * HTTP/1.1\r\n" HOST "\r\n", 400);
    assert_refused("GET /a b HTTP/1.1\r\n" HOST "\r\n", 400);
    assert_string_equal(err.hint, "Write a space in the target as %20.");
    assert_refused("GET /\xc3\xa4 HTTP/1.1\r\n" HOST "\r\n", 400);
    assert_refused("GET /#a HTTP/1.1\r\n" HOST "\r\n", 400);
    assert_refused("GET HTTP/1.1\r\n" HOST "\r\n", 400);
}

static void parse__speaks_http_1_only(void **state)
{
    (void)state;
    assert_refused("GET / HTTP/2.0\r\n" HOST "\r\n", 505);
    assert_refused("GET / HTTP/1.10\r\n" HOST "\r\n", 505);
    assert_refused("GET / http/1.1\r\n" HOST "\r\n", 400);
    assert_refused("PRI * HTTP/2.0\r\n\r\n", 505);
}

static void parse__bounds_the_number_of_headers(void **state)
{
    RSE_BUF_AUTO text = { 0 };

    (void)state;
    rse_buf_init(&text, 10000);
    rse_buf_adds(&text, "GET / HTTP/1.1\r\n" HOST);
    for (int i = 1; i < HEAD_MAX_FIELDS; i++)
        rse_buf_addf(&text, "X-%d: y\r\n", i);
    rse_buf_adds(&text, "\r\n");
    assert_true(parse(text.p));
    rse_buf_truncate(&text, text.len - 2);
    rse_buf_adds(&text, "One: more\r\n\r\n");
    assert_refused(text.p, 431);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse__tells_method_path_and_credential),
        cmocka_unit_test(parse__takes_a_target_with_its_authority_which_counts_instead_of_host),
        cmocka_unit_test(parse__knows_the_two_ways_to_frame_a_body),
        cmocka_unit_test(parse__refuses_two_ways_at_once_and_one_way_twice),
        cmocka_unit_test(parse__refuses_lengths_that_are_none),
        cmocka_unit_test(parse__needs_a_host_since_http_1_1),
        cmocka_unit_test(parse__refuses_lines_that_others_may_read_differently),
        cmocka_unit_test(parse__refuses_targets_that_are_no_path),
        cmocka_unit_test(parse__speaks_http_1_only),
        cmocka_unit_test(parse__bounds_the_number_of_headers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
