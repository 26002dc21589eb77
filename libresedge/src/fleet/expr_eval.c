/*
 * expr_eval.c - an expression as algebra on bitmaps.
 *
 * Nodes add what they select to a set: alternatives then need no set of their own. Closed clusters may slip in below and
 * are taken out at the end, which is right because "not" looks at those that count only.
 */
#include "libresedge/src/fleet/expr_impl.h"
#include "libresedge/src/fleet/fleet_impl.h"

static void add_node(struct rse_fleet *fleet, const struct rse_expr_node *node, struct rse_bitmap *to);

static void add_and(struct rse_fleet *fleet, const struct rse_expr_node *node, struct rse_bitmap *to)
{
    RSE_BITMAP_AUTO left = { 0 }, right = { 0 };

    fleet_init_set(fleet, &left);
    fleet_init_set(fleet, &right);
    add_node(fleet, node->left, &left);
    if (node->right->kind == RSE_EXPR_NOT) {
        add_node(fleet, node->right->left, &right);
        rse_bitmap_andnot(&left, &right);
    } else {
        add_node(fleet, node->right, &right);
        rse_bitmap_and(&left, &right);
    }
    rse_bitmap_or(to, &left);
}

static void add_not(struct rse_fleet *fleet, const struct rse_expr_node *node, struct rse_bitmap *to)
{
    RSE_BITMAP_AUTO set = { 0 };

    fleet_init_set(fleet, &set);
    add_node(fleet, node->left, &set);
    rse_bitmap_not(&set);
    rse_bitmap_and(&set, &fleet->live);
    rse_bitmap_or(to, &set);
}

static void add_reference(struct rse_fleet *fleet, const struct rse_expr_node *node, struct rse_bitmap *to)
{
    struct fleet_entry *entry = fleet_bind(fleet, node);

    if (entry == NULL)
        return;
    if (node->kind == RSE_EXPR_CLUSTER)
        rse_bitmap_set(to, entry->index);
    else
        cset_or_into(fleet_scope_set(fleet, (struct fleet_scope *)entry), to);
}

static void add_term_of(struct rse_fleet *fleet, const struct rse_expr_node *node, struct rse_bitmap *to)
{
    struct term term = { .kind = TERM_TAG, .key = node->name, .value = node->value };

    if (node->kind == RSE_EXPR_STORE)
        term.kind = TERM_STORE;
    else if (node->kind == RSE_EXPR_METADATA)
        term.kind = node->has_value ? TERM_VALUE : TERM_KEY;
    postings_or_into(&fleet->postings, &term, to);
}

static void add_node(struct rse_fleet *fleet, const struct rse_expr_node *node, struct rse_bitmap *to)
{
    switch (node->kind) {
    case RSE_EXPR_NONE:
        break;
    case RSE_EXPR_ALL:
        rse_bitmap_or(to, &fleet->live);
        break;
    case RSE_EXPR_OR:
        add_node(fleet, node->left, to);
        add_node(fleet, node->right, to);
        break;
    case RSE_EXPR_AND:
        add_and(fleet, node, to);
        break;
    case RSE_EXPR_NOT:
        add_not(fleet, node, to);
        break;
    case RSE_EXPR_GROUP:
    case RSE_EXPR_CLUSTER:
    case RSE_EXPR_NAMESPACE:
        add_reference(fleet, node, to);
        break;
    case RSE_EXPR_METADATA:
    case RSE_EXPR_TAG:
    case RSE_EXPR_STORE:
        add_term_of(fleet, node, to);
        break;
    }
}

void rse_expr_eval_node(const struct rse_expr_node *node, const struct rse_fleet *fleet, struct rse_bitmap *out)
{
    fleet_reset_set(fleet, out);
    add_node(fleet_mutable(fleet), node, out);
    rse_bitmap_and(out, &fleet->live);
}

void rse_expr_eval(const struct rse_expr *expr, const struct rse_fleet *fleet, struct rse_bitmap *out)
{
    rse_expr_eval_node(expr->root, fleet, out);
}
