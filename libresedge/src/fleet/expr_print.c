/* The canonical text of an expression. */
#include "libresedge/src/fleet/expr_impl.h"
#include "libresedge/src/fleet/expr_lex.h"
#include "libresedge/src/fleet/fleet_impl.h"
#include "resedge/parse.h"

static bool needs_quotes(struct rse_str value, bool takes_id)
{
    if (value.len == 0 || (takes_id && rse_is_digits(value)))
        return true;
    for (size_t i = 0; i < value.len; i++)
        if (expr_ends_word(value.p[i]) || value.p[i] == '\'' || value.p[i] == '"')
            return true;
    return false;
}

static void add_value(struct rse_buf *out, struct rse_str value, bool takes_id)
{
    char quote = rse_str_find(value, '\'') >= 0 && rse_str_find(value, '"') < 0 ? '"' : '\'';

    if (!needs_quotes(value, takes_id)) {
        rse_buf_add_str(out, value);
        return;
    }
    rse_buf_addc(out, quote);
    for (size_t i = 0; i < value.len; i++) {
        if (value.p[i] == quote || value.p[i] == '\\')
            rse_buf_addc(out, '\\');
        rse_buf_addc(out, value.p[i]);
    }
    rse_buf_addc(out, quote);
}

void expr_add_selector(struct rse_buf *out, enum rse_expr_kind kind, struct rse_str name)
{
    const struct expr_selector *selector = expr_selector_by_kind(kind);

    rse_buf_addc(out, '/');
    rse_buf_addc(out, selector->letter);
    rse_buf_addc(out, '/');
    add_value(out, name, selector->takes_id);
}

static void add_id(const struct rse_expr_node *node, struct rse_buf *out)
{
    rse_buf_addf(out, "/%c/%lld", expr_selector_by_kind(node->kind)->letter, (long long)node->id);
}

/* An id that the fleet knows is shown as a name, unless another object is found by that name. */
static void add_reference_by_id(const struct rse_expr_node *node, struct rse_fleet *fleet, struct rse_buf *out)
{
    enum rse_noun noun = noun_of_node(node);
    struct rse_str name = path_without_slash(fleet_display_name(fleet, noun, node->id));
    const struct fleet_entry *found = name.len > 0 ? fleet_find_entry(fleet, noun, name) : NULL;

    if (found != NULL && found->object->id == node->id)
        expr_add_selector(out, node->kind, name);
    else
        add_id(node, out);
}

static int rank(enum rse_expr_kind kind)
{
    switch (kind) {
    case RSE_EXPR_OR:
        return 1;
    case RSE_EXPR_AND:
        return 2;
    case RSE_EXPR_NOT:
        return 3;
    default:
        return 4;
    }
}

static void add_node(const struct rse_expr_node *node, struct rse_fleet *fleet, int least_rank, struct rse_buf *out);

static void add_operator(const struct rse_expr_node *node, struct rse_fleet *fleet, struct rse_buf *out)
{
    int own = rank(node->kind);

    if (node->kind == RSE_EXPR_NOT) {
        rse_buf_adds(out, "not ");
        add_node(node->left, fleet, own, out);
        return;
    }
    add_node(node->left, fleet, own, out);
    rse_buf_adds(out, node->kind == RSE_EXPR_OR ? " or " : " and ");
    add_node(node->right, fleet, own, out);
}

static void add_leaf(const struct rse_expr_node *node, struct rse_fleet *fleet, struct rse_buf *out)
{
    if (node->kind == RSE_EXPR_ALL || node->kind == RSE_EXPR_NONE) {
        rse_buf_adds(out, node->kind == RSE_EXPR_ALL ? "all" : "none");
    } else if (node->id > 0 && fleet != NULL) {
        add_reference_by_id(node, fleet, out);
    } else if (node->id > 0) {
        add_id(node, out);
    } else {
        expr_add_selector(out, node->kind, node->name);
        if (node->has_value) {
            rse_buf_addc(out, '/');
            add_value(out, node->value, false);
        }
    }
}

static void add_node(const struct rse_expr_node *node, struct rse_fleet *fleet, int least_rank, struct rse_buf *out)
{
    bool parentheses = rank(node->kind) < least_rank;

    if (parentheses)
        rse_buf_addc(out, '(');
    if (expr_is_operator(node))
        add_operator(node, fleet, out);
    else
        add_leaf(node, fleet, out);
    if (parentheses)
        rse_buf_addc(out, ')');
}

void rse_expr_print(const struct rse_expr *expr, const struct rse_fleet *fleet, struct rse_buf *out)
{
    add_node(expr->root, fleet_mutable(fleet), 0, out);
}
