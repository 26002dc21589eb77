/*
 * targets.h - what the worker keeps about each target between its jobs.
 */
#ifndef WORKER_JOB_TARGETS_H
#define WORKER_JOB_TARGETS_H

#include <git2.h>

#include <resedge/arena.h>
#include <resedge/delta.h>
#include <resedge/map.h>
#include <resedge/model.h>

#include "automation-worker/git/repo.h"

#include "automation-worker/job/held.h"
#include "automation-worker/job/templates.h"

/* A branch of a repository, on this disk or elsewhere. */
struct place {
    const char *path; /* of the repository, or of the clone that stands for it here */
    const char *branch;
    struct rse_str url;        /* of a remote; empty: it is on this disk */
    struct rse_str credential; /* for the remote */
};
static inline bool place_is_remote(const struct place *place)
{
    return place->url.len > 0;
}

/* A target as the worker uses it, checked: strings in the arena. */
struct target_spec {
    int64_t id;
    struct rse_str name;
    struct place home;      /* what is written */
    struct place templates; /* where apps/ and policies/ are; home, unless the target says otherwise */
    struct rse_str template_folder;
    enum rse_folder_pattern pattern;
};
/* data_dir: where clones are kept. RSE_INVALID for a place that can't be reached. */
bool target_spec_read(struct target_spec *out, const struct rse_target *target, const char *data_dir,
                      struct rse_arena *arena, struct rse_err *err) RSE_MUST;

/* The last tree that is known to be what was planned. */
struct built {
    struct rse_plan_inputs *inputs; /* NULL: nothing is known */
    uint64_t epoch;                 /* of the fleet, see fleet_sync.h */
    int64_t revision;
    git_oid commit; /* the branch's head then */
};

/* A part that was held at the last job, by its ids: see held_has(). */
struct retry {
    int64_t cluster_id, namespace_id, application_id;
};

struct target_state {
    struct templates *templates;
    bool reported; /* reported_id is known: the templates that the Data Service knows */
    git_oid reported_id;
    uint64_t reported_generation; /* of the catalogue that was reported, see templates.h */
    int64_t completed;            /* revision of the last job that this worker completed; -1: none */
    struct built built;
    git_oid known;         /* the newest commit of ours that was found to be of the Data Service's history, */
    uint64_t known_epoch;  /* as the fleet was then */
    bool holding;          /* something of the last job was held for a person, or discarded */
    struct held *held;     /* at that revision, as far as this worker knows the causes */
    struct retry *retries; /* what was held besides */
    size_t nretries, retries_cap;
    struct rse_map *said;    /* cluster id -> digest of what was last said of its folder, as a pointer */
    struct rse_map *foreign; /* folders under clusters/ that are people's, see sweep.c */
    git_oid polled;          /* where the templates' branch stood when last looked at */
    int64_t look_at_ms;      /* when a remote is to be looked at again, by clock_ms() */
    int look_failures;       /* in a row */
    uint64_t jobs;           /* that this worker ran */
    bool looking;            /* the remote is being looked at, */
    uint64_t looking_jobs;   /* after so many jobs */
};

struct targets;
struct targets *targets_new(void);
void targets_free(struct targets *targets);
/* Made when it is first asked for. */
struct target_state *targets_state(struct targets *targets, int64_t id);
/* Nothing is known of what was built: the next job looks at everything. */
void target_state_forget(struct target_state *state);

#endif
