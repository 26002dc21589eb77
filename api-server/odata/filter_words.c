/*
 * filter_words.c - takes the words of a filter, and says which was expected.
 */
#include "api-server/odata/filter_parser.h"

void filter_advance(struct filter_parser *p)
{
    p->token = odata_next_token(&p->lexer, p->err);
}

bool filter_fail_at(struct filter_parser *p, size_t position)
{
    rse_err_position(p->err, position);
    return false;
}

bool filter_fail_expected(struct filter_parser *p, const char *what)
{
    if (p->token.kind == ODATA_TOKEN_END)
        (void)rse_fail(p->err, RSE_INVALID, "expected %s, but the filter ends", what);
    else
        (void)rse_fail(p->err, RSE_INVALID, "expected %s", what);
    return filter_fail_at(p, p->token.start);
}

bool filter_expect(struct filter_parser *p, enum odata_token_kind kind, const char *what)
{
    if (p->token.kind != kind)
        return filter_fail_expected(p, what);
    filter_advance(p);
    return true;
}

bool filter_is_word(const struct filter_parser *p, const char *word)
{
    return p->token.kind == ODATA_TOKEN_WORD && rse_str_is(p->token.text, word);
}

int filter_find_op(struct rse_str word)
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

struct odata_node *filter_node_new(struct filter_parser *p, enum odata_op op, struct odata_node *left,
                                   struct odata_node *right)
{
    struct odata_node *node = rse_arena_new_of(p->arena, struct odata_node);

    node->op = op;
    node->left = left;
    node->right = right;
    return node;
}
