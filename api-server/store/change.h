/*
 * change.h - the log of changes: the one write, and what readers of the feed ask.
 */
#ifndef API_STORE_CHANGE_H
#define API_STORE_CHANGE_H

#include "api-server/store/apply_set.h"
#include "api-server/store/db.h"
#include "api-server/store/idempotency.h"

/* For statements: what an object is called, as name: takes it, from its noun and its document (json). */
#define CHANGED_NAME(noun, doc)                                                                          \
    "case " noun " when 'group' then " doc " ->> 'namePath' when 'application' then concat_ws('/', " doc \
    " ->> 'namespace', " doc " ->> 'name') else " doc " ->> 'name' end"

/* What fleet_write() takes: columns of items, ready as text. */
struct change_items {
    const char *nouns, *ops, *ids, *etags; /* array literals */
    const char *docs;                      /* one a line */
    const char *targets;                   /* array literal of ids: those that get work; NULL: all */
    size_t size;                           /* bytes of it all: more takes longer */
};

struct change_stored {
    int64_t revision;
    struct rse_str change_id; /* of that revision, also where there was nothing to write and it is the old one */
};

enum change_outcome {
    CHANGE_STORED,
    CHANGE_MOVED,  /* the fleet was not at the expected revision, or another lock was in the way: nothing was written */
    CHANGE_FORKED, /* the expected revision has another content there: nothing was written */
    CHANGE_REFUSED, /* nothing was written */
    CHANGE_UNKNOWN, /* the connection was lost on the way */
};

/* stored is NULL and err set for all but CHANGE_STORED. */
typedef void change_stored_fn(void *arg, enum change_outcome outcome, const struct change_stored *stored,
                              const struct rse_err *err);

/* Borrowed for the call. */
struct change_write {
    int64_t expected_revision;
    const char *expected_change_id; /* of that revision */
    const char *actor;
    const char *reason; /* or NULL */
    int64_t confirm;    /* how many clusters the writer said would be hit; -1: said nothing */
    bool urgent;        /* its targets don't wait for their push interval */
    const char *stage;  /* what clusters_stage() was told, or NULL */
    size_t staged;      /* how many it was given */
    bool prepared;      /* by store_change_prepare(), with the same items: ends its transaction, in any case */
    const struct kept_answer *once;   /* the answer, to be stored with it; or NULL */
    const struct change_owner *owner; /* the apply set that it comes from; or NULL */
};
void store_change_write(struct db *db, const struct change_write *write, const struct change_items *items,
                        change_stored_fn *done, void *arg);

/* Clusters of a big write are brought to the database before it, in batches, so that it is short. */
struct change_batch {
    size_t first;      /* the place of its first one in the write, from 1 */
    const char *etags; /* array literal */
    const char *docs;  /* separated by line breaks */
};
typedef void change_staged_fn(void *arg, const struct rse_err *err);
/* stage: a UUID. What the batch points to is copied. */
void store_change_stage(struct db *db, const char *stage, const struct change_batch *batch, change_staged_fn *done,
                        void *arg);
void store_change_stage_drop(struct db *db, const char *stage);
/* Puts the items and what was staged, in a transaction that stays open: store_change_write() goes on with it, or
 * store_change_unprepare() ends it, also after an error. For one write at a time. Without a lock on the fleet, but whoever writes
 * the same objects, or creates some with the same ids or names, waits. Returns the number for db_cancel(). */
uint64_t store_change_prepare(struct db *db, const char *stage, size_t staged, const struct change_items *items,
                              change_staged_fn *done, void *arg);
void store_change_unprepare(struct db *db);

/* Waits until no other server writes, and keeps them from it; done gets the revision that the fleet has then. The turn is over
 * with store_turn_end(), or when the connection is lost, which fleet_write() notices by the revision. */
void store_turn_begin(struct db *db, void (*done)(void *arg, int64_t revision, const struct rse_err *err), void *arg);
void store_turn_end(struct db *db);

/* Borrowed for the call. */
struct change_row {
    int64_t revision, seq, id;
    struct rse_str change_id, noun, op, actor, at;
    struct rse_str doc;     /* p NULL: deleted */
    struct rse_str confirm; /* digits; p NULL: nothing was confirmed */
    struct rse_str name;    /* of what was deleted, as name: takes it; else p NULL */
};

/* Where a reader is: behind this change, or behind all of its revision. */
struct change_cursor {
    int64_t revision, seq;
};

enum { CHANGE_SEQ_END = INT32_MAX };

static inline struct change_cursor change_cursor_behind(int64_t revision)
{
    return (struct change_cursor){ revision, CHANGE_SEQ_END };
}

enum { CHANGES_AT_ONCE = 500 };

struct change_reader {
    void (*row)(void *arg, const struct change_row *row);
    /* rows: how many came; fewer than were asked for: that was all. */
    void (*done)(void *arg, int rows, const struct rse_err *err);
    void *arg;
};

/* The next changes behind the cursor, up to revision `upto`, at most `most`. What is stored never changes, so reading on with the
 * cursor of the last row is as good as one big read, and holds no connection meanwhile. The reader stays where it is until done. */
void store_changes_read(struct db *db, struct change_cursor after, int64_t upto, int most,
                        struct change_reader *reader);

/* Which changes an answer is asked for. */
struct change_range {
    struct change_cursor after;
    int64_t until; /* the last revision; not before that of `after` */
    int64_t limit; /* how many changes at most, from 1 */
    bool whole;    /* revisions: those that fit, or the first, however many changes it has */
};

/* What the answer holds. */
struct change_page {
    struct change_cursor end; /* where it ends and the next begins: behind a revision, or amid one that was cut */
    bool empty;
    bool more;        /* changes behind it, also after `until` */
    int64_t revision; /* of the fleet */
    int64_t kept;     /* the oldest revision whose changes are kept; revision + 1 when none are */
};
void store_changes_page(struct db *db, const struct change_range *range,
                        void (*done)(void *arg, const struct change_page *page, const struct rse_err *err), void *arg);

/* {"revision", "changeId", "actor", "at", "reason", "confirm"}; an empty string when there is no such revision. */
void store_revision(struct db *db, int64_t revision,
                    void (*done)(void *arg, struct rse_str doc, const struct rse_err *err), void *arg);

#endif
