#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <arpa/inet.h>
#include <cmocka.h>

#include "api-server/http/forwarded.h"

#define X_FOR   "X-Forwarded-For"
#define RFC7239 "Forwarded"
#define PROXIES "10.0.0.0/8, 2001:db8:f::/48,192.0.2.7"

/* Who asks, by a request with these header lines over a connection from there; to be used before the next call. */
static const char *client_of(const char *header, const char *peer_text, const char *lines)
{
    static char text[ADDRESS_SIZE];
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    const char *bytes = rse_arena_printf(arena, "GET / HTTP/1.1\r\nHost: x\r\n%s\r\n", lines);
    struct proxies proxies;
    struct http_head head;
    struct rse_err err = RSE_ERR_INIT;
    struct address peer, client;
    int status;

    assert_true(proxies_parse(PROXIES, header, &proxies, &err));
    assert_true(http_head_parse(rse_str(bytes), &head, &status, &err));
    assert_true(address_parse(rse_str(peer_text), &peer));
    client = forwarded_client(&proxies, &head, &peer, arena);
    address_format(&client, text);
    return text;
}

static const char *x_for(const char *peer, const char *lines)
{
    return client_of(X_FOR, peer, lines);
}

static const char *rfc7239(const char *peer, const char *lines)
{
    return client_of(RFC7239, peer, lines);
}

static void client__is_the_last_that_is_no_trusted_proxy(void **state)
{
    (void)state;
    assert_string_equal(x_for("10.1.1.1", ""), "10.1.1.1");
    assert_string_equal(x_for("10.1.1.1", "X-Forwarded-For: 198.51.100.4\r\n"), "198.51.100.4");
    assert_string_equal(x_for("10.1.1.1", "X-Forwarded-For: 6.6.6.6, 198.51.100.4\r\n"), "198.51.100.4");
    assert_string_equal(x_for("10.1.1.1", "x-forwarded-for: 6.6.6.6\r\nX-FORWARDED-FOR: 198.51.100.4,10.2.2.2\r\n"),
                        "198.51.100.4");
    assert_string_equal(x_for("::ffff:10.1.1.1", "X-Forwarded-For: 2001:db8::9, 2001:db8:f::1, 192.0.2.7\r\n"),
                        "2001:db8::9");
    assert_string_equal(x_for("10.1.1.1", "X-Forwarded-For: 10.3.3.3, 10.2.2.2\r\n"), "10.3.3.3");
}

static void client__is_the_peer_where_that_is_not_trusted(void **state)
{
    (void)state;
    assert_string_equal(x_for("203.0.113.5", "X-Forwarded-For: 198.51.100.4\r\n"), "203.0.113.5");
    assert_string_equal(x_for("11.0.0.1", "X-Forwarded-For: 198.51.100.4\r\n"), "11.0.0.1");
    assert_string_equal(rfc7239("2001:db8:e::1", "Forwarded: for=198.51.100.4\r\n"), "2001:db8:e::1");
}

static void client__is_who_wrote_it_where_the_next_is_no_address(void **state)
{
    static const char *const BAD[] = { "unknown", "_hidden", "1.2.3",        "1.2.3.4.5",      "",
                                       "[::1",    "::1]",    "fe80::1%eth0", "1.2.3.4 5.6.7.8" };
    char lines[200];

    (void)state;
    for (size_t i = 0; i < RSE_COUNT(BAD); i++) {
        snprintf(lines, sizeof(lines), "X-Forwarded-For: 6.6.6.6, %s, 10.2.2.2\r\n", BAD[i]);
        assert_string_equal(x_for("10.1.1.1", lines), "10.2.2.2");
    }
}

static void client__is_known_with_and_without_a_port(void **state)
{
    (void)state;
    assert_string_equal(x_for("10.1.1.1", "X-Forwarded-For: 198.51.100.4:4711\r\n"), "198.51.100.4");
    assert_string_equal(x_for("10.1.1.1", "X-Forwarded-For: [2001:db8::9]:4711\r\n"), "2001:db8::9");
    assert_string_equal(x_for("10.1.1.1", "X-Forwarded-For: [2001:db8::9]\r\n"), "2001:db8::9");
}

static void client__is_read_from_forwarded_as_rfc_7239_has_it(void **state)
{
    (void)state;
    assert_string_equal(rfc7239("10.1.1.1", "Forwarded: for=198.51.100.4;proto=https;by=10.1.1.1\r\n"), "198.51.100.4");
    assert_string_equal(rfc7239("10.1.1.1", "Forwarded: proto=http; FOR=\"[2001:db8::9]:4711\"\r\n"), "2001:db8::9");
    assert_string_equal(rfc7239("10.1.1.1", "Forwarded: for=6.6.6.6, for=198.51.100.4, for=\"10.2.2.2:80\"\r\n"),
                        "198.51.100.4");
    assert_string_equal(rfc7239("10.1.1.1", "Forwarded: for=6.6.6.6\r\nForwarded: for=198.51.100.4\r\n"),
                        "198.51.100.4");
    assert_string_equal(rfc7239("10.1.1.1", "Forwarded: for=6.6.6.6, by=10.9.9.9\r\n"), "10.1.1.1");
}

/* The client sends one header with the other's name or an open quote, and the proxy adds its own. */
static void client__cant_be_made_up(void **state)
{
    (void)state;
    assert_string_equal(x_for("10.1.1.1", "Forwarded: for=6.6.6.6\r\nX-Forwarded-For: 198.51.100.4\r\n"),
                        "198.51.100.4");
    assert_string_equal(rfc7239("10.1.1.1", "X-Forwarded-For: 6.6.6.6\r\nForwarded: for=198.51.100.4\r\n"),
                        "198.51.100.4");
    assert_string_equal(x_for("10.1.1.1", "X-Forwarded-For: \"6.6.6.6, 198.51.100.4\r\n"), "198.51.100.4");
    assert_string_equal(rfc7239("10.1.1.1", "Forwarded: for=\"6.6.6.6\r\nForwarded: for=198.51.100.4\r\n"), "10.1.1.1");
    assert_string_equal(rfc7239("10.1.1.1", "Forwarded: for=6.6.6.6, x=\"\r\nForwarded: for=\"[2001:db8::9]:1\"\r\n"),
                        "10.1.1.1");
    assert_string_equal(rfc7239("10.1.1.1", "Forwarded: for=6.6.6.6;for=198.51.100.4\r\n"), "10.1.1.1");
    assert_string_equal(rfc7239("10.1.1.1", "Forwarded: for=\"6.6.\\6.6\"\r\n"), "10.1.1.1");
}

static void client__is_looked_for_in_a_bounded_number_of_addresses(void **state)
{
    RSE_BUF_AUTO lines = { 0 };

    (void)state;
    rse_buf_init(&lines, HEAD_MAX);
    rse_buf_adds(&lines, "X-Forwarded-For: 6.6.6.6");
    for (int i = 0; i < 40; i++)
        rse_buf_addf(&lines, ",10.2.2.%d", i);
    rse_buf_adds(&lines, "\r\n");
    assert_string_equal(x_for("10.1.1.1", lines.p), "10.2.2.8");
    rse_buf_reset(&lines);
    rse_buf_addf(&lines, "X-Forwarded-For: %s198.51.100.4\r\n",
                 ",,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,");
    assert_string_equal(x_for("10.1.1.1", lines.p), "198.51.100.4");
}

static void proxies__are_networks_and_a_header(void **state)
{
    static const struct {
        const char *networks, *header, *object;
    } BAD[] = {
        { "10.0.0.0/33", X_FOR, "\"10.0.0.0/33\"" },
        { "10.0.0.0/", X_FOR, "\"10.0.0.0/\"" },
        { "10.0.0.0/-1", X_FOR, "\"10.0.0.0/-1\"" },
        { "10.1.2.3/8", X_FOR, "\"10.1.2.3/8\"" },
        { "::1/129", X_FOR, "\"::1/129\"" },
        { "1.2.3.4,,5.6.7.8", X_FOR, "\"\"" },
        { "proxy.example", X_FOR, "\"proxy.example\"" },
        { "::1", "X-Real-IP", "--forwarded-header X-Real-IP" },
    };
    struct proxies proxies;
    struct rse_err err = RSE_ERR_INIT;

    (void)state;
    assert_true(proxies_parse(NULL, "forwarded", &proxies, &err));
    assert_int_equal(proxies.trusted.count, 0);
    assert_true(proxies_parse("0.0.0.0/0,::/0,::ffff:10.0.0.0/104", "x-forwarded-for", &proxies, &err));
    assert_int_equal(proxies.trusted.count, 3);
    for (size_t i = 0; i < RSE_COUNT(BAD); i++) {
        err = (struct rse_err)RSE_ERR_INIT;
        assert_false(proxies_parse(BAD[i].networks, BAD[i].header, &proxies, &err));
        assert_string_equal(err.object, BAD[i].object);
        assert_int_equal(err.code, RSE_INVALID);
    }
}

static void address__of_a_socket_is_the_same_in_both_versions(void **state)
{
    struct sockaddr_in v4 = { .sin_family = AF_INET };
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
    struct sockaddr none = { .sa_family = AF_UNIX };
    struct address address;
    char text[ADDRESS_SIZE];

    (void)state;
    assert_int_equal(inet_pton(AF_INET, "192.0.2.1", &v4.sin_addr), 1);
    address = address_of_socket((struct sockaddr *)&v4);
    address_format(&address, text);
    assert_string_equal(text, "192.0.2.1");
    assert_int_equal(inet_pton(AF_INET6, "::ffff:192.0.2.1", &v6.sin6_addr), 1);
    address = address_of_socket((struct sockaddr *)&v6);
    address_format(&address, text);
    assert_string_equal(text, "192.0.2.1");
    address = address_of_socket(&none);
    address_format(&address, text);
    assert_string_equal(text, "-");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(client__is_the_last_that_is_no_trusted_proxy),
        cmocka_unit_test(client__is_the_peer_where_that_is_not_trusted),
        cmocka_unit_test(client__is_who_wrote_it_where_the_next_is_no_address),
        cmocka_unit_test(client__is_known_with_and_without_a_port),
        cmocka_unit_test(client__is_read_from_forwarded_as_rfc_7239_has_it),
        cmocka_unit_test(client__cant_be_made_up),
        cmocka_unit_test(client__is_looked_for_in_a_bounded_number_of_addresses),
        cmocka_unit_test(proxies__are_networks_and_a_header),
        cmocka_unit_test(address__of_a_socket_is_the_same_in_both_versions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
