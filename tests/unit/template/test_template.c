/*
 * Placeholders, and the contexts they stand in.
 */
#include "tests/unit/template/template_fixture.h"

static void placeholder__is_the_longest_known_key(void **state)
{
    check(*state, "host: rea.application.name.rea.cluster.name.example.com\n",
          "host: vote.central-la-nola-2301.example.com\n");
    check(*state, "a: rea.namespace.name-pvc\n", "a: dogs-pvc\n");
    check(*state, "a: rea.namespace.name-redis-pvc\n", "a: dogs-cache-pvc\n");
    check(*state, "a: rea.namespace.name-redisx\n", "a: dogs-redisx\n");
    check(*state, "a: x-rea.namespace.name/rea.namespace.name\n", "a: x-dogs/dogs\n");
}

static void placeholder__needs_a_word_boundary_in_front(void **state)
{
    check(*state, "a: area.cluster.x\nb: _rea.cluster.x\nc: 1rea.cluster.x\n",
          "a: area.cluster.x\nb: _rea.cluster.x\nc: 1rea.cluster.x\n");
    check(*state, "a: rea.txt rea.cluster rea. Rea.Cluster.Name rea..x\n",
          "a: rea.txt rea.cluster rea. Rea.Cluster.Name rea..x\n");
}

static void placeholder__unknown_is_refused_with_a_hint(void **state)
{
    check_refused(*state, "a: 1\nb: rea.cluster.regionn\n",
                  "apps/x/base/x.yaml:2: unknown placeholder rea.cluster.regionn", "Did you mean rea.cluster.region?");
    check_refused(*state, "b: rea.clutser.name.x\n", "apps/x/base/x.yaml:1: unknown placeholder rea.clutser.name",
                  "Did you mean rea.cluster.name?");
    check_refused(*state, "b: rea.example.com\n", "apps/x/base/x.yaml:1: unknown placeholder rea.example.com",
                  "A placeholder is rea.cluster.<key>, rea.namespace.<key> or rea.application.<key>.");
    check_refused(*state, "b: rea.cluster.elephant\n", "apps/x/base/x.yaml:1: unknown placeholder rea.cluster.elephant",
                  "A key is a field of the cluster, or a metadata key that is in use.");
    check_refused(*state, "b: rea.namespace.nam-redis-pvc\n",
                  "apps/x/base/x.yaml:1: unknown placeholder rea.namespace.nam-redis-pvc",
                  "Did you mean rea.namespace.name?");
    check_refused(*state, "b: rea.cluster.\n", "apps/x/base/x.yaml:1: a placeholder without a key: rea.cluster.", NULL);
    check_refused(*state, "a: |\n  one\n\n  rea.cluster.nam rea.cluster.name\n",
                  "apps/x/base/x.yaml:4: unknown placeholder rea.cluster.nam", NULL);
    check_refused(*state, "a: \"x\n  rea.cluster.name\n  rea.cluster.nam\"\n",
                  "apps/x/base/x.yaml:3: unknown placeholder rea.cluster.nam", NULL);
    check_refused(*state, "a: b # rea.cluster.nam\n", "apps/x/base/x.yaml:1: unknown placeholder rea.cluster.nam",
                  NULL);
}

static void placeholder__is_found_in_what_the_file_means(void **state)
{
    check(*state, "a: \"\\trea.cluster.region\"\n", "a: \"\\tcentral\"\n");
    check(*state, "a: \"rea.cluster\\u002eregion.\\x72ea.cluster.region\"\n", "a: \"central.central\"\n");
    check(*state, "a: \"rea.cluster.\\\n   region\"\n", "a: \"central\"\n");
}

static void placeholder__can_not_stand_in_a_tag(void **state)
{
    check_refused(*state, "a: !rea.cluster.name x\n",
                  "apps/x/base/x.yaml:1: the placeholder rea.cluster.name can not stand in a tag",
                  "Placeholders can stand in scalars, keys and comments.");
    check_refused(*state, "%TAG !e! tag:rea.cluster.name,2000:\n---\na: !e!x y\n",
                  "apps/x/base/x.yaml:1: the placeholder rea.cluster.name can not stand in a directive", NULL);
}

static void plain__stays_plain_where_it_can(void **state)
{
    check_x(*state, "Dogz RULE!", "title: rea.application.x\n", "title: Dogz RULE!\n");
    check_x(*state, "a, b", "title: rea.application.x\n", "title: a, b\n");
    check_x(*state, "caf\xc3\xa9", "- rea.application.x # c\n", "- caf\xc3\xa9 # c\n");
    check_x(*state, "http://a/b?c", "u: rea.application.x\n", "u: http://a/b?c\n");
}

static void plain__is_quoted_as_a_whole_where_it_must(void **state)
{
    check_x(*state, "a: b", "k: v rea.application.x # c\n", "k: \"v a: b\" # c\n");
    check_x(*state, "a #b", "k: rea.application.x\n", "k: \"a #b\"\n");
    check_x(*state, "", "k: rea.application.x\n", "k: \"\"\n");
    check_x(*state, "", "k: a rea.application.x\n", "k: \"a \"\n");
    check_x(*state, "a\nb: c", "k: rea.application.x\nl: m", "k: \"a\\nb: c\"\nl: m");
    check_x(*state, "- a", "- rea.application.x", "- \"- a\"");
    check_x(*state, "-", "k: rea.application.x", "k: \"-\"");
    check_x(*state, "a, b", "[rea.application.x,c]", "[\"a, b\",c]");
    check_x(*state, "'", "{a: rea.application.x}", "{a: \"'\"}");
    check_x(*state, "#", "k: a:rea.application.x", "k: a:#");
    check_x(*state, "\xe2\x80\xa8", "k: a rea.application.x.b", "k: \"a \\u2028.b\"");
}

static void plain__keeps_numbers_and_quotes_other_types(void **state)
{
    check_x(*state, "5", "replicas: rea.application.x\n", "replicas: 5\n");
    check_x(*state, "-3.14", "replicas: rea.application.x\n", "replicas: -3.14\n");
    check_x(*state, "0", "port: 808rea.application.x 80rea.application.x\n",
            "port: 808rea.application.x 80rea.application.x\n");
    check_x(*state, "0", "port: 80.rea.application.x\n", "port: 80.0\n");
    check_x(*state, "yes", "a: rea.application.x\n", "a: \"yes\"\n");
    check_x(*state, "null", "a: rea.application.x\n", "a: \"null\"\n");
    check_x(*state, "~", "a: rea.application.x\n", "a: \"~\"\n");
    check_x(*state, "0777", "a: rea.application.x\n", "a: \"0777\"\n");
    check_x(*state, "1e3", "a: rea.application.x\n", "a: \"1e3\"\n");
    check_x(*state, "12:30", "a: rea.application.x\n", "a: \"12:30\"\n");
    check_x(*state, "01", "a: 2026-01-rea.application.x\n", "a: \"2026-01-01\"\n");
    check_x(*state, "1.2.3", "a: rea.application.x\n", "a: 1.2.3\n");
}

static void plain__keeps_tag_and_anchor(void **state)
{
    check_x(*state, "5", "a: !!str &b rea.application.x\nc: *b\n", "a: !!str &b 5\nc: *b\n");
    check_x(*state, "a: b", "a: &b:rea.application.x\n", "a: &b \":a: b\"\n");
    check_x(*state, "a: b", "a: !!str &b\n  rea.application.x\nc: *b\n", "a: !!str &b\n  \"a: b\"\nc: *b\n");
}

static void plain__on_many_lines_keeps_them_for_simple_values(void **state)
{
    check_x(*state, "vote", "a: this is a long\n  rea.application.x\n\n  text\nb: c\n",
            "a: this is a long\n  vote\n\n  text\nb: c\n");
    check_x(*state, "# no", "a: this is a long\n  rea.application.x\n\n  text\nb: c\n",
            "a: \"this is a long # no\\ntext\"\nb: c\n");
    check_x(*state, "12:30", "a: 2026-01-01\n  rea.application.x\n", "a: \"2026-01-01 12:30\"\n");
}

static void single_quoted__doubles_quotes(void **state)
{
    check_x(*state, "it's: # {", "a: 'don''t rea.application.x'\n", "a: 'don''t it''s: # {'\n");
    check_x(*state, "a\nb", "a: 'don''t rea.application.x' # c\n", "a: \"don't a\\nb\" # c\n");
    check_x(*state, "\t", "a: 'rea.application.x'\n", "a: \"\\t\"\n");
    check_x(*state, "yes", "a: 'rea.application.x'\n", "a: 'yes'\n");
    check_x(*state, "v", "a: 'b\n\n  rea.application.x'\n", "a: 'b\n\n  v'\n");
    check_x(*state, " v", "a: 'b\n\n  rea.application.x'\n", "a: \"b\\n v\"\n");
}

static void double_quoted__escapes(void **state)
{
    check_x(*state, "say \"hi\"\\\n", "a: \"\\\\rea.application.x\\n\"\n", "a: \"\\\\say \\\"hi\\\"\\\\\\n\\n\"\n");
    check_x(*state, "\xf0\x9f\x98\x80\x01", "a: \"rea.application.x\"\n", "a: \"\xf0\x9f\x98\x80\\u0001\"\n");
    check_x(*state, "v", "a: \"b \\\n  rea.application.x\"\n", "a: \"b \\\n  v\"\n");
    check_x(*state, "a b", "a: \"b\n  rea.application.x\"\n", "a: \"b a b\"\n");
}

static void literal__takes_values_as_they_are(void **state)
{
    check_x(*state, "a: b # \"'", "a: |\n  one\n    rea.application.x two\n\n  three\nb: c\n",
            "a: |\n  one\n    a: b # \"' two\n\n  three\nb: c\n");
    check_x(*state, "v", "a: |2-\n   rea.application.x\n\nb: c\n", "a: |2-\n   v\n\nb: c\n");
    check_x(*state, "v", "a: |+\n\n\n  rea.application.x  \n\n", "a: |+\n\n\n  v  \n\n");
}

static void block__is_written_anew_where_a_value_would_change_it(void **state)
{
    check_x(*state, "v\nw", "a: | # note\n  one\n  rea.application.x\n\nb: c\n", "a: \"one\\nv\\nw\\n\"\n\nb: c\n");
    check_x(*state, " v", "a: |-\n  rea.application.x\nb: c\n", "a: \" v\"\nb: c\n");
    check_x(*state, "", "- >\n  one\n  rea.application.x\n", "- \"one \\n\"\n");
    check_x(*state, " v", "- >\n  one\n  rea.application.x", "- \"one  v\"");
    check_x(*state, "\n", "--- |+\n rea.application.x\n\n\n...\n", "--- \"\\n\\n\\n\\n\"\n\n\n...\n");
    check_x(*state, "\n", "a:\n|\n  rea.application.x\nb: c\n", "a:\n \"\\n\\n\"\nb: c\n");
    check_x(*state, "\n", "? |\n  rea.application.x\n: b\n", "? \"\\n\\n\"\n: b\n");
    check_x(*state, "\n", "a: &a !!str |\r\n  rea.application.x\r\nb: c\r\n", "a: &a !!str \"\\n\\n\"\r\nb: c\r\n");
}

static void folded__keeps_its_lines(void **state)
{
    check_x(*state, "a: b", "a: >-\n  one\n  rea.application.x two\n    more\n\n  rea.application.x\nb: c\n",
            "a: >-\n  one\n  a: b two\n    more\n\n  a: b\nb: c\n");
}

static void comment__can_not_be_ended(void **state)
{
    check_x(*state, "v", "# rea.application.x rea.cluster.name.\na: b # - rea.application.x\n#rea.application.x",
            "# v central-la-nola-2301.\na: b # - v\n#v");
    check_x(*state, "a\nb: c\r\xc2\x85\xe2\x80\xa8 # \xc3\xa9\t", "# rea.application.x\n", "# a b: c    # \xc3\xa9 \n");
    check_x(*state, "v\nw", "a: | # rea.application.x\n  b\n", "a: | # v w\n  b\n");
    check_x(*state, "v", "a: > # rea.application.x\n  rea.application.x\n", "a: > # v\n  v\n");
    check_x(*state, "v\nw", "a: > # rea.application.x\n  rea.application.x\nb: c", "a: \"v\\nw\\n\"\nb: c");
    check(*state, "# rea.cluster.<key> and rea.cluster. stay\n", "# rea.cluster.<key> and rea.cluster. stay\n");
    check_x(*state, "v", "a: [b, # rea.application.x\n  '# no', #rea.application.x\n  c#d]\n",
            "a: [b, # v\n  '# no', #v\n  c#d]\n");
}

static void key__may_hold_a_placeholder(void **state)
{
    check_x(*state, "v", "rea.application.x: a\n", "v: a\n");
    check_x(*state, "a: b", "{rea.application.x : a, rea.application.y}\n", "{\"a: b\" : a, \"y\"}\n");
    check_x(*state, "? a", "? rea.application.x\n: a\n", "? \"? a\"\n: a\n");
    check_x(*state, "true", "rea.application.x: a\n", "\"true\": a\n");
}

static void keys__made_equal_are_refused(void **state)
{
    struct fixture *f = *state;

    test_values_set(&f->values, RSE_SCOPE_APPLICATION, "x", RSE_STR("b"));
    assert_false(try_render(f, "a: 1\nb: {c: 1}\nm:\n  b: 1\n  \"\\x62\": 2\nrea.application.x: 1\n"));
    assert_string_equal(f->err.what, "apps/x/base/x.yaml:6: rea.application.x makes two keys equal: \"b\"");
    test_values_set(&f->values, RSE_SCOPE_APPLICATION, "y", RSE_STR("b"));
    assert_false(try_render(f, "z: [{rea.application.x: 1, 'rea.application.y'}]\n"));
    assert_string_equal(f->err.what, "apps/x/base/x.yaml:1: rea.application.x makes two keys equal: \"b\"");
    assert_true(
        try_render(f, "b: {rea.application.x: 1}\nc: {b: {rea.application.x: b}}\nd: [b: 1, rea.application.x: 2]\n"));
}

static void key__longer_than_yaml_allows_is_refused(void **state)
{
    struct fixture *f = *state;
    static char value[1100];

    memset(value, 'v', 1018);
    test_values_set(&f->values, RSE_SCOPE_APPLICATION, "x", rse_str(value));
    assert_true(try_render(f, "!!str rea.application.x: v\n"));
    assert_true(try_render(f, "? !!str rea.application.x.rea.application.x\n: v\n"));
    memset(value, 'v', 1019);
    test_values_set(&f->values, RSE_SCOPE_APPLICATION, "x", rse_str(value));
    assert_false(try_render(f, "!!str rea.application.x: v\n"));
    assert_string_equal(f->err.what, "apps/x/base/x.yaml:1: rea.application.x makes a key longer than 1024 characters");
    assert_true(try_render(f, "rea.application.x: v\n"));
}

static void value__that_is_missing_fails_the_render(void **state)
{
    struct fixture *f = *state;

    assert_false(try_render(f, "a: b\nc: |\n\n  x\n  rea.cluster.zone\n"));
    assert_int_equal(f->err.code, RSE_INVALID);
    assert_string_equal(f->err.what, "apps/x/base/x.yaml:5: rea.cluster.zone has no value");
    assert_false(try_render(f, "a: b\n# rea.cluster.zone\n"));
    assert_false(try_render(f, "a: b\nrea.cluster.zone: c\nd: e\n"));
    assert_string_equal(f->err.what, "apps/x/base/x.yaml:2: rea.cluster.zone has no value");
}

static void value__that_is_not_utf8_fails_the_render(void **state)
{
    static const char *const places[] = { "a: rea.application.x",     "a: 'rea.application.x'",
                                          "a: \"rea.application.x\"", "a: |\n  rea.application.x",
                                          "# rea.application.x",      "a: \"rea.\\\n  application.x\"" };
    struct fixture *f = *state;

    test_values_set(&f->values, RSE_SCOPE_APPLICATION, "x", RSE_STR("\xc3("));
    for (size_t i = 0; i < RSE_COUNT(places); i++) {
        assert_false(try_render(f, places[i]));
        assert_non_null(strstr(f->err.what, "the value of rea.application.x is not UTF-8"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(placeholder__is_the_longest_known_key),
        TEST(placeholder__needs_a_word_boundary_in_front),
        TEST(placeholder__unknown_is_refused_with_a_hint),
        TEST(placeholder__is_found_in_what_the_file_means),
        TEST(placeholder__can_not_stand_in_a_tag),
        TEST(plain__stays_plain_where_it_can),
        TEST(plain__is_quoted_as_a_whole_where_it_must),
        TEST(plain__keeps_numbers_and_quotes_other_types),
        TEST(plain__keeps_tag_and_anchor),
        TEST(plain__on_many_lines_keeps_them_for_simple_values),
        TEST(single_quoted__doubles_quotes),
        TEST(double_quoted__escapes),
        TEST(literal__takes_values_as_they_are),
        TEST(block__is_written_anew_where_a_value_would_change_it),
        TEST(folded__keeps_its_lines),
        TEST(comment__can_not_be_ended),
        TEST(key__may_hold_a_placeholder),
        TEST(keys__made_equal_are_refused),
        TEST(key__longer_than_yaml_allows_is_refused),
        TEST(value__that_is_missing_fails_the_render),
        TEST(value__that_is_not_utf8_fails_the_render),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
