/*
 * noun.c - the statements that read one object, one a noun.
 */
#include <stdio.h>
#include <stdlib.h>

#include "api-server/store/noun.h"

#define GET_FROM(table) "select t.doc, t.etag, f.revision from " table " t, fleet f where t.id = $1"

static const char *const GET[RSE_NOUN_COUNT] = {
    [RSE_TARGET] = GET_FROM("targets"),       [RSE_METADATA_KEY] = GET_FROM("metadata_keys"),
    [RSE_GROUP] = GET_FROM("groups"),         [RSE_POLICY] = GET_FROM("policies"),
    [RSE_NAMESPACE] = GET_FROM("namespaces"), [RSE_APPLICATION] = GET_FROM("applications"),
    [RSE_CLUSTER] = GET_FROM("clusters"),
};

struct noun_query {
    void (*got)(void *arg, const struct noun_doc *doc, const struct rse_err *err);
    void *arg;
};

static void get_done(void *arg, PGresult *res, const struct rse_err *err)
{
    struct noun_query *query = arg;
    struct noun_doc doc = { 0 };
    bool found = err == NULL && PQntuples(res) > 0;

    if (found)
        doc = (struct noun_doc){ db_text(res, 0, 0), db_text(res, 0, 1), db_int64(res, 0, 2) };
    query->got(query->arg, found ? &doc : NULL, err);
    free(query);
}

void store_noun_get(struct db *db, enum rse_noun noun, int64_t id,
                    void (*done)(void *arg, const struct noun_doc *doc, const struct rse_err *err), void *arg)
{
    struct noun_query *noun_query = rse_new(struct noun_query);
    char number[24];
    struct db_query query = {
        .lane = DB_READ, .sql = GET[noun], .nparams = 1, .params = { number }, .done = get_done, .arg = noun_query
    };

    snprintf(number, sizeof(number), "%lld", (long long)id);
    noun_query->got = done;
    noun_query->arg = arg;
    db_send(db, &query);
}
