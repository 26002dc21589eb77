/*
 * db.h - PostgreSQL without blocking the loop.
 *
 * A query is a text with $1.., its parameters, a deadline and a callback on the loop's thread. Lanes have connections
 * of their own, so that long streams don't hold up point reads: DB_READ (pipeline mode, several connections), DB_WRITE
 * (one connection: writes are serial by nature, the fleet row's lock sees to that), DB_STREAM (row by row, for whole
 * tables and snapshots), DB_LIST (the same for pages of lists, which end soon), DB_QUEUE (two connections for the short writes of jobs
 * and tokens, so that a big write of the fleet doesn't cost a worker its lease), DB_BULK (one connection, in the order of sending:
 * for a transaction of several statements; only one user at a time). A lost connection is made again with growing pauses; queries that were under way on
 * it fail with RSE_UNAVAILABLE, those that wait go on waiting until their deadline.
 *
 * done is always called from the loop, never from within db_send or db_cancel.
 */
#ifndef API_STORE_DB_H
#define API_STORE_DB_H

#include <libpq-fe.h>
#include <resedge/resedge.h>

struct event_base;
struct db;

enum db_lane { DB_READ, DB_WRITE, DB_STREAM, DB_QUEUE, DB_LIST, DB_BULK };

struct db_config {
    const char *url;          /* libpq connection string or URI; a password may be in it, so it is never logged */
    int read_connections;     /* default 4 */
    int stream_connections;   /* default 2 */
    int list_connections;     /* default 4 */
    int64_t query_timeout_ms; /* default 5,000; also set as statement_timeout */
    const char *application_name;
};

bool db_new(struct db **out, struct event_base *base, const struct db_config *config, struct rse_err *err) RSE_MUST;
void db_free(struct db *db);
bool db_is_up(const struct db *db);

/* res is borrowed for the call; NULL when err is set. Exactly one call per query. */
typedef void db_done(void *arg, PGresult *res, const struct rse_err *err);

struct db_query {
    enum db_lane lane;
    const char *sql; /* a literal: its address names the prepared statement. One statement. */
    bool once;       /* on DB_STREAM and DB_LIST: no literal but a text made for this query; copied */
    bool commits;    /* on DB_BULK: ends the open transaction if it succeeds, in one go, and fails if that does */
    int nparams;
    const char *params[12];    /* text, or NULL for null; copied */
    const char *const *plenty; /* where there may be more: all of them, instead of params; copied */
    int64_t timeout_ms; /* 0: the default; -1: none (streams). On DB_READ, DB_LIST and DB_QUEUE at most the default. */
    db_done *done;
    /* DB_STREAM, DB_LIST: called for each row batch before done; false cancels the query (done follows with RSE_UNAVAILABLE).
     * Reading pauses while `paused` says so, until db_resume(). */
    bool (*rows)(void *arg, PGresult *res);
    void *arg;
};

/* Returns a number for db_resume and db_cancel. */
uint64_t db_send(struct db *db, const struct db_query *query);
void db_pause(struct db *db, uint64_t query);
void db_resume(struct db *db, uint64_t query);
/* done will be called with RSE_UNAVAILABLE, unless it was already. */
void db_cancel(struct db *db, uint64_t query);

/* NOTIFYs on a channel; also called with payload NULL each time the listening connection was (re)made, because notices
 * may have been missed. One listener a channel; to be called before the loop runs. */
void db_listen(struct db *db, const char *channel, void (*notify)(void *arg, const char *payload), void *arg);

/* Whether NOTIFYs reach us at the moment. */
bool db_is_listening(const struct db *db);

/* Column readers. */
int64_t db_int64(const PGresult *res, int row, int col);
bool db_bool(const PGresult *res, int row, int col);
struct rse_str db_text(const PGresult *res, int row, int col); /* borrowed from res; p NULL for null */
struct rse_str db_text_copy(const PGresult *res, int row, int col, struct rse_arena *arena);

/* SQLSTATE -> rse_code, message -> what: the one place that knows. SQLSTATEs of our own, raised by migrations: 'RE001'
 * the fleet moved past the expected revision, 'RE002' stale object (If-Match), 'RE003' old fence, 'RE004' not found,
 * 'RE005' conflict, 'RE006' invalid, 'RE008' a key that was used; of these the message, detail (the object) and hint are passed on. */
void db_error(const PGresult *res, struct rse_err *err);
/* The SQLSTATE behind the error that done is being called with; "" when the server said none. Valid within done
 * only. */
const char *db_sqlstate(const struct db *db);

/* For metrics. */
enum { DB_LANE_COUNT = DB_BULK + 1 };
struct db_lane_numbers {
    const char *name;
    int connections, ready; /* all, and those that are up */
    int in_flight, waiting; /* queries */
    const struct histogram *duration;
};
void db_lane_numbers(const struct db *db, enum db_lane lane, struct db_lane_numbers *out);

#endif
