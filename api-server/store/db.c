/*
 * db.c - the queue of queries: who waits for which lane, deadlines, answers.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "api-server/store/db_internal.h"

static void on_deadline(evutil_socket_t fd, short what, void *arg);

static int lane_connections(const struct db_config *config, int lane)
{
    switch (lane) {
    case DB_READ:
        return config->read_connections > 0 ? config->read_connections : 4;
    case DB_STREAM:
        return config->stream_connections > 0 ? config->stream_connections : 2;
    case DB_LIST:
        return config->list_connections > 0 ? config->list_connections : 4;
    case DB_QUEUE:
        return 2;
    default:
        return 1;
    }
}

static void make_connections(struct db *db, const struct db_config *config)
{
    int n = 0;

    for (int lane = 0; lane <= LANE_LISTEN; lane++)
        db->nconns += lane_connections(config, lane);
    db->conns = rse_xcalloc((size_t)db->nconns, sizeof(*db->conns));
    for (int lane = 0; lane <= LANE_LISTEN; lane++)
        for (int i = 0; i < lane_connections(config, lane); i++)
            conn_init(&db->conns[n++], db, lane);
    for (int i = 0; i < db->nconns; i++)
        conn_connect(&db->conns[i]);
}

static int64_t now_us(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

bool db_new(struct db **out, struct event_base *base, const struct db_config *config, struct rse_err *err)
{
    struct db *db = rse_new(struct db);
    PQconninfoOption *parsed = PQconninfoParse(config->url, NULL);

    if (parsed == NULL) {
        free(db);
        return rse_fail(err, RSE_INVALID, "the database URL is not one that libpq understands");
    }
    PQconninfoFree(parsed);
    if (!db_thread_new(&db->thread, base, err)) {
        free(db);
        return false;
    }
    db->base = base;
    db->url = rse_xstrdup(config->url);
    db->application_name = rse_xstrdup(config->application_name != NULL ? config->application_name : "resedge-api");
    db->query_timeout_ms = config->query_timeout_ms > 0 ? config->query_timeout_ms : 5000;
    memcpy(db->connect_values,
           (const char *[]){ "30", "10", "3", "10000", db->application_name, db->url, "UTF8", NULL },
           sizeof(db->connect_values));
    for (int lane = 0; lane < DB_LANES; lane++)
        TAILQ_INIT(&db->waiting[lane]);
    db->down_since_us = now_us();
    make_connections(db, config);
    *out = db;
    return true;
}

static void fail_all(struct query_list *list)
{
    struct rse_err err = RSE_ERR_INIT;
    struct query *query;

    (void)rse_fail(&err, RSE_UNAVAILABLE, "the service is stopping");
    while ((query = TAILQ_FIRST(list)) != NULL) {
        if (!query->answered)
            query_answer(query, &err);
        query_drop(query, list);
    }
}

void db_free(struct db *db)
{
    if (db == NULL)
        return;
    db->closing = true;
    db_thread_free(db->thread);
    for (int i = 0; i < db->nconns; i++)
        fail_all(&db->conns[i].sent);
    for (int lane = 0; lane < DB_LANES; lane++)
        fail_all(&db->waiting[lane]);
    for (int i = 0; i < db->nconns; i++)
        conn_release(&db->conns[i]);
    free(db->conns);
    free(db->url);
    free(db->application_name);
    free(db);
}

static int ready_count(const struct db *db, int lane)
{
    int n = 0;

    for (int i = 0; i < db->nconns; i++)
        n += db->conns[i].lane == lane && db->conns[i].state == CONN_READY;
    return n;
}

bool db_is_up(const struct db *db)
{
    return ready_count(db, DB_READ) > 0 && ready_count(db, DB_WRITE) > 0;
}

bool db_is_listening(const struct db *db)
{
    return ready_count(db, LANE_LISTEN) > 0;
}

void db_lane_numbers(const struct db *db, enum db_lane lane, struct db_lane_numbers *out)
{
    static const char *const names[DB_LANES] = { "read", "write", "stream", "queue", "list", "bulk" };
    const struct query *query;

    *out = (struct db_lane_numbers){ .name = names[lane],
                                     .ready = ready_count(db, (int)lane),
                                     .duration = &db->duration[lane] };
    for (int i = 0; i < db->nconns; i++) {
        if (db->conns[i].lane != (int)lane)
            continue;
        out->connections++;
        out->in_flight += db->conns[i].nsent;
    }
    TAILQ_FOREACH(query, &db->waiting[lane], link)
    out->waiting++;
}

void db_note_state(struct db *db, const struct rse_err *why)
{
    bool up = db_is_up(db);

    if (!up && db->was_up)
        db->down_since_us = now_us();
    if (up && !db->was_up)
        rse_log(RSE_LOG_INFO, "database connected");
    else if (!up && why != NULL && !db->complained)
        rse_log(RSE_LOG_WARN, "database not available, trying again", RSE_LOG_ERR(why));
    /* Once an outage, not once a connection and attempt. */
    db->complained = !up && (why != NULL || db->complained);
    db->was_up = up;
}

/* ---- queries ---- */

static char *copy_text(char **at, const char *text)
{
    size_t len = strlen(text) + 1;
    char *copy = memcpy(*at, text, len);

    *at += len;
    return copy;
}

/* One block with all its texts. */
static struct query *query_new(struct db *db, const struct db_query *q)
{
    const char *const *given = q->plenty != NULL ? q->plenty : q->params;
    size_t pointers = (size_t)q->nparams * sizeof(char *), size = sizeof(struct query) + pointers;
    struct query *query;
    char *at;

    for (int i = 0; i < q->nparams; i++)
        size += given[i] != NULL ? strlen(given[i]) + 1 : 0;
    query = rse_xcalloc(1, size + (q->once ? strlen(q->sql) + 1 : 0));
    query->db = db;
    query->q = *q;
    query->number = ++db->last_number;
    query->started_us = now_us();
    query->params = (const char **)(query + 1);
    at = (char *)(query + 1) + pointers;
    for (int i = 0; i < q->nparams; i++)
        query->params[i] = given[i] != NULL ? copy_text(&at, given[i]) : NULL;
    if (q->once)
        query->q.sql = copy_text(&at, q->sql);
    return query;
}

/* A short outage is waited out. When one lasts longer than a query may, nobody is kept waiting for nothing. */
static bool has_been_down(const struct db *db, int lane)
{
    return !db->was_up && ready_count(db, lane) == 0 && now_us() - db->down_since_us > db->query_timeout_ms * 1000;
}

uint64_t db_send(struct db *db, const struct db_query *q)
{
    struct query *query = query_new(db, q);
    int64_t timeout_ms = q->timeout_ms == 0 ? db->query_timeout_ms : q->timeout_ms;
    struct timeval tv = { .tv_sec = timeout_ms / 1000, .tv_usec = (timeout_ms % 1000) * 1000 };

    query->deadline = evtimer_new(db->base, on_deadline, query);
    if (timeout_ms > 0)
        event_add(query->deadline, &tv);
    if (db->nwaiting >= MAX_WAITING)
        (void)rse_fail(&query->err, RSE_UNAVAILABLE, "too many queries wait for the database");
    else if (has_been_down(db, (int)q->lane))
        (void)rse_fail(&query->err, RSE_UNAVAILABLE, "the database can't be reached");
    if (query->err.code != RSE_OK)
        event_active(query->deadline, EV_TIMEOUT, 0);
    TAILQ_INSERT_TAIL(&db->waiting[q->lane], query, link);
    db->nwaiting++;
    db_pump(db, q->lane);
    return query->number;
}

void query_requeue(struct query *query)
{
    struct db *db = query->db;

    PQclear(query->res);
    query->res = NULL;
    query->conn = NULL;
    query->preparing = false;
    query->retried = true;
    TAILQ_INSERT_HEAD(&db->waiting[query->q.lane], query, link);
    db->nwaiting++;
}

static struct conn *roomiest(struct db *db, int lane)
{
    struct conn *best = NULL;

    for (int i = 0; i < db->nconns; i++) {
        struct conn *conn = &db->conns[i];

        if (conn->lane == lane && conn_has_room(conn) && (best == NULL || conn->nsent < best->nsent))
            best = conn;
    }
    return best;
}

void db_pump(struct db *db, int lane)
{
    struct query *query;
    struct conn *conn;

    while ((query = TAILQ_FIRST(&db->waiting[lane])) != NULL && (conn = roomiest(db, lane)) != NULL) {
        TAILQ_REMOVE(&db->waiting[lane], query, link);
        db->nwaiting--;
        conn_send(conn, query);
    }
}

static bool is_error_result(const PGresult *res)
{
    ExecStatusType status = PQresultStatus(res);

    return status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_SINGLE_TUPLE;
}

void query_answer(struct query *query, const struct rse_err *given)
{
    struct db *db = query->db;
    struct rse_err err = given != NULL ? *given : (struct rse_err)RSE_ERR_INIT;
    const char *state = query->res != NULL ? PQresultErrorField(query->res, PG_DIAG_SQLSTATE) : NULL;
    bool failed = given != NULL;

    query->answered = true;
    histogram_add(&db->duration[query->q.lane], now_us() - query->started_us);
    snprintf(db->sqlstate, sizeof(db->sqlstate), "%s", state != NULL ? state : "");
    if (!failed && query->res == NULL) {
        failed = !rse_fail(&err, RSE_INTERNAL, "the database sent no result");
    } else if (!failed && is_error_result(query->res)) {
        db_error(query->res, &err);
        failed = true;
    }
    if (query->q.done != NULL)
        query->q.done(query->q.arg, failed ? NULL : query->res, failed ? &err : NULL);
    db->sqlstate[0] = '\0';
}

void query_drop(struct query *query, struct query_list *list)
{
    TAILQ_REMOVE(list, query, link);
    event_free(query->deadline);
    PQclear(query->res);
    free(query);
}

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
    struct query *query = arg;
    struct db *db = query->db;
    struct rse_err err = query->err;

    (void)fd, (void)what;
    if (query->answered)
        return;
    if (err.code == RSE_OK && query->conn == NULL && ready_count(db, (int)query->q.lane) == 0)
        (void)rse_fail(&err, RSE_UNAVAILABLE, "the database can't be reached");
    else if (err.code == RSE_OK)
        (void)rse_fail(&err, RSE_TIMEOUT, "the database took too long");
    if (query->conn != NULL) {
        struct conn *conn = query->conn;

        query_answer(query, &err);
        conn_abandon(conn, query);
        return;
    }
    query_answer(query, &err);
    db->nwaiting--;
    query_drop(query, &db->waiting[query->q.lane]);
}

/* ---- pause, resume, cancel, by number ---- */

static struct query *find_in(struct query_list *list, uint64_t number)
{
    struct query *query;

    TAILQ_FOREACH(query, list, link)
    if (query->number == number)
        return query;
    return NULL;
}

static struct query *find(struct db *db, uint64_t number)
{
    struct query *query = NULL;

    for (int i = 0; i < db->nconns && query == NULL; i++)
        query = find_in(&db->conns[i].sent, number);
    for (int lane = 0; lane < DB_LANES && query == NULL; lane++)
        query = find_in(&db->waiting[lane], number);
    return query;
}

void db_pause(struct db *db, uint64_t number)
{
    struct query *query = find(db, number);

    if (query != NULL)
        query->paused = true;
}

void db_resume(struct db *db, uint64_t number)
{
    struct query *query = find(db, number);

    if (query == NULL || !query->paused)
        return;
    query->paused = false;
    if (query->conn != NULL)
        conn_resume(query->conn);
}

void db_cancel(struct db *db, uint64_t number)
{
    struct query *query = find(db, number);

    if (query == NULL || query->answered)
        return;
    (void)rse_fail(&query->err, RSE_UNAVAILABLE, "the query was cancelled");
    event_active(query->deadline, EV_TIMEOUT, 0);
}

void db_listen(struct db *db, const char *channel, void (*notify)(void *arg, const char *payload), void *arg)
{
    if (db->nlisteners < MAX_LISTENERS)
        db->listeners[db->nlisteners++] = (struct listener){ channel, notify, arg };
}

const char *db_sqlstate(const struct db *db)
{
    return db->sqlstate;
}
