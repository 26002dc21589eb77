/*
 * remote.h - a repository elsewhere: looked at, fetched from, pushed to.
 *
 * A branch is moved by compare-and-swap on its old id, and never any other way than forward. Errors: RSE_STALE when
 * the branch stands elsewhere by now; RSE_DENIED, RSE_UNAUTHENTICATED, RSE_NOT_FOUND, RSE_INVALID when a person has to
 * do something; RSE_UNAVAILABLE and RSE_TIMEOUT when it may work later.
 */
#ifndef WORKER_REMOTE_REMOTE_H
#define WORKER_REMOTE_REMOTE_H

#include <git2.h>

#include "automation-worker/remote/wire.h"

struct remote_options {
    struct rse_str url;
    struct rse_str credential;   /* its name; empty: none */
    const char *credentials_dir; /* NULL: the worker has none */
    struct remote_limits limits;
    bool (*go_on)(void *arg, struct rse_err *err); /* see wire.h */
    void *arg;
};

struct remote;

/* Connects to nothing yet. */
bool remote_new(struct remote **out, const struct remote_options *options, struct rse_err *err) RSE_MUST;
void remote_free(struct remote *remote);
void remote_freep(struct remote **remote);

/* Where the branch stands; zero: there is none. One request. */
bool remote_look(struct remote *remote, const char *branch, git_oid *out, struct rse_err *err) RSE_MUST;

/* Gets the branch's commits into a repository on this disk, and says where it stands; zero: there is no such branch.
 * The commits are kept by a ref under refs/resedge/fetched/. */
bool remote_fetch(struct remote *remote, git_repository *git, const char *branch, git_oid *out,
                  struct rse_err *err) RSE_MUST;

struct remote_update {
    const char *branch;
    git_oid from, to; /* from zero: the branch is new */
    int pack_fd;      /* the pack with the commits that it lacks, read from its start */
    int64_t pack_size;
};
bool remote_push(struct remote *remote, const struct remote_update *update, struct rse_err *err) RSE_MUST;

#endif
