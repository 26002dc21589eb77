/* Bitmaps against arrays of bool. */
#include "tests/unit/base/unit.h"

#include "resedge/bitmap.h"

enum { MOST_BITS = 700 };

struct naive {
    bool bits[MOST_BITS];
    uint32_t nbits;
};

static void assert_same(const struct rse_bitmap *set, const struct naive *naive)
{
    uint32_t count = 0;
    uint32_t next = rse_bitmap_next(set, 0);

    assert_int_equal(set->nbits, naive->nbits);
    for (uint32_t i = 0; i < naive->nbits; i++) {
        assert_int_equal(rse_bitmap_has(set, i), naive->bits[i]);
        if (!naive->bits[i])
            continue;
        assert_int_equal(next, i);
        next = rse_bitmap_next(set, i + 1);
        count++;
    }
    assert_int_equal(next, UINT32_MAX);
    assert_int_equal(rse_bitmap_count(set), count);
    assert_false(rse_bitmap_has(set, naive->nbits));
    if (naive->nbits % 64 != 0)
        assert_int_equal(set->words[naive->nbits / 64] >> (naive->nbits % 64), 0);
}

static void randomize(uint64_t *random, struct rse_bitmap *set, struct naive *naive, uint32_t nbits)
{
    uint32_t density = 1 + random_below(random, 20);

    *naive = (struct naive){ .nbits = nbits };
    rse_bitmap_init(set, nbits);
    for (uint32_t i = 0; i < nbits; i++) {
        if (random_below(random, density) != 0)
            continue;
        rse_bitmap_set(set, i);
        naive->bits[i] = true;
    }
}

static void combine(int op, struct rse_bitmap *set, const struct rse_bitmap *with, struct naive *a,
                    const struct naive *b)
{
    void (*const ops[])(struct rse_bitmap *, const struct rse_bitmap *) = { rse_bitmap_or, rse_bitmap_and,
                                                                            rse_bitmap_andnot, rse_bitmap_xor };

    ops[op](set, with);
    for (uint32_t i = 0; i < a->nbits; i++) {
        bool results[] = { a->bits[i] || b->bits[i], a->bits[i] && b->bits[i], a->bits[i] && !b->bits[i],
                           a->bits[i] != b->bits[i] };
        a->bits[i] = results[op];
    }
}

static void bitmap__agrees_with_an_array_of_bool(void **state)
{
    uint64_t random = random_start();

    (void)state;
    for (int round = 0; round < 1000; round++) {
        RSE_BITMAP_AUTO set = { 0 };
        RSE_BITMAP_AUTO with = { 0 };
        struct naive a;
        struct naive b;
        uint32_t nbits = random_below(&random, MOST_BITS + 1);
        randomize(&random, &set, &a, nbits);
        randomize(&random, &with, &b, nbits);
        combine((int)random_below(&random, 4), &set, &with, &a, &b);
        assert_same(&set, &a);
        rse_bitmap_not(&set);
        for (uint32_t i = 0; i < nbits; i++)
            a.bits[i] = !a.bits[i];
        assert_same(&set, &a);
    }
}

static void bitmap__keeps_what_is_below_both_sizes_when_resized(void **state)
{
    uint64_t random = random_start();

    (void)state;
    for (int round = 0; round < 500; round++) {
        RSE_BITMAP_AUTO set = { 0 };
        struct naive naive;
        randomize(&random, &set, &naive, random_below(&random, MOST_BITS + 1));
        for (int i = 0; i < 4; i++) {
            uint32_t nbits = random_below(&random, MOST_BITS + 1);
            rse_bitmap_resize(&set, nbits);
            for (uint32_t bit = nbits; bit < naive.nbits; bit++)
                naive.bits[bit] = false;
            naive.nbits = nbits;
            assert_same(&set, &naive);
        }
    }
}

static void bitmap__fills_and_clears_to_the_last_bit(void **state)
{
    const uint32_t sizes[] = { 0, 1, 63, 64, 65, 128, 60000 };

    (void)state;
    for (size_t i = 0; i < RSE_COUNT(sizes); i++) {
        RSE_BITMAP_AUTO set = { 0 };
        rse_bitmap_init(&set, sizes[i]);
        assert_int_equal(rse_bitmap_count(&set), 0);
        rse_bitmap_fill(&set);
        assert_int_equal(rse_bitmap_count(&set), sizes[i]);
        rse_bitmap_not(&set);
        assert_int_equal(rse_bitmap_count(&set), 0);
        rse_bitmap_fill(&set);
        rse_bitmap_clear(&set);
        assert_int_equal(rse_bitmap_next(&set, 0), UINT32_MAX);
    }
}

static void bitmap__copies_bits_and_size(void **state)
{
    uint64_t random = random_start();
    RSE_BITMAP_AUTO to = { 0 };

    (void)state;
    rse_bitmap_init(&to, 0);
    for (int round = 0; round < 200; round++) {
        RSE_BITMAP_AUTO from = { 0 };
        struct naive naive;
        randomize(&random, &from, &naive, random_below(&random, MOST_BITS + 1));
        rse_bitmap_copy(&to, &from);
        assert_same(&to, &naive);
        assert_true(rse_bitmap_eq(&to, &from));
        if (from.nbits > 0) {
            uint32_t bit = random_below(&random, from.nbits);
            if (rse_bitmap_has(&to, bit))
                rse_bitmap_unset(&to, bit);
            else
                rse_bitmap_set(&to, bit);
            assert_false(rse_bitmap_eq(&to, &from));
        }
    }
}

static void bitmap__of_another_size_is_not_equal(void **state)
{
    RSE_BITMAP_AUTO a = { 0 };
    RSE_BITMAP_AUTO b = { 0 };

    (void)state;
    rse_bitmap_init(&a, 64);
    rse_bitmap_init(&b, 65);
    assert_false(rse_bitmap_eq(&a, &b));
}

static void bitmap__visits_each_set_bit_in_order(void **state)
{
    const uint32_t expected[] = { 0, 63, 64, 127, 199 };
    RSE_BITMAP_AUTO set = { 0 };
    size_t n = 0;

    (void)state;
    rse_bitmap_init(&set, 200);
    for (size_t i = RSE_COUNT(expected); i-- > 0;)
        rse_bitmap_set(&set, expected[i]);
    RSE_BITMAP_EACH(&set, bit)
    assert_int_equal(bit, expected[n++]);
    assert_int_equal(n, RSE_COUNT(expected));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bitmap__agrees_with_an_array_of_bool),
        cmocka_unit_test(bitmap__keeps_what_is_below_both_sizes_when_resized),
        cmocka_unit_test(bitmap__fills_and_clears_to_the_last_bit),
        cmocka_unit_test(bitmap__copies_bits_and_size),
        cmocka_unit_test(bitmap__of_another_size_is_not_equal),
        cmocka_unit_test(bitmap__visits_each_set_bit_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
