/*
 * setter.h - who set a value of an object's metadata, and when: from the log of changes.
 */
#ifndef API_STORE_SETTER_H
#define API_STORE_SETTER_H

#include "api-server/store/db.h"

struct setters_reader {
    /* Of item i (from 0): none where the log doesn't go back so far. */
    void (*row)(void *arg, size_t i, struct rse_str actor, struct rse_str at);
    void (*done)(void *arg, const struct rse_err *err);
    void *arg;
};

/* Array literals of the same length: the object's noun and id, and the key; of a metadata key, its default is meant. Copied; the reader
 * stays where it is until done. */
void store_setters_read(struct db *db, const char *nouns, const char *ids, const char *keys,
                        struct setters_reader *reader);

#endif
