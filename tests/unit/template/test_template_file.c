/*
 * Files as a whole: which are templates, what is kept of them, what they tell about themselves.
 */
#include "tests/unit/template/template_fixture.h"

static void file__that_is_not_yaml_is_copied(void **state)
{
    struct fixture *f = *state;
    struct rse_template *tpl = NULL;

    assert_true(try_compile(f, &tpl, RSE_STR("apps/x/run.sh"), RSE_STR("rea.cluster.name \xff { \n")));
    assert_true(rse_template_is_constant(tpl));
    rse_template_free(tpl);
    assert_true(try_compile(f, &tpl, RSE_STR("x.yml"), RSE_STR("a: rea.cluster.name")));
    assert_false(rse_template_is_constant(tpl));
    rse_template_free(tpl);
}

static void file__encrypted_by_sops_is_copied(void **state)
{
    static const char text[] = "a: rea.cluster.name\nb: rea.nothing.x\nsops:\n  mac: x\n";
    struct rse_template *tpl = compile(*state, text);

    assert_true(rse_template_is_constant(tpl));
    rse_template_free(tpl);
    check(*state, text, text);
    check(*state, "sops: rea.cluster.region\n", "sops: central\n");
}

static void file__that_is_broken_is_refused(void **state)
{
    struct fixture *f = *state;
    struct rse_template *tpl = NULL;

    check_refused(f, "a: [1\n",
                  "apps/x/base/x.yaml:2: not YAML: while parsing a flow sequence: did not find expected ',' or ']'",
                  NULL);
    check_refused(f, "a: \xff\n", "apps/x/base/x.yaml:1: not UTF-8", NULL);
    check_refused(f, "rea.cluster.name: a\n\trea.cluster.name: b\n",
                  "apps/x/base/x.yaml:2: not YAML: while scanning a plain scalar: found a tab character that violates "
                  "indentation",
                  NULL);
    assert_false(try_compile(f, &tpl, PATH, rse_str_n("a: rea.cluster.name\0", 20)));
}

static void file__keeps_its_bytes(void **state)
{
    check(*state,
          "\xef\xbb\xbf"
          "a: \xc3\xa9\xf0\x9f\x98\x80 # rea.cluster.region\r\nb: 'rea.cluster.region'\r\n---\r\n...\r\n--- # x\r\n- "
          "rea.cluster.region",
          "\xef\xbb\xbf"
          "a: \xc3\xa9\xf0\x9f\x98\x80 # central\r\nb: 'central'\r\n---\r\n...\r\n--- # x\r\n- central");
    check(*state,
          "a: \xe2\x80\xa8 rea.cluster.region\xc2\x85"
          "b: rea.cluster.region\r",
          "a: \xe2\x80\xa8 central\xc2\x85"
          "b: central\r");
    check(*state, "", "");
}

/* Fills the buffer with a sequence of `count` placeholders, and comments up to `size` bytes. */
static void make_large(struct rse_buf *text, size_t count, size_t size)
{
    rse_buf_init(text, 8 << 20);
    for (size_t i = 0; i < count; i++)
        rse_buf_adds(text, "- rea.cluster.region\n");
    while (text->len < size)
        rse_buf_adds(text, "#");
}

static void file__may_be_large(void **state)
{
    struct fixture *f = *state;
    struct rse_buf text;

    make_large(&text, 20000, 4 << 20);
    assert_true(try_render(f, text.p));
    assert_int_equal(f->out.len, text.len - 20000 * (strlen("rea.cluster.region") - strlen("central")));
    assert_true(rse_str_starts(rse_buf_str(&f->out), RSE_STR("- central\n- central\n")));
    rse_buf_release(&text);
}

static void file__has_limits(void **state)
{
    struct fixture *f = *state;
    struct rse_buf text;

    make_large(&text, 20001, 0);
    check_refused(f, text.p, "apps/x/base/x.yaml:20000: more than 20000 placeholders", NULL);
    rse_buf_release(&text);
    make_large(&text, 0, (4 << 20) + 1);
    check_refused(f, text.p, "apps/x/base/x.yaml:1: larger than 4 MiB", NULL);
    rse_buf_release(&text);
    rse_buf_init(&text, 1000);
    for (int i = 0; i < 101; i++)
        rse_buf_adds(&text, "[");
    check_refused(f, text.p, "apps/x/base/x.yaml:1: nested deeper than 100 levels", NULL);
    rse_buf_release(&text);
}

static void template__tells_what_it_uses(void **state)
{
    struct fixture *f = *state;
    struct rse_template *tpl =
        compile(f, "a: rea.cluster.region rea.cluster.name\nb: rea.cluster.name # rea.application.name\n");
    const uint32_t *keys;
    const uint8_t *scopes;

    assert_string_equal(rse_template_path(tpl).p, "apps/x/base/x.yaml");
    assert_int_equal(rse_template_uses(tpl, &keys, &scopes), 3);
    assert_int_equal(keys[0], rse_keys_find(f->values.keys, RSE_SCOPE_CLUSTER, RSE_STR("name")));
    assert_int_equal(scopes[0], RSE_SCOPE_CLUSTER);
    assert_int_equal(keys[1], rse_keys_find(f->values.keys, RSE_SCOPE_CLUSTER, RSE_STR("region")));
    assert_int_equal(scopes[2], RSE_SCOPE_APPLICATION);
    assert_true(rse_template_uses_scope(tpl, RSE_SCOPE_CLUSTER));
    assert_false(rse_template_uses_scope(tpl, RSE_SCOPE_NAMESPACE));
    rse_template_free(tpl);
}

/* Each span says truly where its bytes come from, and all but the values is covered. */
static void spans__cover_the_literal_bytes(void **state)
{
    static const char text[] =
        "a: rea.application.x b\nc: 'rea.application.x'\n# rea.application.x\nd: rea.application.x\ne: f\n";
    struct fixture *f = *state;
    struct rse_template *tpl = compile(f, text);
    struct rse_values values = test_values_of(&f->values);
    struct rse_spans spans = { 0 };
    size_t covered = 0, end = 0;

    test_values_set(&f->values, RSE_SCOPE_APPLICATION, "x", RSE_STR("yes"));
    rse_buf_adds(&f->out, "before");
    assert_true(rse_template_render_spans(tpl, &values, &f->out, &spans, &f->err));
    assert_string_equal(f->out.p, "beforea: yes b\nc: 'yes'\n# yes\nd: \"yes\"\ne: f\n");
    for (size_t i = 0; i < spans.count; i++) {
        const struct rse_span *s = &spans.at[i];

        assert_true(s->out >= end);
        assert_memory_equal(f->out.p + 6 + s->out, text + s->tpl, s->len);
        covered += s->len;
        end = s->out + s->len;
    }
    assert_int_equal(spans.count, 5);
    assert_int_equal(covered, f->out.len - 6 - 3 * 3 - 5);
    rse_spans_release(&spans);
    rse_template_free(tpl);
}

static void render__stops_at_the_limit_of_the_buffer(void **state)
{
    struct fixture *f = *state;
    struct rse_values values = test_values_of(&f->values);
    struct rse_template *tpl = compile(f, "a: rea.application.x rea.cluster.name rea.cluster.name\n");

    rse_buf_release(&f->out);
    rse_buf_init(&f->out, 20);
    assert_false(rse_template_render(tpl, &values, &f->out, &f->err));
    assert_int_equal(f->err.code, RSE_TOO_LARGE);
    rse_template_free(tpl);
}

static void render_text__puts_values_in_as_they_are(void **state)
{
    struct fixture *f = *state;
    struct rse_values values = test_values_of(&f->values);

    test_values_set(&f->values, RSE_SCOPE_APPLICATION, "x", RSE_STR("a: '\n"));
    assert_true(rse_template_render_text(RSE_STR("clusters/rea.cluster.name/rea.application.x.yaml"), f->values.keys,
                                         &values, &f->out, &f->err));
    assert_string_equal(f->out.p, "clusters/central-la-nola-2301/a: '\n.yaml");
    assert_false(rse_template_render_text(RSE_STR("rea.cluster.nme"), f->values.keys, &values, &f->out, &f->err));
    assert_string_equal(f->err.what, "unknown placeholder rea.cluster.nme");
    rse_err_clear(&f->err);
    assert_false(rse_template_render_text(RSE_STR("rea.cluster.zone"), f->values.keys, &values, &f->out, &f->err));
    assert_string_equal(f->err.what, "rea.cluster.zone has no value");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(file__that_is_not_yaml_is_copied),
        TEST(file__encrypted_by_sops_is_copied),
        TEST(file__that_is_broken_is_refused),
        TEST(file__keeps_its_bytes),
        TEST(file__may_be_large),
        TEST(file__has_limits),
        TEST(template__tells_what_it_uses),
        TEST(spans__cover_the_literal_bytes),
        TEST(render__stops_at_the_limit_of_the_buffer),
        TEST(render_text__puts_values_in_as_they_are),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
