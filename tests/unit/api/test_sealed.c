#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/err.h>

#include "api-server/sealed.h"

#define SECRET "rse_1_00112233445566778899aabbccddeeff0011223344556677_01234567"
#define TEXT   "{\"id\":7,\"token\":\"rse_7_secret\"}"

static const struct seal SEAL = { RSE_STR_INIT(SECRET), RSE_STR_INIT("k-1"), RSE_STR_INIT("201 /api/v1/tokens/7") };
static struct rse_err err;

static struct rse_str closed(const struct seal *seal, struct rse_str text, struct rse_buf *out)
{
    err = (struct rse_err)RSE_ERR_INIT;
    rse_buf_init(out, 4096);
    assert_true(sealed_close(seal, text, out, &err));
    return rse_buf_str(out);
}

static enum rse_code code_of_opening(const struct seal *seal, struct rse_str sealed, struct rse_str text)
{
    RSE_BUF_AUTO out = { 0 };
    bool ok;

    err = (struct rse_err)RSE_ERR_INIT;
    rse_buf_init(&out, 4096);
    ok = sealed_open(seal, sealed, &out, &err);
    assert_int_equal(ERR_peek_error(), 0);
    assert_int_equal(out.len, ok ? text.len : 0);
    assert_memory_equal(out.p, ok ? text.p : "", out.len);
    return ok ? RSE_OK : err.code;
}

static void open__gives_back_what_was_closed_also_nothing(void **state)
{
    static const struct rse_str TEXTS[] = { RSE_STR_INIT(TEXT), RSE_STR_INIT(""), RSE_STR_INIT("a\0b") };

    (void)state;
    for (size_t i = 0; i < RSE_COUNT(TEXTS); i++) {
        RSE_BUF_AUTO sealed = { 0 };

        closed(&SEAL, TEXTS[i], &sealed);
        assert_int_equal(sealed.len, TEXTS[i].len + SEALED_OVERHEAD);
        assert_int_equal(code_of_opening(&SEAL, rse_buf_str(&sealed), TEXTS[i]), RSE_OK);
    }
}

static void close__shows_nothing_of_the_text_and_is_never_the_same(void **state)
{
    RSE_BUF_AUTO a = { 0 };
    RSE_BUF_AUTO b = { 0 };

    (void)state;
    closed(&SEAL, RSE_STR(TEXT), &a);
    closed(&SEAL, RSE_STR(TEXT), &b);
    assert_int_equal(a.len, b.len);
    assert_memory_not_equal(a.p, b.p, 12);
    assert_memory_not_equal(a.p + 12, b.p + 12, a.len - 12);
    assert_null(memmem(a.p, a.len, "rse_7", 5));
}

static void open__needs_the_secret_the_purpose_and_what_is_bound(void **state)
{
    const struct seal others[] = {
        { RSE_STR("rse_2_00112233445566778899aabbccddeeff0011223344556677_01234567"), SEAL.purpose, SEAL.bound },
        { RSE_STR(""), SEAL.purpose, SEAL.bound },
        { SEAL.secret, RSE_STR("k-2"), SEAL.bound },
        { SEAL.secret, RSE_STR(""), SEAL.bound },
        { SEAL.secret, SEAL.purpose, RSE_STR("201 /api/v1/tokens/8") },
        { SEAL.secret, SEAL.purpose, RSE_STR("") },
    };
    RSE_BUF_AUTO sealed = { 0 };

    (void)state;
    closed(&SEAL, RSE_STR(TEXT), &sealed);
    for (size_t i = 0; i < RSE_COUNT(others); i++)
        assert_int_not_equal(code_of_opening(&others[i], rse_buf_str(&sealed), RSE_STR(TEXT)), RSE_OK);
    assert_int_equal(code_of_opening(&others[0], rse_buf_str(&sealed), RSE_STR(TEXT)), RSE_CONFLICT);
}

static void open__refuses_whatever_was_changed_or_cut(void **state)
{
    RSE_BUF_AUTO sealed = { 0 };

    (void)state;
    closed(&SEAL, RSE_STR(TEXT), &sealed);
    for (size_t i = 0; i < sealed.len; i++) {
        sealed.p[i] ^= 1;
        assert_int_equal(code_of_opening(&SEAL, rse_buf_str(&sealed), RSE_STR(TEXT)), RSE_CONFLICT);
        sealed.p[i] ^= 1;
        assert_int_equal(code_of_opening(&SEAL, rse_str_n(sealed.p, i), RSE_STR(TEXT)), RSE_CONFLICT);
    }
    assert_int_equal(code_of_opening(&SEAL, rse_buf_str(&sealed), RSE_STR(TEXT)), RSE_OK);
}

/* The key made step by step with HMAC-SHA256, as RFC 5869 has it: what lies in a database can be read by the next release too. */
static void open__reads_what_was_sealed_elsewhere(void **state)
{
    static const unsigned char SEALED[] = { 0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b,
                                            0x25, 0x10, 0xa6, 0x28, 0xbe, 0x7b, 0x27, 0x92, 0x0b, 0xdd, 0x8d, 0x3a,
                                            0xd2, 0xcc, 0x2a, 0xfa, 0x6e, 0x75, 0x71, 0xa4, 0xd8, 0x7d, 0x71, 0xd7,
                                            0x5e, 0xed, 0x83, 0x50, 0x95, 0x77, 0x43, 0xc4, 0xd4, 0x69, 0x84, 0xf0,
                                            0xcf, 0xdc, 0x1f, 0x38, 0x0a, 0x44, 0xab, 0x22, 0xe9, 0x76, 0x38 };

    (void)state;
    assert_int_equal(code_of_opening(&SEAL, rse_str_n((const char *)SEALED, sizeof(SEALED)), RSE_STR(TEXT)), RSE_OK);
}

static void close__fails_where_the_buffer_or_the_purpose_is_too_large(void **state)
{
    static char purpose[SEALED_PURPOSE_MAX + 1];
    const struct seal long_purpose = { SEAL.secret, rse_str_n(purpose, sizeof(purpose)), SEAL.bound };
    RSE_BUF_AUTO small = { 0 };
    RSE_BUF_AUTO out = { 0 };

    (void)state;
    err = (struct rse_err)RSE_ERR_INIT;
    rse_buf_init(&small, sizeof(TEXT));
    assert_false(sealed_close(&SEAL, RSE_STR(TEXT), &small, &err));
    assert_int_equal(err.code, RSE_TOO_LARGE);
    err = (struct rse_err)RSE_ERR_INIT;
    rse_buf_init(&out, 4096);
    assert_false(sealed_close(&long_purpose, RSE_STR(TEXT), &out, &err));
    assert_int_equal(err.code, RSE_INTERNAL);
    assert_int_equal(out.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(open__gives_back_what_was_closed_also_nothing),
        cmocka_unit_test(close__shows_nothing_of_the_text_and_is_never_the_same),
        cmocka_unit_test(open__needs_the_secret_the_purpose_and_what_is_bound),
        cmocka_unit_test(open__refuses_whatever_was_changed_or_cut),
        cmocka_unit_test(open__reads_what_was_sealed_elsewhere),
        cmocka_unit_test(close__fails_where_the_buffer_or_the_purpose_is_too_large),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
