/*
 * folder.h - what one cluster's folder should hold: its files, the trees above them, and how it differs from what is
 * there.
 *
 * Files come in any order; folder_hash() puts them into Git's, makes the trees and knows the folder's id. Nothing counts
 * as needed before folder_compare(): most folders of most jobs come out as they are. Kept from cluster to cluster for
 * its memory.
 */
#ifndef WORKER_JOB_FOLDER_H
#define WORKER_JOB_FOLDER_H

#include <resedge/plan.h>

#include "automation-worker/git/tree.h"

#include "automation-worker/job/batch.h"

#define FOLDER_KEPT UINT32_MAX

struct folder_entry {
    struct rse_str path; /* from the folder; borrowed */
    uint32_t mode;       /* a folder's: it is kept as a whole */
    uint32_t made;       /* its object in the batch; FOLDER_KEPT: it is at the head */
    uint32_t order;      /* of two with one path the later one counts */
    git_oid id;
};

/* A tree: nodes stand in the order of a walk from the top, each followed by those below it. */
struct folder_node {
    git_oid id;
    uint32_t made;
    size_t end; /* the first node that is not below it */
};

struct folder {
    struct batch *batch;
    struct folder_entry *entries;
    size_t count, cap;
    struct folder_node *nodes;
    size_t nnodes, nodes_cap;
    struct rse_buf levels[TREE_MAX_DEPTH]; /* bytes of the trees that are being made, one below the other */
    int nlevels;                           /* that were needed so far */
};

void folder_init(struct folder *folder);
void folder_release(struct folder *folder);

/* Empties it for the next cluster. */
void folder_begin(struct folder *folder, struct batch *batch);
/* The path stays as long as the batch. made: see struct folder_entry; then id is the object's. */
void folder_put(struct folder *folder, struct rse_str path, uint32_t mode, const git_oid *id, uint32_t made);
/* Whether a file, or a folder with files, is at this path; after folder_hash(). */
bool folder_has(const struct folder *folder, struct rse_str path);

/* RSE_CONFLICT: a file stands where a folder has to be. */
bool folder_hash(struct folder *folder, git_oid *id, struct rse_err *err) RSE_MUST;
/* Marks what is not there now (NULL: nothing is) as needed, and tells the batch's summary. */
bool folder_compare(struct folder *folder, struct rse_str cluster, struct tree *now, struct rse_err *err) RSE_MUST;

#endif
