/*
 * lex.c - see lex.h.
 */
#include "api-server/odata/lex.h"

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' || c == '@';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* A metadata key may have hyphens. */
static bool is_in_word(char c)
{
    return is_letter(c) || is_digit(c) || c == '-' || c == '/' || c == '.';
}

static bool is_in_bare(char c)
{
    return is_letter(c) || is_digit(c) || c == '-' || c == '+' || c == '.' || c == ':';
}

static struct odata_token take(struct odata_lexer *lexer, enum odata_token_kind kind, bool (*is_in)(char c))
{
    size_t start = lexer->at++;

    while (is_in != NULL && lexer->at < lexer->text.len && is_in(lexer->text.p[lexer->at]))
        lexer->at++;
    return (struct odata_token){ kind, start, rse_str_n(lexer->text.p + start, lexer->at - start) };
}

static struct odata_token bad(size_t start, struct rse_err *err)
{
    rse_err_position(err, start);
    return (struct odata_token){ ODATA_TOKEN_BAD, start, rse_str_n("", 0) };
}

static struct odata_token take_string(struct odata_lexer *lexer, struct rse_err *err)
{
    const char *p = lexer->text.p;
    size_t start = lexer->at++, end = lexer->text.len;

    while (lexer->at < end && (p[lexer->at] != '\'' || (lexer->at + 1 < end && p[lexer->at + 1] == '\'')))
        lexer->at += p[lexer->at] == '\'' ? 2 : 1;
    if (lexer->at >= end) {
        rse_err_hint(err, "A quote inside a text is written twice: 'Joe''s'.");
        (void)rse_fail(err, RSE_INVALID, "expected a closing quote");
        return bad(start, err);
    }
    lexer->at++;
    return (struct odata_token){ ODATA_TOKEN_STRING, start, rse_str_n(p + start + 1, lexer->at - start - 2) };
}

struct odata_token odata_next_token(struct odata_lexer *lexer, struct rse_err *err)
{
    char c;

    while (lexer->at < lexer->text.len && is_space(lexer->text.p[lexer->at]))
        lexer->at++;
    if (lexer->at >= lexer->text.len)
        return (struct odata_token){ ODATA_TOKEN_END, lexer->text.len, rse_str_n("", 0) };
    c = lexer->text.p[lexer->at];
    if (is_letter(c))
        return take(lexer, ODATA_TOKEN_WORD, is_in_word);
    if (is_digit(c) || c == '-' || c == '+')
        return take(lexer, ODATA_TOKEN_BARE, is_in_bare);
    switch (c) {
    case '\'':
        return take_string(lexer, err);
    case '(':
        return take(lexer, ODATA_TOKEN_OPEN, NULL);
    case ')':
        return take(lexer, ODATA_TOKEN_CLOSE, NULL);
    case ',':
        return take(lexer, ODATA_TOKEN_COMMA, NULL);
    case ':':
        return take(lexer, ODATA_TOKEN_COLON, NULL);
    case '"':
        rse_err_hint(err, "A text stands in single quotes.");
        break;
    }
    (void)rse_fail(err, RSE_INVALID, "expected a field, an operator or a value");
    return bad(lexer->at, err);
}

/* Whether an option's value begins there: behind its '='. */
static bool is_value_start(struct rse_str text, size_t at)
{
    while (at > 0 && text.p[at - 1] == ' ')
        at--;
    return at > 0 && text.p[at - 1] == '=';
}

size_t odata_quoted_end(struct rse_str text, size_t at)
{
    char quote = text.p[at];

    if (quote != '\'' && (quote != '"' || !is_value_start(text, at)))
        return at;
    for (at++; at < text.len && text.p[at] != quote; at++)
        at += quote == '"' && text.p[at] == '\\' && at + 1 < text.len;
    return at;
}
