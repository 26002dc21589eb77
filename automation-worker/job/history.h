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

/* Asks the Data Service. *has: its revision of the trailers is their change, however old: that a change was made is kept for ever. */
bool history_has(struct rse_client *client, const struct trailers *trailers, bool *has, struct rse_err *err) RSE_MUST;

#endif
