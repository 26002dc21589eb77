/*
 * idempotency.c - see idempotency.h.
 */
#include <stdio.h>
#include <stdlib.h>

#include "api-server/store/idempotency.h"

static const char FIND[] = "select request_hash, status, location, etag, revision, body from idempotency_keys "
                           "where token_id = $1 and key = $2 and created_at >= now() - interval '1 day'";

struct finding {
    idempotency_found *done;
    void *arg;
};

static void found(void *arg, PGresult *res, const struct rse_err *err)
{
    struct finding *finding = arg;
    struct change_once once = { 0 };
    bool any = err == NULL && PQntuples(res) > 0;

    if (any)
        once = (struct change_once){
            .request_hash = db_text(res, 0, 0).p,
            .status = (int)db_int64(res, 0, 1),
            .location = db_text(res, 0, 2).p,
            .etag = db_text(res, 0, 3).p,
            .revision = db_int64(res, 0, 4),
            .body = db_text(res, 0, 5).p,
        };
    finding->done(finding->arg, any ? &once : NULL, err);
    free(finding);
}

void store_idempotency_find(struct db *db, int64_t token_id, const char *key, idempotency_found *done, void *arg)
{
    struct finding *finding = rse_new(struct finding);
    char token[24];
    struct db_query query = {
        .lane = DB_READ, .sql = FIND, .nparams = 2, .params = { token, key }, .done = found, .arg = finding
    };

    *finding = (struct finding){ done, arg };
    snprintf(token, sizeof(token), "%lld", (long long)token_id);
    db_send(db, &query);
}
