/*
 * live_read.h - single objects as documents: from memory, where the database says that memory is right.
 *
 * What is asked for while a question is under way costs one small query more: which change is the newest. If it is the one that the fleet
 * in memory is at, objects are written out from there. A document that memory would write otherwise than it was stored (a server of
 * another version stored it), and whatever the fleet is behind with, is read from the database: see store/noun.h.
 */
#ifndef API_FLEET_LIVE_READ_H
#define API_FLEET_LIVE_READ_H

#include "api-server/store/noun.h"

struct live;
struct live_reader;

struct live_reader *live_reader_new(struct live *live, struct noun_reader *nouns);
/* After db_free(), and before the live fleet and the noun reader. */
void live_reader_free(struct live_reader *reader);

/* As noun_read(). */
void live_read(struct live_reader *reader, enum rse_noun noun, int64_t id, noun_got *done, void *arg);

#endif
