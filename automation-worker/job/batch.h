/*
 * batch.h - some clusters in a row, built by one thread, and what came of it until the writer takes it.
 *
 * Objects are made, hashed and kept here; which of them a repository lacks is known once their cluster's folder was
 * compared with the one at the head. Batches are taken in order, so what is written does not depend on who was faster.
 */
#ifndef WORKER_JOB_BATCH_H
#define WORKER_JOB_BATCH_H

#include <resedge/arena.h>
#include <resedge/buf.h>

#include "automation-worker/git/objects.h"

#include "automation-worker/job/build.h"

/* A cluster whose folder is to be built. */
struct wished {
    struct rse_str path;
    uint32_t index;
    bool exists; /* the folder, at the head: as the tree `now` */
    git_oid now;
};

/* An object: a rendered file, or a tree. */
struct made {
    git_object_t type;
    git_oid id;
    bool needed;       /* is not at the same place at the head */
    const char *bytes; /* NULL: at `at` of the batch's bytes */
    size_t at, len;
    uint64_t group;
    size_t span, nspans; /* of the batch's spans */
    bool is_encoded;     /* for the pack, as a delta or whole; else the writer does it */
    struct encoded encoded;
};

/* What came of a cluster. */
struct built {
    git_oid id; /* of the folder; zero: there is none */
    bool changed;
    bool unmarked; /* the folder at the head does not look like one of ours */
    struct part_outcome *outcomes;
    size_t count;
    const struct rse_err *held; /* all of it; NULL: none, or single parts (their outcomes tell) */
};

struct batch {
    const struct wished *wished;
    struct built *built; /* as many */
    size_t count;
    struct rse_arena *arena;
    struct rse_buf bytes;
    struct rse_buf streams; /* of what is encoded */
    struct made *made;
    size_t nmade, made_cap;
    size_t nhashed; /* the first of them, that have an id */
    struct to_hash *to_hash;
    size_t nto_hash, to_hash_cap;
    struct rse_span *spans;
    size_t nspans, spans_cap;
    struct summary *summary;
    int64_t files, bytes_rendered;
    int64_t hash_us;
    bool failed;
    struct rse_err err;
};

void batch_init(struct batch *batch);
/* For other clusters; what it held before is gone, its memory is used again. */
void batch_begin(struct batch *batch, const struct wished *wished, size_t count);
void batch_end(struct batch *batch);
void batch_release(struct batch *batch);

/* A place to return to when what was made after it is of no use. */
struct batch_mark {
    size_t bytes, made, spans;
};
struct batch_mark batch_mark(const struct batch *batch);
void batch_return(struct batch *batch, struct batch_mark mark);

/* Copies the bytes; *number is the object's in batch->made. It has no id before batch_hash(). */
bool batch_put(struct batch *batch, git_object_t type, struct rse_str bytes, uint64_t group,
               const struct rse_spans *spans, uint32_t *number, struct rse_err *err) RSE_MUST;
bool batch_hash(struct batch *batch, struct rse_err *err) RSE_MUST;
/* Both at once. */
bool batch_make(struct batch *batch, git_object_t type, struct rse_str bytes, uint64_t group,
                const struct rse_spans *spans, uint32_t *number, struct rse_err *err) RSE_MUST;
/* An object whose id is known and whose bytes stay where they are. */
uint32_t batch_share(struct batch *batch, struct rse_str bytes, const git_oid *id);

/* What a thread encodes with, kept from batch to batch. */
struct batch_encoder;
struct batch_encoder *batch_encoder_new(void);
void batch_encoder_free(struct batch_encoder *encoder);
/* Encodes what is needed, where there is a sibling that `into` shares. */
bool batch_encode(struct batch *batch, struct batch_encoder *encoder, const struct objects *into,
                  struct rse_err *err) RSE_MUST;

/* Stores what is needed. */
bool batch_store(const struct batch *batch, struct objects *into, struct rse_err *err) RSE_MUST;

#endif
