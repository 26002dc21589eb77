#include "tests/unit/worker/worker_test.h"

#include <zlib.h>

#include "automation-worker/git/deflate.h"
#include "automation-worker/git/delta.h"
#include "automation-worker/git/id_set.h"

/* ---- what a reader does with a delta: gitformat-pack(5), nothing else ---- */

static size_t read_size(const uint8_t **p)
{
    size_t size = 0;
    unsigned shift = 0;

    for (;; shift += 7) {
        uint8_t c = *(*p)++;

        size |= (size_t)(c & 0x7f) << shift;
        if ((c & 0x80) == 0)
            return size;
    }
}

static void apply(struct rse_str base, struct rse_str delta, struct rse_buf *out)
{
    const uint8_t *p = (const uint8_t *)delta.p, *end = p + delta.len;

    assert_int_equal(read_size(&p), base.len);
    size_t size = read_size(&p);
    rse_buf_reset(out);
    while (p < end) {
        uint8_t op = *p++;
        size_t from = 0, len = 0;

        assert_int_not_equal(op, 0);
        if ((op & 0x80) == 0) {
            assert_true(p + op <= end);
            rse_buf_addn(out, p, op);
            p += op;
            continue;
        }
        for (unsigned i = 0; i < 4; i++)
            from |= op >> i & 1 ? (size_t)*p++ << 8 * i : 0;
        for (unsigned i = 0; i < 3; i++)
            len |= op >> (4 + i) & 1 ? (size_t)*p++ << 8 * i : 0;
        len = len == 0 ? 0x10000 : len;
        assert_true(from + len <= base.len);
        rse_buf_addn(out, base.p + from, len);
    }
    assert_int_equal(out->len, size);
}

static size_t assert_makes(const struct delta_side *base, const struct delta_side *target)
{
    RSE_BUF_AUTO delta = { 0 }, made = { 0 };

    rse_buf_init(&delta, 1 << 26);
    rse_buf_init(&made, 1 << 26);
    delta_make(base, target, &delta);
    apply(base->bytes, rse_buf_str(&delta), &made);
    assert_int_equal(made.len, target->bytes.len);
    assert_memory_equal(made.p, target->bytes.p, made.len);
    return delta.len;
}

static uint64_t next(uint64_t *seed)
{
    return *seed = *seed * 6364136223846793005U + 1442695040888963407U;
}

static uint32_t below(uint64_t *seed, uint32_t bound)
{
    return (uint32_t)(next(seed) >> 33) % bound;
}

/* A rendering of a template of `pieces` literals: values of all lengths between them, some literals left out. */
static void render(uint64_t *seed, struct rse_str tpl, size_t pieces, struct rse_buf *out, struct rse_spans *spans)
{
    size_t len = tpl.len / pieces;

    rse_buf_reset(out);
    spans->count = 0;
    for (size_t i = 0; i < pieces; i++) {
        if (below(seed, 8) > 0) {
            RSE_GROW(spans->at, spans->count, spans->cap);
            spans->at[spans->count++] = (struct rse_span){ (uint32_t)out->len, (uint32_t)(i * len), (uint32_t)len };
            rse_buf_addn(out, tpl.p + i * len, len);
        }
        for (uint32_t n = below(seed, 5) == 0 ? 300 : below(seed, 12); n > 0; n--)
            rse_buf_addc(out, (char)('a' + below(seed, 3)));
    }
}

static void delta__makes_any_sibling_of_a_template_from_any_other(void **state)
{
    struct rse_spans first = { 0 }, second = { 0 };
    uint64_t seed = 7;
    RSE_BUF_AUTO tpl = { 0 }, a = { 0 }, b = { 0 };

    (void)state;
    rse_buf_init(&tpl, 1 << 20);
    rse_buf_init(&a, 1 << 20);
    rse_buf_init(&b, 1 << 20);
    for (int i = 0; i < 2000; i++) {
        size_t pieces = 1 + below(&seed, 9);

        rse_buf_reset(&tpl);
        for (size_t n = pieces * (1 + below(&seed, i % 50 == 0 ? 40000 : 60)); n > 0; n--)
            rse_buf_addc(&tpl, (char)(next(&seed) >> 56));
        render(&seed, rse_buf_str(&tpl), pieces, &a, &first);
        render(&seed, rse_buf_str(&tpl), pieces, &b, &second);
        assert_makes(&(struct delta_side){ rse_buf_str(&a), first.at, first.count },
                     &(struct delta_side){ rse_buf_str(&b), second.at, second.count });
    }
    rse_spans_release(&first);
    rse_spans_release(&second);
}

static void delta__holds_what_differs_and_little_else(void **state)
{
    static const char a[] = "store: s01-000123\nregion: pacific\nthe rest is the same everywhere\n";
    static const char b[] = "store: s01-000987\nregion: pacific\nthe rest is the same everywhere\n";
    const struct rse_span spans[] = { { 0, 0, 7 }, { 17, 27, 9 }, { 33, 53, 33 } };

    (void)state;
    size_t len = assert_makes(&(struct delta_side){ rse_str(a), spans, RSE_COUNT(spans) },
                              &(struct delta_side){ rse_str(b), spans, RSE_COUNT(spans) });
    /* two sizes, a copy, three digits, a copy */
    assert_in_range(len, 8, 2 + 3 + 4 + 4);
}

static void delta__never_trusts_spans_that_are_wrong(void **state)
{
    const struct rse_span spans[] = { { 0, 0, 12 } };

    (void)state;
    assert_makes(&(struct delta_side){ RSE_STR("one template"), spans, 1 },
                 &(struct delta_side){ RSE_STR("another one!"), spans, 1 });
}

static void delta__of_trees_of_one_layout_holds_their_ids(void **state)
{
    uint64_t seed = 3;
    RSE_BUF_AUTO a = { 0 }, b = { 0 };

    (void)state;
    rse_buf_init(&a, 1 << 20);
    rse_buf_init(&b, 1 << 20);
    for (int i = 0; i < 100; i++) {
        rse_buf_addf(&a, "100644 file-number-%03d.yaml%c", i, 0);
        rse_buf_addf(&b, "100644 file-number-%03d.yaml%c", i, 0);
        for (int n = 0; n < 20; n++) {
            rse_buf_addc(&a, (char)(next(&seed) >> 56));
            rse_buf_addc(&b, (char)(next(&seed) >> 56));
        }
    }
    size_t len = assert_makes(&(struct delta_side){ .bytes = rse_buf_str(&a) },
                              &(struct delta_side){ .bytes = rse_buf_str(&b) });
    assert_in_range(len, 2000, 2700);
}

/* ---- streams ---- */

static void stream__of_any_bytes_and_length_inflates_to_them(void **state)
{
    struct rse_err err = RSE_ERR_INIT;
    struct deflater *deflater = deflater_new();
    uint64_t seed = 11;
    RSE_BUF_AUTO bytes = { 0 }, stream = { 0 };
    char back[4096];

    (void)state;
    rse_buf_init(&bytes, 1 << 20);
    rse_buf_init(&stream, 1 << 20);
    for (uint32_t len = 0; len < 400; len++) {
        for (int kind = 0; kind < 3; kind++) {
            uLongf size = sizeof(back);

            rse_buf_reset(&bytes);
            rse_buf_reset(&stream);
            for (uint32_t i = 0; i < len; i++)
                rse_buf_addc(&bytes, kind == 0 ? 'a' : (char)(next(&seed) >> (kind == 1 ? 57 : 56)));
            assert_ok(deflater_add(deflater, rse_buf_str(&bytes), &stream, &err), &err);
            assert_int_equal(uncompress((Bytef *)back, &size, (const Bytef *)stream.p, stream.len), Z_OK);
            assert_int_equal(size, len);
            assert_memory_equal(back, bytes.p, len);
            assert_true(stream.len <= len + 11);
        }
    }
    deflater_free(deflater);
}

/* ---- sets of ids ---- */

static void ids__are_numbered_in_the_order_in_which_they_came(void **state)
{
    enum { MANY = 20000 };
    struct id_set set = { .ids = NULL };
    uint64_t seed = 5;
    git_oid *ids = calloc(MANY, sizeof(*ids)), other = { { 1 } };
    uint32_t number;

    (void)state;
    assert_int_equal(id_set_find(&set, &other), UINT32_MAX);
    for (uint32_t i = 0; i < MANY; i++) {
        for (size_t n = 0; n < sizeof(ids[i].id); n++)
            ids[i].id[n] = (uint8_t)(next(&seed) >> 56);
        if (i % 2 == 1) /* differs in its last byte only */
            ids[i] = ids[i - 1], ids[i].id[19] ^= 1;
        assert_true(id_set_add(&set, &ids[i], &number));
        assert_int_equal(number, i);
    }
    for (uint32_t i = 0; i < MANY; i++) {
        assert_false(id_set_add(&set, &ids[i], &number));
        assert_int_equal(number, i);
        assert_int_equal(id_set_find(&set, &ids[i]), i);
    }
    assert_int_equal(id_set_find(&set, &other), UINT32_MAX);
    id_set_release(&set);
    free(ids);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(delta__makes_any_sibling_of_a_template_from_any_other),
        cmocka_unit_test(delta__holds_what_differs_and_little_else),
        cmocka_unit_test(delta__never_trusts_spans_that_are_wrong),
        cmocka_unit_test(delta__of_trees_of_one_layout_holds_their_ids),
        cmocka_unit_test(stream__of_any_bytes_and_length_inflates_to_them),
        cmocka_unit_test(ids__are_numbered_in_the_order_in_which_they_came),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
