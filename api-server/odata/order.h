/*
 * order.h - $orderby: "name desc, metadata/region".
 *
 * Nulls come before everything else, after it where descending (OData 4.01, part 1, section 11.2.6.2). The id decides among
 * equals, so that every order is total: a cursor needs it.
 */
#ifndef API_ODATA_ORDER_H
#define API_ODATA_ORDER_H

#include "api-server/odata/path.h"

enum { ODATA_ORDER_MAX_KEYS = 8 };

struct odata_key {
    struct odata_path path;
    bool descending;
};

/* The last key is always the first field of the noun, its id; so there is at least one. */
struct odata_order {
    struct odata_key keys[ODATA_ORDER_MAX_KEYS + 1];
    size_t nkeys;
};

/* An empty text: by id. RSE_INVALID carries the position. */
bool odata_order_parse(struct odata_order *out, const struct rse_noun_info *noun, struct rse_str text,
                       struct rse_err *err) RSE_MUST;

#endif
