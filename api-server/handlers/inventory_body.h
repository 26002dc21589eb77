/*
 * inventory_body.h - an inventory as it was sent: JSON, YAML (inventory_yaml.h), NDJSON (inventory_ndjson.h), or CSV of clusters
 * (inventory_csv.h).
 */
#ifndef API_HANDLERS_INVENTORY_BODY_H
#define API_HANDLERS_INVENTORY_BODY_H

#include "api-server/handlers/inventory_lines.h"
#include "api-server/http/call.h"

/* Makes JSON of call->body, whatever it is: read item by item (rse_inventory_scan), that takes a fraction of a tree's memory. Lines that
 * are no objects are left out of it, and told in lines->faults. On any thread that has the call to itself: a large inventory takes a
 * while. False with call->err, and call->status where HTTP knows better. */
bool inventory_body(struct call *call, struct inventory_lines *lines) RSE_MUST;

#endif
