#include "libresedge/src/fleet/expr_lex.h"

#include <strings.h>

#include "resedge/parse.h"

static const struct expr_selector SELECTORS[] = {
    { RSE_EXPR_GROUP, 'g', "a group's path or id", true },
    { RSE_EXPR_CLUSTER, 'c', "a cluster's name or id", true },
    { RSE_EXPR_NAMESPACE, 'n', "a namespace's name or id", true },
    { RSE_EXPR_METADATA, 'm', "a metadata key", false },
    { RSE_EXPR_TAG, 't', "a tag", false },
    { RSE_EXPR_STORE, 's', "a store", false },
};

static const struct {
    const char *word;
    enum expr_token_kind kind;
} KEYWORDS[] = {
    { "or", TOKEN_OR }, { "and", TOKEN_AND }, { "not", TOKEN_NOT }, { "all", TOKEN_ALL }, { "none", TOKEN_NONE },
};

const struct expr_selector *expr_selector_by_letter(char letter)
{
    for (size_t i = 0; i < RSE_COUNT(SELECTORS); i++)
        if (SELECTORS[i].letter == letter)
            return &SELECTORS[i];
    return NULL;
}

const struct expr_selector *expr_selector_by_kind(enum rse_expr_kind kind)
{
    for (size_t i = 0; i < RSE_COUNT(SELECTORS); i++)
        if (SELECTORS[i].kind == kind)
            return &SELECTORS[i];
    return NULL;
}

static bool at_end(const struct expr_lexer *lexer)
{
    return lexer->at >= lexer->text.len;
}

static char here(const struct expr_lexer *lexer)
{
    return lexer->text.p[lexer->at];
}

static bool fail_at(struct expr_lexer *lexer, uint32_t position)
{
    rse_err_position(lexer->err, position);
    return false;
}

static bool fail_unclosed(struct expr_lexer *lexer, uint32_t opened, char quote)
{
    rse_fail(lexer->err, RSE_INVALID, "expected a closing %c for the quote at byte %u", quote, opened);
    return fail_at(lexer, opened);
}

static bool fail_control(struct expr_lexer *lexer)
{
    rse_fail(lexer->err, RSE_INVALID, "expected text without control characters");
    return fail_at(lexer, lexer->at);
}

static bool is_escapable(char c)
{
    return c == '\'' || c == '"' || c == '\\';
}

static bool lex_quoted(struct expr_lexer *lexer, struct expr_word *word)
{
    uint32_t opened = lexer->at;
    char quote = here(lexer);

    lexer->at++;
    word->start = lexer->at;
    word->quoted = true;
    for (; !at_end(lexer) && here(lexer) != quote; lexer->at++) {
        if (expr_is_control(here(lexer)))
            return fail_control(lexer);
        if (here(lexer) != '\\')
            continue;
        word->escaped = true;
        lexer->at++;
        if (at_end(lexer))
            break;
        if (!is_escapable(here(lexer))) {
            rse_fail(lexer->err, RSE_INVALID, "expected a quote or a backslash after the backslash");
            return fail_at(lexer, lexer->at);
        }
    }
    if (at_end(lexer))
        return fail_unclosed(lexer, opened, quote);
    word->end = lexer->at;
    lexer->at++;
    return true;
}

/* Up to what ends a word; of a metadata key also up to the '/' before its value. */
static bool lex_bare(struct expr_lexer *lexer, struct expr_word *word, bool ends_at_slash)
{
    word->start = lexer->at;
    while (!at_end(lexer) && !expr_ends_word(here(lexer)) && !(ends_at_slash && here(lexer) == '/')) {
        if (here(lexer) == '\'' || here(lexer) == '"') {
            rse_fail(lexer->err, RSE_INVALID, "expected a value with quotes in it to be quoted as a whole");
            rse_err_hint(lexer->err,
                         "Put the other kind of quotes around the whole value, or a backslash before a quote "
                         "inside.");
            return fail_at(lexer, lexer->at);
        }
        if (expr_is_control(here(lexer)))
            return fail_control(lexer);
        lexer->at++;
    }
    word->end = lexer->at;
    return true;
}

static bool lex_word(struct expr_lexer *lexer, struct expr_word *word, bool ends_at_slash)
{
    if (!at_end(lexer) && (here(lexer) == '\'' || here(lexer) == '"'))
        return lex_quoted(lexer, word);
    return lex_bare(lexer, word, ends_at_slash);
}

static struct rse_str word_text(const struct expr_lexer *lexer, const struct expr_word *word)
{
    return rse_str_n(lexer->text.p + word->start, word->end - word->start);
}

static bool check_id(struct expr_lexer *lexer, struct expr_token *token)
{
    struct rse_str digits = word_text(lexer, &token->name);

    if (token->name.quoted || !rse_is_digits(digits) || rse_parse_int64(digits, 1, INT64_MAX, &token->id))
        return true;
    rse_fail(lexer->err, RSE_INVALID, "expected an id from 1 to %lld", (long long)INT64_MAX);
    rse_err_hint(lexer->err, "Digits alone are an id. Quote them where they are a name.");
    return fail_at(lexer, token->name.start);
}

static bool check_key(struct expr_lexer *lexer, const struct expr_word *word)
{
    struct rse_err err = RSE_ERR_INIT;

    if (rse_check_key(word_text(lexer, word), &err))
        return true;
    rse_fail(lexer->err, RSE_INVALID, "expected a metadata key of letters, digits, '_' and '-', at most 63 of them");
    return fail_at(lexer, word->start);
}

/* "stores/central": a leading '/' is taken off, and between two there is a name. */
static bool check_group_path(struct expr_lexer *lexer, struct expr_word *word)
{
    struct rse_str path = word_text(lexer, word);

    if (path.len > 0 && path.p[0] == '/')
        path = rse_str_n(lexer->text.p + ++word->start, path.len - 1);
    for (size_t i = 0; i <= path.len; i++) {
        bool ends_here = i == path.len || path.p[i] == '/';

        if (!ends_here || (i > 0 && path.p[i - 1] != '/'))
            continue;
        rse_fail(lexer->err, RSE_INVALID, "expected the name of a group %s",
                 i == path.len ? "after the last '/'" : "between two '/'");
        return fail_at(lexer, (uint32_t)(word->start + i));
    }
    return true;
}

static bool fail_missing(struct expr_lexer *lexer, const struct expr_token *token, const struct expr_selector *selector)
{
    rse_fail(lexer->err, RSE_INVALID, "expected %s after \"/%c/\"", selector->wants, selector->letter);
    return fail_at(lexer, token->name.start);
}

static bool lex_metadata_value(struct expr_lexer *lexer, struct expr_token *token)
{
    if (at_end(lexer) || here(lexer) != '/')
        return true;
    lexer->at++;
    token->has_value = true;
    if (!lex_word(lexer, &token->value, false))
        return false;
    if (token->value.end > token->value.start || token->value.quoted)
        return true;
    rse_fail(lexer->err, RSE_INVALID, "expected a value after the second '/'");
    rse_err_hint(lexer->err, "Without the '/' it asks whether the key is there; '' is the empty value.");
    return fail_at(lexer, token->value.start);
}

static bool lex_selector_parts(struct expr_lexer *lexer, struct expr_token *token, const struct expr_selector *selector)
{
    bool is_metadata = selector->kind == RSE_EXPR_METADATA;

    if (!lex_word(lexer, &token->name, is_metadata))
        return false;
    if (token->name.end == token->name.start)
        return fail_missing(lexer, token, selector);
    if (selector->takes_id && !check_id(lexer, token))
        return false;
    if (selector->kind == RSE_EXPR_GROUP && token->id == 0 && !check_group_path(lexer, &token->name))
        return false;
    if (is_metadata && (!check_key(lexer, &token->name) || !lex_metadata_value(lexer, token)))
        return false;
    if (at_end(lexer) || expr_ends_word(here(lexer)))
        return true;
    rse_fail(lexer->err, RSE_INVALID, "expected a space, ')' or the end after the quoted value");
    return fail_at(lexer, lexer->at);
}

static uint32_t word_end(const struct expr_lexer *lexer, uint32_t from)
{
    while (from < lexer->text.len && !expr_ends_word(lexer->text.p[from]))
        from++;
    return from;
}

static bool lex_selector(struct expr_lexer *lexer, struct expr_token *token)
{
    struct rse_str rest = rse_str_from(lexer->text, lexer->at);
    const struct expr_selector *selector =
        rest.len >= 3 && rest.p[2] == '/' ? expr_selector_by_letter(rest.p[1]) : NULL;

    if (selector == NULL) {
        rse_fail(lexer->err, RSE_INVALID, "expected /g/, /c/, /n/, /m/, /t/ or /s/, found \"%.*s\"",
                 (int)(rest.len < 3 ? rest.len : 3), rest.p);
        rse_err_hint(lexer->err, "A group is /g/<path>, a cluster /c/<name>, a namespace /n/<name>, metadata "
                                 "/m/<key>/<value>, a tag /t/<tag>, a store /s/<store>.");
        return fail_at(lexer, lexer->at);
    }
    lexer->at += 3;
    token->kind = TOKEN_SELECTOR;
    token->selector = selector->kind;
    return lex_selector_parts(lexer, token, selector);
}

static bool fail_unknown_word(struct expr_lexer *lexer, uint32_t end)
{
    int shown = (int)(end - lexer->at > 60 ? 60 : end - lexer->at);
    struct rse_str word = rse_str_n(lexer->text.p + lexer->at, end - lexer->at);

    rse_fail(lexer->err, RSE_INVALID,
             "expected a selector such as /g/stores, or and, or, not, all, none, found \"%.*s\"", shown, word.p);
    for (size_t i = 0; i < RSE_COUNT(KEYWORDS); i++)
        if (word.len == strlen(KEYWORDS[i].word) && strncasecmp(word.p, KEYWORDS[i].word, word.len) == 0)
            rse_err_hint(lexer->err, "Keywords are lower case: %s.", KEYWORDS[i].word);
    rse_err_hint(lexer->err,
                 "A name has its kind in front: /g/ for a group, /c/ for a cluster, /n/ for a namespace, /t/ for "
                 "a tag.");
    return fail_at(lexer, lexer->at);
}

static bool lex_keyword(struct expr_lexer *lexer, struct expr_token *token)
{
    uint32_t end = word_end(lexer, lexer->at);
    struct rse_str word = rse_str_n(lexer->text.p + lexer->at, end - lexer->at);

    for (size_t i = 0; i < RSE_COUNT(KEYWORDS); i++) {
        if (!rse_str_is(word, KEYWORDS[i].word))
            continue;
        token->kind = KEYWORDS[i].kind;
        lexer->at = end;
        return true;
    }
    return fail_unknown_word(lexer, end);
}

static bool lex_token(struct expr_lexer *lexer, struct expr_token *token)
{
    switch (here(lexer)) {
    case '(':
    case ')':
        token->kind = here(lexer) == '(' ? TOKEN_OPEN : TOKEN_CLOSE;
        lexer->at++;
        return true;
    case '/':
        return lex_selector(lexer, token);
    default:
        return lex_keyword(lexer, token);
    }
}

struct expr_token expr_next_token(struct expr_lexer *lexer)
{
    struct expr_token token = { .kind = TOKEN_END };

    while (!at_end(lexer) && expr_is_space(here(lexer)))
        lexer->at++;
    token.start = lexer->at;
    if (!at_end(lexer) && !lex_token(lexer, &token))
        token.kind = TOKEN_BAD;
    token.end = lexer->at;
    return token;
}
