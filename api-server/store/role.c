/*
 * role.c - see role.h.
 */
#include "api-server/store/db.h"
#include "api-server/store/role.h"
#include "api-server/store/sync.h"

static const char FIND[] = "select rolsuper, pg_has_role(oid, current_user, 'MEMBER') from pg_roles where rolname = $1";
static const char GRANT[] = "select grant_serving($1)";

const char ROLE_ASK[] =
    "select current_user, (select bool_or(rolsuper) from pg_roles where rolname in (current_user, session_user)), "
    "exists (select from pg_class c where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r' "
    "and pg_has_role(c.relowner, 'MEMBER'))";

static bool create(PGconn *pg, const char *role, struct rse_err *err)
{
    char *name = PQescapeIdentifier(pg, role, strlen(role));
    struct rse_err refused = RSE_ERR_INIT;
    RSE_BUF_AUTO sql = { 0 };
    bool ok;

    rse_buf_init(&sql, 1024);
    rse_buf_addf(&sql, "create role %s login", name != NULL ? name : "");
    PQfreemem(name);
    ok = rse_buf_ok(&sql, err) && sync_exec(pg, sql.p, NULL, 0, NULL, &refused);
    if (ok) {
        rse_log(RSE_LOG_INFO, "role created; give it a password where it needs one", RSE_LOG_STR("role", role));
        return true;
    }
    rse_err_object(err, "--serve-role %s", role);
    rse_err_hint(err, "Create it as somebody who may, with CREATE ROLE ... LOGIN, and migrate again.");
    return rse_fail(err, refused.code == RSE_UNAVAILABLE ? RSE_UNAVAILABLE : RSE_DENIED,
                    "the role is not there, and could not be created");
}

static bool check_lesser(const PGresult *res, const char *role, struct rse_err *err)
{
    if (!db_bool(res, 0, 0) && !db_bool(res, 0, 1))
        return true;
    rse_err_object(err, "--serve-role %s", role);
    rse_err_hint(err, "Name another one; it is created where it is missing.");
    return rse_fail(err, RSE_DENIED,
                    db_bool(res, 0, 0) ? "the role that serves may not be a superuser"
                                       : "the role that serves may not be the owner of the schema");
}

bool role_grant_serving(PGconn *pg, const char *role, struct rse_err *err)
{
    PGresult *res;
    bool ok;

    if (!sync_exec(pg, FIND, &role, 1, &res, err))
        return false;
    ok = PQntuples(res) == 0 ? create(pg, role, err) : check_lesser(res, role, err);
    PQclear(res);
    return ok && sync_exec(pg, GRANT, &role, 1, NULL, err);
}

/* As whom we ran; and whose the schema is, or, before there is one, the database. */
static const char OWNER[] =
    "select current_user, coalesce((select pg_get_userbyid(relowner) from pg_class "
    "where oid = to_regclass('schema_migrations')), (select pg_get_userbyid(datdba) from pg_database "
    "where datname = current_database()))";

void role_hint_owner(PGconn *pg, const char *what, struct rse_err *err)
{
    struct rse_err ignored = RSE_ERR_INIT;
    PGresult *res;

    if (err->code != RSE_DENIED || !sync_exec(pg, OWNER, NULL, 0, &res, &ignored))
        return;
    rse_err_hint(err, "%s as the owner of the schema: \"%s\" in the database URL, not \"%s\".", what,
                 PQgetvalue(res, 0, 1), PQgetvalue(res, 0, 0));
    PQclear(res);
}

bool role_check_serving(const PGresult *res, struct rse_err *err)
{
    if (!db_bool(res, 0, 1) && !db_bool(res, 0, 2))
        return true;
    rse_err_object(err, "role %s", PQgetvalue(res, 0, 0));
    rse_err_hint(err, "Migrate as this role with --serve-role NAME, and serve as that one.");
    return rse_fail(err, RSE_DENIED, "the server does not run as %s: it could change what was logged",
                    db_bool(res, 0, 1) ? "a superuser of the database" : "the owner of the schema");
}
