/*
 * order.c - see order.h.
 */
#include "api-server/odata/lex.h"
#include "api-server/odata/order.h"

static bool fail_at(struct rse_err *err, size_t position)
{
    rse_err_position(err, position);
    return false;
}

static bool read_path(struct odata_key *key, const struct rse_noun_info *noun, const struct odata_token *token,
                      struct rse_err *err)
{
    size_t bad = 0;

    if (token->kind != ODATA_TOKEN_WORD) {
        (void)rse_fail(err, RSE_INVALID, "expected a field to order by");
        return fail_at(err, token->start);
    }
    if (!odata_path_resolve(&key->path, noun, token->text, &bad, err))
        return fail_at(err, token->start + bad);
    if (key->path.kind == ODATA_FIELD || key->path.kind == ODATA_METADATA)
        return true;
    rse_err_hint(err, "Order by a single value, such as name, createdAt, location/latitude or metadata/region.");
    (void)rse_fail(err, RSE_INVALID, "\"%.*s\" is no single value", RSE_STR_ARG(token->text));
    return fail_at(err, token->start);
}

/* field ["asc" | "desc"]; *token is the first word, then what follows the key. */
static bool read_key(struct odata_key *key, const struct rse_noun_info *noun, struct odata_lexer *lexer,
                     struct odata_token *token, struct rse_err *err)
{
    *key = (struct odata_key){ 0 };
    if (!read_path(key, noun, token, err))
        return false;
    *token = odata_next_token(lexer, err);
    if (token->kind != ODATA_TOKEN_WORD)
        return true;
    key->descending = rse_str_is(token->text, "desc");
    if (!key->descending && !rse_str_is(token->text, "asc")) {
        (void)rse_fail(err, RSE_INVALID, "expected asc, desc or \",\"");
        return fail_at(err, token->start);
    }
    *token = odata_next_token(lexer, err);
    return true;
}

/* Behind what tells one from all others nothing is left to decide. */
static void end_with_id(struct odata_order *order, const struct rse_noun_info *noun)
{
    for (size_t i = 0; i < order->nkeys; i++) {
        if (order->keys[i].path.kind == ODATA_FIELD && order->keys[i].path.field == noun->fields) {
            order->nkeys = i + 1;
            return;
        }
    }
    odata_path_id(&order->keys[order->nkeys].path, noun);
    order->keys[order->nkeys++].descending = false;
}

bool odata_order_parse(struct odata_order *out, const struct rse_noun_info *noun, struct rse_str text,
                       struct rse_err *err)
{
    struct odata_lexer lexer = { .text = text };
    struct odata_token token = odata_next_token(&lexer, err);
    struct odata_order order = { .nkeys = 0 };

    while (token.kind != ODATA_TOKEN_END) {
        if (order.nkeys == ODATA_ORDER_MAX_KEYS) {
            (void)rse_fail(err, RSE_INVALID, "a list may be ordered by %d fields", ODATA_ORDER_MAX_KEYS);
            return fail_at(err, token.start);
        }
        if (!read_key(&order.keys[order.nkeys++], noun, &lexer, &token, err))
            return false;
        if (token.kind == ODATA_TOKEN_END)
            break;
        if (token.kind != ODATA_TOKEN_COMMA) {
            (void)rse_fail(err, RSE_INVALID, "expected \",\" or the end");
            return fail_at(err, token.start);
        }
        token = odata_next_token(&lexer, err);
        if (token.kind == ODATA_TOKEN_END) {
            (void)rse_fail(err, RSE_INVALID, "expected a field to order by");
            return fail_at(err, token.start);
        }
    }
    end_with_id(&order, noun);
    *out = order;
    return true;
}
