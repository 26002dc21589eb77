/*
 * write_internal.h - a write on its way, for write.c (its turn), write_fixed.c (what it must not change) and write_big.c (what a
 * big one does before its turn).
 */
#ifndef API_FLEET_WRITE_INTERNAL_H
#define API_FLEET_WRITE_INTERNAL_H

#include <sys/queue.h>

#include "api-server/fleet/changeset.h"
#include "api-server/fleet/live_internal.h"
#include "api-server/fleet/write.h"

struct write {
    STAILQ_ENTRY(write) link;
    struct writer *writer;
    struct live_write w;
    struct changeset *set;
    int tries;
    bool caught_up; /* with the revision that it asks for, or has waited for it */
    bool has_turn;  /* others wait for us: see store_turn_begin */
    struct live_waiter *waiter;
    char now[RSE_TIME_SIZE]; /* of the first build: the same documents come of the next one then */

    /* Of a big write. */
    char stage[40]; /* "": nothing is staged */
    uint64_t staged_digest;
    size_t staged_at;   /* how many were sent */
    int in_flight;      /* batches */
    bool aside;         /* others write meanwhile */
    bool disturbed;     /* and changed something that the set rests on: it is to be built again */
    bool prepared;      /* its rows are put, in a transaction that is open */
    uint64_t preparing; /* the query that does it; 0: none */
    int64_t built_at;   /* the revision that it was built on */
    struct rse_err stage_err;
};

struct writer {
    struct live *live;
    struct event *work;
    STAILQ_HEAD(write_queue, write) queue;
    struct write_queue refused; /* came while the queue was full */
    size_t waiting;
    struct write *now;         /* sent, or waiting for the feed */
    struct write_queue asides; /* being staged or prepared */
    struct write *bulk;        /* whose transaction is open, or being opened: there is one */
    struct event *patience;    /* how long it waits for its turn like that */
};

/* ---- write.c ---- */

/* Goes on with the queue. */
void write_work_soon(struct writer *writer);
/* Answers the write at hand, and goes on with the next one. */
void write_finish(struct writer *writer, const struct rse_err *err);
/* Another server was quicker: in a turn of our own it is built anew, if need be. */
void write_try_again(struct write *write);
/* With a set that is sealed, and may be stored. */
void write_go_on(struct write *write);
/* Sends what is sealed. */
void write_store(struct write *write);

/* ---- write_fixed.c ---- */

/* Whether the database has to be asked first; then it goes on with write_go_on(), or is refused. */
bool write_asks_for_fixed(struct write *write);

/* ---- write_big.c ---- */

struct event *writer_patience_new(struct writer *writer);

bool write_needs_staging(const struct write *write);
/* Brings the clusters to the database and goes on with write_store(), mostly after others wrote. */
void write_stage(struct write *write);
/* Forgets what was brought. */
void write_unstage(struct write *write);
/* It was staged, and what others wrote meanwhile has nothing to do with it. */
bool write_is_still_good(const struct write *write);
/* Whether it is prepared. From here on it is up to the statement that stores it to end the transaction. */
bool write_take_prepared(struct write *write);
/* Ends its transaction, or stops it from being opened, if there is one. */
void write_give_up_prepared(struct write *write);
/* This one is about to be stored: a transaction that it would wait for is ended. */
void write_clear_way(const struct write *write);

#endif
