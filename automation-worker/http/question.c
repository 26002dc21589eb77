#include "automation-worker/http/question.h"

#include <ctype.h>

#include <resedge/plan.h>

#include "automation-worker/git/error.h"

static bool is_hex(const char *text)
{
    size_t len = strlen(text);

    for (size_t i = 0; i < len; i++) {
        if (!isxdigit((unsigned char)text[i]))
            return false;
    }
    return len >= 4 && len <= GIT_OID_HEXSZ;
}

static bool head_commit(const struct question *question, git_commit **out, struct rse_err *err)
{
    const char *name = rse_arena_printf(question->arena, "refs/heads/%s", question->target.branch);
    git_oid id;
    int rc = git_reference_name_to_id(&id, question->git, name);

    if (rc == GIT_ENOTFOUND)
        return rse_fail(err, RSE_NOT_FOUND, "the branch has no commits yet");
    if (rc == 0)
        rc = git_commit_lookup(out, question->git, &id);
    return rc == 0 || git_error_take(err, rc, "could not read the branch's head");
}

void question_name_param(struct rse_err *err, const char *name)
{
    rse_err_object(err, "query parameter \"%s\"", name);
}

bool question_commit(const struct question *question, const char *name, git_commit **out, struct rse_err *err)
{
    const char *text = question->param(question, name);
    git_oid prefix;

    if (text == NULL || text[0] == '\0')
        return head_commit(question, out, err);
    if (!is_hex(text) || git_oid_fromstrn(&prefix, text, strlen(text)) != 0) {
        question_name_param(err, name);
        return rse_fail(err, RSE_INVALID, "a commit is given by 4 to 40 hex digits");
    }
    int rc = git_commit_lookup_prefix(out, question->git, &prefix, strlen(text));
    if (rc == GIT_ENOTFOUND)
        return rse_fail(err, RSE_NOT_FOUND, "there is no commit %s", text);
    return rc == 0 || git_error_take(err, rc, "could not read commit %s", text);
}

const char *question_folder(const struct question *question)
{
    RSE_BUF_AUTO folder = { 0 };

    rse_buf_init(&folder, 1024);
    rse_cluster_folder(question->target.pattern, rse_str(question->cluster), &folder);
    return rse_arena_strdup(question->arena, folder.p);
}

bool question_tree(const struct question *question, git_commit *commit, git_tree **out, struct rse_err *err)
{
    git_tree_entry *entry;
    git_tree *root;

    *out = NULL;
    int rc = git_commit_tree(&root, commit);
    if (rc != 0)
        return git_error_take(err, rc, "could not read a commit's tree");
    rc = git_tree_entry_bypath(&entry, root, question_folder(question));
    git_tree_free(root);
    if (rc == GIT_ENOTFOUND)
        return true;
    if (rc == 0) {
        if (git_tree_entry_type(entry) == GIT_OBJECT_TREE)
            rc = git_tree_lookup(out, question->git, git_tree_entry_id(entry));
        git_tree_entry_free(entry);
    }
    return rc == 0 || git_error_take(err, rc, "could not read the cluster's folder");
}
