#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api-server/config.h"
#include "api-server/http/actor.h"
#include "api-server/store/token.h"

static struct rse_err err;

static void fresh(void)
{
    err = (struct rse_err)RSE_ERR_INIT;
}

static void make__gives_tokens_of_the_form_and_never_the_same(void **state)
{
    char a[TOKEN_MAX], b[TOKEN_MAX], hash[TOKEN_HASH_HEX];

    (void)state;
    fresh();
    assert_true(token_make(17, a, &err) && token_make(17, b, &err));
    assert_string_not_equal(a, b);
    assert_int_equal(strncmp(a, "rse_17_", 7), 0);
    assert_true(token_has_form(rse_str(a)));
    assert_false(token_is_session(rse_str(a)));
    a[8] = a[8] == '0' ? '1' : '0';
    assert_false(token_has_form(rse_str(a)));
    assert_true(token_make_session(a, &err) && token_is_session(rse_str(a)) && token_has_form(rse_str(a)));
    token_hash(RSE_STR("abc"), hash);
    assert_string_equal(hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void has_form__spares_the_database_nonsense(void **state)
{
    static const char *const odd[] = {
        "",         "rse",       "RSE_1_a",
        "rse_1_A",  "rse_1_a b", "rse_1_\xc3\xa4",
        "xrse_1_a", "rse_1_a",   "rse_1_000000000000000000000000000000000000000000000000_00000000"
    };
    char endless[TOKEN_MAX + 1];

    (void)state;
    for (size_t i = 0; i < RSE_COUNT(odd); i++)
        assert_false(token_has_form(rse_str(odd[i])));
    memset(endless, 'a', TOKEN_MAX);
    endless[TOKEN_MAX] = '\0';
    memcpy(endless, "rse_", 4);
    assert_false(token_has_form(rse_str(endless)));
}

static void expiry__is_in_the_future_and_within_ten_years(void **state)
{
    static const char *const odd[] = { "soon", "0", "-1d", "4000d" };
    char out[RSE_TIME_SIZE];
    const char *value;

    (void)state;
    fresh();
    assert_true(token_expiry_from_lifetime(RSE_STR("30d"), out, &value, &err));
    assert_ptr_equal(value, out);
    assert_true(token_expiry_from_time(rse_str(out), out, &value, &err));
    assert_true(token_expiry_from_lifetime(RSE_STR(""), out, &value, &err));
    assert_null(value);
    for (size_t i = 0; i < RSE_COUNT(odd); i++) {
        fresh();
        assert_false(token_expiry_from_lifetime(rse_str(odd[i]), out, &value, &err));
    }
    fresh();
    assert_false(token_expiry_from_time(RSE_STR("2020-01-01T00:00:00Z"), out, &value, &err));
}

static void role__is_one_of_five(void **state)
{
    enum role role;

    (void)state;
    fresh();
    assert_true(role_parse(RSE_STR("worker"), &role, &err));
    assert_int_equal(role, ROLE_WORKER);
    assert_false(role_parse(RSE_STR("none"), &role, &err));
}

static void listen__is_host_and_port(void **state)
{
    static const char *const odd[] = { "", "x", ":1", "x:", "x:99999", "x:-1", "[::1]" };
    struct rse_arena *arena = rse_arena_new();
    const char *host;
    uint16_t port;

    (void)state;
    fresh();
    assert_true(config_listen_address("127.0.0.1:0", arena, &host, &port, &err));
    assert_string_equal(host, "127.0.0.1");
    assert_int_equal(port, 0);
    assert_true(config_listen_address("[::1]:8080", arena, &host, &port, &err));
    assert_string_equal(host, "::1");
    assert_int_equal(port, 8080);
    for (size_t i = 0; i < RSE_COUNT(odd); i++) {
        fresh();
        assert_false(config_listen_address(odd[i], arena, &host, &port, &err));
    }
    assert_true(config_is_loopback("127.0.0.1") && config_is_loopback("::1"));
    assert_false(config_is_loopback("0.0.0.0") || config_is_loopback("10.0.0.1") || config_is_loopback("::") ||
                 config_is_loopback("127.example.com"));
    rse_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(make__gives_tokens_of_the_form_and_never_the_same),
        cmocka_unit_test(has_form__spares_the_database_nonsense),
        cmocka_unit_test(expiry__is_in_the_future_and_within_ten_years),
        cmocka_unit_test(role__is_one_of_five),
        cmocka_unit_test(listen__is_host_and_port),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
