/*
 * The rendered file parses to what the template parses to, with the values substituted in its scalars: on random YAML
 * and random values. RSE_TEST_SEED repeats a run, RSE_TEST_CASES makes it longer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <time.h>

#include <cmocka.h>

#include "tests/unit/template/yaml_meaning.h"

#define PATH RSE_STR("random.yaml")

struct fixture {
    struct reading reading;
    struct maker maker;
    size_t compiled, refused, clashes;
};

/* What is wrong with the file that a template gives; NULL: nothing. */
static const char *judge_render(struct fixture *f, const struct rse_template *tpl, struct rse_str text,
                                const struct document *wanted, struct rse_buf *out)
{
    struct rse_values values = test_values_of(&f->reading.values);
    struct rse_err err = RSE_ERR_INIT;
    struct rse_spans spans = { 0 };
    struct document got;
    const char *problem;

    if (!rse_template_render_spans(tpl, &values, out, &spans, &err)) {
        f->clashes++;
        problem = has_clash(wanted) ? NULL : "can't be rendered";
    } else if (has_clash(wanted)) {
        problem = "two keys equal and no error";
    } else if (!read_yaml(&f->reading, rse_buf_str(out), false, &got)) {
        problem = "not YAML";
    } else {
        problem = difference(wanted, &got);
        if (problem == NULL)
            problem = check_spans(text, rse_buf_str(out), &spans);
    }
    rse_spans_release(&spans);
    return problem;
}

static const char *judge(struct fixture *f, struct rse_str text, struct rse_buf *out)
{
    struct rse_template *tpl = NULL;
    struct rse_err err = RSE_ERR_INIT;
    struct document wanted;
    bool valid = read_yaml(&f->reading, text, true, &wanted);
    bool compiled = rse_template_compile(&tpl, PATH, text, f->reading.values.keys, &err);
    const char *problem = NULL;

    if (compiled != (valid && !wanted.unknown))
        problem = compiled ? "compiled and should not" : "did not compile";
    else if (compiled)
        problem = judge_render(f, tpl, text, &wanted, out);
    else
        f->refused++;
    f->compiled += compiled;
    rse_template_free(tpl);
    return problem;
}

static void run_case(struct fixture *f, uint64_t seed, unsigned long number)
{
    const char *problem;
    RSE_BUF_AUTO text = { 0 };
    RSE_BUF_AUTO out = { 0 };

    rse_buf_init(&text, 1 << 20);
    rse_buf_init(&out, 16 << 20);
    f->reading.arena = rse_arena_new();
    f->maker = (struct maker){ .state = (seed + number) * 0x9e3779b97f4a7c15u | 1, .out = &text };
    set_values(&f->reading, &f->maker);
    make_yaml(&f->maker);
    problem = judge(f, rse_buf_str(&text), &out);
    rse_arena_free(f->reading.arena);
    if (problem != NULL) {
        print_error("RSE_TEST_SEED=%llu RSE_TEST_CASES=1\n--- template\n%s\n--- rendered\n%s\n",
                    (unsigned long long)(seed + number), text.p, out.p);
        fail_msg("%s", problem);
    }
}

static void rendered_file__means_what_the_template_means(void **state)
{
    const char *seed_text = getenv("RSE_TEST_SEED"), *cases_text = getenv("RSE_TEST_CASES");
    uint64_t seed = seed_text != NULL ? strtoull(seed_text, NULL, 10) : (uint64_t)time(NULL) * 1000003u;
    unsigned long cases = cases_text != NULL ? strtoul(cases_text, NULL, 10) : 4000;
    struct fixture *f = rse_new(struct fixture);

    print_message("RSE_TEST_SEED=%llu\n", (unsigned long long)seed);
    reading_init(&f->reading);
    for (unsigned long i = 0; i < cases; i++)
        run_case(f, seed, i);
    print_message("%zu compiled (%zu with keys made equal), %zu refused\n", f->compiled, f->clashes, f->refused);
    if (cases > 100)
        assert_true(f->compiled > f->refused);
    reading_release(&f->reading);
    free(f);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rendered_file__means_what_the_template_means),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
