/*
 * summary.h - what a job changed, in the words of a commit: clusters, applications, files.
 */
#ifndef WORKER_JOB_SUMMARY_H
#define WORKER_JOB_SUMMARY_H

#include <resedge/buf.h>

#include "automation-worker/git/tree_diff.h"

#include "held.h"

struct summary;

struct summary *summary_new(void);
void summary_free(struct summary *summary);

/* Takes in one cluster's folder that changed: before and after (either may be NULL: it came, it went). An edited tree
 * was hashed before. */
bool summary_add(struct summary *summary, struct rse_str cluster, struct tree *before, struct tree *after,
                 struct rse_err *err) RSE_MUST;

int64_t summary_clusters(const struct summary *summary);
struct tree_counts summary_files(const struct summary *summary);

/* Subject and body of the commit, without trailers. */
void summary_message(const struct summary *summary, int64_t revision, const struct held *held, struct rse_buf *out);

#endif
