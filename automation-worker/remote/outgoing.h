/*
 * outgoing.h - the pack with what one commit adds to its first parent: what a push of that commit sends.
 *
 * A commit of ours has such a pack on disk already, and nothing is made anew; of one whose pack was folded into another
 * meanwhile, a pack is made of the trees and files that its parent lacks.
 */
#ifndef WORKER_REMOTE_OUTGOING_H
#define WORKER_REMOTE_OUTGOING_H

#include <git2.h>

#include <resedge/err.h>

struct outgoing {
    int fd; /* of the pack; to be closed with outgoing_close() */
    int64_t size;
    bool stored; /* the file is one of the repository's own */
};

/* One caller at a time for each repository: its lock is held. */
bool outgoing_open(struct outgoing *out, git_repository *git, const git_oid *commit, struct rse_err *err) RSE_MUST;
void outgoing_close(struct outgoing *outgoing);

#endif
