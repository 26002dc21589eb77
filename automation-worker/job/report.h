/*
 * report.h - what the worker tells the Data Service. Each report is sent until it is answered, with growing pauses
 * while the Data Service is away, for some minutes.
 */
#ifndef WORKER_JOB_REPORT_H
#define WORKER_JOB_REPORT_H

#include <git2.h>

#include <resedge/catalogue.h>
#include <resedge/client.h>

#include "automation-worker/git/tree_diff.h"

#include "automation-worker/job/deployments.h"
#include "automation-worker/job/drift.h"
#include "automation-worker/job/held.h"
#include "automation-worker/job/holds.h"
#include "automation-worker/job/job.h"
#include "automation-worker/job/phases.h"

struct templates_report {
    int64_t target_id;
    git_oid commit, tree;       /* the branch's head; what is under apps/ and policies/ there */
    const char *author, *email; /* whose push it was; NULL: not known */
    const struct rse_catalogue *catalogue;
};
/* *revision: that of the fleet with this push in it. */
bool report_templates(struct rse_client *client, const struct templates_report *report, int64_t *revision,
                      struct rse_err *err) RSE_MUST;

bool report_deployments(struct rse_client *client, const struct job *job, const struct deployments *deployments,
                        struct rse_err *err) RSE_MUST;

struct completion {
    const char *state; /* "committed", "unchanged" */
    int64_t revision;  /* that the tree was planned at */
    bool has_commit, has_parent;
    git_oid commit, tree, parent;
    struct tree_counts files;
    int64_t files_rendered, bytes_rendered; /* also of those that came out as they were */
    int64_t bytes_written;                  /* of the pack */
    int64_t clusters_changed;
    int64_t duration_ms;
    const struct phases *phases;
    const struct held *held;
    const struct holds *holds;     /* or NULL */
    const struct rse_fleet *fleet; /* that names what is held */
    const struct drift *drift;
};
/* RSE_CONFLICT: the job is another worker's by now. */
bool report_complete(struct rse_client *client, const struct job *job, const struct completion *completion,
                     struct rse_err *err) RSE_MUST;

/* retry: it may work the next time. */
bool report_fail(struct rse_client *client, const struct job *job, const struct rse_err *error, bool retry,
                 struct rse_err *err) RSE_MUST;

#endif
