/*
 * recount.h - the numbers of a commit that was made before: by comparing its tree with its parent's.
 */
#ifndef WORKER_JOB_RECOUNT_H
#define WORKER_JOB_RECOUNT_H

#include <resedge/model.h>

#include "automation-worker/git/tree_diff.h"

/* before may be NULL. clusters: folders of clusters in which a file differs. */
bool recount(struct tree *before, struct tree *after, enum rse_folder_pattern pattern, struct tree_counts *files,
             int64_t *clusters, struct rse_err *err) RSE_MUST;

#endif
