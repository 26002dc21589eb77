/*
 * job.h - one claim of all that is open for a target.
 */
#ifndef WORKER_JOB_JOB_H
#define WORKER_JOB_JOB_H

#include <resedge/arena.h>
#include <resedge/err.h>

struct cJSON;

/* Strings live in the arena that it was parsed into. */
struct job {
    int64_t id, target_id, fence;
    int64_t revision;      /* wanted: the fleet has to be there at least */
    int64_t done_revision; /* what the target's last job was planned at */
    int64_t attempt;
    int64_t time; /* of the commit: seconds since the epoch */
    struct rse_str author, email;
};

bool job_parse(struct job *out, const struct cJSON *json, struct rse_arena *arena, struct rse_err *err) RSE_MUST;

#endif
