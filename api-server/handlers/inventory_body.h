/*
 * inventory_body.h - an inventory as it was sent: JSON, YAML, NDJSON of {"noun", "doc"}, or CSV of clusters.
 */
#ifndef API_HANDLERS_INVENTORY_BODY_H
#define API_HANDLERS_INVENTORY_BODY_H

#include "api-server/http/call.h"

/* The inventory as one object with a list for each noun, tied to the call's arena; NULL where the body is JSON, which is better read
 * without keeping it all (rse_inventory_scan). NDJSON (application/x-ndjson): a line an
 * object, as a snapshot has them. CSV (text/csv, RFC 4180): the first line names the columns: fields of clusters that are text,
 * groups and tags (separated by ';'), capacity.<member>, location.<member> and metadata.<key>; an empty cell says nothing. A list
 * of clusters as CSV is one: see csv.h. */
bool inventory_body(struct call *call, struct cJSON **out) RSE_MUST;

#endif
