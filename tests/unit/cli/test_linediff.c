/* The lines that differ, for people: few where few differ, and in order. */
#include "tests/unit/base/unit.h"

#include "cli/linediff.h"

static void assert_diff(const char *a, const char *b, const char *expected)
{
    RSE_BUF_AUTO out = { 0 };

    rse_buf_init(&out, SIZE_MAX / 2);
    line_diff(rse_str(a), rse_str(b), &out);
    assert_string_equal(out.p != NULL ? out.p : "", expected);
}

static void linediff__of_equal_texts_is_empty(void **state)
{
    (void)state;
    assert_diff("", "", "");
    assert_diff("a\nb\n", "a\nb\n", "");
}

static void linediff__names_the_line_where_each_place_begins(void **state)
{
    (void)state;
    assert_diff("a\nb\nc\nd\ne\n", "a\nB\nc\nd\nE\n", "@@ line 2\n-b\n+B\n@@ line 5\n-e\n+E\n");
}

static void linediff__keeps_the_lines_that_both_have(void **state)
{
    (void)state;
    assert_diff("a\nb\nc\n", "a\nc\n", "@@ line 2\n-b\n");
    assert_diff("a\nc\n", "a\nb\nc\n", "@@ line 2\n+b\n");
    assert_diff("x\ny\nz\n", "y\nz\nx\n", "@@ line 1\n-x\n@@ line 3\n+x\n");
}

static void linediff__of_a_new_or_an_emptied_text_has_all_lines(void **state)
{
    (void)state;
    assert_diff("", "a\nb\n", "@@ line 1\n+a\n+b\n");
    assert_diff("a\nb\n", "", "@@ line 1\n-a\n-b\n");
}

static void linediff__takes_a_last_line_without_its_end(void **state)
{
    (void)state;
    assert_diff("a\nb", "a\nc", "@@ line 2\n-b\n+c\n");
}

/* The table of what is common would take gigabytes: the middle is told as a whole. */
static void linediff__tells_very_large_differences_as_a_whole(void **state)
{
    enum { LINES = 3000 };
    RSE_BUF_AUTO a = { 0 };
    RSE_BUF_AUTO b = { 0 };
    RSE_BUF_AUTO out = { 0 };
    const char *plus;

    (void)state;
    rse_buf_init(&a, SIZE_MAX / 2);
    rse_buf_init(&b, SIZE_MAX / 2);
    rse_buf_init(&out, SIZE_MAX / 2);
    for (int i = 0; i < LINES; i++) {
        rse_buf_addf(&a, "a%d\n", i);
        rse_buf_addf(&b, "b%d\n", i);
    }
    line_diff(rse_buf_str(&a), rse_buf_str(&b), &out);
    plus = strstr(out.p, "\n+b0\n");
    assert_non_null(plus);
    assert_non_null(strstr(out.p, "-a2999\n+b0\n"));
    assert_null(strstr(plus, "\n-a"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(linediff__of_equal_texts_is_empty),
        cmocka_unit_test(linediff__names_the_line_where_each_place_begins),
        cmocka_unit_test(linediff__keeps_the_lines_that_both_have),
        cmocka_unit_test(linediff__of_a_new_or_an_emptied_text_has_all_lines),
        cmocka_unit_test(linediff__takes_a_last_line_without_its_end),
        cmocka_unit_test(linediff__tells_very_large_differences_as_a_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
