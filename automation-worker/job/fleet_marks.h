/*
 * fleet_marks.h - when which cluster last changed: a number a cluster, and the names of those that were deleted.
 */
#ifndef WORKER_JOB_FLEET_MARKS_H
#define WORKER_JOB_FLEET_MARKS_H

#include "automation-worker/job/fleet_sync.h"

struct fleet_marks;

struct fleet_marks *fleet_marks_new(void);
void fleet_marks_free(struct fleet_marks *marks);

/* Nothing is known about changes up to this revision. */
void fleet_marks_begin(struct fleet_marks *marks, int64_t revision);
/* These clusters changed with this revision, or a little earlier. */
void fleet_marks_add(struct fleet_marks *marks, const struct rse_bitmap *clusters, int64_t revision);
void fleet_marks_add_gone(struct fleet_marks *marks, struct rse_str name, int64_t revision);

/* As fleet_sync_changes(). nbits: how many clusters the fleet has room for. */
bool fleet_marks_since(const struct fleet_marks *marks, int64_t since, uint32_t nbits, struct rse_arena *arena,
                       struct fleet_changes *out);

#endif
