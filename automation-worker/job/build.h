/*
 * build.h - the tree that a target's branch should have: what is there, with each cluster's folder as it is planned.
 *
 * A part that fails keeps its last good files; a suspended cluster's folder stays as it is; folders of clusters that
 * are gone vanish, if Automation wrote them; everything else in the repository is left alone. A folder that comes out
 * as it is, is not written again.
 */
#ifndef WORKER_JOB_BUILD_H
#define WORKER_JOB_BUILD_H

#include <resedge/fleet.h>
#include <resedge/plan.h>

#include "automation-worker/git/tree.h"

#include "automation-worker/job/deployments.h"
#include "automation-worker/job/held.h"
#include "automation-worker/job/holds.h"
#include "automation-worker/job/summary.h"

/* Where there may be something to do, as planning from the changes knows. What is outside of it stays as it is. */
struct build_scope {
    const struct rse_bitmap *clusters; /* planned anew; those that nobody wishes for lose their folder */
    const struct rse_str *gone;        /* names of clusters that were deleted: their folders vanish */
    size_t ngone;
    /* Whether a part comes out as it stands at the head, so that its files there are kept without rendering. NULL: none
     * does. A part that is not whole there is rendered all the same. */
    bool (*unchanged)(void *arg, uint32_t cluster_index, const struct rse_part *part);
    void *arg;
};

struct build_input {
    const struct rse_fleet *fleet;
    const struct rse_plan *plan;
    int64_t target_id;
    enum rse_folder_pattern pattern;
    git_repository *git;
    struct objects *objects;         /* read from, written to */
    const git_oid *head;             /* commit to build upon; NULL: the branch does not exist yet */
    const git_oid *head_tree;        /* NULL with head */
    const struct build_scope *scope; /* NULL: every cluster, and whatever else stands under clusters/ */
    const struct holds *holds;       /* parts that stay as they are; NULL: none do */
    struct rse_map *said;            /* see deployments.h */
    unsigned threads;                /* to render with; 0: as many as there are processors, none for a few clusters */
    struct rse_map *foreign;         /* folders known to be people's: filled and asked by sweep.c */
    /* Asked between clusters, with files rendered and clusters done of how many: false, with err set, ends the build.
     * */
    bool (*go_on)(void *arg, int64_t files, int64_t clusters, int64_t of, struct rse_err *err);
    void *arg;
};

struct build {
    git_oid tree;
    bool changed; /* against head_tree */
    struct summary *summary;
    struct held *held;
    struct deployments *deployments;
    uint32_t *unmarked; /* clusters whose folder is changed and does not look like one of ours */
    size_t nunmarked, unmarked_cap;
    int64_t files, bytes; /* rendered */
    /* Of the clock; render and hash on all threads at once. The rest of the time is planning. */
    int64_t render_us, hash_us, write_us;
};

/* The build is to be released in any case. */
bool build_run(struct build *build, const struct build_input *input, struct rse_err *err) RSE_MUST;
void build_release(struct build *build);

#endif
