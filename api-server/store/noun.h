/*
 * noun.h - single objects as documents.
 *
 * What is asked for within one turn of the loop is asked of the database in one query: under load a look-up of many ids costs
 * it little more than that of one, and nobody waits for it.
 */
#ifndef API_STORE_NOUN_H
#define API_STORE_NOUN_H

#include "api-server/store/db.h"

struct noun_reader;

/* Borrowed for the call. */
struct noun_doc {
    struct rse_str doc;
    struct rse_str etag;
    int64_t revision; /* of the fleet when it was read */
};

/* doc is NULL when there is none, and when err is set. */
typedef void noun_got(void *arg, const struct noun_doc *doc, const struct rse_err *err);

struct noun_reader *noun_reader_new(struct event_base *base, struct db *db);
/* After db_free(), which answers what is under way. What was not sent yet stays unanswered. */
void noun_reader_free(struct noun_reader *reader);

/* done is called from the loop, once. */
void noun_read(struct noun_reader *reader, enum rse_noun noun, int64_t id, noun_got *done, void *arg);

#endif
