/*
 * db_internal.h - what the files of the database client share: db.c queues, db_conn.c talks, db_result.c reads what comes back,
 * db_thread.c does what libpq can only do blocking.
 */
#ifndef API_STORE_DB_INTERNAL_H
#define API_STORE_DB_INTERNAL_H

#include <sys/queue.h>

#include <event2/event.h>

#include "api-server/histogram.h"
#include "api-server/store/db.h"

struct db_thread;
struct conn;

enum {
    DB_LANES = DB_LANE_COUNT,
    LANE_LISTEN = DB_LANES, /* the connection that only listens: no lane for queries */
    PIPELINE_DEPTH = 32,    /* queries under way on one connection of DB_READ */
    MAX_WAITING = 8192,     /* queries that wait for a connection, all lanes together */
    MAX_LISTENERS = 8,
    CANCEL_GRACE_MS = 5000, /* a connection that doesn't answer so long after a cancel is given up */
};

struct query {
    TAILQ_ENTRY(query) link;
    struct db *db;
    struct conn *conn; /* NULL while it waits */
    uint64_t number;
    int64_t started_us;
    struct db_query q;      /* its texts point behind this struct */
    const char **params;    /* behind it too */
    struct event *deadline; /* NULL: none */
    PGresult *res;          /* the first error, else the latest result */
    struct rse_err err;     /* why it was given up, when it was */
    bool answered;          /* done was called: what still comes is dropped */
    bool preparing;         /* PREPARE was sent with it and its result is still to come */
    bool paused;
    bool retried;
};
TAILQ_HEAD(query_list, query);

enum conn_state { CONN_DOWN, CONN_CONNECTING, CONN_SETUP, CONN_READY };

struct conn {
    struct db *db;
    int lane;
    enum conn_state state;
    PGconn *pg;
    struct event *readable, *writable;
    struct event *timer; /* the next attempt while down; the end of patience after a cancel */
    struct query_list sent;
    int nsent;
    struct rse_map *prepared; /* statements by the address of their text */
    unsigned attempts;        /* failed in a row */
    unsigned canceling;       /* cancels on their way to the server: until then nothing new is sent */
    unsigned loose_cancels;   /* that no result has shown yet: one may have hit a bystander */
    bool broken;              /* sending failed; on_timer will say goodbye */
};

struct listener {
    const char *channel;
    void (*notify)(void *arg, const char *payload);
    void *arg;
};

struct db {
    struct event_base *base;
    struct db_thread *thread;
    char *url;
    char *application_name;
    const char *connect_values[8]; /* see CONNECT_KEYWORDS in db_conn.c */
    int64_t query_timeout_ms;
    struct conn *conns;
    int nconns;
    struct query_list waiting[DB_LANES];
    int nwaiting;
    struct histogram duration[DB_LANES];
    uint64_t last_number;
    struct listener listeners[MAX_LISTENERS];
    int nlisteners;
    char sqlstate[6];
    int64_t down_since_us; /* meaningless while it is up */
    bool was_up, complained, closing;
};

/* db.c */
/* Calls done once, with the kept result or the error; the query stays where it is. */
void query_answer(struct query *query, const struct rse_err *err);
/* Takes it off its list and frees it. It has been answered. */
void query_drop(struct query *query, struct query_list *list);
/* Puts an unanswered query that was sent back in front of its lane. */
void query_requeue(struct query *query);
/* Sends what waits in the lane to connections that have room. */
void db_pump(struct db *db, int lane);
/* To be told when a connection comes, or goes and why. */
void db_note_state(struct db *db, const struct rse_err *why);

/* db_conn.c */
void conn_init(struct conn *conn, struct db *db, int lane);
void conn_release(struct conn *conn);
void conn_connect(struct conn *conn);
/* Row by row, one query at a time; the others have a pipeline. */
bool conn_is_streaming(const struct conn *conn);
bool conn_has_room(const struct conn *conn);
void conn_send(struct conn *conn, struct query *query);
/* The query was answered before its result came (deadline, cancel): asks the server to stop it. */
void conn_abandon(struct conn *conn, struct query *query);
void conn_resume(struct conn *conn);

/* db_result.c */
/* Reads what libpq has; stops while the head is paused. */
void conn_read_results(struct conn *conn);

/* db_thread.c */
bool db_thread_new(struct db_thread **out, struct event_base *base, struct rse_err *err) RSE_MUST;
void db_thread_free(struct db_thread *thread);
/* Connects; done gets the connection on the loop's thread, whether it is any good or not. Copies nothing: both arrays
 * and what they point to stay until done is called. */
void db_thread_connect(struct db_thread *thread, const char *const *keywords, const char *const *values,
                       void (*done)(void *arg, PGconn *pg), void *arg);
/* Asks the server to cancel; takes the cancel over. done is called on the loop's thread when the server has heard it. */
void db_thread_cancel(struct db_thread *thread, PGcancel *cancel, void (*done)(void *arg), void *arg);

#endif
