/*
 * inventory_ndjson.h - lines of {"noun": ..., "doc": {...}}, as a snapshot has them, as an inventory. Pure.
 */
#ifndef API_HANDLERS_INVENTORY_NDJSON_H
#define API_HANDLERS_INVENTORY_NDJSON_H

#include <resedge/resedge.h>

/* Appends the inventory, as JSON, to out, an initialised buffer; the objects of a noun in their order, empty lines left out. False: the
 * line and what is wrong with it, or that out would become too large. */
bool inventory_ndjson_read(struct rse_str text, struct rse_buf *out, struct rse_err *err) RSE_MUST;

#endif
