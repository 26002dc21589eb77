/*
 * question.h - what the repositories are asked: commits, manifests, differences, and what would be written there. Each answer
 * is a function of repository, fleet and question; nothing is kept between them.
 */
#ifndef WORKER_HTTP_QUESTION_H
#define WORKER_HTTP_QUESTION_H

#include <git2.h>

#include <resedge/arena.h>
#include <resedge/buf.h>
#include <resedge/client.h>
#include <resedge/err.h>

#include "automation-worker/http/registry.h"

#define QUESTION_MAX_ANSWER ((size_t)16 << 20)
#define QUESTION_MAX_FILE   ((size_t)4 << 20)

struct question {
    struct rse_arena *arena;
    git_repository *git;
    struct rse_client *client; /* for the fleet: of whoever plans */
    int64_t target_id;
    struct registered target;
    const char *cluster; /* a valid name; NULL where none is asked about */
    /* A parameter of the query, or NULL; borrowed. */
    const char *(*param)(const struct question *question, const char *name);
    const void *query;
    const char *content_type; /* of the answer, when it is not JSON */
};

bool question_commits(struct question *question, struct rse_buf *out, struct rse_err *err) RSE_MUST;
bool question_manifests(struct question *question, struct rse_buf *out, struct rse_err *err) RSE_MUST;
bool question_diff(struct question *question, struct rse_buf *out, struct rse_err *err) RSE_MUST;
/* These two plan, and take their time. */
bool question_format(struct question *question, struct rse_buf *out, struct rse_err *err) RSE_MUST;
bool question_adoption(struct question *question, struct rse_buf *out, struct rse_err *err) RSE_MUST;

/* Says which parameter of the query is at fault, as the Data Service says it of its own. */
void question_name_param(struct rse_err *err, const char *name);
/* The commit that a parameter names (4 to 40 hex digits), or the branch's head where it is absent. To be freed. */
bool question_commit(const struct question *question, const char *name, git_commit **out, struct rse_err *err) RSE_MUST;
/* The cluster's folder. */
const char *question_folder(const struct question *question);
/* The tree of the cluster's folder in a commit; NULL when it has none. To be freed. */
bool question_tree(const struct question *question, git_commit *commit, git_tree **out, struct rse_err *err) RSE_MUST;

#endif
