/* The arena: zeroed, aligned, apart from each other, and gone at once. */
#include "tests/unit/base/unit.h"

#include <malloc.h>

#include "resedge/arena.h"

static void arena__gives_zeroed_aligned_memory_that_does_not_overlap(void **state)
{
    uint64_t random = random_start();
    struct piece {
        unsigned char *p;
        size_t size;
    } pieces[2000];
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    size_t total = 0;

    (void)state;
    for (size_t i = 0; i < RSE_COUNT(pieces); i++) {
        size_t size = random_below(&random, random_below(&random, 50) == 0 ? 100000 : 200);
        pieces[i] = (struct piece){ rse_arena_alloc(arena, size), size };
        assert_int_equal((uintptr_t)pieces[i].p % _Alignof(max_align_t), 0);
        for (size_t k = 0; k < size; k++)
            assert_int_equal(pieces[i].p[k], 0);
        memset(pieces[i].p, (int)(i & 0xFF), size);
        total += size;
    }
    for (size_t i = 0; i < RSE_COUNT(pieces); i++) {
        for (size_t k = 0; k < pieces[i].size; k++)
            assert_int_equal(pieces[i].p[k], i & 0xFF);
    }
    assert_int_equal(rse_arena_used(arena), total);
}

static void arena__copies_texts_and_ends_them_with_nul(void **state)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    char text[] = "edge";

    (void)state;
    struct rse_str copy = rse_arena_str(arena, rse_str_n(text, 2));
    char *again = rse_arena_strdup(arena, text);
    char *bytes = rse_arena_memdup(arena, text, 3);
    memset(text, '?', sizeof(text));
    assert_string_equal(copy.p, "ed");
    assert_int_equal(copy.len, 2);
    assert_string_equal(again, "edge");
    assert_memory_equal(bytes, "edg", 3);
    assert_string_equal(rse_arena_str(arena, rse_str_n(NULL, 0)).p, "");
    assert_string_equal(rse_arena_printf(arena, "%s-%03d", "store", 7), "store-007");
    assert_int_equal(strlen(rse_arena_printf(arena, "%0*d", 20000, 0)), 20000);
}

struct trace {
    char order[24];
    size_t len;
};

struct step {
    struct trace *trace;
    char name;
};

static void note(void *arg)
{
    struct step *step = arg;

    step->trace->order[step->trace->len++] = step->name;
}

static void arena__runs_what_was_deferred_the_latest_first(void **state)
{
    struct trace trace = { .len = 0 };
    struct rse_arena *arena = rse_arena_new();

    (void)state;
    for (char name = 'a'; name <= 'c'; name++) {
        struct step *step = rse_arena_new_of(arena, struct step);
        /* The arena's own memory is still there when the deferred function runs. */
        *step = (struct step){ &trace, name };
        rse_arena_defer(arena, note, step);
    }
    assert_int_equal(trace.len, 0);
    rse_arena_free(arena);
    assert_string_equal(trace.order, "cba");
}

static void arena__is_as_new_after_a_reset(void **state)
{
    static const size_t SIZES[] = { 1, 100, 3000, 70000, 1 << 20 };
    struct trace trace = { .len = 0 };
    struct rse_arena *arena = rse_arena_new();

    (void)state;
    for (size_t turn = 0; turn < 20; turn++) {
        struct step step = { &trace, (char)('a' + turn) };

        rse_arena_defer(arena, note, &step);
        for (size_t i = 0; i < RSE_COUNT(SIZES); i++) {
            size_t size = SIZES[(i + turn) % RSE_COUNT(SIZES)];
            unsigned char *p = rse_arena_alloc(arena, size);

            assert_int_equal(p[0] | p[size / 2] | p[size - 1], 0);
            memset(p, 0xff, size);
        }
        rse_arena_reset(arena);
        assert_int_equal(trace.len, turn + 1);
        assert_int_equal(rse_arena_used(arena), 0);
    }
    rse_arena_free(arena);
    assert_string_equal(trace.order, "abcdefghijklmnopqrst");
}

static void arena__frees_nothing_without_complaint(void **state)
{
    struct rse_arena *arena = NULL;

    (void)state;
    rse_arena_free(NULL);
    rse_arena_freep(&arena);
    arena = rse_arena_new();
    rse_arena_freep(&arena);
    assert_null(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena__gives_zeroed_aligned_memory_that_does_not_overlap),
        cmocka_unit_test(arena__copies_texts_and_ends_them_with_nul),
        cmocka_unit_test(arena__runs_what_was_deferred_the_latest_first),
        cmocka_unit_test(arena__is_as_new_after_a_reset),
        cmocka_unit_test(arena__frees_nothing_without_complaint),
    };

    /* Fresh memory is dirty, so that the arena's zeros are its own. */
    mallopt(M_PERTURB, 0x5a);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
