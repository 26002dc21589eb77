/*
 * csv.h - objects as the rows of a table (RFC 4180). Pure.
 *
 * The columns are the fields of the noun, in the order of its table; a field with members has a column for each
 * ("capacity.memoryLimit"), metadata one for each key ("metadata.region"), so that POST /apply takes the table back. What is
 * null or not there is an empty cell; the items of a list are separated by ';'.
 * A ';' or '\' within the name of a tag or group has a '\' in front; before anything else a '\' stands for itself.
 *
 * A spreadsheet takes a cell that begins with = + - @, a tab or a carriage return for a formula, and runs it. Such a cell gets
 * a ' in front, unless it is a number; whoever reads the table takes it off again.
 */
#ifndef API_HANDLERS_CSV_H
#define API_HANDLERS_CSV_H

#include "api-server/odata/select.h"

struct cJSON;

struct csv_columns {
    const struct rse_noun_info *noun;
    const struct odata_select *select;
    struct rse_strs keys; /* of metadata */
};

void csv_add_header(const struct csv_columns *columns, struct rse_buf *out);
/* clusters_tree: the cell of that computed column, where it was selected. */
void csv_add_row(const struct csv_columns *columns, const struct rse_object *object, struct rse_str clusters_tree,
                 struct rse_buf *out);
/* A row of what is no stored noun, from its JSON: what is neither a single value nor a list of texts stands there as JSON. */
void csv_add_json(const struct csv_columns *columns, const struct cJSON *row, struct rse_buf *out);

/* The value of a cell that was read: without the ' that keeps it from being a formula. */
struct rse_str csv_unescape(struct rse_str cell);

#endif
