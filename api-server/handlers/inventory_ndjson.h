/*
 * inventory_ndjson.h - lines of {"noun": ..., "doc": {...}}, as a snapshot has them, as an inventory. Pure.
 */
#ifndef API_HANDLERS_INVENTORY_NDJSON_H
#define API_HANDLERS_INVENTORY_NDJSON_H

#include "api-server/handlers/inventory_lines.h"

/* Appends the inventory, as JSON, to out, an initialised buffer; the objects of a noun in their order, empty lines left out. A line that
 * is no object is left out too, and its faults added to lines. False: out would become too large. */
bool inventory_ndjson_read(struct rse_str text, struct rse_buf *out, struct inventory_lines *lines,
                           struct rse_err *err) RSE_MUST;

#endif
