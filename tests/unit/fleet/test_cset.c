#include "libresedge/src/fleet/cset.h"
#include "tests/unit/fleet/fleet_test.h"

enum { BITS = 5000 };

static void assert_same(const struct cset *set, const struct rse_bitmap *wanted)
{
    RSE_BITMAP_AUTO bits = { 0 };
    uint32_t member = cset_next(set, 0);

    rse_bitmap_init(&bits, BITS);
    cset_or_into(set, &bits);
    assert_true(rse_bitmap_eq(&bits, wanted));
    assert_int_equal(set->count, rse_bitmap_count(wanted));
    RSE_BITMAP_EACH(wanted, bit)
    {
        assert_int_equal(member, bit);
        member = cset_next(set, member + 1);
    }
    assert_int_equal(member, UINT32_MAX);
}

/* Members come and go in waves, so that the set grows dense and sparse again. */
static void cset__is_a_set_whatever_its_form(void **state)
{
    struct chance chance = { 7 };
    struct cset set = { 0 };
    bool was_dense = false, was_sparse_again = false;
    RSE_BITMAP_AUTO wanted = { 0 };

    rse_bitmap_init(&wanted, BITS);
    for (int step = 0; step < 40000; step++) {
        uint32_t member = chance_below(&chance, BITS);
        bool there = rse_bitmap_has(&wanted, member);

        assert_int_equal(cset_has(&set, member), there);
        if (chance_below(&chance, 10) < (step / 8000 % 2 == 0 ? 8u : 1u)) {
            assert_int_equal(cset_add(&set, member), !there);
            rse_bitmap_set(&wanted, member);
        } else {
            assert_int_equal(cset_remove(&set, member), there);
            rse_bitmap_unset(&wanted, member);
        }
        was_sparse_again = was_sparse_again || (was_dense && !set.dense);
        was_dense = was_dense || set.dense;
        if (step % 1000 == 0)
            assert_same(&set, &wanted);
    }
    for (uint32_t member = 0; member < BITS; member++) {
        (void)cset_remove(&set, member);
        rse_bitmap_unset(&wanted, member);
        was_sparse_again = was_sparse_again || (was_dense && !set.dense);
    }
    assert_same(&set, &wanted);
    assert_true(was_dense && was_sparse_again);
    cset_release(&set);
    (void)state;
}

static void assign__takes_the_smaller_form(void **state)
{
    struct cset set = { 0 };
    RSE_BITMAP_AUTO bits = { 0 };

    rse_bitmap_init(&bits, BITS);
    rse_bitmap_set(&bits, 7);
    cset_assign(&set, &bits);
    assert_same(&set, &bits);
    assert_int_equal(cset_bytes(&set), 4);
    rse_bitmap_fill(&bits);
    cset_assign(&set, &bits);
    assert_same(&set, &bits);
    assert_int_equal(cset_bytes(&set), (BITS + 63) / 64 * 8);
    rse_bitmap_clear(&bits);
    cset_assign(&set, &bits);
    assert_same(&set, &bits);
    cset_release(&set);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cset__is_a_set_whatever_its_form),
        cmocka_unit_test(assign__takes_the_smaller_form),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
