/*
 * pack_index.h - the index of a pack, version 2 (gitformat-pack(5)): from what the writer knows, nothing is read back.
 */
#ifndef WORKER_GIT_PACK_INDEX_H
#define WORKER_GIT_PACK_INDEX_H

#include <resedge/base.h>
#include <resedge/err.h>
#include <stdio.h>

struct pack_entry {
    uint8_t id[20];
    uint32_t crc;    /* CRC-32 of the entry as stored, header included */
    uint64_t offset; /* of the entry in the pack */
};

/* Orders entries by id. */
void pack_entries_sort(struct pack_entry *entries, uint32_t count);

/* Writes the index of sorted entries to an open file, at its start. pack_sum: the pack's last 20 bytes. */
bool pack_index_write(int fd, const struct pack_entry *entries, uint32_t count, const uint8_t pack_sum[20],
                      struct rse_err *err) RSE_MUST;

#endif
