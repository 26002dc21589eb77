/*
 * cursor.h - where a page of a list ended, as an opaque text: $skiptoken.
 *
 * It holds the order's values of the last object shown, so that the next page begins behind it whatever was added or removed
 * meanwhile, and a checksum over them and over what makes the list the list it is (its noun, filter, order...): a damaged one,
 * and one of another list, are refused. It is no secret and no signature: whoever forges one can only begin somewhere else
 * in a list that he may read anyway.
 */
#ifndef API_ODATA_CURSOR_H
#define API_ODATA_CURSOR_H

#include "api-server/odata/order.h"

enum {
    ODATA_CURSOR_MAX_CHARS = 100, /* of a text in it: that much of a long text decides its place in an order */
    ODATA_CURSOR_MAX_TEXT = 12 * 1024,
};

struct odata_cursor {
    struct rse_str values[ODATA_ORDER_MAX_KEYS + 1]; /* one a key of the order, as SQL reads it; p NULL: null */
    size_t count;
};

/* Of the texts that make a list. */
uint64_t odata_fingerprint(const struct rse_str *parts, size_t count);
/* Appends it: letters, digits, '-' and '_' only. */
void odata_cursor_write(const struct odata_cursor *cursor, uint64_t fingerprint, struct rse_buf *out);
/* RSE_INVALID: damaged, of another list, or its values are not of the types that the order has. */
bool odata_cursor_read(struct odata_cursor *out, const struct odata_order *order, uint64_t fingerprint,
                       struct rse_str text, struct rse_arena *arena, struct rse_err *err) RSE_MUST;

#endif
