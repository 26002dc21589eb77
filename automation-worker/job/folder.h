/*
 * folder.h - what one cluster's folder should hold, built in memory from its parts.
 *
 * Nothing is written until the folder's id is known and differs from what is there: most folders of most jobs do not.
 */
#ifndef WORKER_JOB_FOLDER_H
#define WORKER_JOB_FOLDER_H

#include <resedge/map.h>
#include <resedge/plan.h>

#include "automation-worker/git/tree_diff.h"

struct folder {
    struct rse_arena *arena;
    struct tree *tree;
    struct rse_map *rendered; /* path -> struct rse_str of bytes that may not be stored yet */
    int64_t files;            /* rendered so far */
};

void folder_init(struct folder *folder, struct objects *objects);
void folder_release(struct folder *folder);

/* Adds a part's files, *count of them; on failure nothing of it. */
bool folder_render(struct folder *folder, const struct rse_plan *plan, uint32_t cluster, const struct rse_part *part,
                   size_t *count, struct rse_err *err) RSE_MUST;
/* Adds what the part has in the folder as it is now (NULL: none). *kept says whether that is a whole part; if not,
 * nothing is added. */
bool folder_keep(struct folder *folder, struct tree *now, const struct rse_part *part, bool *kept,
                 struct rse_err *err) RSE_MUST;
/* The version of an application that the folder holds as it is now: that of its one overlay, empty for the base. */
bool folder_version(struct folder *folder, struct tree *now, const struct rse_part *part, struct rse_str *version,
                    struct rse_err *err) RSE_MUST;
/* Adds the files that list the others; after all parts. */
bool folder_render_lists(struct folder *folder, const struct rse_plan *plan, uint32_t cluster,
                         const struct rse_part *parts, const bool *present, size_t count, struct rse_err *err) RSE_MUST;

/* Writes the blobs and trees that are not in the folder as it is now. folder->tree was hashed before. */
bool folder_store(struct folder *folder, struct tree *now, struct objects *into, struct rse_err *err) RSE_MUST;

#endif
