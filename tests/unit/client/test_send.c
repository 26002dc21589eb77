#include "tests/unit/client/client_test.h"

static void json__sends_and_reads_json_over_one_connection(void **state)
{
    static const struct server_answer ANSWERS[] = {
        { .bytes = OK_JSON, .body = "{\"a\":1 }" },
        { .bytes = "HTTP/1.1 204 No Content\r\n\r\n" },
    };
    struct server server;
    struct rse_err err = RSE_ERR_INIT;
    cJSON *body = cJSON_CreateObject(), *out = NULL;

    server_start(&server, ANSWERS, 2);
    struct rse_client *client = client_of(server.url, "rse_1_secret", 0);

    cJSON_AddStringToObject(body, "name", "x");
    CHECK(rse_client_json(client, "GET", "/api/v1/x?a=b", NULL, &out, &err), err);
    assert_int_equal(cJSON_GetObjectItem(out, "a")->valueint, 1);
    cJSON_Delete(out);
    CHECK(rse_client_json(client, "PUT", "/api/v1/x/1", body, &out, &err), err);
    assert_null(out);
    rse_client_free(client);
    server_stop(&server);
    assert_int_equal(server.accepted, 1);
    assert_non_null(strstr(server.requests[0], "GET /api/v1/x?a=b HTTP/1.1\r\n"));
    assert_non_null(strstr(server.requests[0], "\r\nAuthorization: Bearer rse_1_secret\r\n"));
    assert_non_null(strstr(server.requests[0], "\r\nAccept: application/json\r\n"));
    assert_non_null(strstr(server.requests[0], "\r\nUser-Agent: test/1\r\n"));
    assert_null(strstr(server.requests[0], "Content-Type"));
    assert_non_null(strstr(server.requests[1], "PUT /api/v1/x/1 HTTP/1.1\r\n"));
    assert_non_null(strstr(server.requests[1], "\r\nContent-Type: application/json\r\n"));
    assert_non_null(strstr(server.requests[1], "\r\n\r\n{\"name\":\"x\"}"));
    cJSON_Delete(body);
    (void)state;
}

static void send__gives_the_headers_that_matter(void **state)
{
    static const struct server_answer ANSWERS[] = {
        { .bytes = "HTTP/1.1 100 Continue\r\nETag: \"no\"\r\n\r\nHTTP/1.1 201 Created\r\netag:  \"v7\" \r\n"
                   "Location: /api/v1/clusters/9\r\nResedge-Revision: 42\r\n",
          .body = "{}" },
    };
    struct server server;
    struct rse_err err = RSE_ERR_INIT;
    struct rse_answer answer;
    struct rse_request request = { .method = "POST", .path = "/x", .if_match = "\"v6\"", .idempotency_key = "k-1" };

    server_start(&server, ANSWERS, 1);
    struct rse_client *client = client_of(server.url, NULL, 0);

    rse_answer_init(&answer);
    CHECK(rse_client_send(client, &request, &answer, &err), err);
    assert_int_equal(answer.status, 201);
    assert_string_equal(answer.etag, "\"v7\"");
    assert_string_equal(answer.location, "/api/v1/clusters/9");
    assert_int_equal(answer.revision, 42);
    assert_string_equal(answer.body.p, "{}");
    rse_answer_release(&answer);
    rse_client_free(client);
    server_stop(&server);
    assert_non_null(strstr(server.requests[0], "\r\nIf-Match: \"v6\"\r\n"));
    assert_non_null(strstr(server.requests[0], "\r\nIdempotency-Key: k-1\r\n"));
    assert_non_null(strstr(server.requests[0], "\r\nContent-Length: 0\r\n"));
    assert_null(strstr(server.requests[0], "Authorization"));
    assert_null(strstr(server.requests[0], "Content-Type"));
    (void)state;
}

static void send__takes_304_as_an_answer(void **state)
{
    static const struct server_answer ANSWERS[] = { { .bytes = "HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\n\r\n" } };
    struct server server;
    struct rse_err err = RSE_ERR_INIT;
    struct rse_request request = { .method = "GET", .path = "/x" };

    server_start(&server, ANSWERS, 1);
    struct rse_client *client = client_of(server.url, NULL, 0);

    assert_int_equal(send_once(client, &request, &err), 304);
    rse_client_free(client);
    server_stop(&server);
    (void)state;
}

static void send__repeats_a_safe_request_while_the_server_is_busy(void **state)
{
    static const struct server_answer ANSWERS[] = {
        { .bytes = BUSY },
        { .bytes = "HTTP/1.1 429 Too Many\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n" },
        { .bytes = OK_JSON, .body = "{}" },
    };
    struct server server;
    struct rse_err err = RSE_ERR_INIT;
    struct rse_request request = { .method = "GET", .path = "/x" };

    server_start(&server, ANSWERS, 3);
    struct rse_client *client = client_of(server.url, NULL, -1);

    assert_int_equal(send_once(client, &request, &err), 200);
    assert_int_equal(err.code, RSE_OK);
    rse_client_free(client);
    server_stop(&server);
    assert_int_equal(server.asked, 3);
    (void)state;
}

/* Without waiting: a request whose time is up before it may be repeated is not. */
static void send__waits_until_the_date_that_retry_after_names(void **state)
{
    static const struct {
        const char *headers; /* of the first answer */
        bool repeated;
    } CASES[] = {
        { "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nRetry-After: Sun, 06 Nov 1994 09:49:37 GMT\r\n", false },
        { "Retry-After: Sun, 06 Nov 1994 09:49:37 GMT\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n", false },
        { "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nRetry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n", true },
        { "Retry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n", true },
        { "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT\r\n", false },
        { "Retry-After: soon\r\n", true },
    };

    for (size_t i = 0; i < RSE_COUNT(CASES); i++) {
        char busy[256];
        struct server_answer answers[] = { { .bytes = busy }, { .bytes = OK_JSON, .body = "{}" } };
        struct rse_request request = { .method = "GET", .path = "/x", .timeout_ms = 4000 };
        struct rse_err err = RSE_ERR_INIT;
        struct server server;

        snprintf(busy, sizeof(busy), "HTTP/1.1 503 Busy\r\n%sContent-Length: 0\r\n\r\n", CASES[i].headers);
        server_start(&server, answers, 2);
        struct rse_client *client = client_of(server.url, NULL, -1);

        assert_int_equal(send_once(client, &request, &err), CASES[i].repeated ? 200 : 0);
        rse_client_free(client);
        server_stop(&server);
        assert_int_equal(server.asked, CASES[i].repeated ? 2 : 1);
    }
    (void)state;
}

static void send__repeats_a_post_only_with_an_idempotency_key(void **state)
{
    static const struct server_answer ANSWERS[] = { { .bytes = BUSY },
                                                    { .bytes = BUSY },
                                                    { .bytes = OK_JSON, .body = "{}" } };
    struct server server;
    struct rse_err err = RSE_ERR_INIT;
    struct rse_request plain = { .method = "POST", .path = "/x", .body = RSE_STR("{}") };
    struct rse_request keyed = plain;

    keyed.idempotency_key = "k";
    server_start(&server, ANSWERS, 3);
    struct rse_client *client = client_of(server.url, NULL, -1);

    assert_int_equal(send_once(client, &plain, &err), 0);
    check_error(&err, RSE_UNAVAILABLE, "");
    assert_int_equal(server_asked(&server), 1);
    rse_err_clear(&err);
    assert_int_equal(send_once(client, &keyed, &err), 200);
    rse_client_free(client);
    server_stop(&server);
    assert_int_equal(server.asked, 3);
    (void)state;
}

static void send__does_not_repeat_what_it_was_told_not_to(void **state)
{
    static const struct server_answer ANSWERS[] = { { .bytes = BUSY } };
    struct server server;
    struct rse_err err = RSE_ERR_INIT;
    struct rse_request request = { .method = "GET", .path = "/x", .no_retry = true };

    server_start(&server, ANSWERS, 1);
    struct rse_client *client = client_of(server.url, NULL, -1);

    assert_int_equal(send_once(client, &request, &err), 0);
    rse_client_free(client);
    server_stop(&server);
    assert_int_equal(server.asked, 1);
    (void)state;
}

static void send__repeats_when_the_connection_was_dropped_midway(void **state)
{
    static const struct server_answer ANSWERS[] = {
        { .bytes = OK_JSON "Content-Length: 100\r\n\r\n{\"a\":", .drop = true },
        { .bytes = OK_JSON, .body = "{\"a\":2}" },
    };
    struct server server;
    struct rse_err err = RSE_ERR_INIT;
    cJSON *out = NULL;

    server_start(&server, ANSWERS, 2);
    struct rse_client *client = client_of(server.url, NULL, -1);

    CHECK(rse_client_json(client, "GET", "/x", NULL, &out, &err), err);
    assert_int_equal(cJSON_GetObjectItem(out, "a")->valueint, 2);
    cJSON_Delete(out);
    rse_client_free(client);
    server_stop(&server);
    (void)state;
}

static void send__tells_of_an_answer_that_broke_off(void **state)
{
    static const struct server_answer ANSWERS[] = {
        { .bytes = OK_JSON "Content-Length: 100\r\n\r\n{\"a\":", .drop = true },
    };
    struct server server;
    struct rse_err err = RSE_ERR_INIT;

    server_start(&server, ANSWERS, 1);
    struct rse_client *client = client_of(server.url, NULL, 0);

    assert_false(rse_client_json(client, "GET", "/x?q=1", NULL, NULL, &err));
    check_error(&err, RSE_UNAVAILABLE, "broke off");
    assert_non_null(strstr(err.object, "/x"));
    assert_null(strstr(err.object, "q=1"));
    rse_client_free(client);
    server_stop(&server);
    (void)state;
}

static void send__ends_when_its_time_is_up(void **state)
{
    static const struct server_answer ANSWERS[] = { { .bytes = NULL } };
    struct server server;
    struct rse_err err = RSE_ERR_INIT;
    struct rse_request request = { .method = "GET", .path = "/slow", .timeout_ms = 150 };

    server_start(&server, ANSWERS, 1);
    struct rse_client *client = client_of(server.url, "rse_1_secret", -1);

    assert_int_equal(send_once(client, &request, &err), 0);
    check_error(&err, RSE_TIMEOUT, "did not answer in time");
    assert_string_equal(strrchr(err.object, '/'), "/slow");
    rse_client_free(client);
    server_stop(&server);
    assert_int_equal(server.asked, 1); /* no second try: the time was used up */
    (void)state;
}

static void send__tells_when_nobody_listens(void **state)
{
    struct rse_err err = RSE_ERR_INIT;
    unsigned port;
    int fd = server_closed_port(&port);
    char url[64];

    snprintf(url, sizeof(url), "http://127.0.0.1:%u", port);
    struct rse_client *client = client_of(url, "rse_1_secret", 1);

    assert_false(rse_client_json(client, "POST", "/x", NULL, NULL, &err));
    check_error(&err, RSE_UNAVAILABLE, "could not reach the Data Service");
    assert_null(strstr(err.what, "secret"));
    rse_client_free(client);
    close(fd);
    (void)state;
}

static bool stop_at_second(void *arg)
{
    return ++*(int *)arg >= 2;
}

static void send__ends_when_the_caller_wants_to_stop(void **state)
{
    static const struct server_answer ANSWERS[] = { { .bytes = NULL } };
    struct server server;
    struct rse_err err = RSE_ERR_INIT;
    int asked = 0;
    struct rse_request request = {
        .method = "GET", .path = "/x", .interrupted = stop_at_second, .interrupted_arg = &asked
    };

    server_start(&server, ANSWERS, 1);
    struct rse_client *client = client_of(server.url, NULL, -1);

    assert_int_equal(send_once(client, &request, &err), 0);
    check_error(&err, RSE_UNAVAILABLE, "interrupted");
    assert_int_equal(asked, 2);
    rse_client_free(client);
    server_stop(&server);
    (void)state;
}

static void send__makes_an_error_of_a_problem_document(void **state)
{
    static const struct server_answer ANSWERS[] = {
        { .bytes = "HTTP/1.1 409 Conflict\r\nContent-Type: application/problem+json\r\n",
          .body = "{\"code\":\"conflict\",\"detail\":\"the name is taken\",\"object\":\"cluster \\\"a\\\"\",\"field\":"
                  "\"/name\",\"x\":1}" },
    };
    struct server server;
    struct rse_err err = RSE_ERR_INIT;

    server_start(&server, ANSWERS, 1);
    struct rse_client *client = client_of(server.url, NULL, -1);

    assert_false(rse_client_json(client, "GET", "/x", NULL, NULL, &err));
    check_error(&err, RSE_CONFLICT, "the name is taken");
    assert_string_equal(err.object, "cluster \"a\"");
    assert_string_equal(err.field, "/name");
    rse_client_free(client);
    server_stop(&server);
    (void)state;
}

static void send__survives_what_is_no_answer(void **state)
{
    static const struct server_answer GARBAGE[] = { { .bytes = "SSH-2.0-OpenSSH_9.2\r\n", .drop = true } };
    static const struct server_answer HTML[] = { { .bytes = "HTTP/1.1 404 Nope\r\n", .body = "<html>" } };
    static const struct server_answer NO_JSON[] = { { .bytes = OK_JSON, .body = "{a:1" } };
    static const struct server_answer EMPTY[] = { { .bytes = "", .drop = true } };
    const struct {
        const struct server_answer *answers;
        enum rse_code code;
        const char *says;
    } cases[] = {
        { GARBAGE, RSE_UNAVAILABLE, "does not speak HTTP" },
        { HTML, RSE_NOT_FOUND, "" },
        { NO_JSON, RSE_INTERNAL, "can't be read" },
        { EMPTY, RSE_UNAVAILABLE, "broke off" },
    };

    for (size_t i = 0; i < RSE_COUNT(cases); i++) {
        struct server server;
        struct rse_err err = RSE_ERR_INIT;
        cJSON *out = NULL;

        server_start(&server, cases[i].answers, 1);
        struct rse_client *client = client_of(server.url, NULL, 0);

        assert_false(rse_client_json(client, "GET", "/x", NULL, &out, &err));
        check_error(&err, cases[i].code, cases[i].says);
        assert_null(out);
        rse_client_free(client);
        server_stop(&server);
    }
    (void)state;
}

static void send__bounds_an_answer(void **state)
{
    static const struct server_answer ANSWERS[] = { { .bytes = OK_JSON, .body = "{\"abcde\":12}" } };
    struct server server;
    struct rse_err err = RSE_ERR_INIT;
    struct rse_request request = { .method = "GET", .path = "/x", .max_answer = 11 };

    server_start(&server, ANSWERS, 1);
    struct rse_client *client = client_of(server.url, NULL, -1);

    assert_int_equal(send_once(client, &request, &err), 0);
    check_error(&err, RSE_TOO_LARGE, "more than 11 bytes");
    rse_err_clear(&err);
    request.max_answer = 12;
    assert_int_equal(send_once(client, &request, &err), 200);
    rse_client_free(client);
    server_stop(&server);
    (void)state;
}

static void send__refuses_what_would_break_the_request(void **state)
{
    const struct rse_request requests[] = {
        { .method = "GET", .path = "x" },
        { .method = "GET", .path = "/a b" },
        { .method = "GET", .path = "/a\r\nX: y" },
        { .method = "GET", .path = "/a", .if_match = "a\r\nX: y" },
        { .method = "GET", .path = "/a", .idempotency_key = "a b" },
    };
    struct rse_client *client = client_of("http://127.0.0.1:1", NULL, 0);

    for (size_t i = 0; i < RSE_COUNT(requests); i++) {
        struct rse_err err = RSE_ERR_INIT;

        assert_int_equal(send_once(client, &requests[i], &err), 0);
        assert_int_equal(err.code, RSE_INVALID);
    }
    rse_client_free(client);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json__sends_and_reads_json_over_one_connection),
        cmocka_unit_test(send__gives_the_headers_that_matter),
        cmocka_unit_test(send__takes_304_as_an_answer),
        cmocka_unit_test(send__repeats_a_safe_request_while_the_server_is_busy),
        cmocka_unit_test(send__waits_until_the_date_that_retry_after_names),
        cmocka_unit_test(send__repeats_a_post_only_with_an_idempotency_key),
        cmocka_unit_test(send__does_not_repeat_what_it_was_told_not_to),
        cmocka_unit_test(send__repeats_when_the_connection_was_dropped_midway),
        cmocka_unit_test(send__tells_of_an_answer_that_broke_off),
        cmocka_unit_test(send__ends_when_its_time_is_up),
        cmocka_unit_test(send__tells_when_nobody_listens),
        cmocka_unit_test(send__ends_when_the_caller_wants_to_stop),
        cmocka_unit_test(send__makes_an_error_of_a_problem_document),
        cmocka_unit_test(send__survives_what_is_no_answer),
        cmocka_unit_test(send__bounds_an_answer),
        cmocka_unit_test(send__refuses_what_would_break_the_request),
    };

    return cmocka_run_group_tests(tests, client_test_begin, client_test_end);
}
