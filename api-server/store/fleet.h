/*
 * fleet.h - the whole fleet as documents, all at one revision.
 */
#ifndef API_STORE_FLEET_H
#define API_STORE_FLEET_H

#include "api-server/store/db.h"

/* The first row has no noun, and the head as its document: {"revision", "changeId", "lastIds": {noun: id}}. Then one row an
 * object: nouns in the order of enum rse_noun, groups by path, the rest by name, clusters as the order says. Borrowed for the call. */
struct fleet_row {
    struct rse_str noun;
    int64_t id;
    struct rse_str doc;
    struct rse_str etag; /* p NULL: not known, of a past fleet */
};

enum fleet_order {
    FLEET_BY_NAME, /* two databases with the same fleet read the same */
    FLEET_BY_ID,   /* as a fleet takes them without looking for their places */
};

struct fleet_reader {
    bool (*row)(void *arg, const struct fleet_row *row); /* false: enough, done follows with RSE_UNAVAILABLE */
    void (*done)(void *arg, const struct rse_err *err);
    void *arg;
};

/* The reader stays where it is until done. Returns the query, for db_pause and db_resume. */
uint64_t store_fleet_read(struct db *db, enum fleet_order order, struct fleet_reader *reader);
/* The same as it was at a revision whose later changes are all kept; objects in no order, and no lastIds in the head. */
uint64_t store_fleet_read_past(struct db *db, int64_t revision, struct fleet_reader *reader);

/* The newest revision, and the id of the change that made the one asked about: empty where the database doesn't know it. */
struct fleet_head {
    int64_t revision;
    struct rse_str change_id;
};
void store_fleet_head(struct db *db, int64_t known,
                      void (*done)(void *arg, const struct fleet_head *head, const struct rse_err *err), void *arg);

#endif
