/*
 * target.h - what the database knows of targets besides their documents.
 */
#ifndef API_STORE_TARGET_H
#define API_STORE_TARGET_H

#include "api-server/store/db.h"

struct targets_used {
    void (*used)(void *arg, int64_t id);
    void (*done)(void *arg, const struct rse_err *err);
    void *arg;
};

/* Of the targets in `ids` ("{1,2}"): those that folders were written for, or are being written for. ids is copied; `reader` stays where
 * it is until done. */
void store_targets_used(struct db *db, const char *ids, const struct targets_used *reader);

#endif
