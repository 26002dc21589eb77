/*
 * The rendered file parses to what the template parses to, with the values substituted in its scalars: on random YAML
 * and random values. RSE_TEST_SEED repeats a run, RSE_TEST_CASES makes it longer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <time.h>

#include <cmocka.h>
#include <yaml.h>

#include "resedge/arena.h"
#include "tests/unit/template/random_yaml.h"
#include "tests/unit/template/values.h"
#include "tests/unit/template/yaml_kind.h"

#define PATH RSE_STR("random.yaml")

struct seen {
    yaml_event_type_t type;
    struct rse_str text, anchor, tag;
    enum yaml_kind kind;
    bool has_slots;
};

struct document {
    struct seen *at;
    size_t count, cap;
    bool unknown; /* holds an unknown placeholder */
};

struct fixture {
    struct yaml_kinds kinds;
    struct test_values values;
    struct rse_arena *arena;
    struct maker maker;
    size_t compiled, refused, clashes;
};

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* The value of the placeholder at the start of rest, the naive way; *len: the length of its name, 0 if none. */
static struct rse_str known_at(const struct fixture *f, struct rse_str rest, size_t *len)
{
    struct rse_str value = { 0 };

    *len = 0;
    for (int scope = 0; scope < RSE_SCOPE_COUNT; scope++) {
        for (uint32_t i = 0; i < rse_keys_count(f->values.keys, (enum rse_scope)scope); i++) {
            char name[80];
            int n = snprintf(name, sizeof(name), "rea.%s.%s", rse_scope_name((enum rse_scope)scope),
                             rse_keys_name(f->values.keys, (enum rse_scope)scope, i).p);

            if ((size_t)n > *len && rse_str_starts(rest, rse_str(name)) &&
                (rest.len == (size_t)n || !is_word(rest.p[n]))) {
                *len = (size_t)n;
                value = f->values.at[scope][i];
            }
        }
    }
    return value;
}

/* Substitutes the naive way. Returns the number of placeholders. */
static size_t substitute(const struct fixture *f, struct rse_str text, struct rse_buf *out, bool *unknown)
{
    static const char *const scopes[] = { "rea.cluster.", "rea.namespace.", "rea.application." };
    size_t count = 0, len;

    for (size_t i = 0; i < text.len; i += len) {
        struct rse_str rest = rse_str_from(text, i);
        struct rse_str value = known_at(f, rest, &len);

        if (len > 0 && (i == 0 || !is_word(text.p[i - 1]))) {
            rse_buf_add_str(out, value);
            count++;
            continue;
        }
        for (size_t s = 0; s < RSE_COUNT(scopes); s++)
            *unknown = *unknown || (rse_str_starts(rest, rse_str(scopes[s])) && (i == 0 || !is_word(text.p[i - 1])));
        rse_buf_addc(out, text.p[i]);
        len = 1;
    }
    return count;
}

static struct rse_str copy(struct fixture *f, const void *text, size_t len)
{
    return rse_arena_str(f->arena, rse_str_n(text != NULL ? text : "", len));
}

static void see_scalar(struct fixture *f, struct document *doc, struct seen *seen, const yaml_event_t *event,
                       bool put_in)
{
    bool typed = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && event->data.scalar.tag == NULL;
    RSE_BUF_AUTO text;

    rse_buf_init(&text, 1 << 24);
    if (put_in)
        seen->has_slots = substitute(f, rse_str_n((char *)event->data.scalar.value, event->data.scalar.length), &text,
                                     &doc->unknown) > 0;
    else
        rse_buf_addn(&text, event->data.scalar.value, event->data.scalar.length);
    seen->text = copy(f, text.p, text.len);
    if (typed)
        seen->kind = seen->has_slots ? yaml_kind_wanted(seen->text) : yaml_kind_of(&f->kinds, seen->text);
}

static void see(struct fixture *f, struct document *doc, const yaml_event_t *event, bool put_in)
{
    struct seen seen = { .type = event->type };
    const yaml_char_t *anchor = NULL, *tag = NULL;

    switch (event->type) {
    case YAML_SCALAR_EVENT:
        see_scalar(f, doc, &seen, event, put_in);
        anchor = event->data.scalar.anchor;
        tag = event->data.scalar.tag;
        break;
    case YAML_MAPPING_START_EVENT:
        anchor = event->data.mapping_start.anchor;
        tag = event->data.mapping_start.tag;
        break;
    case YAML_SEQUENCE_START_EVENT:
        anchor = event->data.sequence_start.anchor;
        tag = event->data.sequence_start.tag;
        break;
    case YAML_ALIAS_EVENT:
        anchor = event->data.alias.anchor;
        break;
    default:
        break;
    }
    seen.anchor = copy(f, anchor, anchor != NULL ? strlen((const char *)anchor) : 0);
    seen.tag = copy(f, tag, tag != NULL ? strlen((const char *)tag) : 0);
    if (doc->count == doc->cap) {
        size_t cap = doc->cap > 0 ? doc->cap * 2 : 64;
        struct seen *at = rse_arena_calloc(f->arena, cap, sizeof(*at));

        if (doc->count > 0)
            memcpy(at, doc->at, doc->count * sizeof(*at));
        doc->at = at;
        doc->cap = cap;
    }
    doc->at[doc->count++] = seen;
}

static bool read_yaml(struct fixture *f, struct rse_str text, bool put_in, struct document *doc)
{
    yaml_parser_t parser;
    bool more = true, ok = true;

    *doc = (struct document){ 0 };
    yaml_parser_initialize(&parser);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text.p, text.len);
    while (more && ok) {
        yaml_event_t event;

        ok = yaml_parser_parse(&parser, &event) != 0;
        if (!ok)
            break;
        see(f, doc, &event, put_in);
        more = event.type != YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    return ok;
}

/* The end of the node at i: the index after its last event. */
static size_t node_end(const struct document *doc, size_t i)
{
    size_t depth = 0;

    do {
        yaml_event_type_t type = doc->at[i].type;

        depth += type == YAML_MAPPING_START_EVENT || type == YAML_SEQUENCE_START_EVENT;
        depth -= type == YAML_MAPPING_END_EVENT || type == YAML_SEQUENCE_END_EVENT;
        i++;
    } while (depth > 0);
    return i;
}

static bool key_clashes(const struct document *doc, size_t first, size_t end, size_t key)
{
    for (size_t i = first; i < end; i = node_end(doc, node_end(doc, i))) {
        if (i != key && doc->at[i].type == YAML_SCALAR_EVENT && rse_str_eq(doc->at[i].text, doc->at[key].text))
            return true;
    }
    return false;
}

/* Whether some key with placeholders equals another of its mapping. */
static bool has_clash(const struct document *doc)
{
    for (size_t i = 0; i < doc->count; i++) {
        size_t end;

        if (doc->at[i].type != YAML_MAPPING_START_EVENT)
            continue;
        end = node_end(doc, i) - 1;
        for (size_t key = i + 1; key < end; key = node_end(doc, node_end(doc, key))) {
            if (doc->at[key].type == YAML_SCALAR_EVENT && doc->at[key].has_slots && key_clashes(doc, i + 1, end, key))
                return true;
        }
    }
    return false;
}

static const char *difference(const struct document *wanted, const struct document *got)
{
    if (wanted->count != got->count)
        return "another structure";
    for (size_t i = 0; i < wanted->count; i++) {
        const struct seen *w = &wanted->at[i], *g = &got->at[i];

        if (w->type != g->type)
            return "another structure";
        if (!rse_str_eq(w->text, g->text))
            return "another value";
        if (w->kind != g->kind)
            return "another type";
        if (!rse_str_eq(w->anchor, g->anchor) || !rse_str_eq(w->tag, g->tag))
            return "another anchor or tag";
    }
    return NULL;
}

static const char *check_spans(struct rse_str text, struct rse_str out, const struct rse_spans *spans)
{
    size_t at = 0;

    for (size_t i = 0; i < spans->count; i++) {
        const struct rse_span *s = &spans->at[i];

        if (s->out < at || s->out + s->len > out.len || s->tpl + s->len > text.len ||
            memcmp(out.p + s->out, text.p + s->tpl, s->len) != 0)
            return "a span that is not true";
        at = s->out + s->len;
    }
    return NULL;
}

static void set_values(struct fixture *f)
{
    struct rse_buf *out = f->maker.out;
    struct rse_str last = RSE_STR("");

    for (size_t i = 0; i < RSE_COUNT(random_placeholders); i++) {
        const char *scope = random_placeholders[i] + 4, *key = strchr(scope, '.') + 1;
        enum rse_scope number = scope[0] == 'c'   ? RSE_SCOPE_CLUSTER
                                : scope[0] == 'n' ? RSE_SCOPE_NAMESPACE
                                                  : RSE_SCOPE_APPLICATION;
        RSE_BUF_AUTO value;

        rse_buf_init(&value, 1000);
        f->maker.out = &value;
        make_value(&f->maker);
        if (!chance(&f->maker, 20)) /* else the value of the one before: keys become equal */
            last = copy(f, value.p, value.len);
        test_values_set(&f->values, number, key, last);
    }
    f->maker.out = out;
}

/* What is wrong with the file that a template gives; NULL: nothing. */
static const char *judge_render(struct fixture *f, const struct rse_template *tpl, struct rse_str text,
                                const struct document *wanted, struct rse_buf *out)
{
    struct rse_values values = test_values_of(&f->values);
    struct rse_err err = RSE_ERR_INIT;
    struct rse_spans spans = { 0 };
    struct document got;
    const char *problem;

    if (!rse_template_render_spans(tpl, &values, out, &spans, &err)) {
        f->clashes++;
        problem = has_clash(wanted) ? NULL : "can't be rendered";
    } else if (has_clash(wanted)) {
        problem = "two keys equal and no error";
    } else if (!read_yaml(f, rse_buf_str(out), false, &got)) {
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
    bool valid = read_yaml(f, text, true, &wanted);
    bool compiled = rse_template_compile(&tpl, PATH, text, f->values.keys, &err);
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
    RSE_BUF_AUTO text;
    RSE_BUF_AUTO out;

    rse_buf_init(&text, 1 << 20);
    rse_buf_init(&out, 16 << 20);
    f->arena = rse_arena_new();
    f->maker = (struct maker){ .state = (seed + number) * 0x9e3779b97f4a7c15u | 1, .out = &text };
    set_values(f);
    make_yaml(&f->maker);
    problem = judge(f, rse_buf_str(&text), &out);
    rse_arena_free(f->arena);
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
    yaml_kinds_init(&f->kinds);
    test_values_init(&f->values);
    for (unsigned long i = 0; i < cases; i++)
        run_case(f, seed, i);
    print_message("%zu compiled (%zu with keys made equal), %zu refused\n", f->compiled, f->clashes, f->refused);
    if (cases > 100)
        assert_true(f->compiled > f->refused);
    test_values_release(&f->values);
    yaml_kinds_release(&f->kinds);
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
