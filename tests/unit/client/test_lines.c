#include "tests/unit/client/client_test.h"

struct seen {
    char text[200];
    int stop_at;
};

static bool note(void *arg, const struct cJSON *json, struct rse_err *err)
{
    struct seen *seen = arg;
    const cJSON *number = cJSON_GetObjectItem(json, "n");
    int n = number != NULL ? number->valueint : 0;

    snprintf(seen->text + strlen(seen->text), 16, "%d ", n);
    return n != seen->stop_at || rse_fail(err, RSE_CONFLICT, "enough at %d", n);
}

#define NDJSON "HTTP/1.1 200 OK\r\nResedge-Revision: 7\r\n"

/* The body in pieces that begin at the cuts. */
static void check_lines(const char *body, const size_t *cuts)
{
    struct server_answer answer = { .bytes = NDJSON, .body = body, .cuts = cuts };
    struct server server;
    struct rse_err err = RSE_ERR_INIT;
    struct seen seen = { .stop_at = -1 };
    int64_t revision = 0;

    server_start(&server, &answer, 1);
    struct rse_client *client = client_of(server.url, NULL, 0);

    CHECK(rse_client_lines(client, "/x", note, &seen, &revision, &err), err);
    assert_string_equal(seen.text, "1 0 22 ");
    assert_int_equal(revision, 7);
    rse_client_free(client);
    server_stop(&server);
    assert_non_null(strstr(server.requests[0], "\r\nAccept: application/x-ndjson\r\n"));
}

static void lines__come_whole_however_the_stream_is_cut(void **state)
{
    static const char BODY[] = "{\"n\":1}\n{\"m\":\"\xe2\x82\xac\"}\r\n\n{\"n\":22}\n";
    size_t everywhere[sizeof(BODY)] = { 0 };

    for (size_t at = 1; at < sizeof(BODY) - 1; at++) {
        check_lines(BODY, (size_t[]){ at, 0 });
        everywhere[at - 1] = at;
    }
    check_lines(BODY, everywhere);
    (void)state;
}

static void lines__take_a_last_line_without_an_end(void **state)
{
    static const struct server_answer ANSWERS[] = {
        { .bytes =
              "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{\"n\":1}\n{\r\n6\r\n\"n\":2}\r\n0\r\n\r\n" },
    };
    struct server server;
    struct rse_err err = RSE_ERR_INIT;
    struct seen seen = { .stop_at = -1 };

    server_start(&server, ANSWERS, 1);
    struct rse_client *client = client_of(server.url, NULL, 0);

    CHECK(rse_client_lines(client, "/x", note, &seen, NULL, &err), err);
    assert_string_equal(seen.text, "1 2 ");
    rse_client_free(client);
    server_stop(&server);
    (void)state;
}

static void lines__end_where_the_caller_says_so(void **state)
{
    static const struct server_answer ANSWERS[] = { { .bytes = NDJSON,
                                                      .body = "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n{\"n\":4}  \n" } };
    struct server server;
    struct rse_err err = RSE_ERR_INIT;
    struct seen seen = { .stop_at = 2 };

    server_start(&server, ANSWERS, 1);
    struct rse_client *client = client_of(server.url, NULL, -1);

    assert_false(rse_client_lines(client, "/x", note, &seen, NULL, &err));
    check_error(&err, RSE_CONFLICT, "enough at 2");
    assert_string_equal(seen.text, "1 2 ");
    rse_client_free(client);
    server_stop(&server);
    assert_int_equal(server.asked, 1);
    (void)state;
}

static void lines__are_not_asked_for_again_once_some_have_come(void **state)
{
    static const struct server_answer ANSWERS[] = {
        { .bytes = BUSY },
        { .bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n{\"n\":1}\n\r\n", .drop = true },
    };
    struct server server;
    struct rse_err err = RSE_ERR_INIT;
    struct seen seen = { .stop_at = -1 };

    server_start(&server, ANSWERS, 2);
    struct rse_client *client = client_of(server.url, NULL, -1);

    assert_false(rse_client_lines(client, "/x", note, &seen, NULL, &err));
    check_error(&err, RSE_UNAVAILABLE, "broke off");
    assert_string_equal(seen.text, "1 ");
    rse_client_free(client);
    server_stop(&server);
    assert_int_equal(server.asked, 2);
    (void)state;
}

static void lines__name_the_one_that_is_no_json(void **state)
{
    static const struct server_answer ANSWERS[] = { { .bytes = NDJSON,
                                                      .body = "{\"n\":1}\n{\"n\":xxxxxxxxxxxxxxxxxxx}\n" } };
    struct server server;
    struct rse_err err = RSE_ERR_INIT;
    struct seen seen = { .stop_at = -1 };

    server_start(&server, ANSWERS, 1);
    struct rse_client *client = client_of(server.url, NULL, 0);

    assert_false(rse_client_lines(client, "/x", note, &seen, NULL, &err));
    check_error(&err, RSE_INTERNAL, "line 2");
    rse_client_free(client);
    server_stop(&server);
    (void)state;
}

static void lines__of_an_error_are_its_problem(void **state)
{
    static const struct server_answer ANSWERS[] = {
        { .bytes = "HTTP/1.1 410 Gone\r\n", .body = "{\"code\":\"gone\",\"detail\":\"kept no longer\"}" },
    };
    struct server server;
    struct rse_err err = RSE_ERR_INIT;
    struct seen seen = { .stop_at = -1 };

    server_start(&server, ANSWERS, 1);
    struct rse_client *client = client_of(server.url, NULL, 0);

    assert_false(rse_client_lines(client, "/x", note, &seen, NULL, &err));
    check_error(&err, RSE_GONE, "kept no longer");
    assert_string_equal(seen.text, "");
    rse_client_free(client);
    server_stop(&server);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines__come_whole_however_the_stream_is_cut),
        cmocka_unit_test(lines__take_a_last_line_without_an_end),
        cmocka_unit_test(lines__end_where_the_caller_says_so),
        cmocka_unit_test(lines__are_not_asked_for_again_once_some_have_come),
        cmocka_unit_test(lines__name_the_one_that_is_no_json),
        cmocka_unit_test(lines__of_an_error_are_its_problem),
    };

    return cmocka_run_group_tests(tests, client_test_begin, client_test_end);
}
