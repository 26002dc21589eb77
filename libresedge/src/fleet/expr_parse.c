/* The grammar of expr.h by recursive descent; only "not" and parentheses recurse, and they are counted. */
#include <stdlib.h>

#include "libresedge/src/fleet/expr_impl.h"
#include "libresedge/src/fleet/expr_lex.h"

struct parser {
    struct expr_lexer lexer;
    struct expr_token token; /* the one that is looked at */
    struct rse_expr *expr;
    char *values; /* where the next value without its backslashes goes */
    /* Operands of the chains of "or" and "and" that are open. */
    struct rse_expr_node **operands;
    size_t noperands;
    unsigned depth, selectors;
    struct rse_err *err;
};

static struct rse_expr_node *parse_or(struct parser *parser);

static void advance(struct parser *parser)
{
    parser->token = expr_next_token(&parser->lexer);
}

static struct rse_expr_node *fail_at(struct parser *parser, uint32_t position)
{
    rse_err_position(parser->err, position);
    return NULL;
}

static struct rse_expr_node *fail_expected(struct parser *parser, const char *wanted)
{
    const struct expr_token *token = &parser->token;
    uint32_t len = token->end - token->start;

    if (token->kind == TOKEN_BAD)
        return NULL;
    if (token->kind == TOKEN_END)
        rse_fail(parser->err, RSE_INVALID, "expected %s, found the end", wanted);
    else
        rse_fail(parser->err, RSE_INVALID, "expected %s, found \"%.*s\"", wanted, (int)(len > 60 ? 60 : len),
                 parser->lexer.text.p + token->start);
    return fail_at(parser, token->start);
}

static struct rse_expr_node *node_new(struct parser *parser, enum rse_expr_kind kind, uint32_t start, uint32_t end)
{
    struct rse_expr_node *node = &parser->expr->nodes[parser->expr->nnodes++];

    node->kind = kind;
    node->start = start;
    node->end = end;
    return node;
}

static struct rse_str word_value(struct parser *parser, const struct expr_word *word)
{
    const char *text = parser->expr->source.p;
    struct rse_str value = { parser->values, 0 };

    if (!word->escaped)
        return rse_str_n(text + word->start, word->end - word->start);
    for (uint32_t i = word->start; i < word->end; i++) {
        if (text[i] == '\\')
            i++;
        *parser->values++ = text[i];
        value.len++;
    }
    return value;
}

static struct rse_expr_node *parse_selector(struct parser *parser)
{
    const struct expr_token *token = &parser->token;
    struct rse_expr_node *node;

    if (++parser->selectors > EXPR_MAX_SELECTORS) {
        rse_fail(parser->err, RSE_INVALID, "expected at most %d selectors in an expression", EXPR_MAX_SELECTORS);
        return fail_at(parser, token->start);
    }
    node = node_new(parser, token->selector, token->start, token->end);
    node->id = token->id;
    if (node->id == 0)
        node->name = word_value(parser, &token->name);
    node->has_value = token->has_value;
    if (token->has_value)
        node->value = word_value(parser, &token->value);
    advance(parser);
    return node;
}

static struct rse_expr_node *parse_parentheses(struct parser *parser)
{
    uint32_t start = parser->token.start;
    struct rse_expr_node *node;

    advance(parser);
    node = parse_or(parser);
    if (node == NULL)
        return NULL;
    if (parser->token.kind != TOKEN_CLOSE)
        return fail_expected(parser, "'and', 'or' or ')'");
    node->start = start;
    node->end = parser->token.end;
    advance(parser);
    return node;
}

static struct rse_expr_node *parse_factor(struct parser *parser);

static struct rse_expr_node *parse_not(struct parser *parser)
{
    uint32_t start = parser->token.start;
    struct rse_expr_node *operand, *node;

    advance(parser);
    operand = parse_factor(parser);
    if (operand == NULL)
        return NULL;
    node = node_new(parser, RSE_EXPR_NOT, start, operand->end);
    node->left = operand;
    return node;
}

static struct rse_expr_node *parse_constant(struct parser *parser)
{
    enum rse_expr_kind kind = parser->token.kind == TOKEN_ALL ? RSE_EXPR_ALL : RSE_EXPR_NONE;
    struct rse_expr_node *node = node_new(parser, kind, parser->token.start, parser->token.end);

    advance(parser);
    return node;
}

static struct rse_expr_node *parse_nested(struct parser *parser)
{
    struct rse_expr_node *node;

    if (parser->depth == EXPR_MAX_DEPTH) {
        rse_fail(parser->err, RSE_INVALID, "expected at most %d levels of 'not' and parentheses", EXPR_MAX_DEPTH);
        return fail_at(parser, parser->token.start);
    }
    parser->depth++;
    node = parser->token.kind == TOKEN_NOT ? parse_not(parser) : parse_parentheses(parser);
    parser->depth--;
    return node;
}

static struct rse_expr_node *parse_factor(struct parser *parser)
{
    switch (parser->token.kind) {
    case TOKEN_SELECTOR:
        return parse_selector(parser);
    case TOKEN_ALL:
    case TOKEN_NONE:
        return parse_constant(parser);
    case TOKEN_NOT:
    case TOKEN_OPEN:
        return parse_nested(parser);
    default:
        return fail_expected(parser, "a selector such as /g/stores, 'not', '(', 'all' or 'none'");
    }
}

/* A chain becomes a balanced tree, so that 4,000 operands are 12 levels deep and nothing that walks it needs a big stack.
 * The left half is the larger one: three operands nest as they are read. */
static struct rse_expr_node *join(struct parser *parser, enum rse_expr_kind kind, struct rse_expr_node **operands,
                                  size_t count)
{
    size_t half = (count + 1) / 2;

    if (count == 1)
        return operands[0];

    struct rse_expr_node *node = node_new(parser, kind, operands[0]->start, operands[count - 1]->end);

    node->left = join(parser, kind, operands, half);
    node->right = join(parser, kind, operands + half, count - half);
    return node;
}

static struct rse_expr_node *parse_chain(struct parser *parser, enum expr_token_kind separator, enum rse_expr_kind kind,
                                         struct rse_expr_node *(*parse_operand)(struct parser *))
{
    size_t first = parser->noperands;

    for (;;) {
        struct rse_expr_node *operand = parse_operand(parser);

        if (operand == NULL)
            return NULL;
        parser->operands[parser->noperands++] = operand;
        if (parser->token.kind != separator)
            break;
        advance(parser);
    }

    struct rse_expr_node *node = join(parser, kind, parser->operands + first, parser->noperands - first);

    parser->noperands = first;
    return node;
}

static struct rse_expr_node *parse_and(struct parser *parser)
{
    return parse_chain(parser, TOKEN_AND, RSE_EXPR_AND, parse_factor);
}

static struct rse_expr_node *parse_or(struct parser *parser)
{
    return parse_chain(parser, TOKEN_OR, RSE_EXPR_OR, parse_and);
}

static const struct rse_expr_node *parse_all(struct parser *parser)
{
    struct rse_expr_node *root;

    advance(parser);
    if (parser->token.kind == TOKEN_END)
        return node_new(parser, RSE_EXPR_NONE, 0, 0);
    root = parse_or(parser);
    if (root != NULL && parser->token.kind != TOKEN_END)
        return fail_expected(parser, "'and', 'or' or the end");
    return root;
}

/* Every word but a parenthesis becomes one node; an empty text has one too. */
static size_t count_nodes(struct rse_str text)
{
    struct expr_lexer lexer = { .text = text };
    size_t count = 1;

    for (;;) {
        struct expr_token token = expr_next_token(&lexer);

        if (token.kind == TOKEN_END || token.kind == TOKEN_BAD)
            return count;
        count += token.kind != TOKEN_OPEN && token.kind != TOKEN_CLOSE;
    }
}

static bool check_text(struct rse_str text, struct rse_err *err)
{
    size_t bad_at = 0;

    if (text.len > RSE_EXPR_MAX_TEXT) {
        rse_fail(err, RSE_INVALID, "expected an expression of at most %d bytes, found %zu", RSE_EXPR_MAX_TEXT,
                 text.len);
        rse_err_position(err, RSE_EXPR_MAX_TEXT);
        return false;
    }
    if (!rse_utf8_valid(text, &bad_at)) {
        rse_fail(err, RSE_INVALID, "expected UTF-8 text");
        rse_err_position(err, bad_at);
        return false;
    }
    return true;
}

/* The text is kept twice only where a backslash makes a value differ from it. */
static struct rse_expr *expr_new(struct rse_str text, size_t max_nodes, char **values)
{
    size_t nodes_size = max_nodes * sizeof(struct rse_expr_node);
    size_t values_size = rse_str_find(text, '\\') >= 0 ? text.len : 0;
    struct rse_expr *expr = rse_xcalloc(1, sizeof(*expr) + nodes_size + text.len + 1 + values_size);
    char *copy = (char *)expr->nodes + nodes_size;

    if (text.len > 0)
        memcpy(copy, text.p, text.len);
    expr->source = rse_str_n(copy, text.len);
    *values = copy + text.len + 1;
    return expr;
}

bool rse_expr_parse(struct rse_expr **out, struct rse_str text, struct rse_err *err)
{
    struct parser parser = { .err = err };
    size_t max_nodes;

    if (!check_text(text, err))
        return false;
    max_nodes = count_nodes(text);
    parser.expr = expr_new(text, max_nodes, &parser.values);
    parser.operands = rse_xcalloc(max_nodes, sizeof(struct rse_expr_node *));
    parser.lexer = (struct expr_lexer){ .text = parser.expr->source, .err = err };
    parser.expr->root = parse_all(&parser);
    free(parser.operands);
    if (parser.expr->root == NULL) {
        rse_expr_free(parser.expr);
        return false;
    }
    *out = parser.expr;
    return true;
}

void rse_expr_free(struct rse_expr *expr)
{
    free(expr);
}

void rse_expr_freep(struct rse_expr **expr)
{
    rse_expr_free(*expr);
    *expr = NULL;
}

const struct rse_expr_node *rse_expr_root(const struct rse_expr *expr)
{
    return expr->root;
}

struct rse_str rse_expr_source(const struct rse_expr *expr)
{
    return expr->source;
}

const struct rse_expr_node *expr_next_reference(const struct rse_expr *expr, size_t *it)
{
    while (expr != NULL && *it < expr->nnodes) {
        const struct rse_expr_node *node = &expr->nodes[(*it)++];

        if (expr_is_reference(node))
            return node;
    }
    return NULL;
}
