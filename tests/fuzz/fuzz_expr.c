/*
 * fuzz_expr.c - expressions made of any bytes: refused with a position, or printed and read again to the same set.
 *
 *     clang -g -fsanitize=fuzzer,address,undefined ... tests/fuzz/fuzz_expr.c <sources of libresedge>
 */
#include <assert.h>
#include <stdlib.h>

#include "resedge/fleet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void put_cluster(struct rse_fleet *fleet, int64_t id, struct rse_str name, int64_t group)
{
    struct rse_ref ref = { .id = group };
    struct rse_str tag = name;
    struct rse_pair pair = { RSE_STR("key"), name };
    struct rse_cluster cluster = {
        .object = { .noun = RSE_CLUSTER, .id = id, .name = name, .tags = { &tag, 1 }, .metadata = { &pair, 1 } },
        .state = id % 4 == 0 ? RSE_CLUSTER_CLOSED : RSE_CLUSTER_ACTIVE,
        .groups = { .at = &ref, .count = 1 },
    };
    struct rse_err err = RSE_ERR_INIT;

    if (!rse_fleet_put(fleet, &cluster.object, &err))
        abort();
}

static struct rse_fleet *small_fleet(void)
{
    static const struct rse_str NAMES[] = { RSE_STR_INIT("a"), RSE_STR_INIT("b c"), RSE_STR_INIT("1"),
                                            RSE_STR_INIT("not"), RSE_STR_INIT("it's") };
    struct rse_fleet *fleet = rse_fleet_new();
    struct rse_err err = RSE_ERR_INIT;

    for (size_t i = 0; i < RSE_COUNT(NAMES); i++) {
        int64_t id = (int64_t)i + 1;
        struct rse_group group = { .object = { .noun = RSE_GROUP, .id = id, .name = NAMES[i] },
                                   .parent = { .id = id / 2 } };
        struct rse_namespace ns = { .object = { .noun = RSE_NAMESPACE, .id = id, .name = NAMES[i] },
                                    .expression = RSE_STR("/g/a and not /g/3") };

        if (!rse_fleet_put(fleet, &group.object, &err) || !rse_fleet_put(fleet, &ns.object, &err))
            abort();
        put_cluster(fleet, id, NAMES[i], id);
        put_cluster(fleet, id + 10, NAMES[i], 5 - (int64_t)i);
    }
    return fleet;
}

static void check_accepted(const struct rse_expr *expr, const struct rse_fleet *fleet)
{
    struct rse_expr *again = NULL;
    struct rse_err err = RSE_ERR_INIT;
    RSE_BITMAP_AUTO set = { 0 }, same = { 0 };
    RSE_BUF_AUTO text = { 0 };

    rse_bitmap_init(&set, 0);
    rse_bitmap_init(&same, 0);
    rse_buf_init(&text, 1 << 20);
    rse_expr_eval(expr, fleet, &set);
    rse_expr_print(expr, fleet, &text);
    /* Quotes and names can make it longer than what is accepted. */
    if (text.len > RSE_EXPR_MAX_TEXT)
        return;
    if (!rse_expr_parse(&again, rse_buf_str(&text), &err))
        abort();
    rse_expr_eval(again, fleet, &same);
    if (!rse_bitmap_eq(&set, &same))
        abort();
    (void)!rse_expr_check(again, fleet, &err);
    rse_expr_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct rse_fleet *fleet;
    struct rse_expr *expr = NULL;
    struct rse_err err = RSE_ERR_INIT;

    if (fleet == NULL)
        fleet = small_fleet();
    if (rse_expr_parse(&expr, rse_str_n((const char *)data, size), &err)) {
        check_accepted(expr, fleet);
        rse_expr_free(expr);
    } else if (!err.has_position || err.position > size || err.what[0] == '\0') {
        abort();
    }
    return 0;
}
