/*
 * deployment.c - see deployment.h.
 */
#include <stdio.h>
#include <stdlib.h>

#include "api-server/store/deployment.h"

static const char GET[] = "select applications from deployments where cluster_id = $1";

struct deployment_query {
    void (*done)(void *arg, struct rse_str doc, const struct rse_err *err);
    void *arg;
};

static void get_done(void *arg, PGresult *res, const struct rse_err *err)
{
    struct deployment_query *query = arg;
    bool found = err == NULL && PQntuples(res) > 0;

    query->done(query->arg, found ? db_text(res, 0, 0) : rse_str(NULL), err);
    free(query);
}

void store_deployment_get(struct db *db, int64_t cluster_id,
                          void (*done)(void *arg, struct rse_str doc, const struct rse_err *err), void *arg)
{
    struct deployment_query *deployment_query = rse_new(struct deployment_query);
    char number[24];
    struct db_query query = {
        .lane = DB_READ, .sql = GET, .nparams = 1, .params = { number }, .done = get_done, .arg = deployment_query
    };

    snprintf(number, sizeof(number), "%lld", (long long)cluster_id);
    deployment_query->done = done;
    deployment_query->arg = arg;
    db_send(db, &query);
}
