/*
 * origin.h - a target whose repository is elsewhere: the clone on this disk is brought up to date before a job, and
 * the job's commit is pushed after it.
 *
 * In the clone, refs/heads/<branch> is what the remote has, as far as this worker knows; refs/resedge/next/<branch> is
 * what it is to have: the same, or commits of ours on top of it that are not pushed yet. A worker that dies in between
 * finds them there and pushes them; when the remote moved meanwhile they are dropped, and the job is planned anew.
 */
#ifndef WORKER_JOB_ORIGIN_H
#define WORKER_JOB_ORIGIN_H

#include "automation-worker/worker.h"

#include "automation-worker/job/targets.h"

struct origin {
    struct worker *worker;
    const struct target_spec *target;
    struct repo *repo; /* the clone, locked */
    bool (*go_on)(void *arg, struct rse_err *err);
    void *arg;
};

#define ORIGIN_REF_SIZE 300
/* Where a job's commit goes: "refs/resedge/next/<branch>". */
void origin_ref(char out[static ORIGIN_REF_SIZE], const char *branch);

/* Opens a target's repository, or its clone; makes an empty one where there is none. */
bool origin_open(struct repo **out, const struct worker *worker, const struct place *home,
                 struct rse_err *err) RSE_MUST;
/* The same for where its templates are. On this disk nothing is made; a clone is locked. */
bool origin_open_templates(struct repo **out, const struct worker *worker, const struct place *templates,
                           struct rse_err *err) RSE_MUST;

/* Brings both refs to where they belong. RSE_CONFIRM: the branch was rewritten or deleted, and nobody has said yet
 * that this is meant. */
bool origin_fetch(const struct origin *origin, struct rse_err *err) RSE_MUST;

/* Pushes what the remote lacks, one commit after the other. RSE_STALE: it moved meanwhile, fetch again. */
bool origin_push(const struct origin *origin, struct rse_err *err) RSE_MUST;

/* Where the templates of a target stand, with their files fetched. RSE_NOT_FOUND: there is no such branch. */
bool origin_fetch_templates(const struct origin *origin, struct repo_head *out, struct rse_err *err) RSE_MUST;

/* Where the templates' branch of a target stands on its remote: one request. */
bool origin_look(const struct origin *origin, git_oid *out, struct rse_err *err) RSE_MUST;

#endif
