/*
 * encode.h - an object as a pack stores it: whole, or as a delta against a sibling, compressed.
 *
 * What comes out depends on the object and the sibling alone, never on what was encoded before: any number of threads
 * may prepare what one writer puts into the pack, each with an encoder of its own.
 */
#ifndef WORKER_GIT_ENCODE_H
#define WORKER_GIT_ENCODE_H

#include <git2.h>
#include <resedge/buf.h>
#include <resedge/err.h>

#include "automation-worker/git/siblings.h"

struct new_object {
    git_object_t type;
    git_oid id; /* as object_hash() gives it for the same bytes */
    struct delta_side side;
    uint64_t group; /* objects of one group resemble each other, and are stored as deltas where that is less; 0: none */
};

struct encoded {
    unsigned type;  /* of the entry: the object's, or PACK_OFS_DELTA */
    uint32_t base;  /* of a delta: the sibling's entry */
    size_t size;    /* before it was compressed */
    size_t at, len; /* of the stream, in the buffer that it was appended to */
};

struct encoder;

struct encoder *encoder_new(void);
void encoder_free(struct encoder *encoder);

/* Appends the stream. sibling NULL: whole. */
bool encoder_add(struct encoder *encoder, const struct new_object *object, const struct sibling *sibling,
                 struct rse_buf *out, struct encoded *encoded, struct rse_err *err) RSE_MUST;

#endif
