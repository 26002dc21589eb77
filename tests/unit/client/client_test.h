/*
 * client_test.h - what the tests of the client share.
 */
#ifndef RESEDGE_TESTS_CLIENT_TEST_H
#define RESEDGE_TESTS_CLIENT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <cjson/cJSON.h>

#include "resedge/client.h"
#include "tests/unit/client/http_server.h"

#define OK_JSON "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
#define BUSY    "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
#define CHECK(ok, err)                                     \
    do {                                                   \
        if (!(ok))                                         \
            fail_msg("%s (%s)", (err).what, (err).object); \
    } while (0)

static inline struct rse_client *client_of(const char *url, const char *token, int retries)
{
    struct rse_client_config config = { .url = url, .token = token, .user_agent = "test/1", .retries = retries };
    struct rse_err err = RSE_ERR_INIT;
    struct rse_client *client = NULL;

    CHECK(rse_client_new(&client, &config, &err), err);
    return client;
}

static inline void check_error(const struct rse_err *err, enum rse_code code, const char *says)
{
    if (strstr(err->what, says) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", err->what, says);
    assert_int_equal(err->code, code);
}

/* Sends and lets go of the answer; the status, 0 on failure. */
static inline int send_once(struct rse_client *client, const struct rse_request *request, struct rse_err *err)
{
    struct rse_answer answer;

    rse_answer_init(&answer);
    int status = rse_client_send(client, request, &answer, err) ? answer.status : 0;

    rse_answer_release(&answer);
    return status;
}

static inline int client_test_begin(void **state)
{
    (void)state;
    rse_client_global_init();
    return 0;
}

static inline int client_test_end(void **state)
{
    (void)state;
    rse_client_global_cleanup();
    return 0;
}

#endif
