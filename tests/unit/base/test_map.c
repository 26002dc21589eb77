/* The hash table against a plain list. */
#include "tests/unit/base/unit.h"

#include "resedge/map.h"

enum { KEYS = 300 };

static int values[KEYS];

/* Keys around the length up to which they stand in the entry itself, some with a zero byte. */
static struct rse_str key_of(uint32_t i, char text[64])
{
    static const int widths[] = { 0, 9, 10, 11, 40 };
    int len = snprintf(text, 64, "store-%0*u", widths[i % 5], i);

    if (i % 7 == 0)
        text[0] = '\0';
    return rse_str_n(text, (size_t)len);
}

static void map__agrees_with_a_list_under_random_puts_and_removes(void **state)
{
    uint64_t random = random_start();
    RSE_CLEANUP(rse_map_freep) struct rse_map *map = rse_map_new();
    void *expected[KEYS] = { NULL };
    size_t count = 0;
    char text[64];

    (void)state;
    for (int round = 0; round < 50000; round++) {
        /* Phases of growing and of shrinking, down to almost nothing. */
        bool growing = round / 3000 % 2 == 0;
        uint32_t i = random_below(&random, KEYS);
        struct rse_str key = key_of(i, text);
        assert_ptr_equal(rse_map_get(map, key), expected[i]);
        if (random_below(&random, 10) < (growing ? 8u : 2u)) {
            void *value = &values[random_below(&random, KEYS)];
            assert_ptr_equal(rse_map_put(map, key, value), expected[i]);
            count += expected[i] == NULL;
            expected[i] = value;
        } else {
            assert_ptr_equal(rse_map_remove(map, key), expected[i]);
            count -= expected[i] != NULL;
            expected[i] = NULL;
        }
        assert_int_equal(rse_map_count(map), count);
    }
    for (uint32_t i = 0; i < KEYS; i++)
        assert_ptr_equal(rse_map_get(map, key_of(i, text)), expected[i]);
}

static void map__visits_every_entry_once_after_removals(void **state)
{
    RSE_CLEANUP(rse_map_freep) struct rse_map *map = rse_map_new();
    bool seen[KEYS] = { false };
    struct rse_str key;
    void *value = NULL;
    char text[64];

    (void)state;
    for (uint32_t i = 0; i < KEYS; i++)
        rse_map_put(map, key_of(i, text), &values[i]);
    for (uint32_t i = 0; i < KEYS; i += 3)
        assert_ptr_equal(rse_map_remove(map, key_of(i, text)), &values[i]);
    for (size_t it = 0; rse_map_next(map, &it, &key, &value);) {
        size_t i = (size_t)((int *)value - values);
        assert_true(i % 3 != 0 && !seen[i]);
        assert_true(rse_str_eq(key, key_of((uint32_t)i, text)));
        seen[i] = true;
    }
    assert_int_equal(rse_map_count(map), KEYS - KEYS / 3);
}

static void map__keeps_the_order_of_insertion(void **state)
{
    RSE_CLEANUP(rse_map_freep) struct rse_map *map = rse_map_new();
    void *value = NULL;
    char text[64];
    size_t n = 0;

    (void)state;
    for (uint32_t i = 0; i < KEYS; i++)
        rse_map_put(map, key_of(i, text), &values[i]);
    /* Replacing is not inserting. */
    rse_map_put(map, key_of(4, text), &values[4]);
    for (size_t it = 0; rse_map_next(map, &it, NULL, &value);)
        assert_ptr_equal(value, &values[n++]);
    assert_int_equal(n, KEYS);
}

static void map__takes_the_empty_key_and_ids(void **state)
{
    RSE_CLEANUP(rse_map_freep) struct rse_map *map = rse_map_new();

    (void)state;
    assert_null(rse_map_put(map, rse_str_n(NULL, 0), &values[0]));
    assert_ptr_equal(rse_map_get(map, RSE_STR("")), &values[0]);
    for (int64_t id = -50; id < 50; id++)
        assert_null(rse_map_put_id(map, id, &values[id + 50]));
    assert_null(rse_map_put_id(map, INT64_MIN, &values[200]));
    assert_ptr_equal(rse_map_get_id(map, INT64_MIN), &values[200]);
    assert_ptr_equal(rse_map_remove_id(map, -50), &values[0]);
    assert_null(rse_map_get_id(map, -50));
    assert_ptr_equal(rse_map_get_id(map, 49), &values[99]);
    assert_int_equal(rse_map_count(map), 101);
}

static void map__is_empty_after_clear_and_usable_again(void **state)
{
    RSE_CLEANUP(rse_map_freep) struct rse_map *map = rse_map_new();
    char text[64];
    size_t it = 0;

    (void)state;
    for (uint32_t i = 0; i < KEYS; i++)
        rse_map_put(map, key_of(i, text), &values[i]);
    rse_map_clear(map);
    assert_int_equal(rse_map_count(map), 0);
    assert_false(rse_map_next(map, &it, NULL, NULL));
    assert_null(rse_map_get(map, key_of(1, text)));
    rse_map_put(map, key_of(1, text), &values[1]);
    assert_ptr_equal(rse_map_get(map, key_of(1, text)), &values[1]);
}

static void hash__depends_on_every_byte_and_on_the_length(void **state)
{
    unsigned char bytes[40] = { 0 };

    (void)state;
    for (size_t len = 0; len < sizeof(bytes); len++) {
        uint64_t hash = rse_hash(bytes, len);
        assert_true(hash == rse_hash(bytes, len));
        assert_true(hash != rse_hash(bytes, len + 1));
        for (size_t i = 0; i < len; i++) {
            bytes[i] ^= 1;
            assert_true(hash != rse_hash(bytes, len));
            bytes[i] ^= 1;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(map__agrees_with_a_list_under_random_puts_and_removes),
        cmocka_unit_test(map__visits_every_entry_once_after_removals),
        cmocka_unit_test(map__keeps_the_order_of_insertion),
        cmocka_unit_test(map__takes_the_empty_key_and_ids),
        cmocka_unit_test(map__is_empty_after_clear_and_usable_again),
        cmocka_unit_test(hash__depends_on_every_byte_and_on_the_length),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
