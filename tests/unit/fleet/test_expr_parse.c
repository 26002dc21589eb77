#include "tests/unit/fleet/fleet_test.h"

static struct rse_expr *parse(const char *text)
{
    struct rse_expr *expr = NULL;
    struct rse_err err = RSE_ERR_INIT;

    if (!rse_expr_parse(&expr, rse_str(text), &err))
        fail_msg("%s: %s at %u", text, err.what, err.position);
    return expr;
}

static void assert_canonical(const char *text, const char *canonical)
{
    struct rse_expr *expr = parse(text);
    RSE_BUF_AUTO out = { 0 };

    rse_buf_init(&out, 1 << 20);
    rse_expr_print(expr, NULL, &out);
    assert_string_equal(out.p, canonical);
    rse_expr_free(expr);
}

static void assert_refused(const char *text, uint32_t position, const char *part)
{
    struct rse_expr *expr = NULL;
    struct rse_err err = RSE_ERR_INIT;

    if (rse_expr_parse(&expr, rse_str(text), &err))
        fail_msg("accepted: %s", text);
    assert_int_equal(err.code, RSE_INVALID);
    if (!err.has_position || err.position != position || strstr(err.what, part) == NULL ||
        strstr(err.what, "expected") == NULL)
        fail_msg("%s: \"%s\" at %u, wanted \"%s\" at %u", text, err.what, err.position, part, position);
    assert_null(expr);
}

static void parse__binds_not_before_and_before_or(void **state)
{
    assert_canonical("/t/a or /t/b and not /t/c", "/t/a or /t/b and not /t/c");
    assert_canonical("(/t/a or /t/b) and not /t/c", "(/t/a or /t/b) and not /t/c");
    assert_canonical("/t/a or (/t/b and (not (/t/c)))", "/t/a or /t/b and not /t/c");
    assert_canonical("not (/t/a or /t/b)", "not (/t/a or /t/b)");
    assert_canonical("not (/t/a and /t/b)", "not (/t/a and /t/b)");
    assert_canonical("(not /t/a) and /t/b", "not /t/a and /t/b");
    (void)state;
}

static void parse__takes_any_white_space(void **state)
{
    assert_canonical("\t( /t/a\nor\r\n/t/b)and /t/c", "(/t/a or /t/b) and /t/c");
    assert_canonical("not(all)", "not all");
    (void)state;
}

static void parse__reads_every_selector(void **state)
{
    struct rse_expr *expr = parse("/m/region/east/1");
    const struct rse_expr_node *node = rse_expr_root(expr);

    assert_int_equal(node->kind, RSE_EXPR_METADATA);
    assert_true(rse_str_is(node->name, "region"));
    assert_true(node->has_value);
    assert_true(rse_str_is(node->value, "east/1"));
    rse_expr_free(expr);
    assert_canonical("/g/stores/central", "/g/stores/central");
    assert_canonical("/g//stores/central", "/g/stores/central");
    assert_canonical("/c/store-1 or /n/imdb or /t/a or /s/42 or /m/key",
                     "/c/store-1 or /n/imdb or /t/a or /s/42 or /m/key");
    assert_canonical("/m/key/''", "/m/key/''");
    (void)state;
}

static void parse__tells_ids_from_names(void **state)
{
    struct rse_expr *expr = parse("/g/12 or /g/'12'");
    const struct rse_expr_node *node = rse_expr_root(expr);

    assert_int_equal(node->left->id, 12);
    assert_int_equal(node->right->id, 0);
    assert_true(rse_str_is(node->right->name, "12"));
    rse_expr_free(expr);
    assert_canonical("/g/12 or /g/\"12\" or /t/12", "/g/12 or /g/'12' or /t/12");
    (void)state;
}

static void parse__takes_backslashes_out_of_quoted_values(void **state)
{
    struct rse_expr *expr = parse("/t/'it\\'s \\\\ \"x\"' and /t/\"a'b\"");
    const struct rse_expr_node *node = rse_expr_root(expr);

    assert_true(rse_str_is(node->left->name, "it's \\ \"x\""));
    assert_true(rse_str_is(node->right->name, "a'b"));
    rse_expr_free(expr);
    assert_canonical("/t/'it\\'s \\\\ \"x\"'", "/t/'it\\'s \\\\ \"x\"'");
    assert_canonical("/t/'a\\'b'", "/t/\"a'b\"");
    assert_canonical("/t/a\\b", "/t/a\\b");
    (void)state;
}

static void parse__quotes_only_what_needs_it(void **state)
{
    assert_canonical("/g/'stores/north west'", "/g/'stores/north west'");
    assert_canonical("/t/'plain' or /t/'and' or /t/'(x)'", "/t/plain or /t/and or /t/'(x)'");
    (void)state;
}

static void parse__selects_nothing_without_text(void **state)
{
    struct rse_expr *expr = parse("  \n");

    assert_int_equal(rse_expr_root(expr)->kind, RSE_EXPR_NONE);
    rse_expr_free(expr);
    assert_canonical("", "none");
    (void)state;
}

static void parse__knows_where_each_part_stands(void **state)
{
    struct rse_expr *expr = parse("/t/a and (/t/b or /t/c)");
    const struct rse_expr_node *root = rse_expr_root(expr);

    assert_int_equal(root->start, 0);
    assert_int_equal(root->end, 23);
    assert_int_equal(root->right->start, 9);
    assert_int_equal(root->right->end, 23);
    assert_int_equal(root->right->right->start, 18);
    assert_int_equal(root->right->right->end, 22);
    rse_expr_free(expr);
    (void)state;
}

static void parse__says_where_and_what_it_expected(void **state)
{
    assert_refused("/t/a or", 7, "a selector such as /g/stores, 'not', '(', 'all' or 'none', found the end");
    assert_refused("/t/a /t/b", 5, "'and', 'or' or the end, found \"/t/b\"");
    assert_refused("(/t/a", 5, "'and', 'or' or ')', found the end");
    assert_refused("(/t/a and)", 9, "a selector");
    assert_refused("/t/a)", 4, "'and', 'or' or the end, found \")\"");
    assert_refused("()", 1, "a selector");
    assert_refused("not", 3, "a selector");
    assert_refused("and /t/a", 0, "a selector");
    assert_refused("stores", 0, "found \"stores\"");
    assert_refused("/t/a AND /t/b", 5, "found \"AND\"");
    assert_refused("/x/a", 0, "/g/, /c/, /n/, /m/, /t/ or /s/");
    assert_refused("/t", 0, "/g/, /c/, /n/, /m/, /t/ or /s/");
    assert_refused("/stores", 0, "/g/, /c/, /n/, /m/, /t/ or /s/");
    assert_refused("/g/", 3, "a group's path or id after \"/g/\"");
    assert_refused("/c/ or /t/a", 3, "a cluster's name or id");
    assert_refused("/n/''", 4, "a namespace's name or id");
    assert_refused("/m/", 3, "a metadata key");
    assert_refused("/m/a.b", 3, "a metadata key of letters");
    assert_refused("/m/a/", 5, "a value after the second '/'");
    assert_refused("/g/a//b", 5, "the name of a group between two '/'");
    assert_refused("/g/a/", 5, "the name of a group after the last '/'");
    assert_refused("/g/0", 3, "an id from 1");
    assert_refused("/c/9223372036854775808", 3, "an id from 1");
    assert_refused("/t/'a", 3, "a closing '");
    assert_refused("/t/'a\\", 3, "a closing '");
    assert_refused("/t/'a\\b'", 6, "a quote or a backslash");
    assert_refused("/t/it's", 5, "to be quoted as a whole");
    assert_refused("/t/'a'b", 6, "a space, ')' or the end");
    assert_refused("/t/a\x01", 4, "without control characters");
    assert_refused("/t/'\x7f'", 4, "without control characters");
    assert_refused("/t/a\xff", 4, "UTF-8");
    (void)state;
}

static void parse__explains_common_mistakes(void **state)
{
    struct rse_expr *expr = NULL;
    struct rse_err err = RSE_ERR_INIT;

    assert_false(rse_expr_parse(&expr, RSE_STR("/t/a AND /t/b"), &err));
    assert_string_equal(err.hint, "Keywords are lower case: and.");
    rse_err_clear(&err);
    assert_false(rse_expr_parse(&expr, RSE_STR("stores"), &err));
    assert_non_null(strstr(err.hint, "A name has its kind in front"));
    (void)state;
}

static void parse__has_limits(void **state)
{
    struct rse_expr *expr = NULL;
    struct rse_err err = RSE_ERR_INIT;
    RSE_BUF_AUTO text = { 0 };

    rse_buf_init(&text, 1 << 20);
    for (int i = 0; i < 4096; i++)
        rse_buf_adds(&text, i == 0 ? "/t/a" : " or /t/a");
    assert_true(rse_expr_parse(&expr, rse_buf_str(&text), &err));
    rse_expr_free(expr);
    expr = NULL;
    rse_buf_adds(&text, " or /t/b");
    assert_false(rse_expr_parse(&expr, rse_buf_str(&text), &err));
    assert_non_null(strstr(err.what, "expected at most 4096 selectors"));
    assert_int_equal(err.position, 4096 * 8);

    rse_buf_reset(&text);
    for (int i = 0; i < 257; i++)
        rse_buf_addc(&text, '(');
    rse_err_clear(&err);
    assert_false(rse_expr_parse(&expr, rse_buf_str(&text), &err));
    assert_non_null(strstr(err.what, "expected at most 256 levels"));
    assert_int_equal(err.position, 256);

    rse_buf_reset(&text);
    for (int i = 0; i < 70000; i++)
        rse_buf_addc(&text, ' ');
    rse_err_clear(&err);
    assert_false(rse_expr_parse(&expr, rse_buf_str(&text), &err));
    assert_non_null(strstr(err.what, "expected an expression of at most 65536 bytes"));
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse__binds_not_before_and_before_or),
        cmocka_unit_test(parse__takes_any_white_space),
        cmocka_unit_test(parse__reads_every_selector),
        cmocka_unit_test(parse__tells_ids_from_names),
        cmocka_unit_test(parse__takes_backslashes_out_of_quoted_values),
        cmocka_unit_test(parse__quotes_only_what_needs_it),
        cmocka_unit_test(parse__selects_nothing_without_text),
        cmocka_unit_test(parse__knows_where_each_part_stands),
        cmocka_unit_test(parse__says_where_and_what_it_expected),
        cmocka_unit_test(parse__explains_common_mistakes),
        cmocka_unit_test(parse__has_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
