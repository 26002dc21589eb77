/*
 * preview.h - what a target would be given, without giving it: the fleet as it is now and the newest templates that are here,
 * in a plan of one's own. Takes seconds for a large fleet: for a thread of its own.
 */
#ifndef WORKER_HTTP_PREVIEW_H
#define WORKER_HTTP_PREVIEW_H

#include <resedge/plan.h>

#include "automation-worker/git/repo.h"

#include "automation-worker/http/question.h"

struct preview {
    struct repo_head templates; /* where they were taken from */
    int64_t revision;           /* of the fleet */
    const struct rse_fleet *fleet;
    const struct rse_catalogue *catalogue;
    struct fleet_sync *sync;
    struct templates *kept;
};

bool preview_open(struct preview *out, const struct question *question, struct rse_err *err) RSE_MUST;
void preview_release(struct preview *preview);

/* A file as it would be; strings in the arena that it was rendered into. */
struct preview_file {
    struct rse_str path, bytes;
    bool paired; /* for whoever compares */
};
struct preview_files {
    struct rse_arena *arena;
    struct preview_file *at;
    size_t count, cap;
};
void preview_files_clear(struct preview_files *files);
void preview_files_release(struct preview_files *files);
/* A rse_file_sink; arg is struct preview_files. Copies. */
bool preview_files_add(void *arg, const struct rse_planned_file *file, struct rse_err *err);

/* What leads from one text to the other, as a unified diff without its head, cut off where it gets long. */
bool preview_diff(struct rse_str from, struct rse_str to, struct rse_buf *out, struct rse_err *err) RSE_MUST;
/* The same as a JSON member's value: a string, or null where it isn't text. */
bool preview_add_diff(struct rse_buf *json, struct rse_str from, struct rse_str to, struct rse_err *err) RSE_MUST;

#endif
