/*
 * db_result.c - the results that come back on a connection: whose they are, what is kept of them, and which query deserves another try.
 *
 * They come in the order of sending: the head of `sent` is the one whose results are read.
 */
#include "api-server/store/db_internal.h"

static bool keep_result(struct query *query, PGresult *res)
{
    ExecStatusType status = PQresultStatus(res);
    bool is_error = status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE;
    bool have_error = query->res != NULL && PQresultStatus(query->res) == PGRES_FATAL_ERROR;

    if (status == PGRES_PIPELINE_ABORTED || have_error)
        return false;
    if (query->preparing) {
        query->preparing = false;
        if (!is_error)
            return false;
        (void)rse_map_remove_id(query->conn->prepared, (int64_t)(uintptr_t)query->q.sql);
    }
    /* The answer is the statement's; what ends the transaction behind it says only whether it holds. */
    if (query->q.commits && query->res != NULL && !is_error)
        return false;
    PQclear(query->res);
    query->res = res;
    return true;
}

static bool has_state(const struct query *query, const char *wanted)
{
    const char *state = query->res != NULL ? PQresultErrorField(query->res, PG_DIAG_SQLSTATE) : NULL;

    return state != NULL && strcmp(state, wanted) == 0;
}

/* A statement that is not there although we think we prepared it (its PREPARE failed next to us, or a pooler gave us
 * another server), and a cancel that was aimed at our predecessor, are no fault of the query: it may try once more. */
static bool deserves_retry(struct conn *conn, struct query *query)
{
    bool was_hit = has_state(query, "57014") && conn->loose_cancels > 0;
    bool unprepared = has_state(query, "26000");

    if (was_hit)
        conn->loose_cancels--;
    if (query->answered || query->retried || conn_is_streaming(conn))
        return false;
    if (unprepared)
        (void)rse_map_remove_id(conn->prepared, (int64_t)(uintptr_t)query->q.sql);
    return was_hit || unprepared;
}

/* The head has all its results. */
static void finish_head(struct conn *conn)
{
    struct query *query = TAILQ_FIRST(&conn->sent);

    event_del(conn->timer);
    conn->nsent--;
    if (deserves_retry(conn, query)) {
        TAILQ_REMOVE(&conn->sent, query, link);
        query_requeue(query);
    } else {
        if (!query->answered)
            query_answer(query, NULL);
        query_drop(query, &conn->sent);
    }
    query = TAILQ_FIRST(&conn->sent);
    if (query != NULL && query->answered)
        conn_abandon(conn, query);
}

static void hand_row(struct conn *conn, struct query *query, PGresult *res)
{
    if (!query->answered && !query->q.rows(query->q.arg, res)) {
        struct rse_err err = RSE_ERR_INIT;

        (void)rse_fail(&err, RSE_UNAVAILABLE, "the query was given up");
        query_answer(query, &err);
        conn_abandon(conn, query);
    }
    PQclear(res);
}

void conn_read_results(struct conn *conn)
{
    int nulls = 0;

    while (conn->nsent > 0 && conn->state == CONN_READY && !PQisBusy(conn->pg)) {
        struct query *query = TAILQ_FIRST(&conn->sent);
        PGresult *res;

        if (query->paused && !query->answered) {
            event_del(conn->readable);
            return;
        }
        res = PQgetResult(conn->pg);
        if (res == NULL) {
            if (conn_is_streaming(conn))
                finish_head(conn);
            else if (++nulls > 1)
                return;
            continue;
        }
        nulls = 0;
        if (PQresultStatus(res) == PGRES_PIPELINE_SYNC) {
            PQclear(res);
            finish_head(conn);
        } else if (PQresultStatus(res) == PGRES_SINGLE_TUPLE) {
            hand_row(conn, query, res);
        } else if (!keep_result(query, res)) {
            PQclear(res);
        }
    }
}
