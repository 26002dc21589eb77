/* Distances between words, and the nearest of those known. */
#include "tests/unit/base/unit.h"

#include "resedge/suggest.h"

enum { LONGEST = 24, ROUNDS = 200000 };

static void distance__counts_letters_added_taken_away_changed_and_swapped(void **state)
{
    assert_int_equal(rse_edit_distance(RSE_STR("groups"), RSE_STR("groups"), 3), 0);
    assert_int_equal(rse_edit_distance(RSE_STR("Groups"), RSE_STR("groups"), 3), 0);
    assert_int_equal(rse_edit_distance(RSE_STR("gruops"), RSE_STR("groups"), 3), 1);
    assert_int_equal(rse_edit_distance(RSE_STR("group"), RSE_STR("groups"), 3), 1);
    assert_int_equal(rse_edit_distance(RSE_STR("graups"), RSE_STR("groups"), 3), 1);
    assert_int_equal(rse_edit_distance(RSE_STR(""), RSE_STR("abc"), 3), 3);
    assert_int_equal(rse_edit_distance(RSE_STR(""), RSE_STR(""), 0), 0);
    assert_int_equal(rse_edit_distance(RSE_STR("kitten"), RSE_STR("sitting"), 3), 3);
    (void)state;
}

static void distance__is_one_more_than_the_most_where_it_is_more(void **state)
{
    assert_int_equal(rse_edit_distance(RSE_STR("abcdefgh"), RSE_STR("zyxwvuts"), 3), 4);
    assert_int_equal(rse_edit_distance(RSE_STR("kitten"), RSE_STR("sitting"), 2), 3);
    assert_int_equal(rse_edit_distance(RSE_STR("a"), RSE_STR("b"), 0), 1);
    assert_int_equal(rse_edit_distance(RSE_STR("a"), RSE_STR("abcdef"), 4), 5);
    (void)state;
}

/* The whole table, as it is defined. */
static unsigned plain_distance(const char *a, unsigned m, const char *b, unsigned n)
{
    unsigned d[LONGEST + 1][LONGEST + 1];

    for (unsigned i = 0; i <= m; i++) {
        for (unsigned j = 0; j <= n; j++) {
            if (i == 0 || j == 0) {
                d[i][j] = i + j;
                continue;
            }
            d[i][j] = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            if (d[i - 1][j] + 1 < d[i][j])
                d[i][j] = d[i - 1][j] + 1;
            if (d[i][j - 1] + 1 < d[i][j])
                d[i][j] = d[i][j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && d[i - 2][j - 2] + 1 < d[i][j])
                d[i][j] = d[i - 2][j - 2] + 1;
        }
    }
    return d[m][n];
}

/* Few different letters, so that much is equal and much is swapped. */
static unsigned random_word(uint64_t *random, char *word)
{
    unsigned len = (unsigned)(random_next(random) % (LONGEST + 1));

    for (unsigned i = 0; i < len; i++)
        word[i] = (char)('a' + random_next(random) % 3);
    return len;
}

static void distance__agrees_with_the_whole_table_whatever_the_words(void **state)
{
    uint64_t random = random_start();
    char a[LONGEST], b[LONGEST];

    for (int round = 0; round < ROUNDS; round++) {
        unsigned m = random_word(&random, a), n = random_word(&random, b);
        unsigned most = (unsigned)(random_next(&random) % (RSE_EDIT_DISTANCE_MAX + 1));
        unsigned plain = plain_distance(a, m, b, n), found = rse_edit_distance(rse_str_n(a, m), rse_str_n(b, n), most);

        if (found != (plain <= most ? plain : most + 1))
            fail_msg("%.*s and %.*s: %u, not %u (most %u)", (int)m, a, (int)n, b, found, plain, most);
    }
    (void)state;
}

static struct rse_suggestion suggest(const char *word, const char *const *known)
{
    struct rse_suggestion s;

    rse_suggest_begin(&s, rse_str(word));
    for (; *known != NULL; known++)
        rse_suggest_offer(&s, rse_str(*known));
    return s;
}

static const char *hint(const char *word, const char *const *known)
{
    static struct rse_err err;
    struct rse_suggestion s = suggest(word, known);

    rse_err_clear(&err);
    assert_int_equal(rse_suggest_hint(&s, "<", ">", &err), s.count > 0);
    return err.hint;
}

static const char *const FIELDS[] = { "name", "namePath", "groups", "groupIds", "id", NULL };

static void hint__is_the_nearest_known_word(void **state)
{
    assert_string_equal(hint("nmae", FIELDS), "Did you mean <name>?");
    assert_string_equal(hint("group", FIELDS), "Did you mean <groups>?");
    assert_string_equal(hint("groupids", FIELDS), "Did you mean <groupIds>?");
    assert_string_equal(hint("di", FIELDS), "Did you mean <id>?");
    (void)state;
}

static void hint__names_the_first_three_that_are_equally_near(void **state)
{
    static const char *const stores[] = { "store-22", "store-1", "store-2", "store-3", "store-4", NULL };

    assert_string_equal(hint("store-9", &stores[3]), "Did you mean <store-3> or <store-4>?");
    assert_string_equal(hint("store-9", stores), "Did you mean <store-1>, <store-2> or <store-3>?");
    assert_string_equal(hint("store-23", stores), "Did you mean <store-22>, <store-2> or <store-3>?");
    assert_string_equal(hint("store-11", stores), "Did you mean <store-1>?");
    (void)state;
}

static void hint__is_none_where_nothing_is_near(void **state)
{
    static const char *const letters[] = { "b", "ab", "", NULL };

    assert_string_equal(hint("colour", FIELDS), "");
    assert_string_equal(hint("", FIELDS), "");
    assert_string_equal(hint("xy", FIELDS), "");
    assert_string_equal(hint("averyveryveryveryveryveryveryveryveryverylongword", FIELDS), "");
    assert_string_equal(hint("a", letters), "");
    (void)state;
}

static void put__takes_the_callers_word_for_the_distance(void **state)
{
    struct rse_suggestion s = suggest("east", (const char *const[]){ "west", NULL });

    assert_int_equal(s.distance, 2);
    rse_suggest_put(&s, RSE_STR("/stores/east"), 1);
    rse_suggest_put(&s, RSE_STR("/far"), 2);
    assert_int_equal(s.count, 1);
    assert_true(rse_str_is(s.best[0], "/stores/east"));
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distance__counts_letters_added_taken_away_changed_and_swapped),
        cmocka_unit_test(distance__is_one_more_than_the_most_where_it_is_more),
        cmocka_unit_test(distance__agrees_with_the_whole_table_whatever_the_words),
        cmocka_unit_test(hint__is_the_nearest_known_word),
        cmocka_unit_test(hint__names_the_first_three_that_are_equally_near),
        cmocka_unit_test(hint__is_none_where_nothing_is_near),
        cmocka_unit_test(put__takes_the_callers_word_for_the_distance),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
