/*
 * lex.h - the words of a $filter, one at a time.
 */
#ifndef API_ODATA_LEX_H
#define API_ODATA_LEX_H

#include <resedge/resedge.h>

enum odata_token_kind {
    ODATA_TOKEN_END,
    ODATA_TOKEN_OPEN,
    ODATA_TOKEN_CLOSE,
    ODATA_TOKEN_COMMA,
    ODATA_TOKEN_COLON,
    ODATA_TOKEN_WORD,   /* a name, a path, an operator, true, false, null */
    ODATA_TOKEN_BARE,   /* what begins like a number: 1, -2.5, 2026-02-03T04:05:06Z */
    ODATA_TOKEN_STRING, /* text: what stands between the quotes, still with '' for ' */
    ODATA_TOKEN_BAD,    /* text is empty, the error is set */
};

struct odata_token {
    enum odata_token_kind kind;
    size_t start; /* in the whole text */
    struct rse_str text;
};

struct odata_lexer {
    struct rse_str text;
    size_t at;
};

/* The text is valid UTF-8. */
struct odata_token odata_next_token(struct odata_lexer *lexer, struct rse_err *err);

/* Of a list of options or of items: where a quoted text that begins at `at` has its closing quote, text.len where it has none, and
 * `at` itself where none begins there. In single quotes stands a text of a $filter, in double quotes the phrase that is an option's
 * value: $search="a;b". */
size_t odata_quoted_end(struct rse_str text, size_t at);

#endif
