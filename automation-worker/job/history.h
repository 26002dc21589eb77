/*
 * history.h - whether the Data Service still has the change that a commit was made from.
 *
 * After a backup was restored, a revision may be another change than the one that a commit's trailers name, or none: what is
 * in the repository then tells nothing about the fleet.
 */
#ifndef WORKER_JOB_HISTORY_H
#define WORKER_JOB_HISTORY_H

#include <resedge/client.h>

#include "automation-worker/git/commit.h"

enum history {
    HISTORY_SAME,    /* the revision is that change */
    HISTORY_UNKNOWN, /* so old that the Data Service no longer keeps it */
    HISTORY_FORKED,  /* it is another change, or there is no such revision yet */
};

/* Asks the Data Service, whose fleet is at `newest` at least. */
bool history_compare(struct rse_client *client, const struct trailers *trailers, int64_t newest, enum history *out,
                     struct rse_err *err) RSE_MUST;

#endif
