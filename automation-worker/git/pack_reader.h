/*
 * pack_reader.h - objects out of the packs of a repository, as fast as they can be had.
 *
 * A job reads a few folders of thousands of clusters. Most are deltas against a few siblings, which are kept unpacked
 * here; libgit2 unpacks them each time anew, under locks that all threads share. Only what is found and sound is given:
 * whatever is not here, not understood or damaged is somebody else's to look for, and to complain about. For one thread.
 * Packs that come later are not seen.
 */
#ifndef WORKER_GIT_PACK_READER_H
#define WORKER_GIT_PACK_READER_H

#include <git2.h>
#include <resedge/base.h>

struct pack_reader;

/* folder: objects/pack of a repository. */
struct pack_reader *pack_reader_new(const char *folder);
void pack_reader_free(struct pack_reader *reader);

/* *bytes is yours to free. False: ask libgit2. */
bool pack_reader_read(struct pack_reader *reader, const git_oid *id, git_object_t type, char **bytes,
                      size_t *len) RSE_MUST;

#endif
