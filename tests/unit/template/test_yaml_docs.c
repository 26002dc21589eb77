#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "resedge/arena.h"
#include "resedge/yaml.h"

struct fixture {
    struct rse_arena *arena;
    struct rse_yaml_doc *docs;
    size_t count;
    struct rse_err err;
};

static int setup(void **state)
{
    struct fixture *f = rse_new(struct fixture);

    f->arena = rse_arena_new();
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    rse_arena_free(f->arena);
    free(f);
    return 0;
}

static bool list(struct fixture *f, struct rse_str text)
{
    return rse_yaml_docs(f->arena, RSE_STR("apps/x.yaml"), text, &f->docs, &f->count, &f->err);
}

static void docs__tell_kind_name_namespace_and_line(void **state)
{
    struct fixture *f = *state;

    assert_true(
        list(f, RSE_STR("# hello\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: rea.application.name\n"
                        "  labels: {name: wrong, namespace: wrong}\n  namespace: \"dogs\"\nspec:\n  kind: wrong\n"
                        "---\n{kind: Service, metadata: {name: b}, apiVersion: v1}\n")));
    assert_int_equal(f->count, 2);
    assert_true(rse_str_is(f->docs[0].api_version, "apps/v1"));
    assert_true(rse_str_is(f->docs[0].kind, "Deployment"));
    assert_true(rse_str_is(f->docs[0].name, "rea.application.name"));
    assert_true(rse_str_is(f->docs[0].namespace_, "dogs"));
    assert_int_equal(f->docs[0].line, 2);
    assert_true(rse_str_is(f->docs[1].kind, "Service"));
    assert_true(rse_str_is(f->docs[1].name, "b"));
    assert_int_equal(f->docs[1].namespace_.len, 0);
    assert_int_equal(f->docs[1].line, 10);
}

static void docs__are_not_confused_by_odd_keys(void **state)
{
    struct fixture *f = *state;

    assert_true(list(f, RSE_STR("? {kind: a}\n: kind\n? [metadata]\n: {name: no}\n*a : {name: no}\n&k kind: "
                                "yes\nmetadata: [{name: no}]\n")));
    assert_int_equal(f->count, 1);
    assert_true(rse_str_is(f->docs[0].kind, "yes"));
    assert_int_equal(f->docs[0].name.len, 0);
}

static void docs__leave_out_empty_ones(void **state)
{
    struct fixture *f = *state;

    assert_true(list(f, RSE_STR("---\n# nothing\n---\nkind: A\n---\n...\n---\n- 1\n")));
    assert_int_equal(f->count, 2);
    assert_true(rse_str_is(f->docs[0].kind, "A"));
    assert_int_equal(f->docs[1].kind.len, 0);
    assert_true(list(f, RSE_STR("")));
    assert_int_equal(f->count, 0);
}

static void docs__find_sops(void **state)
{
    struct fixture *f = *state;

    assert_true(list(f, RSE_STR("kind: Secret\nsops:\n  mac: x\n---\nsops: text\n---\nx: {sops: {}}\n")));
    assert_int_equal(f->count, 3);
    assert_true(f->docs[0].sops);
    assert_false(f->docs[1].sops);
    assert_false(f->docs[2].sops);
}

static void docs__say_file_and_line_of_an_error(void **state)
{
    struct fixture *f = *state;

    assert_false(list(f, RSE_STR("a: 1\nb: [1, 2\nc: 3\n")));
    assert_int_equal(f->err.code, RSE_INVALID);
    assert_non_null(strstr(f->err.what, "apps/x.yaml:3: not YAML"));
    rse_err_clear(&f->err);
    assert_false(list(f, RSE_STR("a: 1\r\nb: \xff\n")));
    assert_string_equal(f->err.what, "apps/x.yaml:2: not UTF-8");
    rse_err_clear(&f->err);
    assert_false(list(f, rse_str_n("a: 1\nb: \0\n", 10)));
    assert_non_null(strstr(f->err.what, "apps/x.yaml:2: not YAML"));
}

static void docs__are_bounded(void **state)
{
    struct fixture *f = *state;
    struct rse_buf text;

    rse_buf_init(&text, 1 << 22);
    for (int i = 0; i < 200; i++)
        rse_buf_addc(&text, '[');
    assert_false(list(f, rse_buf_str(&text)));
    assert_non_null(strstr(f->err.what, "deeper than 100"));
    rse_err_clear(&f->err);
    rse_buf_reset(&text);
    for (int i = 0; i < 100001; i++)
        rse_buf_adds(&text, "- \n");
    assert_false(list(f, rse_buf_str(&text)));
    assert_non_null(strstr(f->err.what, "more than 100000 nodes"));
    rse_err_clear(&f->err);
    rse_buf_reset(&text);
    for (int i = 0; i < 100; i++)
        rse_buf_addf(&text, "%%TAG !a%d! x\n", i);
    assert_false(list(f, rse_buf_str(&text)));
    assert_non_null(strstr(f->err.what, "%TAG"));
    rse_buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(docs__tell_kind_name_namespace_and_line, setup, teardown),
        cmocka_unit_test_setup_teardown(docs__are_not_confused_by_odd_keys, setup, teardown),
        cmocka_unit_test_setup_teardown(docs__leave_out_empty_ones, setup, teardown),
        cmocka_unit_test_setup_teardown(docs__find_sops, setup, teardown),
        cmocka_unit_test_setup_teardown(docs__say_file_and_line_of_an_error, setup, teardown),
        cmocka_unit_test_setup_teardown(docs__are_bounded, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
