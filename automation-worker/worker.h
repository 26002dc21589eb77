/*
 * worker.h - what the worker is made of. The main thread owns all of it, but for the parts that say otherwise.
 */
#ifndef WORKER_H
#define WORKER_H

#include <resedge/client.h>

#include "automation-worker/config.h"

struct fleet_sync;
struct targets;
struct lookout;
struct registry;
struct metrics;
struct signer;

struct worker {
    const struct config *config;
    struct rse_client *client;
    struct rse_client *lease_client;   /* the lease's thread, while there is one */
    struct rse_client *preview_client; /* the previews' thread, while there is one */
    struct fleet_sync *sync;
    struct targets *targets;
    struct lookout *lookout;
    struct registry *registry; /* shared with the thread that answers questions */
    struct metrics *metrics;   /* shared */
    const char *address;       /* where questions reach this worker */
    struct signer *signer;     /* of commits; NULL: none */
    const char *secret;        /* that they have to bring */
    uint64_t clones_of;        /* the targets that the clones on this disk are of, as a digest; see clones.h */
    int64_t pushes;            /* the last push that a Git host told the Data Service of, and we heard of */
    bool resumed;              /* what the repositories say was looked at, once */
    bool failed;               /* a job failed: the exit status with --once */
};

#endif
