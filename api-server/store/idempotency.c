/*
 * idempotency.c - see idempotency.h.
 */
#include <stdio.h>
#include <stdlib.h>

#include <openssl/crypto.h>

#include "api-server/store/idempotency.h"

static const char FIND[] = "select request_hash, status, location, etag, revision, body, encode(sealed, 'hex') "
                           "from idempotency_keys "
                           "where token_id = $1 and key = $2 and created_at >= now() - interval '1 day'";

/* Whether or not it is still kept. */
static const char COMPLETE[] = "with completed as (update idempotency_keys set body = coalesce(body, $3) "
                               "where token_id = $1 and key = $2 and request_hash = $4 returning body) "
                               "select coalesce((select body from completed), $3)";

struct finding {
    idempotency_found *done;
    void *arg;
};

/* The bytes are for the caller to free. */
static struct rse_str bytes_of(struct rse_str hex)
{
    unsigned char *bytes;
    size_t len = 0;

    if (hex.p == NULL)
        return hex;
    bytes = rse_xmalloc(hex.len / 2 + 1);
    if (OPENSSL_hexstr2buf_ex(bytes, hex.len / 2 + 1, &len, hex.p, '\0') != 1)
        len = 0; /* then nothing can open it */
    return rse_str_n((char *)bytes, len);
}

static void found(void *arg, PGresult *res, const struct rse_err *err)
{
    struct finding *finding = arg;
    struct kept_answer answer = { 0 };
    bool any = err == NULL && PQntuples(res) > 0;

    if (any)
        answer = (struct kept_answer){
            .request_hash = db_text(res, 0, 0).p,
            .status = (int)db_int64(res, 0, 1),
            .location = db_text(res, 0, 2).p,
            .etag = db_text(res, 0, 3).p,
            .revision = db_int64(res, 0, 4),
            .body = db_text(res, 0, 5).p,
            .sealed = bytes_of(db_text(res, 0, 6)),
        };
    finding->done(finding->arg, any ? &answer : NULL, err);
    free((char *)answer.sealed.p);
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

/* A value of bytea. */
static const char *bytea_of(struct rse_str bytes, struct rse_arena *arena)
{
    size_t size = 2 * bytes.len + 3;
    char *text = rse_arena_take(arena, size);

    text[0] = '\\';
    text[1] = 'x';
    if (OPENSSL_buf2hexstr_ex(text + 2, size - 2, NULL, (const unsigned char *)bytes.p, (long)bytes.len, '\0') != 1)
        abort(); /* there is room for it */
    return text;
}

void store_answer_keep(const struct kept_answer *answer, struct rse_arena *arena,
                       const char *params[static ANSWER_KEEP_PARAMS])
{
    memset(params, 0, ANSWER_KEEP_PARAMS * sizeof(params[0]));
    if (answer == NULL)
        return;
    params[0] = rse_arena_printf(arena, "%lld", (long long)answer->token_id);
    params[1] = answer->key;
    params[2] = answer->request_hash;
    params[3] = rse_arena_printf(arena, "%d", answer->status);
    params[4] = answer->location;
    params[5] = rse_arena_printf(arena, "%lld", (long long)answer->revision);
    params[6] = answer->body;
    params[7] = answer->sealed.p != NULL ? bytea_of(answer->sealed, arena) : NULL;
}

struct completing {
    answer_completed *done;
    void *arg;
};

static void completed(void *arg, PGresult *res, const struct rse_err *err)
{
    struct completing *completing = arg;

    completing->done(completing->arg, err == NULL ? db_text(res, 0, 0) : rse_str(NULL), err);
    free(completing);
}

void store_answer_complete(struct db *db, const struct kept_answer *answer, const char *body, answer_completed *done,
                           void *arg)
{
    struct completing *completing = rse_new(struct completing);
    char token[24];

    *completing = (struct completing){ done, arg };
    snprintf(token, sizeof(token), "%lld", (long long)answer->token_id);
    db_send(db, &(struct db_query){ .lane = DB_QUEUE,
                                    .sql = COMPLETE,
                                    .nparams = 4,
                                    .params = { token, answer->key, body, answer->request_hash },
                                    .done = completed,
                                    .arg = completing });
}
