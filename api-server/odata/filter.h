/*
 * filter.h - $filter: from text to a typed tree (OData 4.01, part 2, section 5.1.1; what of it makes sense here).
 *
 *     filter     = and-list { "or" and-list }            and-list = term { "and" term }
 *     term       = "not" term | "(" filter ")" | comparison
 *     comparison = path op value | path "in" "(" value { "," value } ")" | path
 *                | function "(" path "," text ")" [ ("eq" | "ne") ("true" | "false") ]
 *                | collection "/any" "(" [ variable ":" filter ] ")" | collection "/all" "(" variable ":" filter ")"
 *     op         = "eq" | "ne" | "gt" | "ge" | "lt" | "le"
 *     function   = "contains" | "startswith" | "endswith"
 *
 * A value has the type of what it is compared with: 'text', 12, 2.5, true, 2026-02-03T04:05:06Z, null. Comparing with
 * null is true or false, never null: null equals null only, is not greater or less than anything. Texts compare by bytes.
 */
#ifndef API_ODATA_FILTER_H
#define API_ODATA_FILTER_H

#include "api-server/odata/path.h"

enum {
    ODATA_FILTER_MAX_TEXT = 8 * 1024, /* bytes */
    ODATA_FILTER_MAX_TERMS = 100,
    ODATA_FILTER_MAX_DEPTH = 32,
    ODATA_FILTER_MAX_LIST = 500, /* values of all in (...) together */
};

enum odata_op {
    ODATA_AND,
    ODATA_OR,
    ODATA_NOT, /* left */
    ODATA_EQ,
    ODATA_NE,
    ODATA_GT,
    ODATA_GE,
    ODATA_LT,
    ODATA_LE,
    ODATA_IN,
    ODATA_CONTAINS,
    ODATA_STARTSWITH,
    ODATA_ENDSWITH,
    ODATA_ANY, /* path is the collection; left, about its ITEMs; NULL: it is not empty */
    ODATA_ALL,
};

/* Of the path's type. Text for all types: as SQL and people write it; times in UTC. */
struct odata_value {
    bool is_null;
    struct rse_str text;
};

struct odata_node {
    enum odata_op op;
    struct odata_node *left, *right;
    struct odata_path path;
    struct odata_value *values; /* one; ODATA_IN: several */
    size_t nvalues;
};

/* RSE_INVALID carries the position in the text and says what was expected there. The tree lives in the arena and points
 * into the text. */
bool odata_filter_parse(struct odata_node **out, const struct rse_noun_info *noun, struct rse_str text,
                        struct rse_arena *arena, struct rse_err *err) RSE_MUST;

/* Appends a text as a filter writes one: in quotes, a quote within it twice. */
void odata_add_text(struct rse_buf *filter, struct rse_str text);

/* A value of a type from its token; what: the path, for errors. */
struct odata_token;
bool odata_value_parse(struct odata_value *out, const struct odata_path *path, const struct odata_token *token,
                       struct rse_arena *arena, struct rse_err *err) RSE_MUST;

#endif
