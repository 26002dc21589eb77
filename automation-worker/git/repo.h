/*
 * repo.h - a bare repository on this machine's disk: opened or made, locked, its branches read and moved.
 *
 * There is no working tree anywhere. Repositories elsewhere have a clone here (see remote/). One thread owns a repo;
 * several may open the same path. Whoever writes takes the lock first, so that two workers on one disk take turns;
 * the branch moves by compare-and-swap all the same, because people push without asking for our lock.
 */
#ifndef WORKER_GIT_REPO_H
#define WORKER_GIT_REPO_H

#include <git2.h>
#include <resedge/base.h>
#include <resedge/err.h>

/* Once per process, before and after everything else here. Turns on syncing of all that libgit2 writes. */
void repo_global_init(void);
void repo_global_shutdown(void);

struct repo;

/* The path of a url that is one of this machine, an absolute path or file://<path>; to be freed. RSE_INVALID for
 * anything else. */
bool repo_path(char **out, struct rse_str url, struct rse_err *err) RSE_MUST;

/* RSE_NOT_FOUND when nothing is there. */
bool repo_open(struct repo **out, const char *path, struct rse_err *err) RSE_MUST;
/* Makes a bare repository, whose HEAD names the branch, where there is none; folders above it have to exist. */
bool repo_open_or_create(struct repo **out, const char *path, const char *branch, struct rse_err *err) RSE_MUST;
void repo_free(struct repo *repo);
void repo_freep(struct repo **repo);
git_repository *repo_git(const struct repo *repo);

/* Takes the one lock of the repository (flock on its file resedge.lock), until repo_free(). RSE_UNAVAILABLE when
 * somebody else has it and goes on having it for wait_ms. */
bool repo_lock(struct repo *repo, int64_t wait_ms, struct rse_err *err) RSE_MUST;

struct repo_head {
    bool born; /* the branch exists */
    git_oid commit, tree;
};
/* Where a branch is asked for, a whole ref may be named as well: "refs/...". */
bool repo_head(const struct repo *repo, const char *branch, struct repo_head *out, struct rse_err *err) RSE_MUST;
/* The same for a commit that somebody knows; zero: not born. */
bool repo_head_at(const struct repo *repo, const git_oid *id, struct repo_head *out, struct rse_err *err) RSE_MUST;
/* Only the commit, without reading it: for polling. A branch that does not exist is the zero id. */
bool repo_branch_id(const struct repo *repo, const char *branch, git_oid *out, struct rse_err *err) RSE_MUST;
/* Whether a branch may have this name. */
bool repo_check_branch(const char *branch, struct rse_err *err) RSE_MUST;

/* Moves the branch from where `from` saw it to a commit, synced. RSE_STALE: it stood elsewhere by then. */
bool repo_move(struct repo *repo, const char *branch, const struct repo_head *from, const git_oid *to,
               struct rse_err *err) RSE_MUST;
/* Moves a ref wherever it stood; zero: removes it. */
bool repo_set_ref(struct repo *repo, const char *ref, const git_oid *to, struct rse_err *err) RSE_MUST;
/* Whether a commit is, or comes after, another; false where either is not there. */
bool repo_has_ancestor(const struct repo *repo, const git_oid *commit, const git_oid *ancestor);

#endif
