#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>
#include <cjson/cJSON.h>

#include "resedge/yaml.h"

static void check_json(struct rse_str yaml, const char *json)
{
    struct rse_err err = RSE_ERR_INIT;
    cJSON *tree = rse_yaml_to_json(RSE_STR("x.yaml"), yaml, 1000, &err);
    char *text;

    if (tree == NULL)
        fail_msg("%s", err.what);
    text = cJSON_PrintUnformatted(tree);
    assert_string_equal(text, json);
    cJSON_free(text);
    cJSON_Delete(tree);
}

static void check_refused_as(enum rse_code code, const char *field, struct rse_str yaml, const char *what)
{
    struct rse_err err = RSE_ERR_INIT;

    assert_null(rse_yaml_to_json(RSE_STR("x.yaml"), yaml, 1000, &err));
    assert_int_equal(err.code, code);
    assert_string_equal(err.field, field);
    if (strstr(err.what, what) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", err.what, what);
}

static void check_refused(struct rse_str yaml, const char *what)
{
    check_refused_as(RSE_INVALID, "", yaml, what);
}

/* It is YAML. */
static void check_refused_value(const char *field, struct rse_str yaml, const char *what)
{
    check_refused_as(RSE_UNPROCESSABLE, field, yaml, what);
}

static void to_json__tells_the_line_of_a_text_without_a_name_beside_what_is_wrong(void **state)
{
    static const struct {
        const char *yaml, *what;
        uint32_t line;
    } CASES[] = {
        { "a: 1\nb: [1\nc: 2\n", "not YAML: ", 3 },
        { "a: 1\nb: 2\na: 3\n", "the key \"a\" is there twice", 3 },
        { "a: &x 1\nb: *x\n", "aliases", 2 },
    };

    for (size_t i = 0; i < RSE_COUNT(CASES); i++) {
        struct rse_err err = RSE_ERR_INIT;

        assert_null(rse_yaml_to_json(RSE_STR(""), rse_str(CASES[i].yaml), 1000, &err));
        assert_int_equal(err.line, CASES[i].line);
        assert_ptr_equal(strstr(err.what, CASES[i].what), err.what);
    }
    (void)state;
}

static void to_json__resolves_the_core_types(void **state)
{
    check_json(
        RSE_STR(
            "a: 1\nb: -2.5\nc: true\nd: ~\ne:\nf: 'true'\ng: no\nh: 0x1f\ni: 0o17\nj: 1e3\nk: 2026-01-01\nl: \"5\"\n"),
        "{\"a\":1,\"b\":-2.5,\"c\":true,\"d\":null,\"e\":null,\"f\":\"true\",\"g\":\"no\",\"h\":31,\"i\":15,\"j\":1000,"
        "\"k\":\"2026-01-01\",\"l\":\"5\"}");
    check_json(RSE_STR("[ 1. , .5, +7, ., -, 1.2.3, 1e, 0xg, 0o8, '', !!str 5, ! 6, !!int \"7\", .5e-1 ]"),
               "[1,0.5,7,\".\",\"-\",\"1.2.3\",\"1e\",\"0xg\",\"0o8\",\"\",\"5\",\"6\",7,0.05]");
    (void)state;
}

static void to_json__reads_all_styles_and_shapes(void **state)
{
    check_json(RSE_STR("---\nresources:\n- a.yaml\n- 'b''c'\nnested: {x: [1, {y: 2}], z: []}\ntext: |\n  one\n  "
                       "two\nfold: >-\n  a\n  b\n"),
               "{\"resources\":[\"a.yaml\",\"b'c\"],\"nested\":{\"x\":[1,{\"y\":2}],\"z\":[]},\"text\":"
               "\"one\\ntwo\\n\",\"fold\":\"a b\"}");
    check_json(RSE_STR("&a x: &b {1: one}\n...\n"), "{\"x\":{\"1\":\"one\"}}");
    check_json(RSE_STR(""), "null");
    check_json(RSE_STR("# nothing\n"), "null");
    check_json(RSE_STR("\xef\xbb\xbf"
                       "a: b\r\n"),
               "{\"a\":\"b\"}");
    (void)state;
}

static void to_json__refuses_what_json_can_not_hold(void **state)
{
    check_refused_value("/a", RSE_STR("a: 1\nb: 2\na: 3\n"), "x.yaml:3: the key \"a\" is there twice");
    check_refused_value("/c/1/d~1e/f", RSE_STR("c: [{}, {d/e: {f: 1, f: 2}}]\n"), "the key \"f\" is there twice");
    check_refused(RSE_STR("a: &x 1\nb: *x\n"), "x.yaml:2: aliases");
    check_refused(RSE_STR("a: 1\n---\nb: 1\n"), "x.yaml:2: more than one document");
    check_refused(RSE_STR("[a]: 1\n"), "a key has to be a scalar");
    check_refused(RSE_STR("? {a: 1}\n: 1\n"), "a key has to be a scalar");
    check_refused_value("/a", RSE_STR("a: .inf\n"), "a number that JSON does not have");
    check_refused_value("/a", RSE_STR("a: 12345678901234567890\n"), "put it in quotes");
    check_refused_value("/a/1", RSE_STR("a: [1, 1e999]\n"), "put it in quotes");
    check_refused_value("/0/b", RSE_STR("- a: 1\n  b: \"x\\0y\"\n"), "NUL");
    check_refused_value("", RSE_STR("\"x\\0y\": a\n"), "NUL");
    check_refused_value("", RSE_STR(".nan\n"), "a number that JSON does not have");
    check_refused_value("/a", RSE_STR("a: !foo x\n"), "a tag that is not supported");
    check_refused(RSE_STR("a: [1\n"), "not YAML");
    (void)state;
}

static void to_json__is_bounded(void **state)
{
    struct rse_buf text;

    rse_buf_init(&text, 1 << 20);
    for (int i = 0; i < 65; i++)
        rse_buf_adds(&text, "- ");
    check_refused(rse_buf_str(&text), "deeper than 64");
    rse_buf_reset(&text);
    for (int i = 0; i < 1001; i++)
        rse_buf_adds(&text, "- a\n");
    check_refused(rse_buf_str(&text), "more than 1000 nodes");
    rse_buf_release(&text);
    (void)state;
}

static void check_yaml(const char *json, const char *yaml)
{
    cJSON *tree = cJSON_Parse(json);
    RSE_BUF_AUTO out = { 0 };

    rse_buf_init(&out, 10000);
    assert_non_null(tree);
    rse_yaml_from_json(&out, tree);
    assert_string_equal(out.p, yaml);
    cJSON_Delete(tree);
}

static void from_json__writes_block_style_in_order(void **state)
{
    check_yaml("{\"kind\":\"A\",\"b\":{\"x\":1,\"a\":[1,\"2\",{\"c\":true,\"d\":null},[],[[3],4]]},\"e\":{}}",
               "kind: A\nb:\n  x: 1\n  a:\n    - 1\n    - \"2\"\n    - c: true\n      d: null\n    - []\n    - - - 3\n "
               "     - 4\ne: {}\n");
    check_yaml("[]", "[]\n");
    check_yaml("5", "5\n");
    (void)state;
}

static void from_json__keeps_strings_strings(void **state)
{
    check_yaml("{\"no\":\"yes\",\"1\":\"1.5\",\"a: b\":\"# c\",\"e\":\"\",\"f\":\"a, b\"}",
               "\"no\": \"yes\"\n\"1\": \"1.5\"\n\"a: b\": \"# c\"\ne: \"\"\nf: a, b\n");
    (void)state;
}

static void from_json__writes_lines_as_a_block(void **state)
{
    check_yaml("{\"a\":\"x\\n  y\\n\\nz\\n\",\"b\":[\"p\\nq\"],\"c\":\" x\\ny\",\"d\":\"x "
               "\\ny\",\"e\":\"x\\n\\n\",\"f\":\"\\nx\"}",
               "a: |\n  x\n    y\n\n  z\nb:\n  - |-\n    p\n    q\nc: \" x\\ny\"\nd: \"x \\ny\"\ne: \"x\\n\\n\"\nf: "
               "\"\\nx\"\n");
    check_yaml("\"a\\nb\"", "|-\n  a\n  b\n");
    (void)state;
}

static void from_json__writes_numbers_shortly(void **state)
{
    check_yaml("[0.1,1e20,-3,9007199254740991,1.0,1e-7]", "- 0.1\n- 1e+20\n- -3\n- 9007199254740991\n- 1\n- 1e-07\n");
    (void)state;
}

static void from_json__reads_back(void **state)
{
    cJSON *tree = cJSON_Parse("{\"a\":[[],{},[{\"x\":[\"- "
                              "y\",\"~\"]}],\"l1\\nl2\\n\"],\"k\\nk\":\"\\u2028\\u0085\\ttab\",\"n\":1.25,\"\":false}");
    struct rse_err err = RSE_ERR_INIT;
    cJSON *back;
    RSE_BUF_AUTO out = { 0 };

    rse_buf_init(&out, 10000);
    rse_yaml_from_json(&out, tree);
    back = rse_yaml_to_json(RSE_STR("x"), rse_buf_str(&out), 1000, &err);
    assert_non_null(back);
    assert_true(cJSON_Compare(tree, back, true));
    cJSON_Delete(tree);
    cJSON_Delete(back);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(to_json__tells_the_line_of_a_text_without_a_name_beside_what_is_wrong),
        cmocka_unit_test(to_json__resolves_the_core_types),
        cmocka_unit_test(to_json__reads_all_styles_and_shapes),
        cmocka_unit_test(to_json__refuses_what_json_can_not_hold),
        cmocka_unit_test(to_json__is_bounded),
        cmocka_unit_test(from_json__writes_block_style_in_order),
        cmocka_unit_test(from_json__keeps_strings_strings),
        cmocka_unit_test(from_json__writes_lines_as_a_block),
        cmocka_unit_test(from_json__writes_numbers_shortly),
        cmocka_unit_test(from_json__reads_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
