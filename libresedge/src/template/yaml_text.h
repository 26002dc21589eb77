/*
 * yaml_text.h - what single characters and whole scalars mean to a YAML parser.
 *
 * Shared by the writers (yaml_scalar.c, yaml_from_json.c) and by the renderer of templates.
 */
#ifndef RESEDGE_TEMPLATE_YAML_TEXT_H
#define RESEDGE_TEMPLATE_YAML_TEXT_H

#include "resedge/base.h"
#include "resedge/buf.h"

/* What is true of a value as a whole; see yaml_traits(). */
enum {
    YAML_WILD = 1 << 0,         /* has a byte outside [A-Za-z0-9_./-] */
    YAML_CONTROL = 1 << 1,      /* has a line break, tab, or anything else that can't stand raw on one line */
    YAML_QUOTE = 1 << 2,        /* has a ' */
    YAML_ESCAPE = 1 << 3,       /* has a " or a backslash */
    YAML_HIGH = 1 << 4,         /* has a byte above 0x7f */
    YAML_INVALID = 1 << 5,      /* is not UTF-8 */
    YAML_LEADING_BLANK = 1 << 6 /* begins with a space */
};

/* The traits of text, found in one pass. An empty text is YAML_WILD: nothing may be concluded from it. So is one whose
 * first byte could begin a marker or a number with a sign ('-', '.'). What is not wild can stand anywhere in any scalar
 * without changing how the rest is read. */
unsigned yaml_traits(struct rse_str text);

/* Whether a character may stand raw inside a scalar on one line, for parsers of YAML 1.1 (which break lines also at
 * U+0085, U+2028, U+2029) and of 1.2. Tabs may not: where they are fine depends on their neighbours. */
bool yaml_is_printable(uint32_t c);

/* The number of characters in valid UTF-8. */
size_t yaml_count_chars(struct rse_str s);

/* Whether a bare scalar is read as something else than a string by YAML 1.1, by YAML 1.2, or by the parsers that
 * Kubernetes and Flux are built with: null, bool, any kind of number, date, merge key. Errs on the side of yes. */
bool yaml_is_typed(struct rse_str text);

/* The longest of the texts that begin with a letter: false. */
#define YAML_LONGEST_WORD 5

static inline bool yaml_is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* An integer or decimal that reads back as the same digits: 0, -5, 42, 3.14; no sign '+', no leading zero, no
 * exponent, and no more digits than an int64 or a double holds exactly. */
bool yaml_is_ordinary_number(struct rse_str text);

/* Whether c occurs in none of the texts that yaml_is_typed() is true of. */
bool yaml_rules_out_type(unsigned char c);

/* Appends text escaped for the inside of a double quoted scalar; the result is also valid inside a JSON string. Bytes
 * that are no UTF-8 become U+FFFD. */
void yaml_add_escaped(struct rse_buf *out, struct rse_str text);

#endif
