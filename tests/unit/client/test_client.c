#include "tests/unit/client/client_test.h"

static void keep_line(void *arg, const char *line)
{
    struct rse_buf *all = arg;

    rse_buf_addf(all, "%s\n", line);
}

static void trace__has_a_line_for_each_try_and_no_secret(void **state)
{
    static const struct server_answer ANSWERS[] = { { .bytes = BUSY }, { .bytes = OK_JSON, .body = "{}" } };
    struct server server;
    struct rse_err err = RSE_ERR_INIT;
    struct rse_client *client = NULL;
    RSE_BUF_AUTO all = { 0 };

    rse_buf_init(&all, 4096);
    server_start(&server, ANSWERS, 2);
    struct rse_client_config config = {
        .url = server.url, .token = "rse_1_secret", .retries = -1, .trace = keep_line, .trace_arg = &all
    };

    CHECK(rse_client_new(&client, &config, &err), err);
    CHECK(rse_client_json(client, "GET", "/x", NULL, NULL, &err), err);
    rse_client_free(client);
    server_stop(&server);
    assert_non_null(strstr(all.p, "GET /x -> 503, "));
    assert_non_null(strstr(all.p, "GET /x -> 200, "));
    assert_null(strstr(all.p, "secret"));
    (void)state;
}

static void new__refuses_a_url_that_is_none(void **state)
{
    static const char *const BAD[] = { "",           "127.0.0.1", "ftp://x", "http://x/api", "http://u:p@x",
                                       "http://x?y", "file:///x" };

    for (size_t i = 0; i < RSE_COUNT(BAD); i++) {
        struct rse_client_config config = { .url = BAD[i] };
        struct rse_err err = RSE_ERR_INIT;
        struct rse_client *client = NULL;

        if (rse_client_new(&client, &config, &err))
            fail_msg("taken: %s", BAD[i]);
        check_error(&err, RSE_INVALID, "not the URL of a Data Service");
        assert_null(client);
    }
    (void)state;
}

static void new__refuses_a_token_that_would_break_a_header(void **state)
{
    struct rse_client_config config = { .url = "http://127.0.0.1:1/", .token = "secret\r\nX: y" };
    struct rse_err err = RSE_ERR_INIT;
    struct rse_client *client = NULL;

    assert_false(rse_client_new(&client, &config, &err));
    check_error(&err, RSE_INVALID, "the token");
    assert_null(strstr(err.what, "secret"));
    (void)state;
}

static void escape__leaves_only_unreserved_characters(void **state)
{
    RSE_BUF_AUTO out = { 0 };

    rse_buf_init(&out, 100);
    rse_client_escape(&out, RSE_STR("a-Z_0.~ /?&=%\xc3\xa9"));
    assert_string_equal(out.p, "a-Z_0.~%20%2F%3F%26%3D%25%C3%A9");
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trace__has_a_line_for_each_try_and_no_secret),
        cmocka_unit_test(new__refuses_a_url_that_is_none),
        cmocka_unit_test(new__refuses_a_token_that_would_break_a_header),
        cmocka_unit_test(escape__leaves_only_unreserved_characters),
    };

    return cmocka_run_group_tests(tests, client_test_begin, client_test_end);
}
