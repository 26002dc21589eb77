/*
 * deployment.h - what the workers reported of a cluster's folder.
 */
#ifndef API_STORE_DEPLOYMENT_H
#define API_STORE_DEPLOYMENT_H

#include "api-server/store/db.h"

/* doc: [{"application": id, "version", "state", "error"}]; empty when nothing was reported yet. Borrowed for the call. */
void store_deployment_get(struct db *db, int64_t cluster_id,
                          void (*done)(void *arg, struct rse_str doc, const struct rse_err *err), void *arg);

#endif
