/*
 * parts.h - how a part of a cluster gets into its folder: rendered, or kept as it stands at the head.
 */
#ifndef WORKER_JOB_PARTS_H
#define WORKER_JOB_PARTS_H

#include <resedge/map.h>

#include "automation-worker/job/folder.h"

/* What one thread needs to build clusters, kept from one to the next. */
struct parts {
    struct rse_renderer *renderer;
    struct objects *reader; /* of its own: no other thread reads through it */
    struct rse_map *shared; /* ids of files that are the same everywhere, by the address of their bytes */
    struct folder folder;
    struct batch_encoder *encoder;
};

bool parts_init(struct parts *parts, const struct build_input *input, struct rse_err *err) RSE_MUST;
void parts_release(struct parts *parts);

/* Adds a part's files, *count of them; on failure nothing of it. */
bool parts_render(struct parts *parts, uint32_t cluster, const struct rse_part *part, size_t *count,
                  struct rse_err *err) RSE_MUST;
/* Adds the files that list the others; after all parts. */
bool parts_render_lists(struct parts *parts, uint32_t cluster, const struct rse_part *all, const bool *present,
                        size_t count, struct rse_err *err) RSE_MUST;

/* Adds what the part has in the folder as it is now (NULL: none). *kept says whether that is a whole part; if not,
 * nothing is added. */
bool parts_keep(struct parts *parts, struct tree *now, const struct rse_part *part, bool *kept,
                struct rse_err *err) RSE_MUST;
/* The version of an application that the folder holds as it is now: that of its one overlay, empty for the base. */
bool parts_version(struct parts *parts, struct tree *now, const struct rse_part *part, struct rse_str *version,
                   struct rse_err *err) RSE_MUST;

#endif
