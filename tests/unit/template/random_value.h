/*
 * random_value.h - a repeatable source of chance, and values that make trouble in YAML; for property tests.
 */
#ifndef TESTS_TEMPLATE_RANDOM_VALUE_H
#define TESTS_TEMPLATE_RANDOM_VALUE_H

#include "resedge/base.h"
#include "resedge/buf.h"

struct maker {
    uint64_t state;
    struct rse_buf *out;
    unsigned names; /* of keys, to make them distinct; of anchors */
    unsigned depth;
};

static const char *const random_placeholders[] = {
    "rea.cluster.name",   "rea.cluster.region",       "rea.cluster.a",
    "rea.namespace.name", "rea.namespace.name-redis", "rea.application.name",
    "rea.application.x",  "rea.application.x-y",      "rea.application.title_1",
};

/* 0 <= result < n; xorshift64*. */
static inline unsigned below(struct maker *m, unsigned n)
{
    m->state ^= m->state >> 12;
    m->state ^= m->state << 25;
    m->state ^= m->state >> 27;
    return (unsigned)((m->state * 0x2545f4914f6cdd1du) >> 33) % n;
}

static inline bool chance(struct maker *m, unsigned percent)
{
    return below(m, 100) < percent;
}

static inline void put(struct maker *m, const char *text)
{
    rse_buf_adds(m->out, text);
}

#define PICK(m, array) ((array)[below((m), (unsigned)RSE_COUNT(array))])

static inline void put_value_atom(struct maker *m)
{
    static const char *const nasty[] = {
        ": ",
        " #",
        "#",
        "'",
        "\"",
        "\\",
        "\n",
        "\r\n",
        "\r",
        "\t",
        "- x",
        "-",
        "--- ",
        "...",
        "{",
        "}",
        "[",
        "]",
        ",",
        "%",
        "@",
        "`",
        "|",
        ">",
        "!",
        "&",
        "*",
        "?",
        "? ",
        ":",
        "=",
        "<<",
        "~",
        " ",
        "  ",
        "\xc2\x85",
        "\xe2\x80\xa8",
        "\xe2\x80\xa9",
        "\xef\xbb\xbf",
        "\x01",
        "\x7f",
        "\xc2\xa0",
        "\xc3\xa9",
        "\xf0\x9f\x98\x80",
        "a",
        "Z",
        "9",
        "0",
        ".",
        "/",
        "_",
        "e",
        "key: v\n",
    };

    put(m, PICK(m, nasty));
}

static inline void make_value(struct maker *m)
{
    static const char *const whole[] = {
        "",
        "yes",
        "No",
        "on",
        "OFF",
        "y",
        "n",
        "true",
        "False",
        "null",
        "Null",
        "~",
        "1e3",
        "1.5e+3",
        "0777",
        "0o17",
        "0x1F",
        "0b11",
        "2026-01-01",
        "2026-1-1 10:00:00",
        "2026-01-01T10:00:00Z",
        "12:30",
        "190:20:30",
        "1_000",
        "+5",
        "-5",
        "42",
        "3.14",
        "007",
        "-0",
        ".5",
        "5.",
        ".inf",
        "-.INF",
        ".nan",
        "12345678901234567890",
        "0.12345678901234567890",
        " a",
        "a ",
        "a\n",
        "\na",
        "- x",
        "-",
        "---",
        "--- a",
        "...",
        "a: b",
        "a:",
        ":a",
        "a #b",
        "#a",
        "{a",
        "}",
        "[a]",
        "a, b",
        "%a",
        "@a",
        "`a",
        "!a",
        "&a",
        "*a",
        "|",
        ">",
        "? a",
        "'a'",
        "\"a\"",
        "it's",
        "a\\n",
        "a\tb",
        "\t",
        " ",
        "rea.cluster.name",
        "<<",
        "=",
        "a\nb: c\n",
        "a\r\nb",
        "\xc3\xa9t\xc3\xa9",
        "\xe5\xba\x97",
        "Dogz RULE!",
        "a?b=c&d",
        "http://a/b",
        "10.0.0.1",
        "v1.2.3",
    };
    static const char *const tame[] = { "central", "la", "nola-2301", "x", "a.b", "5", "/etc", "A_b", "west-ca" };

    if (chance(m, 30)) {
        put(m, PICK(m, tame));
    } else if (chance(m, 70)) {
        put(m, PICK(m, whole));
    } else {
        for (unsigned i = below(m, 6); i > 0; i--)
            put_value_atom(m);
    }
}

#endif
