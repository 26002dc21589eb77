/*
 * db_conn.c - one connection: its life (connect, set up, ready, lost), and what is sent on it.
 *
 * All lanes but DB_STREAM and DB_LIST use libpq's pipeline mode; each query has a sync of its own, so that one that fails doesn't
 * take its neighbours along.
 */
#include <stdio.h>

#include <event2/util.h>

#include "api-server/store/db_internal.h"

enum { FIRST_PAUSE_MS = 50, LONGEST_PAUSE_MS = 3000, WRITE_STATEMENT_TIMEOUT_MS = 120000 };

static void conn_lost(struct conn *conn, const struct rse_err *why);
static void on_connected(void *arg, PGconn *pg);
static void on_timer(evutil_socket_t fd, short what, void *arg);

bool conn_is_streaming(const struct conn *conn)
{
    return conn->lane == DB_STREAM || conn->lane == DB_LIST;
}

static struct timeval from_ms(int64_t ms)
{
    return (struct timeval){ .tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000 };
}

void conn_init(struct conn *conn, struct db *db, int lane)
{
    *conn = (struct conn){ .db = db, .lane = lane, .state = CONN_DOWN };
    TAILQ_INIT(&conn->sent);
    conn->timer = evtimer_new(db->base, on_timer, conn);
    conn->prepared = rse_map_new();
}

static void close_socket(struct conn *conn)
{
    if (conn->readable != NULL)
        event_free(conn->readable);
    if (conn->writable != NULL)
        event_free(conn->writable);
    conn->readable = conn->writable = NULL;
    PQfinish(conn->pg);
    conn->pg = NULL;
    rse_map_clear(conn->prepared);
    conn->canceling = conn->loose_cancels = 0;
    conn->broken = false;
}

void conn_release(struct conn *conn)
{
    close_socket(conn);
    event_free(conn->timer);
    rse_map_free(conn->prepared);
}

/* The URL may override what stands before it and not what stands behind it. */
static const char *const CONNECT_KEYWORDS[] = { "keepalives_idle",  "keepalives_interval",
                                                "keepalives_count", "tcp_user_timeout",
                                                "application_name", "dbname",
                                                "client_encoding",  NULL };

void conn_connect(struct conn *conn)
{
    conn->state = CONN_CONNECTING;
    db_thread_connect(conn->db->thread, CONNECT_KEYWORDS, conn->db->connect_values, on_connected, conn);
}

static void retry_later(struct conn *conn)
{
    int64_t pause = FIRST_PAUSE_MS << (conn->attempts < 7 ? conn->attempts : 7);
    struct timeval tv;
    uint16_t chance;

    if (pause > LONGEST_PAUSE_MS)
        pause = LONGEST_PAUSE_MS;
    /* A quarter of chance, so that replicas don't all come at once. */
    evutil_secure_rng_get_bytes(&chance, sizeof(chance));
    tv = from_ms(pause - chance % (pause / 4 + 1));
    conn->attempts++;
    conn->state = CONN_DOWN;
    event_add(conn->timer, &tv);
}

/* ---- set-up: one simple query before anything else ---- */

static void setup_text(const struct conn *conn, struct rse_buf *sql)
{
    int64_t timeout_ms = conn->lane == DB_WRITE || conn->lane == DB_BULK        ? WRITE_STATEMENT_TIMEOUT_MS
                         : conn->lane == DB_STREAM || conn->lane == LANE_LISTEN ? 0
                                                                                : conn->db->query_timeout_ms;

    rse_buf_addf(sql, "set statement_timeout = %lld; set timezone = 'UTC'; set datestyle = 'ISO'",
                 (long long)timeout_ms);
    /* Compiling costs more than a list does. The rows of a "union all" have to come in its order, which parallel plans
     * don't keep. */
    if (conn_is_streaming(conn))
        rse_buf_adds(sql, "; set jit = off; set max_parallel_workers_per_gather = 0");
    /* Its statements look things up by a key, or read an index in its order: one plan is right for all parameters, and making one
     * for each costs more than carrying it out. */
    if (conn->lane == DB_READ)
        rse_buf_adds(sql, "; set plan_cache_mode = force_generic_plan");
    if (conn->lane != LANE_LISTEN)
        return;
    for (int i = 0; i < conn->db->nlisteners; i++)
        rse_buf_addf(sql, "; listen %s", conn->db->listeners[i].channel);
}

static bool start_setup(struct conn *conn)
{
    RSE_BUF_AUTO sql = { 0 };

    rse_buf_init(&sql, 2048);
    setup_text(conn, &sql);
    conn->state = CONN_SETUP;
    return rse_buf_ok(&sql, NULL) && PQsetnonblocking(conn->pg, 1) == 0 && PQsendQuery(conn->pg, sql.p) == 1;
}

static void finish_setup(struct conn *conn)
{
    struct db *db = conn->db;

    if (!conn_is_streaming(conn) && conn->lane != LANE_LISTEN && PQenterPipelineMode(conn->pg) != 1) {
        conn_lost(conn, NULL);
        return;
    }
    conn->state = CONN_READY;
    conn->attempts = 0;
    db_note_state(db, NULL);
    if (conn->lane < DB_LANES)
        db_pump(db, conn->lane);
    else
        for (int i = 0; i < db->nlisteners; i++)
            db->listeners[i].notify(db->listeners[i].arg, NULL);
}

static void read_setup(struct conn *conn)
{
    while (!PQisBusy(conn->pg)) {
        PGresult *res = PQgetResult(conn->pg);
        bool failed = res != NULL && PQresultStatus(res) != PGRES_COMMAND_OK;

        if (res == NULL) {
            finish_setup(conn);
            return;
        }
        if (failed) {
            struct rse_err err = RSE_ERR_INIT;

            db_error(res, &err);
            PQclear(res);
            conn_lost(conn, &err);
            return;
        }
        PQclear(res);
    }
}

/* ---- what comes ---- */

static void read_notifies(struct conn *conn)
{
    struct db *db = conn->db;
    PGnotify *notice;

    while (conn->pg != NULL && (notice = PQnotifies(conn->pg)) != NULL) {
        for (int i = 0; i < db->nlisteners; i++)
            if (strcmp(db->listeners[i].channel, notice->relname) == 0)
                db->listeners[i].notify(db->listeners[i].arg, notice->extra);
        PQfreemem(notice);
    }
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
    struct conn *conn = arg;

    (void)fd, (void)what;
    if (PQconsumeInput(conn->pg) != 1) {
        if (conn->state == CONN_READY)
            conn_read_results(conn); /* an answer may have come before the end */
        conn_lost(conn, NULL);
        return;
    }
    if (conn->state == CONN_SETUP)
        read_setup(conn);
    else if (conn->lane == LANE_LISTEN)
        read_notifies(conn);
    else
        conn_read_results(conn);
    if (conn->state != CONN_READY)
        return;
    if (PQstatus(conn->pg) == CONNECTION_BAD)
        conn_lost(conn, NULL);
    else if (conn->lane < DB_LANES)
        db_pump(conn->db, conn->lane);
}

/* Not conn_lost: a sender may stand below an answer that this connection is giving. */
static void give_up_soon(struct conn *conn)
{
    conn->broken = true;
    event_active(conn->timer, EV_TIMEOUT, 0);
}

static void flush(struct conn *conn)
{
    int rc = PQflush(conn->pg);

    if (rc < 0)
        give_up_soon(conn);
    else if (rc > 0)
        event_add(conn->writable, NULL);
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
    struct conn *conn = arg;

    (void)fd, (void)what;
    flush(conn);
}

/* ---- connected and lost ---- */

static void connection_error(const PGconn *pg, struct rse_err *err)
{
    const char *text = pg != NULL ? PQerrorMessage(pg) : "out of memory";

    (void)rse_fail(err, RSE_UNAVAILABLE, "the database can't be reached: %.*s", (int)strcspn(text, "\n"), text);
}

static void on_connected(void *arg, PGconn *pg)
{
    struct conn *conn = arg;
    struct event_base *base = conn->db->base;

    conn->pg = pg;
    if (pg == NULL || PQstatus(pg) != CONNECTION_OK) {
        conn_lost(conn, NULL);
        return;
    }
    conn->readable = event_new(base, PQsocket(pg), EV_READ | EV_PERSIST, on_readable, conn);
    conn->writable = event_new(base, PQsocket(pg), EV_WRITE, on_writable, conn);
    if (!start_setup(conn)) {
        conn_lost(conn, NULL);
        return;
    }
    event_add(conn->readable, NULL);
    flush(conn);
}

static void fail_sent(struct conn *conn)
{
    struct rse_err err = RSE_ERR_INIT;
    struct query *query;

    (void)rse_fail(&err, RSE_UNAVAILABLE, "the connection to the database was lost");
    rse_err_hint(&err, "Try again. A write may or may not have been done: read first.");
    while ((query = TAILQ_FIRST(&conn->sent)) != NULL) {
        if (!query->answered)
            query_answer(query, &err);
        query_drop(query, &conn->sent);
    }
    conn->nsent = 0;
}

/* Goes down and tries again after a pause. why may be NULL: libpq knows. */
static void conn_lost(struct conn *conn, const struct rse_err *why)
{
    struct rse_err err = RSE_ERR_INIT;

    connection_error(conn->pg, &err);
    event_del(conn->timer);
    close_socket(conn);
    conn->state = CONN_DOWN;
    fail_sent(conn);
    if (conn->db->closing)
        return;
    retry_later(conn);
    db_note_state(conn->db, why != NULL ? why : &err);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    struct conn *conn = arg;
    struct rse_err err = RSE_ERR_INIT;

    (void)fd, (void)what;
    if (conn->state == CONN_DOWN) {
        conn_connect(conn);
        return;
    }
    if (!conn->broken)
        (void)rse_fail(&err, RSE_UNAVAILABLE, "the database did not answer a cancel");
    conn_lost(conn, conn->broken ? NULL : &err);
}

/* ---- sending ---- */

bool conn_has_room(const struct conn *conn)
{
    return conn->state == CONN_READY && !conn->broken && conn->canceling == 0 &&
           conn->nsent < (conn->lane == DB_READ ? PIPELINE_DEPTH : 1);
}

static bool send_stream(struct conn *conn, const struct query *query)
{
    const struct db_query *q = &query->q;

    return PQsendQueryParams(conn->pg, q->sql, q->nparams, NULL, query->params, NULL, NULL, 0) == 1 &&
           (q->rows == NULL || PQsetSingleRowMode(conn->pg) == 1);
}

static bool send_prepared(struct conn *conn, struct query *query)
{
    const struct db_query *q = &query->q;
    int64_t key = (int64_t)(uintptr_t)q->sql;
    char name[32];

    snprintf(name, sizeof(name), "s%llx", (unsigned long long)key);
    if (rse_map_get_id(conn->prepared, key) == NULL) {
        if (PQsendPrepare(conn->pg, name, q->sql, q->nparams, NULL) != 1)
            return false;
        (void)rse_map_put_id(conn->prepared, key, conn);
        query->preparing = true;
    }
    return PQsendQueryPrepared(conn->pg, name, q->nparams, query->params, NULL, NULL, 0) == 1 &&
           (!q->commits || PQsendQueryParams(conn->pg, "commit", 0, NULL, NULL, NULL, NULL, 0) == 1) &&
           PQpipelineSync(conn->pg) == 1;
}

void conn_send(struct conn *conn, struct query *query)
{
    query->conn = conn;
    TAILQ_INSERT_TAIL(&conn->sent, query, link);
    conn->nsent++;
    if (conn_is_streaming(conn) ? send_stream(conn, query) : send_prepared(conn, query))
        flush(conn);
    else
        give_up_soon(conn);
}

/* A cancel names the connection, not the query. While one is on its way nothing new is sent that it could hit. */
static void on_canceled(void *arg)
{
    struct conn *conn = arg;

    if (conn->canceling > 0)
        conn->canceling--;
    db_pump(conn->db, conn->lane);
}

void conn_abandon(struct conn *conn, struct query *query)
{
    struct timeval grace = from_ms(CANCEL_GRACE_MS);
    PGcancel *cancel;

    /* Behind others it is not running yet; finish_head comes back to it. */
    if (conn->state != CONN_READY || query != TAILQ_FIRST(&conn->sent))
        return;
    cancel = PQgetCancel(conn->pg);
    if (cancel != NULL) {
        conn->canceling++;
        conn->loose_cancels++;
        db_thread_cancel(conn->db->thread, cancel, on_canceled, conn);
    }
    event_add(conn->timer, &grace);
    conn_resume(conn);
}

void conn_resume(struct conn *conn)
{
    if (conn->state != CONN_READY)
        return;
    event_add(conn->readable, NULL);
    event_active(conn->readable, EV_READ, 0);
}
