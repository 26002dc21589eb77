/*
 * live_internal.h - what live.c offers to write.c only.
 */
#ifndef API_FLEET_LIVE_INTERNAL_H
#define API_FLEET_LIVE_INTERNAL_H

#include "api-server/fleet/live.h"

struct changeset;
struct fleet_head; /* store/fleet.h */
struct writer;

struct event_base *live_base(struct live *live);
struct db *live_db(struct live *live);
struct writer *live_writer(struct live *live);

/* While a write is under way the feed isn't read: it would mostly be our own write. */
void live_hold_feed(struct live *live, bool hold);
/* Reads the feed now. */
void live_catch_up(struct live *live);
/* Of the fleet's revision. */
const char *live_change_id(const struct live *live);
/* Where the fleet is. */
struct live_place {
    int64_t revision;
    char change_id[40];
};
struct live_place live_place(const struct live *live);
/* Whether the database's head, which was asked for when the fleet was there, is of the same history. Else an older state was put in its
 * place, and has gone on from there: what the feed then tells would not fit, so the fleet is loaded anew. */
bool live_follows(struct live *live, const struct live_place *from, const struct fleet_head *head);
/* What is in memory is not what the database has: not ready until it was loaded anew. */
void live_reload(struct live *live, const char *why);
/* Puts what a stored set holds, unless the feed brought it already. */
void live_advance(struct live *live, const struct changeset *set);

/* An object is about to change in the fleet; came_or_went: it is new, or goes. With RSE_NOUN_COUNT: anything may have changed. */
void writer_note(struct writer *writer, enum rse_noun noun, int64_t id, bool came_or_went);

struct writer *writer_new(struct live *live);
/* Ends what waits without answering. */
void writer_free(struct writer *writer);

#endif
