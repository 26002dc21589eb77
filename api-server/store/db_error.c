/*
 * db_error.c - SQLSTATE to an error that a person can use, and readers for columns.
 */
#include <stdlib.h>

#include "api-server/store/db.h"

/* What a state, or a class of states (two characters), means. Ours first; the first that fits wins. */
static const struct state_meaning {
    const char *state;
    enum rse_code code;
    const char *what; /* NULL: the server's own message, which then is meant for people (our migrations raised it) */
} meanings[] = {
    { "RE001", RSE_CONFLICT, NULL },
    { "RE002", RSE_STALE, NULL },
    { "RE003", RSE_CONFLICT, NULL },
    { "RE004", RSE_NOT_FOUND, NULL },
    { "RE005", RSE_CONFLICT, NULL },
    { "RE006", RSE_INVALID, NULL },
    { "RE007", RSE_UNAVAILABLE, NULL },
    { "RE008", RSE_CONFLICT, NULL },
    { "RE009", RSE_GONE, NULL },
    { "23505", RSE_CONFLICT, "a value that must be unique is taken already" },
    { "23503", RSE_CONFLICT, "something refers to it, or it refers to something that is not there" },
    { "23", RSE_INVALID, "a value breaks a rule of the database" },
    { "22", RSE_INVALID, "a value does not fit" },
    { "57014", RSE_TIMEOUT, "the database took too long" },
    { "55P03", RSE_UNAVAILABLE, "something else holds a lock in the database" },
    { "40", RSE_UNAVAILABLE, "the database asks to try again" },
    { "57", RSE_UNAVAILABLE, "the database is stopping or starting" },
    { "08", RSE_UNAVAILABLE, "the connection to the database was lost" },
    { "53", RSE_UNAVAILABLE, "the database is short of resources" },
    { "25006", RSE_UNAVAILABLE, "the database is read-only at the moment" },
};

static const struct state_meaning *meaning_of(const char *state)
{
    for (size_t i = 0; i < RSE_COUNT(meanings); i++)
        if (strncmp(meanings[i].state, state, strlen(meanings[i].state)) == 0)
            return &meanings[i];
    return NULL;
}

/* What our migrations raised says itself what it is about, and, as its column, which member of the body is at fault. */
static void raised(const PGresult *res, enum rse_code code, struct rse_err *err)
{
    const char *message = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
    const char *detail = PQresultErrorField(res, PG_DIAG_MESSAGE_DETAIL);
    const char *hint = PQresultErrorField(res, PG_DIAG_MESSAGE_HINT);
    const char *column = PQresultErrorField(res, PG_DIAG_COLUMN_NAME);

    (void)rse_fail(err, code, "%s", message != NULL ? message : "");
    if (detail != NULL)
        rse_err_object(err, "%s", detail);
    if (hint != NULL)
        rse_err_hint(err, "%s", hint);
    if (column != NULL)
        rse_err_field(err, "/%s", column);
}

/* Of what we didn't foresee the log has the details, and the client only that it was our fault. */
static void unforeseen(const char *state, const char *message, struct rse_err *err)
{
    rse_log(RSE_LOG_ERROR, "unexpected error of the database", RSE_LOG_STR("sqlstate", state),
            RSE_LOG_STR("message", message));
    (void)rse_fail(err, RSE_INTERNAL, "the database refused a statement (%s)", state);
}

void db_error(const PGresult *res, struct rse_err *err)
{
    const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
    const char *detail = PQresultErrorField(res, PG_DIAG_MESSAGE_DETAIL);
    const struct state_meaning *meaning = state != NULL ? meaning_of(state) : NULL;

    if (state == NULL) {
        (void)rse_fail(err, RSE_UNAVAILABLE, "the connection to the database was lost");
        return;
    }
    if (meaning == NULL) {
        unforeseen(state, message != NULL ? message : "", err);
        return;
    }
    if (meaning->what == NULL) {
        raised(res, meaning->code, err);
        return;
    }
    (void)rse_fail(err, meaning->code, "%s", meaning->what);
    if (detail != NULL && meaning->code == RSE_CONFLICT)
        rse_err_object(err, "%s", detail);
}

int64_t db_int64(const PGresult *res, int row, int col)
{
    return strtoll(PQgetvalue(res, row, col), NULL, 10);
}

bool db_bool(const PGresult *res, int row, int col)
{
    return PQgetvalue(res, row, col)[0] == 't';
}

struct rse_str db_text(const PGresult *res, int row, int col)
{
    if (PQgetisnull(res, row, col))
        return (struct rse_str){ NULL, 0 };
    return rse_str_n(PQgetvalue(res, row, col), (size_t)PQgetlength(res, row, col));
}

struct rse_str db_text_copy(const PGresult *res, int row, int col, struct rse_arena *arena)
{
    struct rse_str text = db_text(res, row, col);

    return text.p == NULL ? text : rse_arena_str(arena, text);
}
