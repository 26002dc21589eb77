/*
 * role.h - the two roles of the database: its owner migrates, and a role that may less serves.
 */
#ifndef API_STORE_ROLE_H
#define API_STORE_ROLE_H

#include <libpq-fe.h>
#include <resedge/resedge.h>

/* Gives a role what serving takes and nothing more; creates it where it is missing and we may. Synchronous, as the schema's owner.
 * RSE_DENIED: it is a superuser, or stands above the owner. */
bool role_grant_serving(PGconn *pg, const char *role, struct rse_err *err) RSE_MUST;

/* After RSE_DENIED: the hint says who may, and who we are. what: what is to be done as the owner, "Migrate". */
void role_hint_owner(PGconn *pg, const char *what, struct rse_err *err);

/* Who we are, for role_check_serving(). */
extern const char ROLE_ASK[];
/* False, with RSE_DENIED: this role could change what was logged, and the schema itself. */
bool role_check_serving(const PGresult *res, struct rse_err *err) RSE_MUST;

#endif
