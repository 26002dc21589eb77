/*
 * expr.h - the language that selects clusters.
 *
 *     expr     = term { "or" term }
 *     term     = factor { "and" factor }
 *     factor   = "not" factor | "(" expr ")" | selector | "all" | "none"
 *     selector = "/g/" path-or-id | "/c/" name-or-id | "/n/" name-or-id
 *              | "/m/" key [ "/" value ] | "/t/" tag | "/s/" store
 *
 * Keywords are lower case. A value with spaces, parentheses or quotes is quoted with ' or " (a backslash escapes inside);
 * digits alone are an id, a quoted name is a name. `/g/stores` is the whole subtree. An empty expression selects nothing.
 * Parsing needs no fleet; names are bound to ids when it is checked or evaluated.
 */
#ifndef RESEDGE_EXPR_H
#define RESEDGE_EXPR_H

#include "base.h"
#include "bitmap.h"
#include "buf.h"
#include "err.h"

#ifdef __cplusplus
extern "C" {
#endif

struct rse_fleet;

#define RSE_EXPR_MAX_TEXT (64 * 1024) /* bytes */

enum rse_expr_kind {
    RSE_EXPR_NONE,
    RSE_EXPR_ALL,
    RSE_EXPR_OR,
    RSE_EXPR_AND,
    RSE_EXPR_NOT,
    RSE_EXPR_GROUP,     /* by id, or by path ("stores/central": without the leading '/') */
    RSE_EXPR_CLUSTER,   /* by id or name */
    RSE_EXPR_NAMESPACE, /* by id or name */
    RSE_EXPR_METADATA,  /* name: key; value, where has_value */
    RSE_EXPR_TAG,
    RSE_EXPR_STORE,
};

/* Read-only for users of the library; nodes live as long as the expression. */
struct rse_expr_node {
    enum rse_expr_kind kind;
    bool has_value;
    int64_t id; /* >0 where it was given by id */
    struct rse_str name, value;
    uint32_t start, end;                /* bytes of the text, parentheses around it included */
    struct rse_expr_node *left, *right; /* OR, AND; NOT: left. A chain of one operator is a balanced tree. */
};

struct rse_expr;

/* The error carries the position and what was expected. Limits: 64 KiB of text, 4,096 selectors, depth 256. */
RSE_API bool rse_expr_parse(struct rse_expr **out, struct rse_str text, struct rse_err *err) RSE_MUST;
RSE_API void rse_expr_free(struct rse_expr *expr);
RSE_API void rse_expr_freep(struct rse_expr **expr);
RSE_API const struct rse_expr_node *rse_expr_root(const struct rse_expr *expr);
RSE_API struct rse_str rse_expr_source(const struct rse_expr *expr);

/* Every group, cluster and namespace it names is in the fleet; else RSE_INVALID with position, name and near misses. */
RSE_API bool rse_expr_check(const struct rse_expr *expr, const struct rse_fleet *fleet, struct rse_err *err) RSE_MUST;

/* *out is initialised by the caller (any size) and becomes a set of the fleet's clusters (bit = index). Closed clusters are
 * in no set. A name that is not in the fleet selects nothing. The fleet's caches may be filled: not for two threads at once
 * unless rse_fleet_warm() ran since the last change. */
RSE_API void rse_expr_eval(const struct rse_expr *expr, const struct rse_fleet *fleet, struct rse_bitmap *out);
/* One node of it, for --explain. */
RSE_API void rse_expr_eval_node(const struct rse_expr_node *node, const struct rse_fleet *fleet,
                                struct rse_bitmap *out);

/* The canonical text: names instead of ids, least parentheses, one space between words, values quoted only where
 * needed. Parsing it again gives the same set. fleet may be NULL: ids stay. */
RSE_API void rse_expr_print(const struct rse_expr *expr, const struct rse_fleet *fleet, struct rse_buf *out);

#ifdef __cplusplus
}
#endif

#endif
