/*
 * lease.h - keeps a claimed job this worker's while it runs: a thread that renews, tells how far the job is, and
 * hears when it is over.
 */
#ifndef WORKER_JOB_LEASE_H
#define WORKER_JOB_LEASE_H

#include <resedge/client.h>

#include "automation-worker/job/job.h"

struct lease;

/* Borrows the client until lease_end(). */
struct lease *lease_begin(struct rse_client *client, const struct job *job, int64_t lease_ms);
/* Stops renewing and waits for the thread. */
void lease_end(struct lease *lease);

/* What the next renewal tells. phase: a literal. of_files: 0 when not known. */
void lease_progress(struct lease *lease, const char *phase, int64_t files, int64_t of_files, int64_t bytes);

/* RSE_CONFLICT when the job is another worker's by now, or nobody knows because renewals failed for a whole lease;
 * RSE_GONE when somebody canceled it; RSE_UNAVAILABLE when this worker has to stop. */
bool lease_check(const struct lease *lease, struct rse_err *err) RSE_MUST;

#endif
