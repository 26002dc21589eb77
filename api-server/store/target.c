/*
 * target.c - see target.h.
 */
#include "api-server/store/target.h"

static const char USED[] = "select id from unnest($1::bigint[]) id where target_is_used(id)";

static void used_done(void *arg, PGresult *res, const struct rse_err *err)
{
    const struct targets_used *reader = arg;
    int rows = err == NULL ? PQntuples(res) : 0;

    for (int i = 0; i < rows; i++)
        reader->used(reader->arg, db_int64(res, i, 0));
    reader->done(reader->arg, err);
}

void store_targets_used(struct db *db, const char *ids, const struct targets_used *reader)
{
    struct db_query query = {
        .lane = DB_READ, .sql = USED, .nparams = 1, .params = { ids }, .done = used_done, .arg = (void *)reader
    };

    db_send(db, &query);
}
