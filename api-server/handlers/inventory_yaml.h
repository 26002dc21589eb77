/*
 * inventory_yaml.h - an inventory written as YAML. Pure.
 */
#ifndef API_HANDLERS_INVENTORY_YAML_H
#define API_HANDLERS_INVENTORY_YAML_H

#include <resedge/resedge.h>

/* Appends the inventory, as JSON, to out, an initialised buffer. Values of metadata stay as they were written (007, 1.10). False: where
 * the YAML is wrong, or that out would become too large. */
bool inventory_yaml_read(struct rse_str text, struct rse_buf *out, struct rse_err *err) RSE_MUST;

#endif
