/*
 * expr_impl.h - what the files of the expression language share.
 */
#ifndef RESEDGE_FLEET_EXPR_IMPL_H
#define RESEDGE_FLEET_EXPR_IMPL_H

#include "resedge/expr.h"

/* One allocation: this, the nodes, the text, and the values that had backslashes. */
struct rse_expr {
    const struct rse_expr_node *root;
    struct rse_str source;
    size_t nnodes;
    struct rse_expr_node nodes[];
};

static inline bool expr_is_operator(const struct rse_expr_node *node)
{
    return node->kind == RSE_EXPR_OR || node->kind == RSE_EXPR_AND || node->kind == RSE_EXPR_NOT;
}

/* Whether it names an object of the fleet. */
static inline bool expr_is_reference(const struct rse_expr_node *node)
{
    return node->kind == RSE_EXPR_GROUP || node->kind == RSE_EXPR_CLUSTER || node->kind == RSE_EXPR_NAMESPACE;
}

/* for (size_t i = 0; (node = expr_next_reference(expr, &i)) != NULL;) - NULL expr: none. In the order of the text. */
const struct rse_expr_node *expr_next_reference(const struct rse_expr *expr, size_t *it);

/* A selector in canonical form, /g/'a b'. */
void expr_add_selector(struct rse_buf *out, enum rse_expr_kind kind, struct rse_str name);

#endif
