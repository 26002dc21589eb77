/*
 * filter_parser.h - what the files of the parser of $filter share: filter.c has the grammar above comparisons,
 * filter_comparison.c has comparisons, filter_words.c takes words.
 */
#ifndef API_ODATA_FILTER_PARSER_H
#define API_ODATA_FILTER_PARSER_H

#include "api-server/odata/filter.h"
#include "api-server/odata/lex.h"

struct filter_parser {
    struct odata_lexer lexer;
    struct odata_token token; /* the next one, not taken yet */
    const struct rse_noun_info *noun;
    struct rse_arena *arena;
    struct rse_err *err;
    unsigned depth, terms, listed;
    /* Within any() and all(): what its variable stands for. */
    struct rse_str variable;
    const struct odata_path *collection;
};

/* ---- filter_words.c ---- */

void filter_advance(struct filter_parser *p);
bool filter_is_word(const struct filter_parser *p, const char *word);
/* Takes a token of this kind; what: for the error where there is another. */
bool filter_expect(struct filter_parser *p, enum odata_token_kind kind, const char *what);
/* Both return false. */
bool filter_fail_at(struct filter_parser *p, size_t position);
bool filter_fail_expected(struct filter_parser *p, const char *what);
/* An operator or a function found by its word, or -1. */
int filter_find_op(struct rse_str word);
struct odata_node *filter_node_new(struct filter_parser *p, enum odata_op op, struct odata_node *left,
                                   struct odata_node *right);

/* ---- filter_comparison.c ---- */

/* What a name means. The variable of any() hides a field of its name. */
bool filter_resolve(struct filter_parser *p, const struct odata_token *token, struct odata_path *out);
/* The same; it has one value. */
bool filter_resolve_scalar(struct filter_parser *p, const struct odata_token *token, struct odata_path *out);
bool filter_parse_comparison(struct filter_parser *p, struct odata_node **out);

#endif
