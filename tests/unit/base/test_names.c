/* What names, keys, tags and paths may look like, and what the errors say. */
#include "tests/unit/base/unit.h"

#include "resedge/parse.h"

static void assert_invalid(const struct rse_err *err, const char *what)
{
    assert_int_equal(err->code, RSE_INVALID);
    assert_string_equal(err->what, what);
}

static char *repeated(char c, size_t len)
{
    static char text[600];

    memset(text, c, len);
    text[len] = '\0';
    return text;
}

static void label__is_that_of_rfc_1123(void **state)
{
    static const char *const good[] = { "a", "0", "a-b", "central-tx-atx-801", "a--b", "1a" };
    static const char *const bad[] = { "", "-", "-a", "a-", "A", "a_b", "a.b", "a b", "\xC3\xA4", "a\n", "a/b" };

    (void)state;
    for (size_t i = 0; i < RSE_COUNT(good); i++)
        assert_true(rse_check_label(rse_str(good[i]), "a name", NULL));
    for (size_t i = 0; i < RSE_COUNT(bad); i++)
        assert_false(rse_check_label(rse_str(bad[i]), "a name", NULL));
    assert_false(rse_check_label(RSE_STR("a\0"), "a name", NULL));
    assert_true(rse_check_label(rse_str(repeated('a', 63)), "a name", NULL));
    assert_false(rse_check_label(rse_str(repeated('a', 64)), "a name", NULL));
}

static void label__error_says_which_rule_is_broken(void **state)
{
    static const struct {
        const char *label, *what;
    } rows[] = {
        { "", "a cluster's name may not be empty" },
        { "aB", "a cluster's name may hold only a-z, 0-9 and '-', unlike \"aB\" at byte 2" },
        { "a-", "a cluster's name must begin and end with a letter or digit, unlike \"a-\"" },
    };

    (void)state;
    for (size_t i = 0; i < RSE_COUNT(rows); i++) {
        struct rse_err err = RSE_ERR_INIT;
        assert_false(rse_check_label(rse_str(rows[i].label), "a cluster's name", &err));
        assert_invalid(&err, rows[i].what);
    }
    struct rse_err err = RSE_ERR_INIT;
    assert_false(rse_check_label(rse_str(repeated('a', 70)), "a cluster's name", &err));
    assert_invalid(&err, "a cluster's name may have at most 63 bytes, not 70");
}

static void group_name__is_any_text_without_slash_control_or_space_at_an_end(void **state)
{
    static const char *const good[] = { "tx",   "North & South", "M\xC3\xBCnchen",          "\xE6\x9D\xB1\xE4\xBA\xAC",
                                        "100%", "a.b",           "\xE2\x98\x95\xEF\xB8\x8F" };
    static const char *const bad[] = { "",
                                       " tx",
                                       "tx ",
                                       "a/b",
                                       "/",
                                       "a\tb",
                                       "a\nb",
                                       "\x7f",
                                       "\xC2\x9B",
                                       "a\xFF",
                                       "\xC2\xA0tx",
                                       "tx\xE3\x80\x80",
                                       "\xE2\x80\xAEtx",
                                       " ",
                                       "\xED\xA0\x80",
                                       "a\xC2\xADz",           /* U+00AD soft hyphen */
                                       "a\xE1\xA0\x8Ez",       /* U+180E */
                                       "a\xE2\x80\x8B",        /* U+200B zero width space */
                                       "\xE2\x80\x8Dz",        /* U+200D joiner */
                                       "a\xE2\x81\xA0z",       /* U+2060 word joiner */
                                       "a\xE3\x85\xA4z",       /* U+3164 Hangul filler */
                                       "a\xEF\xBB\xBFz",       /* U+FEFF */
                                       "a\xF3\xA0\x81\x81z" }; /* U+E0041 tag A */

    (void)state;
    for (size_t i = 0; i < RSE_COUNT(good); i++)
        assert_true(rse_check_group_name(rse_str(good[i]), NULL));
    for (size_t i = 0; i < RSE_COUNT(bad); i++)
        assert_false(rse_check_group_name(rse_str(bad[i]), NULL));
    assert_true(rse_check_group_name(rse_str(repeated('x', 128)), NULL));
    assert_false(rse_check_group_name(rse_str(repeated('x', 129)), NULL));
}

static void group_name__error_names_the_byte(void **state)
{
    struct rse_err err = RSE_ERR_INIT;

    (void)state;
    assert_false(rse_check_group_name(RSE_STR("ab\ncd"), &err));
    assert_invalid(&err, "a group's name may not hold control characters: U+000A at byte 3");
    err = (struct rse_err)RSE_ERR_INIT;
    assert_false(rse_check_group_name(RSE_STR("ab\xE2\x80\x8Bz"), &err));
    assert_invalid(&err, "a group's name may not hold invisible characters: U+200B at byte 3");
}

static void name__can_be_told_from_any_other(void **state)
{
    static const char *const bad[] = { "",
                                       "ci\xE2\x80\x8B" /* U+200B */,
                                       ("c\xC2\xAD"
                                        "i") /* U+00AD */,
                                       "ci\n",
                                       "ci ",
                                       " ci",
                                       "ci\xC2\xA0" /* U+00A0 */,
                                       "ci\xFF" };
    struct rse_err err = RSE_ERR_INIT;

    (void)state;
    assert_true(rse_check_name(RSE_STR("the build/ci of M\xC3\xBCnchen"), 100, "a name", NULL));
    for (size_t i = 0; i < RSE_COUNT(bad); i++)
        assert_false(rse_check_name(rse_str(bad[i]), 100, "a name", NULL));
    assert_true(rse_check_name(rse_str(repeated('x', 100)), 100, "a name", NULL));
    assert_false(rse_check_name(rse_str(repeated('x', 101)), 100, "a name", &err));
    assert_invalid(&err, "a name may have at most 100 bytes, not 101");
}

static void key__is_letters_digits_underscore_and_dash(void **state)
{
    static const char *const good[] = { "a", "Region_2", "-", "0-9_A-Z" };
    static const char *const bad[] = { "", "a.b", "a b", "a/b", "\xC3\xA4", "a:" };

    (void)state;
    for (size_t i = 0; i < RSE_COUNT(good); i++)
        assert_true(rse_check_key(rse_str(good[i]), NULL));
    for (size_t i = 0; i < RSE_COUNT(bad); i++)
        assert_false(rse_check_key(rse_str(bad[i]), NULL));
    assert_true(rse_check_key(rse_str(repeated('k', 63)), NULL));
    assert_false(rse_check_key(rse_str(repeated('k', 64)), NULL));
}

static void tag__is_text_without_control_characters(void **state)
{
    (void)state;
    assert_true(rse_check_tag(RSE_STR("drive-thru/24 h"), NULL));
    assert_true(rse_check_tag(rse_str(repeated('t', 128)), NULL));
    assert_false(rse_check_tag(rse_str(repeated('t', 129)), NULL));
    assert_false(rse_check_tag(RSE_STR(""), NULL));
    assert_false(rse_check_tag(RSE_STR("a\x01"), NULL));
    assert_false(rse_check_tag(RSE_STR("a "), NULL));
    assert_false(rse_check_tag(RSE_STR(" "), NULL));
    assert_true(rse_check_tag(RSE_STR("a b"), NULL));
    assert_false(rse_check_tag(RSE_STR("a\xC0\x80"), NULL));
}

static void path__stays_inside_the_repository(void **state)
{
    static const char *const bad[] = { "",       "/",     "//a",  "a//b",   "a/",          ".",
                                       "..",     "a/./b", "../a", "a/../b", ".git",        "a/.GIT/b",
                                       "a/.Git", "a\\b",  "a\nb", "a\xFF",  "\xE2\x80\xAE" };
    struct rse_str out = RSE_STR("untouched");

    (void)state;
    for (size_t i = 0; i < RSE_COUNT(bad); i++)
        assert_false(rse_check_path(rse_str(bad[i]), &out, NULL));
    assert_false(rse_check_path(RSE_STR("a\0b"), &out, NULL));
    assert_false(rse_check_path(rse_str(repeated('p', 513)), &out, NULL));
    assert_true(rse_str_is(out, "untouched"));
}

static void path__loses_one_leading_slash(void **state)
{
    static const char *const good[] = { "apps/imdb", "a",      "apps/.hidden/x..y", "a/.gitignore", "a b/c",
                                        "..a/b..",   ".github" };
    struct rse_str out;
    char text[700];

    (void)state;
    for (size_t i = 0; i < RSE_COUNT(good); i++) {
        snprintf(text, sizeof(text), "/%s", good[i]);
        assert_true(rse_check_path(rse_str(good[i]), &out, NULL));
        assert_ptr_equal(out.p, good[i]);
        assert_true(rse_str_is(out, good[i]));
        assert_true(rse_check_path(rse_str(text), &out, NULL));
        assert_ptr_equal(out.p, text + 1);
        assert_true(rse_str_is(out, good[i]));
    }
    snprintf(text, sizeof(text), "/%s", repeated('p', 512));
    assert_true(rse_check_path(rse_str(text), &out, NULL));
    assert_int_equal(out.len, 512);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(label__is_that_of_rfc_1123),
        cmocka_unit_test(label__error_says_which_rule_is_broken),
        cmocka_unit_test(group_name__is_any_text_without_slash_control_or_space_at_an_end),
        cmocka_unit_test(group_name__error_names_the_byte),
        cmocka_unit_test(name__can_be_told_from_any_other),
        cmocka_unit_test(key__is_letters_digits_underscore_and_dash),
        cmocka_unit_test(tag__is_text_without_control_characters),
        cmocka_unit_test(path__stays_inside_the_repository),
        cmocka_unit_test(path__loses_one_leading_slash),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
