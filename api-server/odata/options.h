/*
 * options.h - the query options of a list, and of an $expand within one: all of them, read and checked.
 */
#ifndef API_ODATA_OPTIONS_H
#define API_ODATA_OPTIONS_H

#include "api-server/odata/filter.h"
#include "api-server/odata/order.h"
#include "api-server/odata/select.h"

enum {
    ODATA_TOP_DEFAULT = 100,
    ODATA_TOP_MAX = 1000,
    ODATA_EXPAND_MAX_LEVELS = 2,
    ODATA_EXPAND_MAX_ITEMS = 8, /* of one level */
};

struct odata_options;

/* What objects can be asked to bring along. */
enum odata_relation {
    ODATA_RELATED_TARGET,       /* of a cluster */
    ODATA_RELATED_GROUPS,       /* of a cluster: direct memberships */
    ODATA_RELATED_NAMESPACES,   /* of a cluster: those that select it */
    ODATA_RELATED_APPLICATIONS, /* of a cluster or a namespace */
    ODATA_RELATED_CLUSTERS,     /* of a target, group, namespace or application */
    ODATA_RELATED_PARENT,       /* of a group */
    ODATA_RELATED_POLICIES,     /* of a namespace */
    ODATA_RELATED_NAMESPACE,    /* of an application */
};

/* What a noun has to expand. */
struct odata_related {
    enum rse_noun of;
    const char *name; /* in $expand, and of the member */
    enum odata_relation relation;
    enum rse_noun noun; /* of what comes along */
    bool single;        /* one object, or null; else a list */
};
/* for (size_t it = 0; (related = odata_related_next(&it)) != NULL;) - all of them. */
const struct odata_related *odata_related_next(size_t *it);

struct odata_expand {
    const char *name; /* the member under which it is shown */
    enum odata_relation relation;
    const struct rse_noun_info *noun; /* of what comes along */
    bool single;                      /* one object, or null */
    struct odata_options *options;
};

struct odata_options {
    const struct rse_noun_info *noun;
    struct odata_node *filter; /* NULL: none */
    struct rse_str search;     /* p NULL: none */
    struct odata_order order;
    struct odata_select select;
    struct odata_expand *expand;
    size_t nexpand;
    bool has_top, count;
    int64_t top, skip;
    struct rse_str skip_token;                                        /* p NULL: none */
    struct rse_str filter_text, order_text, select_text, expand_text; /* as they came; empty: none */
};

/* params: names without the '$', values decoded. Unknown options, and one that is there twice, are refused. Errors name the option (query parameter "$filter") as their object, and where it
 * makes sense the position in its value. own: names that are known besides (NULL at the end), for hints; may be NULL. Everything lives in the arena or points into the values. */
bool odata_options_parse(struct odata_options *out, const struct rse_noun_info *noun, const struct rse_pairs *params,
                         const char *const *own, struct rse_arena *arena, struct rse_err *err) RSE_MUST;

/* The value of $expand; level: 1 for that of a list. */
bool odata_expand_parse(struct odata_options *into, struct rse_str text, unsigned level, struct rse_arena *arena,
                        struct rse_err *err) RSE_MUST;
/* The options within the brackets of an $expand's item, separated by ';'. */
bool odata_nested_options_parse(struct odata_options *out, const struct rse_noun_info *noun, struct rse_str text,
                                unsigned level, struct rse_arena *arena, struct rse_err *err) RSE_MUST;

#endif
