/*
 * list_sql.h - from the tree of a filter and an order to SQL.
 *
 * The text is put together from words of this folder only; whatever a request said is a parameter ($1, $2...).
 */
#ifndef API_STORE_LIST_SQL_H
#define API_STORE_LIST_SQL_H

#include "api-server/odata/cursor.h"
#include "api-server/odata/filter.h"
#include "api-server/odata/order.h"

/* Room for every comparison with two values, a cursor, a search word, ids, limit and offset. */
enum { LIST_SQL_MAX_PARAMS = 1024, LIST_SQL_MAX_TEXT = 128 * 1024 };

/* Where a field is kept, if not in the document. */
struct list_column {
    const char *name; /* of the field, or its id form; with a member: "location/latitude" */
    const char *sql;  /* over the table `t`; a text with collation "C" */
};

/* Of a field that is computed: a condition over the table `t` that has an index and that all rows with the value fulfil; NULL: none is
 * known. */
typedef const char *list_narrow(const char *field, struct rse_str value);

struct list_sql {
    struct rse_buf text;
    const struct list_column *columns; /* of a source of its own, ends with .name = NULL; NULL: the noun's */
    list_narrow *narrow;               /* of such a source; may be NULL */
    struct rse_arena *arena;           /* of the parameters */
    const char *params[LIST_SQL_MAX_PARAMS];
    int nparams;
    bool overflow; /* more parameters than there is room for */
};

void list_sql_init(struct list_sql *sql, struct rse_arena *arena);
void list_sql_release(struct list_sql *sql);
bool list_sql_ok(const struct list_sql *sql, struct rse_err *err) RSE_MUST;

/* Appends "$n" for a value. */
void list_sql_param(struct list_sql *sql, struct rse_str value);
/* The same, read as a type. */
void list_sql_value(struct list_sql *sql, enum odata_type type, struct rse_str value);
const char *list_sql_cast(enum odata_type type);
void list_sql_param_int(struct list_sql *sql, int64_t value);

/* The table of a noun. */
const char *list_sql_table(enum rse_noun noun);
/* Appends an expression over the table `t`: the value that a path means, of its type, null where there is none. Texts have
 * collation "C". */
void list_sql_path(struct list_sql *sql, const struct rse_noun_info *noun, const struct odata_path *path);
/* Appends a collection as a table expression with the columns of its items: `item`, or `key` and `value`, or `version` and
 * `expression`. Where list_sql_is_table: the items of all objects, with the id of the object as `owner`; else those of `t`. */
void list_sql_collection(struct list_sql *sql, const struct rse_noun_info *noun, const struct odata_path *path);
bool list_sql_is_table(const struct odata_path *path);

/* Appends a condition over the table `t`: true where the filter is; else false or null. */
void list_sql_filter(struct list_sql *sql, const struct rse_noun_info *noun, const struct odata_node *node);
/* Appends what follows "order by". */
void list_sql_order(struct list_sql *sql, const struct rse_noun_info *noun, const struct odata_order *order);
/* Appends ", value, value...": what a cursor keeps, as texts. */
void list_sql_cursor_columns(struct list_sql *sql, const struct rse_noun_info *noun, const struct odata_order *order);
/* Appends a condition: true for what stands behind the cursor in the order. */
void list_sql_after(struct list_sql *sql, const struct rse_noun_info *noun, const struct odata_order *order,
                    const struct odata_cursor *cursor);

#endif
