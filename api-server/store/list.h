/*
 * list.h - lists of objects: filtered, ordered, a page of them or all.
 */
#ifndef API_STORE_LIST_H
#define API_STORE_LIST_H

#include "api-server/odata/cursor.h"
#include "api-server/odata/filter.h"
#include "api-server/odata/order.h"
#include "api-server/store/db.h"
#include "api-server/store/list_sql.h"

/* Where a list comes from that is not the table of a noun. */
struct list_source {
    const char *from;                  /* "(select ... as id, ... as doc, ... as words) t" */
    const struct list_column *columns; /* beside those */
    list_narrow *narrow;               /* may be NULL */
    const char *owner;                 /* whose rows they are: the column of list_query.owner; NULL: nobody's */
};

struct list_query {
    const struct rse_noun_info *noun;
    const struct list_source *source; /* NULL: the noun's table, or rows */
    int64_t owner;                    /* only the rows of this one, where the source has owners */
    struct rse_str rows;              /* a JSON array of the documents themselves; p NULL: they are in the database */
    const struct odata_node *filter;  /* NULL: all */
    struct rse_str search;            /* p NULL: none. Equals the name, a tag or a metadata value */
    const struct odata_order *order;
    const struct odata_cursor *after; /* NULL: from the beginning */
    bool only;                        /* only objects with these ids */
    const int64_t *ids;
    size_t nids;
    int64_t skip, limit; /* limit -1: no end */
    bool count;          /* how many there are in all: without after, skip and limit */
    bool keys;           /* which metadata keys those have */
};

/* What holds for all rows, from the same snapshot; comes first. */
struct list_head {
    int64_t revision;
    struct rse_str keys; /* a JSON array of texts, sorted; p NULL: not asked for */
};

/* Borrowed for the call. */
struct list_row {
    int64_t id;
    struct rse_str doc;
    struct odata_cursor place; /* in the order */
};

struct list_reader {
    bool (*head)(void *arg, const struct list_head *head); /* false: enough, done follows with RSE_UNAVAILABLE */
    bool (*row)(void *arg, const struct list_row *row);
    /* count: how many there are; -1: not asked for. It comes last, so that nobody waits for it. */
    void (*done)(void *arg, int64_t count, const struct rse_err *err);
    void *arg;
};

/* Reads row by row. stream: as long as it takes, else within the time of a short query. *number: for db_pause, db_resume and
 * db_cancel. The reader stays where it is until done; false with err set: nothing was sent, the reader is not called. */
bool store_list_read(struct db *db, const struct list_query *query, bool stream, struct list_reader *reader,
                     uint64_t *number, struct rse_err *err) RSE_MUST;

#endif
