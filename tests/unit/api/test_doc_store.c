#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "api-server/fleet/doc_store.h"

/* The document with that number: of any length up to 3,000 bytes. */
static struct rse_str made(size_t number, char text[3001])
{
    size_t len = number * 7919 % 3000;

    for (size_t i = 0; i < len; i++)
        text[i] = (char)('a' + (number + i / 50) % 26);
    text[len] = '\0';
    return rse_str_n(text, len);
}

static void get__gives_back_what_was_added_in_any_order(void **state)
{
    enum { COUNT = 2000 };
    struct doc_store *store = doc_store_new();
    size_t bytes = 0;
    char text[3001];

    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        struct rse_str doc = made(i, text);

        assert_int_equal(doc_store_add(store, doc), i);
        bytes += doc.len;
        assert_true(rse_str_eq(doc_store_get(store, i), doc));
    }
    assert_int_equal(doc_store_bytes(store), bytes);
    for (size_t i = 0; i < COUNT; i++)
        assert_true(rse_str_eq(doc_store_get(store, i), made(i, text)));
    for (size_t i = 0; i < COUNT; i++)
        assert_true(rse_str_eq(doc_store_get(store, i * 1237 % COUNT), made(i * 1237 % COUNT, text)));
    doc_store_free(store);
}

static void get__knows_a_store_of_one_and_an_empty_document(void **state)
{
    struct doc_store *store = doc_store_new();

    (void)state;
    doc_store_free(store);
    store = doc_store_new();
    assert_int_equal(doc_store_add(store, rse_str("")), 0);
    assert_int_equal(doc_store_get(store, 0).len, 0);
    assert_int_equal(doc_store_add(store, rse_str("{}")), 1);
    assert_true(rse_str_is(doc_store_get(store, 1), "{}"));
    doc_store_free(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(get__gives_back_what_was_added_in_any_order),
        cmocka_unit_test(get__knows_a_store_of_one_and_an_empty_document),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
