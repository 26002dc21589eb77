/*
 * idempotency.h - answers that were given to requests with an Idempotency-Key, kept for a day. They are stored with what they answer:
 * those to writes of the fleet by change.h, others by a statement that ends in answer_keep().
 */
#ifndef API_STORE_IDEMPOTENCY_H
#define API_STORE_IDEMPOTENCY_H

#include "api-server/store/db.h"

/* The answer to a request, and which one it was. */
struct kept_answer {
    int64_t token_id;
    const char *key;
    const char *request_hash; /* SHA-256 in hex */
    int status;
    const char *location, *etag; /* or NULL */
    int64_t revision;
    const char *body;      /* NULL: it is sealed, or not there yet */
    struct rse_str sealed; /* what sealed.h made of the body; p NULL: it isn't sealed */
};

/* found is NULL when there is none, or where err is set; borrowed for the call. */
typedef void idempotency_found(void *arg, const struct kept_answer *found, const struct rse_err *err);
void store_idempotency_find(struct db *db, int64_t token_id, const char *key, idempotency_found *done, void *arg);

/* For a statement that ends in answer_keep(), in the transaction of what is answered: its parameters, borrowed from the answer and
 * the arena. NULL: nothing is kept. The statement fails with RSE_CONFLICT where the key was used before. */
enum { ANSWER_KEEP_PARAMS = 8 };
void store_answer_keep(const struct kept_answer *answer, struct rse_arena *arena,
                       const char *params[static ANSWER_KEEP_PARAMS]);

/* The body of an answer that was kept without one, because it is read when all is done. done gets the one that is kept: of two that
 * come, the first. It is borrowed for the call; on an error it has no p. */
typedef void answer_completed(void *arg, struct rse_str body, const struct rse_err *err);
void store_answer_complete(struct db *db, const struct kept_answer *answer, const char *body, answer_completed *done,
                           void *arg);

#endif
