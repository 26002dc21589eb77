/*
 * yaml_meaning.h - what a YAML file means, event by event, with values substituted in its scalars the naive way; and
 * whether two files mean the same. What a rendered template is held against.
 */
#ifndef TESTS_TEMPLATE_YAML_MEANING_H
#define TESTS_TEMPLATE_YAML_MEANING_H

#include <yaml.h>

#include "resedge/arena.h"
#include "tests/unit/template/random_yaml.h"
#include "tests/unit/template/values.h"
#include "tests/unit/template/yaml_kind.h"

struct seen {
    yaml_event_type_t type;
    struct rse_str text, anchor, tag;
    enum yaml_kind kind;
    bool has_slots;
    bool absent; /* a scalar of which nothing stands in the file: null */
};

struct document {
    struct seen *at;
    size_t count, cap;
    bool unknown; /* holds an unknown placeholder */
};

/* The values to substitute, and where what is read goes. */
struct reading {
    struct yaml_kinds kinds;
    struct test_values values;
    struct rse_arena *arena;
};

static inline void reading_init(struct reading *f)
{
    yaml_kinds_init(&f->kinds);
    test_values_init(&f->values);
    f->arena = NULL;
}

static inline void reading_release(struct reading *f)
{
    test_values_release(&f->values);
    yaml_kinds_release(&f->kinds);
}

static inline bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* The value of the placeholder at the start of rest, the naive way; *len: the length of its name, 0 if none. */
static inline struct rse_str known_at(const struct reading *f, struct rse_str rest, size_t *len)
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
static inline size_t substitute(const struct reading *f, struct rse_str text, struct rse_buf *out, bool *unknown)
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

static inline struct rse_str copy(struct reading *f, const void *text, size_t len)
{
    return rse_arena_str(f->arena, rse_str_n(text != NULL ? text : "", len));
}

static inline void see_scalar(struct reading *f, struct document *doc, struct seen *seen, const yaml_event_t *event,
                              bool put_in)
{
    bool typed = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && event->data.scalar.tag == NULL;
    RSE_BUF_AUTO text = { 0 };

    seen->absent = event->data.scalar.length == 0 && event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
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

static inline void see(struct reading *f, struct document *doc, const yaml_event_t *event, bool put_in)
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

static inline bool read_yaml(struct reading *f, struct rse_str text, bool put_in, struct document *doc)
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
static inline size_t node_end(const struct document *doc, size_t i)
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

static inline bool key_clashes(const struct document *doc, size_t first, size_t end, size_t key)
{
    for (size_t i = first; i < end; i = node_end(doc, node_end(doc, i))) {
        if (i != key && doc->at[i].type == YAML_SCALAR_EVENT && !doc->at[i].absent &&
            rse_str_eq(doc->at[i].text, doc->at[key].text))
            return true;
    }
    return false;
}

/* Whether some key with placeholders equals another of its mapping. */
static inline bool has_clash(const struct document *doc)
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

static inline const char *difference(const struct document *wanted, const struct document *got)
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

static inline const char *check_spans(struct rse_str text, struct rse_str out, const struct rse_spans *spans)
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

/* Gives each of the placeholders of random_yaml.h a random value. */
static inline void set_values(struct reading *f, struct maker *maker)
{
    struct rse_buf *out = maker->out;
    struct rse_str last = RSE_STR("");

    for (size_t i = 0; i < RSE_COUNT(random_placeholders); i++) {
        const char *scope = random_placeholders[i] + 4, *key = strchr(scope, '.') + 1;
        enum rse_scope number = scope[0] == 'c'   ? RSE_SCOPE_CLUSTER
                                : scope[0] == 'n' ? RSE_SCOPE_NAMESPACE
                                                  : RSE_SCOPE_APPLICATION;
        RSE_BUF_AUTO value = { 0 };

        rse_buf_init(&value, 1000);
        maker->out = &value;
        make_value(maker);
        if (!chance(maker, 20)) /* else the value of the one before: keys become equal */
            last = copy(f, value.p, value.len);
        test_values_set(&f->values, number, key, last);
    }
    maker->out = out;
}

#endif
