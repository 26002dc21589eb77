/*
 * inventory_csv.h - a table of clusters as an inventory. Pure.
 *
 * RFC 4180; lines may also end with LF or CR alone, empty ones say nothing. The first line names the columns: fields of clusters that
 * are text, groups and tags (separated by ';'), capacity.<member>, location.<member> and metadata.<key>; an empty cell says nothing. A
 * list of clusters as CSV is one: see csv.h.
 */
#ifndef API_HANDLERS_INVENTORY_CSV_H
#define API_HANDLERS_INVENTORY_CSV_H

#include <resedge/resedge.h>

/* Appends the inventory, as JSON, to out, an initialised buffer. What the columns are called and what the cells say is left to whoever
 * reads that. False: the line and what is wrong with it, or that out would become too large. */
bool inventory_csv_read(struct rse_str text, struct rse_buf *out, struct rse_err *err) RSE_MUST;

#endif
