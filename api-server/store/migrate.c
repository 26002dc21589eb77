/*
 * migrate.c - applies migrations. Synchronous: it runs in a command, never in the server.
 */
#include <libpq-fe.h>

#include "api-server/store/db.h"
#include "api-server/store/migrate.h"
#include "api-server/store/role.h"
#include "api-server/store/sync.h"

const char MIGRATIONS_APPLIED[] = "select version, name, checksum, expand from schema_migrations order by version";

static const char CREATE_TABLE[] =
    "create table if not exists schema_migrations ("
    "version bigint primary key, name text not null, checksum text not null,"
    "expand boolean not null, applied_at timestamptz not null default now(), applied_by text not null)";
static const char INSERT_ROW[] =
    "insert into schema_migrations (version, name, checksum, expand, applied_by) values ($1, $2, $3, $4, $5)";
/* Any number that nothing else in this database uses. */
static const char LOCK[] = "select pg_advisory_lock(7271993001)";

void migrations_from_result(const PGresult *res, struct rse_arena *arena, struct migrations *out)
{
    out->count = (size_t)PQntuples(res);
    out->items = rse_arena_calloc(arena, out->count + 1, sizeof(*out->items));
    for (int row = 0; row < PQntuples(res); row++) {
        struct migration *item = &out->items[row];
        struct rse_str sum = db_text(res, row, 2);

        item->version = db_int64(res, row, 0);
        item->name = db_text_copy(res, row, 1, arena);
        memcpy(item->checksum, sum.p, sum.len < 64 ? sum.len : 64);
        item->expand = db_bool(res, row, 3);
    }
}

/* A statement that fails is shown with its line in the file. */
static bool file_error(const PGresult *res, const struct migration *migration, struct rse_err *err)
{
    const char *position = PQresultErrorField(res, PG_DIAG_STATEMENT_POSITION);
    const char *message = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
    int64_t at = 0;
    int line = 1;

    if (position != NULL && rse_parse_int64(rse_str(position), 1, (int64_t)migration->sql.len + 1, &at))
        for (int64_t i = 0; i + 1 < at; i++)
            line += migration->sql.p[i] == '\n';
    rse_err_object(err, "migration %.*s, line %d", RSE_STR_ARG(migration->name), line);
    return rse_fail(err, sync_is_denied(res) ? RSE_DENIED : RSE_INTERNAL, "could not apply a migration: %s",
                    message != NULL ? message : "connection lost");
}

static bool apply_in_transaction(PGconn *pg, const struct migration *migration, struct rse_err *err)
{
    char version[32];
    PGresult *res = PQexec(pg, migration->sql.p);
    ExecStatusType status = PQresultStatus(res);
    bool ok = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY ||
              file_error(res, migration, err);

    PQclear(res);
    snprintf(version, sizeof(version), "%lld", (long long)migration->version);
    return ok && sync_exec(pg, INSERT_ROW,
                           (const char *[]){ version, migration->name.p, migration->checksum,
                                             migration->expand ? "t" : "f", rse_version() },
                           5, NULL, err);
}

static bool apply(PGconn *pg, const struct migration *migration, struct rse_err *err)
{
    if (!sync_exec(pg, "begin", NULL, 0, NULL, err))
        return false;
    if (!apply_in_transaction(pg, migration, err)) {
        struct rse_err ignored = RSE_ERR_INIT;

        (void)!sync_exec(pg, "rollback", NULL, 0, NULL, &ignored);
        return false;
    }
    return sync_exec(pg, "commit", NULL, 0, NULL, err);
}

static bool apply_pending(PGconn *pg, const struct migrations *files, struct rse_arena *arena, size_t *done,
                          struct rse_err *err)
{
    struct migrations applied;
    PGresult *res;
    size_t pending;

    if (!sync_exec(pg, MIGRATIONS_APPLIED, NULL, 0, &res, err))
        return false;
    migrations_from_result(res, arena, &applied);
    PQclear(res);
    if (!migrations_compare(files, &applied, &pending, err))
        return false;
    *done = 0;
    for (size_t i = files->count - pending; i < files->count; i++) {
        if (!apply(pg, &files->items[i], err))
            return false;
        rse_log(RSE_LOG_INFO, "migration applied", RSE_LOG_BYTES("name", files->items[i].name));
        ++*done;
    }
    return true;
}

static bool migrate(PGconn *pg, const struct migrations *files, const char *serve_role, size_t *done,
                    struct rse_err *err)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();

    /* The lock is the session's: it goes with the connection, whatever happens. */
    return sync_exec(pg, LOCK, NULL, 0, NULL, err) && sync_exec(pg, CREATE_TABLE, NULL, 0, NULL, err) &&
           apply_pending(pg, files, arena, done, err) &&
           (serve_role == NULL || role_grant_serving(pg, serve_role, err));
}

bool migrate_run(const char *url, const struct migrations *files, const char *serve_role, size_t *done,
                 struct rse_err *err)
{
    RSE_CLEANUP(sync_closep) PGconn *pg = NULL;

    if (!sync_connect(&pg, url, err))
        return false;
    if (migrate(pg, files, serve_role, done, err))
        return true;
    role_hint_owner(pg, "Migrate", err);
    return false;
}
