/*
 * pack_file.h - a pack on disk, entry by entry as they are stored: for whoever copies them without looking inside.
 *
 * Index version 2 only. Sizes, offsets and the CRC-32 of every entry are checked before anything is handed out, so that
 * a damaged pack is found while its copy can still be left alone.
 */
#ifndef WORKER_GIT_PACK_FILE_H
#define WORKER_GIT_PACK_FILE_H

#include <git2.h>
#include <resedge/base.h>
#include <resedge/err.h>

#include "automation-worker/git/pack_bytes.h"

enum { PACK_OFS_DELTA = 6, PACK_REF_DELTA = 7 };

struct pack_file_entry {
    git_oid id;
    uint64_t offset;
    unsigned type;
    size_t size;           /* inflated */
    uint32_t base;         /* PACK_OFS_DELTA: the number of the entry that it is made from, lower than its own */
    struct rse_str stream; /* what is stored behind type, size and distance; of PACK_REF_DELTA the base's id first */
};

struct pack_file {
    struct pack_file_entry *entries; /* as they stand in the pack */
    uint32_t count;
    struct pack_bytes pack;
};

/* name: without ".pack" and ".idx". RSE_INVALID: it is damaged, or of a form that isn't known. */
bool pack_file_open(struct pack_file *out, const char *name, struct rse_err *err) RSE_MUST;
void pack_file_close(struct pack_file *file);

#endif
