/*
 * fleet_sync.h - the fleet in memory, kept up with the Data Service: a snapshot first, then the change feed.
 */
#ifndef WORKER_JOB_FLEET_SYNC_H
#define WORKER_JOB_FLEET_SYNC_H

#include <resedge/client.h>
#include <resedge/fleet.h>

struct fleet_sync;

/* Borrows the client. */
struct fleet_sync *fleet_sync_new(struct rse_client *client);
void fleet_sync_free(struct fleet_sync *sync);

/* Brings the fleet to the given revision at least, to what the Data Service has now with 0. What was borrowed from
 * the fleet before is void afterwards. Fails with RSE_UNAVAILABLE when the revision does not come within some
 * seconds. */
bool fleet_sync_to(struct fleet_sync *sync, int64_t revision, struct rse_err *err) RSE_MUST;

/* After a fleet_sync_to() that succeeded. */
const struct rse_fleet *fleet_sync_fleet(const struct fleet_sync *sync);
int64_t fleet_sync_revision(const struct fleet_sync *sync);
/* The random id of the change that made the revision. */
const char *fleet_sync_change_id(const struct fleet_sync *sync);

#endif
