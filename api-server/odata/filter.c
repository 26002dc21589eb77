/*
 * filter.c - the parser of $filter: one function a rule of the grammar in filter.h.
 */
#include <stdlib.h>

#include "api-server/odata/filter.h"
#include "api-server/odata/lex.h"

#include <resedge/suggest.h>

struct parser {
    struct odata_lexer lexer;
    struct odata_token token; /* the next one, not taken yet */
    enum rse_noun noun;
    struct rse_arena *arena;
    struct rse_err *err;
    unsigned depth, terms, listed;
    /* Within any() and all(): what its variable stands for. */
    struct rse_str variable;
    const struct odata_path *collection;
};

static bool parse_or(struct parser *p, struct odata_node **out);

static void advance(struct parser *p)
{
    p->token = odata_next_token(&p->lexer, p->err);
}

static bool fail_at(struct parser *p, size_t position)
{
    rse_err_position(p->err, position);
    return false;
}

static bool fail_expected(struct parser *p, const char *what)
{
    if (p->token.kind == ODATA_TOKEN_END)
        (void)rse_fail(p->err, RSE_INVALID, "expected %s, but the filter ends", what);
    else
        (void)rse_fail(p->err, RSE_INVALID, "expected %s", what);
    return fail_at(p, p->token.start);
}

static bool expect(struct parser *p, enum odata_token_kind kind, const char *what)
{
    if (p->token.kind != kind)
        return fail_expected(p, what);
    advance(p);
    return true;
}

static bool is_word(const struct parser *p, const char *word)
{
    return p->token.kind == ODATA_TOKEN_WORD && rse_str_is(p->token.text, word);
}

/* An operator found by its word, or -1. */
static int find_op(struct rse_str word)
{
    static const struct {
        const char *word;
        enum odata_op op;
    } OPS[] = {
        { "eq", ODATA_EQ },
        { "ne", ODATA_NE },
        { "gt", ODATA_GT },
        { "ge", ODATA_GE },
        { "lt", ODATA_LT },
        { "le", ODATA_LE },
        { "in", ODATA_IN },
        { "contains", ODATA_CONTAINS },
        { "startswith", ODATA_STARTSWITH },
        { "endswith", ODATA_ENDSWITH },
    };

    for (size_t i = 0; i < RSE_COUNT(OPS); i++)
        if (rse_str_is(word, OPS[i].word))
            return (int)OPS[i].op;
    return -1;
}

static struct odata_node *node_new(struct parser *p, enum odata_op op, struct odata_node *left,
                                   struct odata_node *right)
{
    struct odata_node *node = rse_arena_new_of(p->arena, struct odata_node);

    node->op = op;
    node->left = left;
    node->right = right;
    return node;
}

/* ---- comparisons ---- */

/* The variable of any() hides a field of its name. */
static bool resolve(struct parser *p, const struct odata_token *token, struct odata_path *out)
{
    struct rse_str text = token->text, rest;
    size_t bad = 0;
    bool ok;

    if (p->collection != NULL && rse_str_starts(text, p->variable) &&
        (text.len == p->variable.len || text.p[p->variable.len] == '/')) {
        rest = rse_str_from(text, p->variable.len + 1);
        bad = text.len - rest.len;
        ok = odata_path_item(out, p->collection, rest, p->err);
    } else {
        ok = odata_path_resolve(out, p->noun, text, &bad, p->err);
    }
    return ok || fail_at(p, token->start + (bad < text.len ? bad : 0));
}

static bool resolve_scalar(struct parser *p, const struct odata_token *token, struct odata_path *out)
{
    if (!resolve(p, token, out))
        return false;
    if (out->kind == ODATA_COLLECTION) {
        rse_err_hint(p->err, "Write %.*s/any(x: ...).", RSE_STR_ARG(token->text));
        (void)rse_fail(p->err, RSE_INVALID, "\"%.*s\" has many values", RSE_STR_ARG(token->text));
        return fail_at(p, token->start);
    }
    if (out->kind == ODATA_RECORD) {
        rse_err_hint(p->err, "Compare one of its members, as in location/latitude or capacity/memoryLimit.");
        (void)rse_fail(p->err, RSE_INVALID, "\"%.*s\" is no single value", RSE_STR_ARG(token->text));
        return fail_at(p, token->start);
    }
    return true;
}

static bool parse_value(struct parser *p, const struct odata_path *path, struct odata_value *out)
{
    if (p->token.kind == ODATA_TOKEN_BAD || !odata_value_parse(out, path, &p->token, p->arena, p->err))
        return fail_at(p, p->token.start);
    advance(p);
    return true;
}

static bool parse_list(struct parser *p, struct odata_node *node)
{
    size_t cap = 0;
    struct odata_value *values = NULL;
    bool ok = expect(p, ODATA_TOKEN_OPEN, "\"(\" and a list of values");

    while (ok) {
        RSE_GROW(values, node->nvalues, cap);
        ok = parse_value(p, &node->path, &values[node->nvalues]);
        node->nvalues += ok;
        if (ok && ++p->listed > ODATA_FILTER_MAX_LIST) {
            (void)rse_fail(p->err, RSE_INVALID, "a filter may list %d values", ODATA_FILTER_MAX_LIST);
            ok = fail_at(p, p->token.start);
        }
        if (!ok || p->token.kind != ODATA_TOKEN_COMMA)
            break;
        advance(p);
    }
    if (ok)
        node->values = rse_arena_memdup(p->arena, values, node->nvalues * sizeof(*values));
    free(values);
    return ok && expect(p, ODATA_TOKEN_CLOSE, "\",\" or \")\"");
}

static bool is_ordered(enum odata_op op)
{
    return op == ODATA_GT || op == ODATA_GE || op == ODATA_LT || op == ODATA_LE;
}

static bool check_comparison(struct parser *p, const struct odata_node *node, const struct odata_token *op,
                             const struct odata_token *value)
{
    if (is_ordered(node->op) && node->path.type == ODATA_BOOL) {
        (void)rse_fail(p->err, RSE_INVALID, "expected eq or ne: true is not greater than false");
        return fail_at(p, op->start);
    }
    if (is_ordered(node->op) && node->values[0].is_null) {
        (void)rse_fail(p->err, RSE_INVALID, "expected a value: null is compared with eq and ne only");
        return fail_at(p, value->start);
    }
    return true;
}

static bool parse_operator(struct parser *p, struct odata_node *node)
{
    struct odata_token op = p->token, value;

    advance(p);
    if (node->op == ODATA_IN)
        return parse_list(p, node);
    node->values = rse_arena_new_of(p->arena, struct odata_value);
    node->nvalues = 1;
    value = p->token;
    return parse_value(p, &node->path, node->values) && check_comparison(p, node, &op, &value);
}

static bool fail_operator(struct parser *p)
{
    static const char *const WORDS[] = { "eq", "ne", "gt", "ge", "lt", "le", "in" };
    struct rse_suggestion suggestion;

    rse_suggest_begin(&suggestion, p->token.text);
    for (size_t i = 0; i < RSE_COUNT(WORDS) && p->token.kind == ODATA_TOKEN_WORD; i++)
        rse_suggest_offer(&suggestion, rse_str(WORDS[i]));
    (void)rse_suggest_hint(&suggestion, "\"", "\"", p->err);
    return fail_expected(p, "an operator (eq, ne, gt, ge, lt, le, in)");
}

/* path op value; a path of true or false may stand alone. */
static bool parse_comparison(struct parser *p, struct odata_node **out)
{
    struct odata_token name = p->token;
    struct odata_node *node = node_new(p, ODATA_EQ, NULL, NULL);
    int op;

    if (!resolve_scalar(p, &name, &node->path))
        return false;
    advance(p);
    op = p->token.kind == ODATA_TOKEN_WORD ? find_op(p->token.text) : -1;
    *out = node;
    if (op >= 0 && op < (int)ODATA_CONTAINS) {
        node->op = (enum odata_op)op;
        return parse_operator(p, node);
    }
    if (node->path.type != ODATA_BOOL)
        return fail_operator(p);
    node->values = rse_arena_new_of(p->arena, struct odata_value);
    node->values->text = RSE_STR("true");
    node->nvalues = 1;
    return true;
}

/* ---- functions ---- */

/* contains(...) eq false, as programs write it. */
static bool parse_truth(struct parser *p, struct odata_node **node)
{
    bool wanted;

    if (!is_word(p, "eq") && !is_word(p, "ne"))
        return true;
    wanted = is_word(p, "eq");
    advance(p);
    if (!is_word(p, "true") && !is_word(p, "false"))
        return fail_expected(p, "true or false");
    if (is_word(p, "true") != wanted)
        *node = node_new(p, ODATA_NOT, *node, NULL);
    advance(p);
    return true;
}

static bool parse_function(struct parser *p, int op, struct odata_node **out)
{
    struct odata_node *node = node_new(p, (enum odata_op)op, NULL, NULL);
    struct odata_token name;

    advance(p);
    if (!expect(p, ODATA_TOKEN_OPEN, "\"(\""))
        return false;
    name = p->token;
    if (name.kind != ODATA_TOKEN_WORD)
        return fail_expected(p, "a field");
    if (!resolve_scalar(p, &name, &node->path))
        return false;
    if (node->path.type != ODATA_TEXT) {
        (void)rse_fail(p->err, RSE_INVALID, "expected a field that is text: \"%.*s\" is not", RSE_STR_ARG(name.text));
        return fail_at(p, name.start);
    }
    advance(p);
    if (!expect(p, ODATA_TOKEN_COMMA, "\",\""))
        return false;
    if (p->token.kind != ODATA_TOKEN_STRING)
        return fail_expected(p, "a text in single quotes");
    node->values = rse_arena_new_of(p->arena, struct odata_value);
    node->nvalues = 1;
    /* Of an enum too, any part may be asked for. */
    if (!odata_value_parse(node->values, &(struct odata_path){ .kind = ODATA_ITEM, .type = ODATA_TEXT }, &p->token,
                           p->arena, p->err))
        return false;
    advance(p);
    *out = node;
    return expect(p, ODATA_TOKEN_CLOSE, "\")\"") && parse_truth(p, out);
}

/* Behind the "(": variable ":" filter. */
static bool parse_lambda(struct parser *p, struct odata_node *node)
{
    bool ok;

    if (p->token.kind != ODATA_TOKEN_WORD || rse_str_find(p->token.text, '/') >= 0)
        return fail_expected(p, "a name for the item, as in any(x: x eq 'a')");
    p->variable = p->token.text;
    advance(p);
    if (!expect(p, ODATA_TOKEN_COLON, "\":\""))
        return false;
    p->collection = &node->path;
    ok = parse_or(p, &node->left);
    p->collection = NULL;
    return ok;
}

static bool parse_any(struct parser *p, enum odata_op op, size_t suffix, struct odata_node **out)
{
    struct odata_node *node = node_new(p, op, NULL, NULL);
    struct odata_token name = p->token;

    name.text.len -= suffix;
    if (p->collection != NULL) {
        (void)rse_fail(p->err, RSE_INVALID, "expected a comparison: any() and all() can't stand within another");
        return fail_at(p, name.start);
    }
    if (!resolve(p, &name, &node->path))
        return false;
    if (node->path.kind != ODATA_COLLECTION) {
        (void)rse_fail(p->err, RSE_INVALID, "\"%.*s\" has one value: any() and all() are for those with many",
                       RSE_STR_ARG(name.text));
        return fail_at(p, name.start);
    }
    advance(p);
    if (!expect(p, ODATA_TOKEN_OPEN, "\"(\""))
        return false;
    *out = node;
    if (op == ODATA_ALL || p->token.kind != ODATA_TOKEN_CLOSE) {
        if (!parse_lambda(p, node))
            return false;
    }
    return expect(p, ODATA_TOKEN_CLOSE, "\")\"") && parse_truth(p, out);
}

/* ---- and, or, not ---- */

static bool fail_function(struct parser *p)
{
    static const char *const WORDS[] = { "contains", "startswith", "endswith", "not" };
    struct rse_suggestion suggestion;

    rse_suggest_begin(&suggestion, p->token.text);
    for (size_t i = 0; i < RSE_COUNT(WORDS); i++)
        rse_suggest_offer(&suggestion, rse_str(WORDS[i]));
    if (!rse_suggest_hint(&suggestion, "\"", "\"", p->err))
        rse_err_hint(p->err, "There are contains, startswith and endswith, and any and all for collections.");
    (void)rse_fail(p->err, RSE_INVALID, "there is no function \"%.*s\"", RSE_STR_ARG(p->token.text));
    return fail_at(p, p->token.start);
}

static bool parse_named(struct parser *p, struct odata_node **out)
{
    struct rse_str word = p->token.text;
    int op = find_op(word);
    struct odata_lexer ahead = p->lexer;
    struct rse_err ignored = RSE_ERR_INIT;

    if (++p->terms > ODATA_FILTER_MAX_TERMS) {
        (void)rse_fail(p->err, RSE_INVALID, "a filter may have %d comparisons", ODATA_FILTER_MAX_TERMS);
        return fail_at(p, p->token.start);
    }
    if (odata_next_token(&ahead, &ignored).kind != ODATA_TOKEN_OPEN)
        return parse_comparison(p, out);
    if (op >= (int)ODATA_CONTAINS)
        return parse_function(p, op, out);
    if (rse_str_ends(word, RSE_STR("/any")))
        return parse_any(p, ODATA_ANY, strlen("/any"), out);
    if (rse_str_ends(word, RSE_STR("/all")))
        return parse_any(p, ODATA_ALL, strlen("/all"), out);
    return fail_function(p);
}

static bool parse_nested(struct parser *p, struct odata_node **out)
{
    advance(p);
    return parse_or(p, out) && expect(p, ODATA_TOKEN_CLOSE, "\"and\", \"or\" or \")\"");
}

static bool parse_not(struct parser *p, struct odata_node **out);

static bool parse_term(struct parser *p, struct odata_node **out)
{
    bool ok;

    if (++p->depth > ODATA_FILTER_MAX_DEPTH) {
        (void)rse_fail(p->err, RSE_INVALID, "a filter may be %d levels deep", ODATA_FILTER_MAX_DEPTH);
        return fail_at(p, p->token.start);
    }
    if (p->token.kind == ODATA_TOKEN_OPEN)
        ok = parse_nested(p, out);
    else if (is_word(p, "not"))
        ok = parse_not(p, out);
    else if (p->token.kind == ODATA_TOKEN_WORD)
        ok = parse_named(p, out);
    else
        ok = fail_expected(p, "a field, a function, \"not\" or \"(\"");
    p->depth--;
    return ok;
}

static bool parse_not(struct parser *p, struct odata_node **out)
{
    struct odata_node *inner;

    advance(p);
    if (!parse_term(p, &inner))
        return false;
    *out = node_new(p, ODATA_NOT, inner, NULL);
    return true;
}

static bool parse_and(struct parser *p, struct odata_node **out)
{
    struct odata_node *right;

    if (!parse_term(p, out))
        return false;
    while (is_word(p, "and")) {
        advance(p);
        if (!parse_term(p, &right))
            return false;
        *out = node_new(p, ODATA_AND, *out, right);
    }
    return true;
}

static bool parse_or(struct parser *p, struct odata_node **out)
{
    struct odata_node *right;

    if (!parse_and(p, out))
        return false;
    while (is_word(p, "or")) {
        advance(p);
        if (!parse_and(p, &right))
            return false;
        *out = node_new(p, ODATA_OR, *out, right);
    }
    return true;
}

bool odata_filter_parse(struct odata_node **out, enum rse_noun noun, struct rse_str text, struct rse_arena *arena,
                        struct rse_err *err)
{
    struct parser p = { .lexer = { .text = text }, .noun = noun, .arena = arena, .err = err };
    struct odata_node *node;

    if (text.len > ODATA_FILTER_MAX_TEXT)
        return rse_fail(err, RSE_INVALID, "a filter may be %d bytes long", ODATA_FILTER_MAX_TEXT);
    advance(&p);
    if (!parse_or(&p, &node))
        return false;
    if (p.token.kind != ODATA_TOKEN_END)
        return fail_expected(&p, "\"and\", \"or\" or the end");
    *out = node;
    return true;
}
