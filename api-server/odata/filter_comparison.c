/*
 * filter_comparison.c - name eq 'x', state in ('a', 'b'), paused.
 */
#include <stdlib.h>

#include "api-server/odata/filter_parser.h"

#include <resedge/suggest.h>

bool filter_resolve(struct filter_parser *p, const struct odata_token *token, struct odata_path *out)
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
    return ok || filter_fail_at(p, token->start + (bad < text.len ? bad : 0));
}

bool filter_resolve_scalar(struct filter_parser *p, const struct odata_token *token, struct odata_path *out)
{
    if (!filter_resolve(p, token, out))
        return false;
    if (out->kind == ODATA_COLLECTION) {
        rse_err_hint(p->err, "Write %.*s/any(x: ...).", RSE_STR_ARG(token->text));
        (void)rse_fail(p->err, RSE_INVALID, "\"%.*s\" has many values", RSE_STR_ARG(token->text));
        return filter_fail_at(p, token->start);
    }
    if (out->kind == ODATA_RECORD) {
        rse_err_hint(
            p->err,
            "Compare one of its members, as in location/latitude or capacity/memoryLimit, or all of it with null.");
        (void)rse_fail(p->err, RSE_INVALID, "\"%.*s\" is no single value", RSE_STR_ARG(token->text));
        return filter_fail_at(p, token->start);
    }
    return true;
}

/* "eq null" or "ne null" follows: of a record with members it can be asked whether there is one. */
static bool is_null_test(const struct filter_parser *p)
{
    struct odata_lexer ahead = p->lexer;
    struct rse_err ignored = RSE_ERR_INIT;
    struct odata_token op = odata_next_token(&ahead, &ignored), value = odata_next_token(&ahead, &ignored);

    return op.kind == ODATA_TOKEN_WORD && (rse_str_is(op.text, "eq") || rse_str_is(op.text, "ne")) &&
           value.kind == ODATA_TOKEN_WORD && rse_str_is(value.text, "null");
}

static bool resolve_compared(struct filter_parser *p, const struct odata_token *token, struct odata_path *out)
{
    if (!is_null_test(p))
        return filter_resolve_scalar(p, token, out);
    if (!filter_resolve(p, token, out))
        return false;
    if (out->kind != ODATA_RECORD)
        return filter_resolve_scalar(p, token, out);
    out->kind = ODATA_FIELD;
    return true;
}

static bool parse_value(struct filter_parser *p, const struct odata_path *path, struct odata_value *out)
{
    if (p->token.kind == ODATA_TOKEN_BAD || !odata_value_parse(out, path, &p->token, p->arena, p->err))
        return filter_fail_at(p, p->token.start);
    filter_advance(p);
    return true;
}

static bool parse_list(struct filter_parser *p, struct odata_node *node)
{
    size_t cap = 0;
    struct odata_value *values = NULL;
    bool ok = filter_expect(p, ODATA_TOKEN_OPEN, "\"(\" and a list of values");

    while (ok) {
        RSE_GROW(values, node->nvalues, cap);
        ok = parse_value(p, &node->path, &values[node->nvalues]);
        node->nvalues += ok;
        if (ok && ++p->listed > ODATA_FILTER_MAX_LIST) {
            (void)rse_fail(p->err, RSE_INVALID, "a filter may list %d values", ODATA_FILTER_MAX_LIST);
            ok = filter_fail_at(p, p->token.start);
        }
        if (!ok || p->token.kind != ODATA_TOKEN_COMMA)
            break;
        filter_advance(p);
    }
    if (ok)
        node->values = rse_arena_memdup(p->arena, values, node->nvalues * sizeof(*values));
    free(values);
    return ok && filter_expect(p, ODATA_TOKEN_CLOSE, "\",\" or \")\"");
}

static bool is_ordered(enum odata_op op)
{
    return op == ODATA_GT || op == ODATA_GE || op == ODATA_LT || op == ODATA_LE;
}

static bool check_comparison(struct filter_parser *p, const struct odata_node *node, const struct odata_token *op,
                             const struct odata_token *value)
{
    if (is_ordered(node->op) && node->path.type == ODATA_BOOL) {
        (void)rse_fail(p->err, RSE_INVALID, "expected eq or ne: true is not greater than false");
        return filter_fail_at(p, op->start);
    }
    if (is_ordered(node->op) && node->values[0].is_null) {
        (void)rse_fail(p->err, RSE_INVALID, "expected a value: null is compared with eq and ne only");
        return filter_fail_at(p, value->start);
    }
    return true;
}

static bool parse_operator(struct filter_parser *p, struct odata_node *node)
{
    struct odata_token op = p->token, value;

    filter_advance(p);
    if (node->op == ODATA_IN)
        return parse_list(p, node);
    node->values = rse_arena_new_of(p->arena, struct odata_value);
    node->nvalues = 1;
    value = p->token;
    return parse_value(p, &node->path, node->values) && check_comparison(p, node, &op, &value);
}

static bool fail_operator(struct filter_parser *p)
{
    static const char *const WORDS[] = { "eq", "ne", "gt", "ge", "lt", "le", "in" };
    struct rse_suggestion suggestion;

    rse_suggest_begin(&suggestion, p->token.text);
    for (size_t i = 0; i < RSE_COUNT(WORDS) && p->token.kind == ODATA_TOKEN_WORD; i++)
        rse_suggest_offer(&suggestion, rse_str(WORDS[i]));
    (void)rse_suggest_hint(&suggestion, "\"", "\"", p->err);
    return filter_fail_expected(p, "an operator (eq, ne, gt, ge, lt, le, in)");
}

/* path op value; a path of true or false may stand alone. */
bool filter_parse_comparison(struct filter_parser *p, struct odata_node **out)
{
    struct odata_token name = p->token;
    struct odata_node *node = filter_node_new(p, ODATA_EQ, NULL, NULL);
    int op;

    if (!resolve_compared(p, &name, &node->path))
        return false;
    filter_advance(p);
    op = p->token.kind == ODATA_TOKEN_WORD ? filter_find_op(p->token.text) : -1;
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
