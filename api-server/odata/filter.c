/*
 * filter.c - the parser of $filter: one function a rule of the grammar in filter.h.
 */
#include "api-server/odata/filter_parser.h"

#include <resedge/suggest.h>

static bool parse_or(struct filter_parser *p, struct odata_node **out);

/* ---- functions ---- */

/* contains(...) eq false, as programs write it. */
static bool parse_truth(struct filter_parser *p, struct odata_node **node)
{
    bool wanted;

    if (!filter_is_word(p, "eq") && !filter_is_word(p, "ne"))
        return true;
    wanted = filter_is_word(p, "eq");
    filter_advance(p);
    if (!filter_is_word(p, "true") && !filter_is_word(p, "false"))
        return filter_fail_expected(p, "true or false");
    if (filter_is_word(p, "true") != wanted)
        *node = filter_node_new(p, ODATA_NOT, *node, NULL);
    filter_advance(p);
    return true;
}

static bool fail_function(struct filter_parser *p)
{
    static const char *const WORDS[] = { "contains", "startswith", "endswith", "not" };
    struct rse_suggestion suggestion;

    rse_suggest_begin(&suggestion, p->token.text);
    for (size_t i = 0; i < RSE_COUNT(WORDS); i++)
        rse_suggest_offer(&suggestion, rse_str(WORDS[i]));
    if (!rse_suggest_hint(&suggestion, "\"", "\"", p->err))
        rse_err_hint(p->err, "There are contains, startswith and endswith, and any and all for collections.");
    (void)rse_fail(p->err, RSE_INVALID, "there is no function \"%.*s\"", RSE_STR_ARG(p->token.text));
    return filter_fail_at(p, p->token.start);
}

/* Whether the token is a function's name. */
static bool is_call(const struct filter_parser *p)
{
    struct odata_lexer ahead = p->lexer;
    struct rse_err ignored = RSE_ERR_INIT;

    return p->token.kind == ODATA_TOKEN_WORD && odata_next_token(&ahead, &ignored).kind == ODATA_TOKEN_OPEN;
}

static bool parse_function(struct filter_parser *p, int op, struct odata_node **out)
{
    struct odata_node *node = filter_node_new(p, (enum odata_op)op, NULL, NULL);
    struct odata_token name;

    filter_advance(p);
    if (!filter_expect(p, ODATA_TOKEN_OPEN, "\"(\""))
        return false;
    name = p->token;
    if (name.kind != ODATA_TOKEN_WORD)
        return filter_fail_expected(p, "a field");
    if (is_call(p))
        return fail_function(p);
    if (!filter_resolve_scalar(p, &name, &node->path))
        return false;
    if (node->path.type != ODATA_TEXT) {
        (void)rse_fail(p->err, RSE_INVALID, "expected a field that is text: \"%.*s\" is not", RSE_STR_ARG(name.text));
        return filter_fail_at(p, name.start);
    }
    filter_advance(p);
    if (!filter_expect(p, ODATA_TOKEN_COMMA, "\",\""))
        return false;
    if (p->token.kind != ODATA_TOKEN_STRING)
        return filter_fail_expected(p, "a text in single quotes");
    node->values = rse_arena_new_of(p->arena, struct odata_value);
    node->nvalues = 1;
    /* Of an enum too, any part may be asked for. */
    if (!odata_value_parse(node->values, &(struct odata_path){ .kind = ODATA_ITEM, .type = ODATA_TEXT }, &p->token,
                           p->arena, p->err))
        return false;
    filter_advance(p);
    *out = node;
    return filter_expect(p, ODATA_TOKEN_CLOSE, "\")\"") && parse_truth(p, out);
}

/* Behind the "(": variable ":" filter. */
static bool parse_lambda(struct filter_parser *p, struct odata_node *node)
{
    bool ok;

    if (p->token.kind != ODATA_TOKEN_WORD || rse_str_find(p->token.text, '/') >= 0)
        return filter_fail_expected(p, "a name for the item, as in any(x: x eq 'a')");
    p->variable = p->token.text;
    filter_advance(p);
    if (!filter_expect(p, ODATA_TOKEN_COLON, "\":\""))
        return false;
    p->collection = &node->path;
    ok = parse_or(p, &node->left);
    p->collection = NULL;
    return ok;
}

static bool parse_any(struct filter_parser *p, enum odata_op op, size_t suffix, struct odata_node **out)
{
    struct odata_node *node = filter_node_new(p, op, NULL, NULL);
    struct odata_token name = p->token;

    name.text.len -= suffix;
    if (p->collection != NULL) {
        (void)rse_fail(p->err, RSE_INVALID, "expected a comparison: any() and all() can't stand within another");
        return filter_fail_at(p, name.start);
    }
    if (!filter_resolve(p, &name, &node->path))
        return false;
    if (node->path.kind != ODATA_COLLECTION) {
        (void)rse_fail(p->err, RSE_INVALID, "\"%.*s\" has one value: any() and all() are for those with many",
                       RSE_STR_ARG(name.text));
        return filter_fail_at(p, name.start);
    }
    filter_advance(p);
    if (!filter_expect(p, ODATA_TOKEN_OPEN, "\"(\""))
        return false;
    *out = node;
    if (op == ODATA_ALL || p->token.kind != ODATA_TOKEN_CLOSE) {
        if (!parse_lambda(p, node))
            return false;
    }
    return filter_expect(p, ODATA_TOKEN_CLOSE, "\")\"") && parse_truth(p, out);
}

/* ---- and, or, not ---- */

static bool parse_named(struct filter_parser *p, struct odata_node **out)
{
    struct rse_str word = p->token.text;
    int op = filter_find_op(word);

    if (++p->terms > ODATA_FILTER_MAX_TERMS) {
        (void)rse_fail(p->err, RSE_INVALID, "a filter may have %d comparisons", ODATA_FILTER_MAX_TERMS);
        return filter_fail_at(p, p->token.start);
    }
    if (!is_call(p))
        return filter_parse_comparison(p, out);
    if (op >= (int)ODATA_CONTAINS)
        return parse_function(p, op, out);
    if (rse_str_ends(word, RSE_STR("/any")))
        return parse_any(p, ODATA_ANY, strlen("/any"), out);
    if (rse_str_ends(word, RSE_STR("/all")))
        return parse_any(p, ODATA_ALL, strlen("/all"), out);
    return fail_function(p);
}

static bool parse_nested(struct filter_parser *p, struct odata_node **out)
{
    filter_advance(p);
    return parse_or(p, out) && filter_expect(p, ODATA_TOKEN_CLOSE, "\"and\", \"or\" or \")\"");
}

static bool parse_not(struct filter_parser *p, struct odata_node **out);

static bool parse_term(struct filter_parser *p, struct odata_node **out)
{
    bool ok;

    if (++p->depth > ODATA_FILTER_MAX_DEPTH) {
        (void)rse_fail(p->err, RSE_INVALID, "a filter may be %d levels deep", ODATA_FILTER_MAX_DEPTH);
        return filter_fail_at(p, p->token.start);
    }
    if (p->token.kind == ODATA_TOKEN_OPEN)
        ok = parse_nested(p, out);
    else if (filter_is_word(p, "not"))
        ok = parse_not(p, out);
    else if (p->token.kind == ODATA_TOKEN_WORD)
        ok = parse_named(p, out);
    else
        ok = filter_fail_expected(p, "a field, a function, \"not\" or \"(\"");
    p->depth--;
    return ok;
}

static bool parse_not(struct filter_parser *p, struct odata_node **out)
{
    struct odata_node *inner;

    filter_advance(p);
    if (!parse_term(p, &inner))
        return false;
    *out = filter_node_new(p, ODATA_NOT, inner, NULL);
    return true;
}

static bool parse_and(struct filter_parser *p, struct odata_node **out)
{
    struct odata_node *right;

    if (!parse_term(p, out))
        return false;
    while (filter_is_word(p, "and")) {
        filter_advance(p);
        if (!parse_term(p, &right))
            return false;
        *out = filter_node_new(p, ODATA_AND, *out, right);
    }
    return true;
}

static bool parse_or(struct filter_parser *p, struct odata_node **out)
{
    struct odata_node *right;

    if (!parse_and(p, out))
        return false;
    while (filter_is_word(p, "or")) {
        filter_advance(p);
        if (!parse_and(p, &right))
            return false;
        *out = filter_node_new(p, ODATA_OR, *out, right);
    }
    return true;
}

bool odata_filter_parse(struct odata_node **out, const struct rse_noun_info *noun, struct rse_str text,
                        struct rse_arena *arena, struct rse_err *err)
{
    struct filter_parser p = { .lexer = { .text = text }, .noun = noun, .arena = arena, .err = err };
    struct odata_node *node;

    if (text.len > ODATA_FILTER_MAX_TEXT)
        return rse_fail(err, RSE_INVALID, "a filter may be %d bytes long", ODATA_FILTER_MAX_TEXT);
    filter_advance(&p);
    if (!parse_or(&p, &node))
        return false;
    if (p.token.kind != ODATA_TOKEN_END)
        return filter_fail_expected(&p, "\"and\", \"or\" or the end");
    *out = node;
    return true;
}
