/*
 * noun.h - single objects as documents.
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

#endif
