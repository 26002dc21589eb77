/*
 * noun.h - single objects and lists of them, as documents.
 */
#ifndef API_STORE_NOUN_H
#define API_STORE_NOUN_H

#include "api-server/store/db.h"

/* Borrowed for the call. */
struct noun_doc {
    struct rse_str doc;
    struct rse_str etag;
    int64_t revision; /* of the fleet when it was read */
};

/* doc is NULL when there is none, and when err is set. */
void store_noun_get(struct db *db, enum rse_noun noun, int64_t id,
                    void (*done)(void *arg, const struct noun_doc *doc, const struct rse_err *err), void *arg);

enum noun_filter { NOUN_ALL, NOUN_BY_ID, NOUN_BY_NAME, NOUN_BY_ENVIRONMENT, NOUN_BY_STATE, NOUN_FILTER_COUNT };
enum noun_order { NOUN_ORDER_ID, NOUN_ORDER_ID_DESC, NOUN_ORDER_NAME, NOUN_ORDER_NAME_DESC, NOUN_ORDER_COUNT };

struct noun_list {
    enum rse_noun noun;
    enum noun_filter filter;
    struct rse_str equals; /* what the filter compares with; NOUN_BY_STATE is for clusters only */
    struct rse_str search; /* p NULL: none. Equals the name, a tag or a metadata value */
    enum noun_order order;
    int64_t top, skip;
};

/* Rows, in order; then done. count: how many there are in all. */
struct noun_list_reader {
    void (*row)(void *arg, struct rse_str doc);
    void (*done)(void *arg, int64_t count, int64_t revision, const struct rse_err *err);
    void *arg;
};

void store_noun_list(struct db *db, const struct noun_list *list, const struct noun_list_reader *reader);

#endif
