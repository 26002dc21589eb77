/*
 * stored_pack.h - finds the pack on disk that holds one commit and what came with it: sent as it is, it need not be
 * made again.
 */
#ifndef WORKER_REMOTE_STORED_PACK_H
#define WORKER_REMOTE_STORED_PACK_H

#include <git2.h>

#include <resedge/err.h>

/* Opens the pack in which this commit is the only one, as a pack of ours has it. *fd -1: there is none such (the
 * commit is loose, or was folded into a pack with others). *size: bytes of the whole file. */
bool stored_pack_open(const char *folder, const git_oid *commit, int *fd, int64_t *size, struct rse_err *err) RSE_MUST;

#endif
