/*
 * differences.h - how two plans of the same clusters differ: each distinct difference once, with one example.
 *
 * Two files differ alike when what is between their first and their last different line is the same; files that only one of
 * the plans has are alike when they stand at the same place. At most 1,000 distinct ones are told apart.
 */
#ifndef WORKER_HTTP_DIFFERENCES_H
#define WORKER_HTTP_DIFFERENCES_H

#include <resedge/arena.h>
#include <resedge/buf.h>
#include <resedge/err.h>

#include "automation-worker/http/preview.h"

struct differences;

struct differences *differences_new(struct rse_arena *arena);
void differences_free(struct differences *differences);

/* What one cluster's folder has under each plan; call it for one cluster after the other, part by part. */
void differences_compare(struct differences *differences, struct rse_str cluster, struct preview_files *before,
                         struct preview_files *after);

/* Appends "clustersChanged", "files", "distinct" and "differences", the most frequent first. */
bool differences_render(struct differences *differences, struct rse_buf *out, struct rse_err *err) RSE_MUST;

#endif
