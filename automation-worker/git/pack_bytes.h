/*
 * pack_bytes.h - a pack and its index as they lie on disk (gitformat-pack(5), versions 2), mapped: where things are.
 *
 * Nothing here believes the bytes: what leads out of them is refused.
 */
#ifndef WORKER_GIT_PACK_BYTES_H
#define WORKER_GIT_PACK_BYTES_H

#include <resedge/base.h>
#include <resedge/err.h>

enum { PACK_ID = 20, PACK_HEAD = 12, INDEX_HEAD = 8, INDEX_FAN_OUT = 256 * 4 };

struct pack_bytes {
    const uint8_t *p;
    size_t len;
};

/* The file name + ending, which stays mapped until the release, also when it is removed. */
bool pack_bytes_map(struct pack_bytes *out, const char *name, const char *ending, struct rse_err *err) RSE_MUST;
void pack_bytes_release(struct pack_bytes *bytes);

/* How many objects both say there are. False: they are of no form that is known, or don't belong together. */
bool pack_bytes_count(const struct pack_bytes *pack, const struct pack_bytes *index, uint32_t *count) RSE_MUST;
/* Where the entry with a number in the index is, from the table of offsets, or of large ones behind it. */
bool pack_bytes_offset(const struct pack_bytes *index, uint32_t count, uint32_t number, uint64_t *offset) RSE_MUST;

struct pack_head {
    unsigned type;
    size_t size;           /* inflated */
    uint64_t distance;     /* of PACK_OFS_DELTA: how far back the base is */
    const uint8_t *stream; /* what comes behind */
};
/* Of the entry at `offset`, which ends before `end`. */
bool pack_bytes_head(const struct pack_bytes *pack, uint64_t offset, uint64_t end, struct pack_head *head) RSE_MUST;

static inline uint32_t pack_u32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

#endif
