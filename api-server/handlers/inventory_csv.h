/*
 * inventory_csv.h - a table of clusters as an inventory. Pure.
 *
 * RFC 4180; lines may also end with LF or CR alone, empty ones say nothing. The first line names the columns: fields of clusters that
 * are text, groups and tags (separated by ';'), capacity.<member>, location.<member> and metadata.<key>; an empty cell says nothing. A
 * list of clusters as CSV is one: see csv.h.
 */
#ifndef API_HANDLERS_INVENTORY_CSV_H
#define API_HANDLERS_INVENTORY_CSV_H

#include "api-server/handlers/inventory_lines.h"

/* Appends the inventory, as JSON, to out, an initialised buffer. What the cells say is left to whoever reads that. The faults of the table
 * (columns that clusters don't have, rows that are none) are added to lines; nothing is appended where none of it can be read. False: out
 * would become too large. */
bool inventory_csv_read(struct rse_str text, struct rse_buf *out, struct inventory_lines *lines,
                        struct rse_err *err) RSE_MUST;

#endif
