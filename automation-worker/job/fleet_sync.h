/*
 * fleet_sync.h - the fleet in memory, kept up with the Data Service: a snapshot first, then the change feed. It remembers which
 * clusters changed when, so that each target can ask what has happened since it was last built.
 */
#ifndef WORKER_JOB_FLEET_SYNC_H
#define WORKER_JOB_FLEET_SYNC_H

#include <resedge/arena.h>
#include <resedge/bitmap.h>
#include <resedge/client.h>
#include <resedge/fleet.h>

struct fleet_sync;

/* Borrows the client. */
struct fleet_sync *fleet_sync_new(struct rse_client *client);
void fleet_sync_free(struct fleet_sync *sync);

/* Loads the fleet as it was at a revision; 0: as it is now. RSE_GONE when the Data Service no longer knows. */
bool fleet_sync_load(struct fleet_sync *sync, int64_t revision, struct rse_err *err) RSE_MUST;

/* Brings the fleet to the given revision at least, to what the Data Service has now with 0. What was borrowed from
 * the fleet before is void afterwards. Fails with RSE_UNAVAILABLE when the revision does not come within some
 * seconds. */
bool fleet_sync_to(struct fleet_sync *sync, int64_t revision, struct rse_err *err) RSE_MUST;

/* The next one begins with a snapshot: what is held may have happened no more. */
void fleet_sync_forget(struct fleet_sync *sync);

/* Goes on from where the fleet is to exactly this revision. */
bool fleet_sync_exactly(struct fleet_sync *sync, int64_t revision, struct rse_err *err) RSE_MUST;

/* After a fleet_sync_to() that succeeded. */
const struct rse_fleet *fleet_sync_fleet(const struct fleet_sync *sync);
int64_t fleet_sync_revision(const struct fleet_sync *sync);
/* The random id of the change that made the revision. */
const char *fleet_sync_change_id(const struct fleet_sync *sync);

/* What happened to clusters, as such, after a revision. */
struct fleet_changes {
    struct rse_bitmap clusters; /* new ones, and those whose values, state or target may have changed */
    struct rse_str *gone;       /* names of those that were deleted, in the arena; a name may be taken again */
    size_t ngone;
};
/* Counts the snapshots that were taken: indexes of clusters from another one mean nothing. */
uint64_t fleet_sync_epoch(const struct fleet_sync *sync);
/* False when that is not known: the revision is older than the snapshot, or too much happened since. clusters is to be
 * released if it is. */
bool fleet_sync_changes(const struct fleet_sync *sync, int64_t since, struct rse_arena *arena,
                        struct fleet_changes *out);

#endif
