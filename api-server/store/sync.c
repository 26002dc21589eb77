/*
 * sync.c - blocking PostgreSQL for commands.
 */
#include "api-server/store/db.h"
#include "api-server/store/sync.h"

static void quiet(void *arg, const PGresult *res)
{
    (void)arg, (void)res;
}

bool sync_connect(PGconn **out, const char *url, struct rse_err *err)
{
    const char *const keywords[] = { "connect_timeout", "application_name", "dbname", "client_encoding", NULL };
    const char *const values[] = { "10", "resedge-api", url, "UTF8", NULL };
    PGconn *pg = PQconnectdbParams(keywords, values, 1);
    const char *text = PQerrorMessage(pg);

    if (PQstatus(pg) != CONNECTION_OK) {
        rse_err_hint(err, "Check the database URL, and that PostgreSQL is running.");
        (void)rse_fail(err, RSE_UNAVAILABLE, "the database can't be reached: %.*s", (int)strcspn(text, "\n"), text);
        PQfinish(pg);
        return false;
    }
    PQsetNoticeReceiver(pg, quiet, NULL);
    if (!sync_exec(pg, "set timezone = 'UTC'", NULL, 0, NULL, err)) {
        PQfinish(pg);
        return false;
    }
    *out = pg;
    return true;
}

void sync_closep(PGconn **pg)
{
    PQfinish(*pg);
    *pg = NULL;
}

bool sync_is_denied(const PGresult *res)
{
    const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);

    return state != NULL && strcmp(state, "42501") == 0;
}

/* A command runs as whoever started it says: that the role may not is theirs to hear, in PostgreSQL's words. */
static void fail_denied(const PGconn *pg, const PGresult *res, struct rse_err *err)
{
    rse_err_object(err, "role \"%s\" of the database", PQuser(pg));
    (void)rse_fail(err, RSE_DENIED, "the database refused it: %s", PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY));
}

bool sync_exec(PGconn *pg, const char *sql, const char *const *params, int nparams, PGresult **out, struct rse_err *err)
{
    PGresult *res = PQexecParams(pg, sql, nparams, NULL, params, NULL, NULL, 0);
    ExecStatusType status = PQresultStatus(res);

    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        if (sync_is_denied(res))
            fail_denied(pg, res, err);
        else
            db_error(res, err);
        PQclear(res);
        return false;
    }
    if (out != NULL)
        *out = res;
    else
        PQclear(res);
    return true;
}
