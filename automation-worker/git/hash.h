/*
 * hash.h - ids of Git objects: SHA-1 over "<type> <size>", a NUL and the bytes.
 *
 * By the processor's own instructions, several objects together where that is possible; by OpenSSL where there are none.
 * Either is several times as fast as libgit2, which looks for forged collisions: Git does that when it receives a pack.
 * Any number of threads.
 */
#ifndef WORKER_GIT_HASH_H
#define WORKER_GIT_HASH_H

#include <git2.h>
#include <resedge/base.h>
#include <resedge/err.h>

struct to_hash {
    git_object_t type;
    struct rse_str bytes;
    git_oid *id; /* goes there */
};
bool object_hash_all(const struct to_hash *objects, size_t count, struct rse_err *err) RSE_MUST;
bool object_hash(git_object_t type, struct rse_str bytes, git_oid *id, struct rse_err *err) RSE_MUST;

#endif
