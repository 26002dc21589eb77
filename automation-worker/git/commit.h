/*
 * commit.h - the commits that Automation makes, and what it reads back from them.
 *
 * A commit is a pure function of its tree, parent, author, time and message, so that doing a job twice makes the same
 * one. Its trailers name the revision, that change's random id and the job: the commit is the checkpoint.
 */
#ifndef WORKER_GIT_COMMIT_H
#define WORKER_GIT_COMMIT_H

#include <git2.h>
#include <resedge/base.h>
#include <resedge/buf.h>
#include <resedge/err.h>

#include "automation-worker/git/objects.h"
#include "automation-worker/git/signer.h"

struct commit_spec {
    git_oid tree;
    const git_oid *parent; /* NULL: the first commit */
    struct rse_str author, email;
    int64_t time;                /* seconds since the epoch */
    struct rse_str message;      /* with trailers */
    const struct signer *signer; /* NULL: the commit is not signed */
};

/* Writes the commit object; nothing refers to it yet. */
bool commit_write(struct objects *objects, const struct commit_spec *spec, git_oid *id, struct rse_err *err) RSE_MUST;

struct trailers {
    int64_t revision;
    int64_t job;
    char change[64];
};

/* As the last paragraph of a message. */
void trailers_add(struct rse_buf *message, const struct trailers *trailers);
/* Whether the message has all of them. */
bool trailers_parse(const char *message, struct trailers *out);

struct checkpoint {
    bool found;
    git_oid commit, tree;
    git_oid parent; /* the first one; zero: none */
    struct trailers trailers;
};
/* The newest first-parent commit with trailers, from `from` back. Looks at 10,000 commits at most. */
bool checkpoint_find(git_repository *git, const git_oid *from, struct checkpoint *out, struct rse_err *err) RSE_MUST;

struct pusher {
    char name[201], email[201];
};
/* Who wrote the newest first-parent commit without trailers, which is a person's. False: not known. */
bool pusher_find(git_repository *git, const git_oid *from, struct pusher *out);

#endif
