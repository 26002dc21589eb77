/*
 * expr_check.c - whether everything that an expression names is there.
 */
#include "libresedge/src/fleet/expr_impl.h"
#include "libresedge/src/fleet/fleet_impl.h"

static bool fail_unknown(struct rse_fleet *fleet, const struct rse_expr_node *node, struct rse_err *err)
{
    enum rse_noun noun = noun_of_node(node);

    if (node->id > 0)
        rse_fail(err, RSE_INVALID, "there is no %s with id %lld", rse_noun_info(noun)->name, (long long)node->id);
    else
        rse_fail(err, RSE_INVALID, "there is no %s \"%.*s\"", rse_noun_info(noun)->name, RSE_STR_ARG(node->name));
    rse_err_position(err, node->start);
    if (node->id <= 0)
        fleet_hint_near_node(fleet, node, err);
    else
        rse_err_hint(err, "Digits alone are an id. Quote them where they are a name.");
    return false;
}

bool rse_expr_check(const struct rse_expr *expr, const struct rse_fleet *fleet, struct rse_err *err)
{
    const struct rse_expr_node *node;

    for (size_t it = 0; (node = expr_next_reference(expr, &it)) != NULL;) {
        if (fleet_bind(fleet_mutable(fleet), node) == NULL)
            return fail_unknown(fleet_mutable(fleet), node, err);
    }
    return true;
}
