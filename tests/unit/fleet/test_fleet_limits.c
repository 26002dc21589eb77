/* Fleets that nobody would make on purpose: everything ends, and no chain is too long for the stack. */
#include "tests/unit/fleet/fleet_test.h"

enum { CHAIN = 20000 };

static void put_group(struct rse_fleet *fleet, int64_t id, int64_t parent, const char *expression)
{
    struct rse_group group = { .object = { .noun = RSE_GROUP, .id = id }, .parent = { .id = parent } };
    struct rse_err err = RSE_ERR_INIT;
    char name[32];

    (void)snprintf(name, sizeof(name), "g%lld", (long long)id);
    group.object.name = rse_str(name);
    group.expression = rse_str(expression);
    assert_true(rse_fleet_put(fleet, &group.object, &err));
}

static void eval__follows_a_chain_of_thousands_of_groups(void **state)
{
    struct rse_fleet *fleet = rse_fleet_new();
    struct rse_err err = RSE_ERR_INIT;

    fleet_put_json(fleet, RSE_CLUSTER, "{\"id\":1,\"name\":\"a\"}");
    for (int64_t i = 1; i <= CHAIN; i++) {
        char text[64];

        (void)snprintf(text, sizeof(text), "/g/%lld", (long long)i + 1);
        put_group(fleet, i, 0, i == CHAIN ? "/c/a" : text);
    }
    assert_selects(fleet, "/g/g1", "a");
    assert_true(rse_fleet_check(fleet, RSE_GROUP, 1, &err));
    put_group(fleet, CHAIN, 0, "/g/1");
    assert_selects(fleet, "/g/g1", "");
    assert_false(rse_fleet_check(fleet, RSE_GROUP, 1, &err));
    assert_non_null(strstr(err.what, "/g/g8 -> ... -> /g/g1"));
    rse_fleet_free(fleet);
    (void)state;
}

static void tree__is_bounded_however_deep_groups_are_put(void **state)
{
    struct rse_fleet *fleet = rse_fleet_new();
    RSE_BUF_AUTO path = { 0 };

    rse_buf_init(&path, 1 << 20);
    for (int64_t i = 1; i <= CHAIN; i++)
        put_group(fleet, i, i - 1, NULL);
    fleet_put_json(fleet, RSE_CLUSTER, "{\"id\":1,\"name\":\"a\",\"groupIds\":[40]}");
    rse_fleet_group_path(fleet, CHAIN, &path);
    assert_in_range(path.len, 1, 1000);
    assert_selects(fleet, "/g/g1", "a");
    rse_fleet_free(fleet);
    (void)state;
}

static void tree__stands_a_ring_of_groups(void **state)
{
    struct rse_fleet *fleet = rse_fleet_new();
    struct rse_err err = RSE_ERR_INIT;

    for (int64_t i = 1; i <= CHAIN; i++)
        put_group(fleet, i, i % CHAIN + 1, NULL);
    fleet_put_json(fleet, RSE_CLUSTER, "{\"id\":1,\"name\":\"a\",\"groupIds\":[7]}");
    rse_fleet_warm(fleet);
    assert_false(rse_fleet_check(fleet, RSE_GROUP, 9, &err));
    assert_non_null(strstr(err.what, "above itself"));
    rse_fleet_free(fleet);
    (void)state;
}

static void eval__stands_the_longest_expression(void **state)
{
    struct rse_fleet *fleet = rse_fleet_new();
    struct rse_expr *expr = NULL;
    struct rse_err err = RSE_ERR_INIT;
    RSE_BITMAP_AUTO set = { 0 };
    RSE_BUF_AUTO text = { 0 };

    rse_bitmap_init(&set, 0);
    rse_buf_init(&text, RSE_EXPR_MAX_TEXT);
    fleet_put_json(fleet, RSE_CLUSTER, "{\"id\":1,\"name\":\"a\"}");
    for (int i = 0; i < 127; i++)
        rse_buf_adds(&text, "not(/t/x or /t/y and ");
    for (int i = 0; i < 3800; i++)
        rse_buf_adds(&text, i % 2 == 0 ? "/t/x or " : "/t/y and ");
    rse_buf_adds(&text, "all");
    for (int i = 0; i < 127; i++)
        rse_buf_addc(&text, ')');
    if (!rse_expr_parse(&expr, rse_buf_str(&text), &err))
        fail_msg("%s at %u", err.what, err.position);
    rse_expr_eval(expr, fleet, &set);
    assert_int_equal(rse_bitmap_count(&set), 1);
    rse_expr_free(expr);
    rse_fleet_free(fleet);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(eval__follows_a_chain_of_thousands_of_groups),
        cmocka_unit_test(tree__is_bounded_however_deep_groups_are_put),
        cmocka_unit_test(tree__stands_a_ring_of_groups),
        cmocka_unit_test(eval__stands_the_longest_expression),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
