/*
 * expr_lex.h - the words of an expression, one at a time.
 */
#ifndef RESEDGE_FLEET_EXPR_LEX_H
#define RESEDGE_FLEET_EXPR_LEX_H

#include "resedge/expr.h"

enum {
    EXPR_MAX_SELECTORS = 4096,
    EXPR_MAX_DEPTH = 256,
};

enum expr_token_kind {
    TOKEN_END,
    TOKEN_OPEN,
    TOKEN_CLOSE,
    TOKEN_OR,
    TOKEN_AND,
    TOKEN_NOT,
    TOKEN_ALL,
    TOKEN_NONE,
    TOKEN_SELECTOR,
    TOKEN_BAD, /* the error is set */
};

/* A part of a selector: the bytes between the quotes, or between the slashes. */
struct expr_word {
    uint32_t start, end;
    bool quoted;
    bool escaped; /* holds backslashes that are to be taken out */
};

struct expr_token {
    enum expr_token_kind kind;
    enum rse_expr_kind selector;
    uint32_t start, end;
    struct expr_word name, value;
    bool has_value;
    int64_t id;
};

struct expr_lexer {
    struct rse_str text;
    uint32_t at;
    struct rse_err *err; /* may be NULL, to count only */
};

/* The text is valid UTF-8 of at most RSE_EXPR_MAX_TEXT bytes. */
struct expr_token expr_next_token(struct expr_lexer *lexer);

/* The kinds of selectors: one row each. */
struct expr_selector {
    enum rse_expr_kind kind;
    char letter;
    const char *wants; /* what stands behind the second slash */
    bool takes_id;
};
/* NULL when the letter is none. */
const struct expr_selector *expr_selector_by_letter(char letter);
const struct expr_selector *expr_selector_by_kind(enum rse_expr_kind kind);

/* What ends a value that isn't quoted. */
static inline bool expr_is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static inline bool expr_ends_word(char c)
{
    return expr_is_space(c) || c == '(' || c == ')';
}

static inline bool expr_is_control(char c)
{
    return ((unsigned char)c < 0x20 && !expr_is_space(c)) || c == 0x7f;
}

#endif
