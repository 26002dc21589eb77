/*
 * random_yaml.h - random YAML with placeholders, in all styles; for property tests.
 *
 * Nearly everything that is made is valid YAML; the caller asks libyaml.
 */
#ifndef TESTS_TEMPLATE_RANDOM_YAML_H
#define TESTS_TEMPLATE_RANDOM_YAML_H

#include "tests/unit/template/random_value.h"

static inline void put_indent(struct maker *m, unsigned indent)
{
    for (unsigned i = 0; i < indent; i++)
        rse_buf_addc(m->out, ' ');
}

static inline void put_word(struct maker *m)
{
    static const char *const words[] = { "a",
                                         "foo",
                                         "x1",
                                         "12",
                                         "0",
                                         "yes",
                                         "null",
                                         "2026-01-01",
                                         "12:30",
                                         "\xc3\xa9",
                                         "b#c",
                                         "res-edge.com",
                                         "\xf0\x9f\x98\x80",
                                         "1",
                                         "5",
                                         "-x",
                                         "q",
                                         "area.cluster.name" };

    if (chance(m, 55))
        put(m, PICK(m, random_placeholders));
    else
        put(m, PICK(m, words));
}

/* Words on one line that are fine in every style and context. */
static inline void put_words(struct maker *m)
{
    static const char *const between[] = { " ", " ", ".", "-", "/", ":", "  " };

    put_word(m);
    for (unsigned i = below(m, 4); i > 0; i--) {
        put(m, PICK(m, between));
        put_word(m);
    }
}

static inline void put_comment(struct maker *m)
{
    static const char *const marks[] = { "# ", "#", "## - " };

    put(m, PICK(m, marks));
    put_words(m);
    if (chance(m, 10))
        put(m, " rea.cluster.<key> # \"'");
}

static inline void end_line(struct maker *m)
{
    if (chance(m, 15)) {
        put(m, " ");
        put_comment(m);
    }
    put(m, "\n");
    while (chance(m, 5)) {
        put_indent(m, below(m, 6));
        if (chance(m, 70))
            put_comment(m);
        put(m, "\n");
    }
}

/* A line break inside a plain or quoted scalar. */
static inline void put_fold(struct maker *m, unsigned indent)
{
    put(m, chance(m, 20) ? " \n" : "\n");
    if (chance(m, 20))
        put(m, "\n");
    put_indent(m, indent + 1 + below(m, 3));
}

static inline void put_plain(struct maker *m, unsigned indent, bool one_line)
{
    put_words(m);
    while (!one_line && chance(m, 12)) {
        put_fold(m, indent);
        put_words(m);
    }
}

static inline void put_single_quoted(struct maker *m, unsigned indent, bool one_line)
{
    put(m, "'");
    for (unsigned i = below(m, 4); i > 0; i--) {
        static const char *const extras[] = {
            "''", " ", ": ", " #", "\"", "\\", "{", "''''", "", "  ", "\xe2\x80\xa8"
        };

        put(m, PICK(m, extras));
        put_words(m);
        if (!one_line && chance(m, 12))
            put_fold(m, indent);
        if (chance(m, 20))
            put(m, PICK(m, extras));
    }
    put(m, "'");
}

static inline void put_double_quoted(struct maker *m, unsigned indent, bool one_line)
{
    static const char *const extras[] = { "\\n",
                                          " ",
                                          ": ",
                                          " #",
                                          "\\\"",
                                          "\\\\",
                                          "\\u00e9",
                                          "\\x41",
                                          "\\t",
                                          "\\U0001f600",
                                          "'",
                                          "{",
                                          "\\e",
                                          "\\_",
                                          "\\L",
                                          "\\/",
                                          "",
                                          "  ",
                                          "rea.cluster\\x2ename",
                                          "\\r" };

    put(m, "\"");
    for (unsigned i = below(m, 4); i > 0; i--) {
        put(m, PICK(m, extras));
        put_words(m);
        if (chance(m, 20))
            put(m, PICK(m, extras));
        if (!one_line && chance(m, 8))
            put(m, " \\");
        else if (one_line || !chance(m, 12))
            continue;
        put_fold(m, indent);
    }
    put(m, "\"");
}

static inline void put_flow_scalar(struct maker *m, unsigned indent, bool one_line)
{
    switch (below(m, 4)) {
    case 0:
        put_single_quoted(m, indent, one_line);
        break;
    case 1:
        put_double_quoted(m, indent, one_line);
        break;
    default:
        put_plain(m, indent, one_line);
        break;
    }
}

static inline void put_block_line(struct maker *m)
{
    static const char *const extras[] = { "- ", "a: ", "# ", "{ ", "\"", "'", "\\", "%", "" };

    if (chance(m, 30))
        put(m, PICK(m, extras));
    put_words(m);
    if (chance(m, 8))
        put(m, "  ");
}

static inline void put_block_scalar(struct maker *m, unsigned indent)
{
    static const char *const chomps[] = { "", "", "-", "+" };
    unsigned more = 1 + below(m, 3);

    put(m, chance(m, 50) ? "|" : ">");
    if (chance(m, 15))
        rse_buf_addf(m->out, "%u", more);
    put(m, PICK(m, chomps));
    if (chance(m, 15)) {
        put(m, " ");
        put_comment(m);
    }
    put(m, "\n");
    while (chance(m, 10))
        put(m, "\n");
    for (unsigned i = 1 + below(m, 4), first = i; i > 0; i--) {
        put_indent(m, indent + more + (i < first && chance(m, 20) ? 1 + below(m, 3) : 0));
        put_block_line(m);
        put(m, "\n");
        while (chance(m, 12))
            put(m, chance(m, 30) ? " \n" : "\n");
    }
}

static inline void put_properties(struct maker *m)
{
    if (chance(m, 4))
        put(m, chance(m, 50) ? "!!str " : "!t ");
    if (chance(m, 4))
        rse_buf_addf(m->out, "&k%u ", m->names++);
}

static inline void put_key(struct maker *m, unsigned indent)
{
    if (chance(m, 10)) {
        put(m, PICK(m, random_placeholders));
    } else if (chance(m, 70)) {
        static const char *const quotes[] = { "", "", "'", "\"" };
        const char *quote = PICK(m, quotes);

        rse_buf_addf(m->out, "%sk%u%s", quote, m->names++, quote);
    } else {
        put_properties(m);
        put_flow_scalar(m, indent, true);
    }
}

static inline void put_flow(struct maker *m, unsigned indent);

static inline void put_flow_space(struct maker *m, unsigned indent)
{
    if (chance(m, 10)) {
        if (chance(m, 40)) {
            put(m, " ");
            put_comment(m);
        }
        put(m, "\n");
        put_indent(m, indent + 1);
    } else {
        put(m, chance(m, 70) ? " " : "");
    }
}

static inline void put_flow_entry(struct maker *m, unsigned indent, bool mapping)
{
    put_flow_space(m, indent);
    if (mapping || chance(m, 10)) {
        put_key(m, indent);
        if (mapping && chance(m, 10))
            return;
        put(m, chance(m, 90) ? ": " : " : ");
    }
    if (m->depth < 5 && chance(m, 20)) {
        put_flow(m, indent);
    } else {
        put_properties(m);
        put_flow_scalar(m, indent, false);
    }
    put_flow_space(m, indent);
}

static inline void put_flow(struct maker *m, unsigned indent)
{
    bool mapping = chance(m, 50);
    unsigned count = below(m, 4);

    m->depth++;
    put(m, mapping ? "{" : "[");
    for (unsigned i = 0; i < count; i++) {
        if (i > 0)
            put(m, ",");
        put_flow_entry(m, indent, mapping);
    }
    put(m, mapping ? "}" : "]");
    m->depth--;
}

static inline void put_collection(struct maker *m, unsigned indent, bool after_dash);

/* What comes after a "key:" or "-" at this indentation. */
static inline void put_node(struct maker *m, unsigned indent, bool after_dash)
{
    unsigned kind = below(m, m->depth < 4 ? 10 : 7);

    put(m, " ");
    if (kind < 4) {
        put_properties(m);
        put_flow_scalar(m, indent, false);
        end_line(m);
    } else if (kind < 6) {
        put_properties(m);
        put_block_scalar(m, indent);
    } else if (kind == 6) {
        put_flow(m, indent);
        end_line(m);
    } else if (after_dash && chance(m, 50)) {
        put_collection(m, indent + 2, true);
    } else {
        end_line(m);
        put_collection(m, indent + 1 + below(m, 3), false);
    }
}

/* A mapping or sequence in block style; after_dash: its first entry goes on the line that has been begun. */
static inline void put_collection(struct maker *m, unsigned indent, bool after_dash)
{
    bool mapping = chance(m, 65);

    m->depth++;
    for (unsigned i = 1 + below(m, 4); i > 0; i--) {
        if (!after_dash)
            put_indent(m, indent);
        after_dash = false;
        if (!mapping) {
            put(m, "-");
            put_node(m, indent, true);
            continue;
        }
        if (chance(m, 6)) {
            put(m, "?");
            put_node(m, indent, false);
            put_indent(m, indent);
        } else {
            put_key(m, indent);
        }
        put(m, ":");
        put_node(m, indent, false);
    }
    m->depth--;
}

static inline void add_with_crlf(struct rse_buf *out, struct rse_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.p[i] == '\n')
            rse_buf_addc(out, '\r');
        rse_buf_addc(out, text.p[i]);
    }
}

static inline void put_document(struct maker *m)
{
    if (chance(m, 10)) {
        put_flow_scalar(m, 0, false);
        put(m, "\n");
    } else if (chance(m, 5)) {
        put_block_scalar(m, 0);
    } else {
        put_collection(m, chance(m, 10) ? 2 : 0, false);
    }
}

/* A stream of documents; sometimes with CR LF, a byte order mark, or no line break at the end. */
static inline void make_yaml(struct maker *m)
{
    struct rse_buf *out = m->out;
    RSE_BUF_AUTO text = { 0 };

    rse_buf_init(&text, 1 << 20);
    m->out = &text;
    put_document(m);
    while (chance(m, 15)) {
        put(m, chance(m, 50) ? "---\n" : "--- # rea.cluster.name\n");
        put_document(m);
    }
    if (text.len > 0 && chance(m, 10))
        rse_buf_truncate(&text, text.len - 1);
    m->out = out;
    if (chance(m, 5))
        put(m, "\xef\xbb\xbf");
    if (chance(m, 15))
        add_with_crlf(out, rse_buf_str(&text));
    else
        rse_buf_add_str(out, rse_buf_str(&text));
}

#endif
