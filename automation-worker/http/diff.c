#include <resedge/model.h>

#include "automation-worker/git/error.h"

#include "automation-worker/http/question.h"

#define MAX_FILES       5000
#define MAX_PATCH_BYTES ((size_t)8 << 20) /* of all patches of an answer; files beyond it come without */

/* The two commits that are compared; from may be NULL: nothing. */
struct sides {
    git_commit *from, *to;
    git_tree *before, *after;
};

static void sides_release(struct sides *sides)
{
    git_tree_free(sides->before);
    git_tree_free(sides->after);
    git_commit_free(sides->from);
    git_commit_free(sides->to);
}

static bool read_from(const struct question *question, struct sides *sides, struct rse_err *err)
{
    if (question->param(question, "from") != NULL)
        return question_commit(question, "from", &sides->from, err);
    if (git_commit_parentcount(sides->to) == 0)
        return true;
    int rc = git_commit_parent(&sides->from, sides->to, 0);
    return rc == 0 || git_error_take(err, rc, "could not read the commit's parent");
}

static bool read_sides(const struct question *question, struct sides *sides, struct rse_err *err)
{
    return question_commit(question, "to", &sides->to, err) && read_from(question, sides, err) &&
           question_tree(question, sides->to, &sides->after, err) &&
           (sides->from == NULL || question_tree(question, sides->from, &sides->before, err));
}

static const char *op_of(const git_diff_delta *delta)
{
    switch (delta->status) {
    case GIT_DELTA_ADDED:
        return "added";
    case GIT_DELTA_DELETED:
        return "removed";
    default:
        return "changed";
    }
}

static bool add_patch(struct rse_buf *out, git_diff *diff, size_t i, struct rse_err *err)
{
    git_patch *patch = NULL;
    git_buf text = { 0 };
    int rc = git_patch_from_diff(&patch, diff, i);

    if (rc == 0 && patch != NULL)
        rc = git_patch_to_buf(&text, patch);
    if (rc == 0 && rse_utf8_valid(rse_str_n(text.ptr, text.size), NULL))
        rse_json_add_string(out, rse_str_n(text.ptr, text.size));
    else
        rse_buf_adds(out, "null");
    git_buf_dispose(&text);
    git_patch_free(patch);
    return rc == 0 || git_error_take(err, rc, "could not compare a file");
}

static bool add_files(struct rse_buf *out, git_diff *diff, struct rse_err *err)
{
    size_t count = git_diff_num_deltas(diff), begin = out->len;

    if (count > MAX_FILES)
        return rse_fail(err, RSE_TOO_LARGE, "more than %d files differ", MAX_FILES);
    for (size_t i = 0; i < count; i++) {
        const git_diff_delta *delta = git_diff_get_delta(diff, i);
        const char *path = delta->status == GIT_DELTA_DELETED ? delta->old_file.path : delta->new_file.path;

        rse_buf_adds(out, i > 0 ? ",{\"path\":" : "{\"path\":");
        rse_json_add_string(out, rse_str(path));
        rse_buf_addf(out, ",\"op\":\"%s\",\"patch\":", op_of(delta));
        if (out->len - begin > MAX_PATCH_BYTES)
            rse_buf_adds(out, "null");
        else if (!add_patch(out, diff, i, err))
            return false;
        rse_buf_addc(out, '}');
    }
    return true;
}

static bool add_diff(const struct question *question, const struct sides *sides, struct rse_buf *out,
                     struct rse_err *err)
{
    git_diff_options options;
    git_diff *diff;

    git_diff_options_init(&options, GIT_DIFF_OPTIONS_VERSION);
    options.max_size = (git_off_t)QUESTION_MAX_FILE;
    int rc = git_diff_tree_to_tree(&diff, question->git, sides->before, sides->after, &options);
    if (rc != 0)
        return git_error_take(err, rc, "could not compare the cluster's folder");
    bool ok = add_files(out, diff, err);
    git_diff_free(diff);
    return ok;
}

bool question_diff(struct question *question, struct rse_buf *out, struct rse_err *err)
{
    struct sides sides = { .from = NULL };

    bool ok = read_sides(question, &sides, err);
    if (ok) {
        if (sides.from != NULL)
            rse_buf_addf(out, "{\"from\":\"%s\"", git_oid_tostr_s(git_commit_id(sides.from)));
        else
            rse_buf_adds(out, "{\"from\":null");
        rse_buf_addf(out, ",\"to\":\"%s\",\"value\":[", git_oid_tostr_s(git_commit_id(sides.to)));
        ok = (sides.before == NULL && sides.after == NULL) || add_diff(question, &sides, out, err);
        rse_buf_adds(out, "]}");
    }
    sides_release(&sides);
    return ok;
}
