#include <inttypes.h>

#include <resedge/model.h>
#include <resedge/parse.h>

#include "automation-worker/git/commit.h"
#include "automation-worker/git/error.h"

#include "automation-worker/http/question.h"

#define DEFAULT_LIMIT 20
#define MAX_LIMIT     500

static void add_text(struct rse_buf *out, const char *member, const char *text)
{
    rse_buf_addf(out, ",\"%s\":", member);
    rse_json_add_string(out, rse_str(text != NULL ? text : ""));
}

static void add_trailers(struct rse_buf *out, const git_commit *commit)
{
    struct trailers trailers;

    if (!trailers_parse(git_commit_message(commit), &trailers)) {
        rse_buf_adds(out, ",\"revision\":null,\"changeId\":null,\"job\":null");
        return;
    }
    rse_buf_addf(out, ",\"revision\":%" PRId64, trailers.revision);
    add_text(out, "changeId", trailers.change);
    rse_buf_addf(out, ",\"job\":%" PRId64, trailers.job);
}

static void add_commit(struct rse_buf *out, git_commit *commit)
{
    const git_signature *author = git_commit_author(commit);
    char time[RSE_TIME_SIZE];

    rse_format_time(git_commit_time(commit) * 1000, time);
    rse_buf_addf(out, "{\"commit\":\"%s\"", git_oid_tostr_s(git_commit_id(commit)));
    rse_buf_addf(out, ",\"tree\":\"%s\",\"parents\":[", git_oid_tostr_s(git_commit_tree_id(commit)));
    for (unsigned i = 0; i < git_commit_parentcount(commit); i++)
        rse_buf_addf(out, "%s\"%s\"", i > 0 ? "," : "", git_oid_tostr_s(git_commit_parent_id(commit, i)));
    rse_buf_addc(out, ']');
    add_text(out, "author", author->name);
    add_text(out, "email", author->email);
    add_text(out, "time", time);
    add_text(out, "subject", git_commit_summary(commit));
    add_trailers(out, commit);
    rse_buf_addc(out, '}');
}

/* Along first parents: what the branch was, one after the other. Takes the commit. */
static bool add_commits(struct rse_buf *out, git_commit *commit, int64_t limit, struct rse_err *err)
{
    int rc = 0;

    for (int64_t i = 0; commit != NULL && i < limit; i++) {
        git_commit *parent = NULL;

        if (i > 0)
            rse_buf_addc(out, ',');
        add_commit(out, commit);
        if (i + 1 < limit && git_commit_parentcount(commit) > 0)
            rc = git_commit_parent(&parent, commit, 0);
        git_commit_free(commit);
        commit = parent;
    }
    git_commit_free(commit);
    return rc == 0 || git_error_take(err, rc, "could not read the history");
}

bool question_commits(struct question *question, struct rse_buf *out, struct rse_err *err)
{
    const char *text = question->param(question, "limit");
    struct rse_err none = RSE_ERR_INIT;
    int64_t limit = DEFAULT_LIMIT;
    git_commit *head = NULL;

    if (text != NULL && !rse_parse_int64(rse_str(text), 1, MAX_LIMIT, &limit)) {
        question_name_param(err, "limit");
        return rse_fail(err, RSE_INVALID, "\"%s\" is no whole number from 1 to %d", text, MAX_LIMIT);
    }
    if (!question_commit(question, "from", &head, &none) && none.code != RSE_NOT_FOUND) {
        *err = none;
        return false;
    }
    rse_buf_adds(out, "{\"value\":[");
    if (!add_commits(out, head, limit, err))
        return false;
    rse_buf_adds(out, "]}");
    return true;
}
