/*
 * sync.h - PostgreSQL for the commands that may wait (migrate, token), never for the server.
 */
#ifndef API_STORE_SYNC_H
#define API_STORE_SYNC_H

#include <libpq-fe.h>
#include <resedge/resedge.h>

/* On success *out is yours; give it to sync_closep or PQfinish. Its time zone is UTC, whatever the role, the database or PGTZ say. */
bool sync_connect(PGconn **out, const char *url, struct rse_err *err) RSE_MUST;
void sync_closep(PGconn **pg);
/* Runs one statement. *res (NULL: not wanted) is yours, on success only. RSE_DENIED: the role has no right to it. */
bool sync_exec(PGconn *pg, const char *sql, const char *const *params, int nparams, PGresult **res,
               struct rse_err *err) RSE_MUST;
/* Whether a result says that the role has no right to what was asked. */
bool sync_is_denied(const PGresult *res);

#endif
