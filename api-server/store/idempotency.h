/*
 * idempotency.h - answers that were given to requests with an Idempotency-Key; change.h stores them, with the write.
 */
#ifndef API_STORE_IDEMPOTENCY_H
#define API_STORE_IDEMPOTENCY_H

#include "api-server/store/db.h"

/* The answer to a request, and which one it was. */
struct change_once {
    int64_t token_id;
    const char *key;
    const char *request_hash; /* SHA-256 in hex */
    int status;
    const char *location, *etag; /* or NULL */
    int64_t revision;
    const char *body;
};

/* found is NULL when there is none, or where err is set; borrowed for the call. */
typedef void idempotency_found(void *arg, const struct change_once *found, const struct rse_err *err);
void store_idempotency_find(struct db *db, int64_t token_id, const char *key, idempotency_found *done, void *arg);

#endif
