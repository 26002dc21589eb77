/*
 * change_stage.c - a big write, before it is stored: its clusters are brought in batches, and then all of it is put in a transaction
 * that stays open.
 */
#include <stdio.h>
#include <stdlib.h>

#include "api-server/store/change.h"

enum {
    STAGE_MS = 60 * 1000,   /* of a batch */
    PREPARE_MS = 120 * 1000 /* of all of them; others wait for nothing of it */
};

static const char STAGE[] = "select clusters_stage($1, $2, $3, $4)";
static const char STAGE_DROP[] = "select clusters_stage_drop($1)";
static const char BEGIN[] = "begin";
static const char PREPARE_BEGIN[] = "select fleet_prepare_begin($1)";
static const char PREPARE[] = "select fleet_prepare($1, $2, $3, $4, $5, $6)";
static const char ROLLBACK[] = "rollback";

struct staging {
    change_staged_fn *done;
    void *arg;
};

static void staged_done(void *arg, PGresult *res RSE_UNUSED, const struct rse_err *err)
{
    struct staging *staging = arg;

    if (staging->done != NULL)
        staging->done(staging->arg, err);
    free(staging);
}

void store_change_stage(struct db *db, const char *stage, const struct change_batch *batch, change_staged_fn *done,
                        void *arg)
{
    struct staging *staging = rse_new(struct staging);
    char first[24];
    struct db_query query = {
        .lane = DB_STREAM,
        .sql = STAGE,
        .nparams = 4,
        .params = { stage, first, batch->etags, batch->docs },
        .timeout_ms = STAGE_MS,
        .done = staged_done,
        .arg = staging,
    };

    *staging = (struct staging){ done, arg };
    snprintf(first, sizeof(first), "%zu", batch->first);
    db_send(db, &query);
}

void store_change_stage_drop(struct db *db, const char *stage)
{
    struct staging *staging = rse_new(struct staging);
    struct db_query query = {
        .lane = DB_STREAM,
        .sql = STAGE_DROP,
        .nparams = 1,
        .params = { stage },
        .timeout_ms = STAGE_MS,
        .done = staged_done,
        .arg = staging,
    };

    db_send(db, &query);
}

/* ---- the open transaction ---- */

/* What comes of these shows in the statement behind them. */
static void ignore(void *arg RSE_UNUSED, PGresult *res RSE_UNUSED, const struct rse_err *err RSE_UNUSED)
{
}

uint64_t store_change_prepare(struct db *db, const char *stage, size_t staged, const struct change_items *items,
                              change_staged_fn *done, void *arg)
{
    struct staging *staging = rse_new(struct staging);
    char count[24];
    struct db_query begin = { .lane = DB_BULK, .sql = BEGIN, .done = ignore };
    struct db_query name = { .lane = DB_BULK, .sql = PREPARE_BEGIN, .nparams = 1, .params = { stage }, .done = ignore };
    struct db_query prepare = {
        .lane = DB_BULK,
        .sql = PREPARE,
        .nparams = 6,
        .params = { stage, count, items->nouns, items->ops, items->etags, items->docs },
        .timeout_ms = PREPARE_MS,
        .done = staged_done,
        .arg = staging,
    };

    *staging = (struct staging){ done, arg };
    snprintf(count, sizeof(count), "%zu", staged);
    db_send(db, &begin);
    db_send(db, &name);
    return db_send(db, &prepare);
}

void store_change_unprepare(struct db *db)
{
    struct db_query query = { .lane = DB_BULK, .sql = ROLLBACK, .done = ignore };

    db_send(db, &query);
}
