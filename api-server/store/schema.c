/*
 * schema.c - asks the database which migrations it has.
 */
#include <stdlib.h>

#include <event2/event.h>

#include "api-server/store/db.h"
#include "api-server/store/migrate.h"
#include "api-server/store/role.h"
#include "api-server/store/schema.h"

enum { ASK_AGAIN_MS = 500 };

struct schema {
    struct db *db;
    struct rse_arena *arena;
    struct migrations files;
    struct event *timer;
    bool ready, complained;
    bool role_is_fit; /* neither the owner nor a superuser */
    void (*refused)(void *arg, const struct rse_err *err);
    void *arg;
};

static void ask_later(struct schema *schema)
{
    struct timeval tv = { .tv_usec = ASK_AGAIN_MS * 1000 };

    event_add(schema->timer, &tv);
}

static void judge(struct schema *schema, const PGresult *res)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    struct rse_err err = RSE_ERR_INIT;
    struct migrations applied;
    size_t pending;

    migrations_from_result(res, arena, &applied);
    if (!migrations_compare(&schema->files, &applied, &pending, &err)) {
        schema->refused(schema->arg, &err);
        return;
    }
    schema->ready = pending == 0 && schema->role_is_fit;
    if (!schema->ready && !schema->complained)
        rse_log(RSE_LOG_WARN, "the schema is behind: run resedge-api migrate", RSE_LOG_INT("pending", pending));
    schema->complained = !schema->ready;
    if (!schema->ready)
        ask_later(schema);
    else
        rse_log(RSE_LOG_INFO, "schema is up to date", RSE_LOG_INT("migrations", applied.count));
}

/* Mostly: nobody has granted us anything yet. Once, for it may be asked for long. */
static void complain(struct schema *schema, const struct rse_err *err)
{
    bool denied = strcmp(db_sqlstate(schema->db), "42501") == 0;

    if (denied && !schema->complained)
        rse_log(RSE_LOG_WARN, "the schema can't be read: run resedge-api migrate --serve-role", RSE_LOG_ERR(err));
    schema->complained = schema->complained || denied;
}

static void answered(void *arg, PGresult *res, const struct rse_err *err)
{
    struct schema *schema = arg;

    if (err == NULL) {
        judge(schema, res);
        return;
    }
    complain(schema, err);
    if (schema->timer != NULL)
        ask_later(schema);
}

static void ask_migrations(struct schema *schema)
{
    (void)db_send(
        schema->db,
        &(struct db_query){
            .lane = DB_STREAM, .sql = MIGRATIONS_APPLIED, .timeout_ms = 5000, .done = answered, .arg = schema });
}

static void know_role(void *arg, PGresult *res, const struct rse_err *err)
{
    struct schema *schema = arg;
    struct rse_err refused = RSE_ERR_INIT;

    if (err == NULL && !role_check_serving(res, &refused)) {
        schema->refused(schema->arg, &refused);
        return;
    }
    schema->role_is_fit = err == NULL;
    if (schema->role_is_fit)
        ask_migrations(schema);
    else if (schema->timer != NULL)
        ask_later(schema);
}

/* to_regclass: before the first migrate there is no such table, which is no error. */
static void ask(evutil_socket_t fd, short what, void *arg)
{
    struct schema *schema = arg;

    (void)fd, (void)what;
    (void)db_send(
        schema->db,
        &(struct db_query){ .lane = DB_STREAM, .sql = ROLE_ASK, .timeout_ms = 5000, .done = know_role, .arg = schema });
}

bool schema_new(struct schema **out, struct event_base *base, struct db *db, const char *dir,
                void (*refused)(void *arg, const struct rse_err *err), void *arg, struct rse_err *err)
{
    struct schema *schema = rse_new(struct schema);

    schema->db = db;
    schema->arena = rse_arena_new();
    schema->refused = refused;
    schema->arg = arg;
    if (!migrations_load(dir, schema->arena, &schema->files, err)) {
        schema_free(schema);
        return false;
    }
    schema->timer = evtimer_new(base, ask, schema);
    ask(-1, 0, schema);
    *out = schema;
    return true;
}

void schema_free(struct schema *schema)
{
    if (schema == NULL)
        return;
    if (schema->timer != NULL)
        event_free(schema->timer);
    rse_arena_free(schema->arena);
    free(schema);
}

bool schema_is_ready(const struct schema *schema)
{
    return schema->ready;
}
