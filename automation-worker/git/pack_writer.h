/*
 * pack_writer.h - one pack with its index, written as a stream: what a commit adds, in two files.
 *
 * Formats: gitformat-pack(5), pack version 2 and index version 2. Entries are whole objects or OFS_DELTAs against an
 * entry written before in the same pack (a stored pack can't refer to another). What is added counts for nothing
 * until pack_writer_finish(), which makes it durable in this order: sync pack and index, rename the pack, rename the
 * index (a reader sees a pack only by its index), sync the folder.
 */
#ifndef WORKER_GIT_PACK_WRITER_H
#define WORKER_GIT_PACK_WRITER_H

#include <git2.h>
#include <resedge/base.h>
#include <resedge/err.h>

#include "automation-worker/git/pack_file.h"

struct pack_writer;

/* folder: objects/pack of the repository. The pack is written to a temporary file there. */
bool pack_writer_new(struct pack_writer **out, const char *folder, struct rse_err *err) RSE_MUST;
/* Removes the temporary files of a pack that was not finished. NULL is fine. */
void pack_writer_free(struct pack_writer *writer);

/* Adds an object the caller knows to be new to this pack. *entry (or NULL): its number, for deltas. */
bool pack_writer_add(struct pack_writer *writer, git_object_t type, struct rse_str bytes, const git_oid *id,
                     uint32_t *entry, struct rse_err *err) RSE_MUST;
/* An entry as it is to be stored: of another pack, or encoded before. base: of PACK_OFS_DELTA, the number of the entry
 * here (a whole object of the same type); what the entry says of base and offset doesn't count. */
bool pack_writer_copy(struct pack_writer *writer, const struct pack_file_entry *entry, uint32_t base,
                      struct rse_err *err) RSE_MUST;

uint32_t pack_writer_count(const struct pack_writer *writer);
uint64_t pack_writer_size(const struct pack_writer *writer); /* bytes of the pack so far */

/* Nothing added: no files, and true. id (or NULL): the checksum that the files are named after. */
bool pack_writer_finish(struct pack_writer *writer, git_oid *id, struct rse_err *err) RSE_MUST;

#endif
