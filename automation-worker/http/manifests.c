#include <inttypes.h>

#include <resedge/model.h>
#include <resedge/parse.h>

#include "automation-worker/git/error.h"
#include "automation-worker/git/tree_diff.h"

#include "automation-worker/http/question.h"

#define MAX_FILES 20000

struct listing {
    struct rse_buf *out;
    git_odb *odb;
    size_t files;
};

static bool add_file(void *arg, const struct tree_change *change, struct rse_err *err)
{
    struct listing *listing = arg;
    git_object_t type;
    size_t size;
    int rc = git_odb_read_header(&size, &type, listing->odb, &change->entry->id);

    if (rc != 0)
        return git_error_take(err, rc, "could not read a file of the cluster's folder");
    if (++listing->files > MAX_FILES)
        return rse_fail(err, RSE_TOO_LARGE, "the cluster's folder has more than %d files", MAX_FILES);
    rse_buf_adds(listing->out, listing->files > 1 ? ",{\"path\":" : "{\"path\":");
    rse_json_add_string(listing->out, change->path);
    rse_buf_addf(listing->out, ",\"size\":%zu,\"id\":\"%s\"}", size, git_oid_tostr_s(&change->entry->id));
    return true;
}

static bool add_files(const struct question *question, const git_oid *tree_id, struct rse_buf *out, struct rse_err *err)
{
    struct listing listing = { .out = out };
    struct objects *objects;

    if (!objects_new(&objects, question->git, OBJECTS_HASH, err))
        return false;
    struct tree *tree = tree_new(objects, tree_id);
    bool ok = git_repository_odb(&listing.odb, question->git) == 0 && tree_diff(NULL, tree, add_file, &listing, err);
    git_odb_free(listing.odb);
    tree_free(tree);
    objects_free(objects);
    return ok || rse_fail(err, RSE_INTERNAL, "could not read the cluster's folder");
}

static bool list(const struct question *question, const git_commit *commit, const git_tree *tree, struct rse_buf *out,
                 struct rse_err *err)
{
    rse_buf_addf(out, "{\"commit\":\"%s\",\"folder\":", git_oid_tostr_s(git_commit_id(commit)));
    rse_json_add_string(out, rse_str(question_folder(question)));
    rse_buf_adds(out, ",\"value\":[");
    if (tree != NULL && !add_files(question, git_tree_id(tree), out, err))
        return false;
    rse_buf_adds(out, "]}");
    return true;
}

static bool add_blob(const struct question *question, const git_oid *id, struct rse_buf *out, struct rse_err *err)
{
    git_blob *blob;
    int rc = git_blob_lookup(&blob, question->git, id);

    if (rc != 0)
        return git_error_take(err, rc, "could not read the file");
    bool fits = git_blob_rawsize(blob) <= QUESTION_MAX_FILE;
    if (fits)
        rse_buf_addn(out, git_blob_rawcontent(blob), (size_t)git_blob_rawsize(blob));
    git_blob_free(blob);
    return fits || rse_fail(err, RSE_TOO_LARGE, "the file is larger than 4 MiB");
}

static bool show(struct question *question, git_tree *tree, const char *path, struct rse_buf *out, struct rse_err *err)
{
    struct rse_str checked;
    git_tree_entry *entry;

    if (!rse_check_path(rse_str(path), &checked, err)) {
        question_name_param(err, "path");
        return false;
    }
    int rc = tree != NULL ? git_tree_entry_bypath(&entry, tree, checked.p) : GIT_ENOTFOUND;
    if (rc == 0 && git_tree_entry_type(entry) != GIT_OBJECT_BLOB) {
        git_tree_entry_free(entry);
        rc = GIT_ENOTFOUND;
    }
    if (rc == GIT_ENOTFOUND)
        return rse_fail(err, RSE_NOT_FOUND, "there is no such file in the cluster's folder");
    if (rc != 0)
        return git_error_take(err, rc, "could not read the cluster's folder");
    question->content_type = "text/plain; charset=utf-8";
    bool ok = add_blob(question, git_tree_entry_id(entry), out, err);
    git_tree_entry_free(entry);
    return ok;
}

bool question_manifests(struct question *question, struct rse_buf *out, struct rse_err *err)
{
    const char *path = question->param(question, "path");
    git_commit *commit;
    git_tree *tree;

    if (!question_commit(question, "commit", &commit, err))
        return false;
    bool ok = question_tree(question, commit, &tree, err);
    if (ok && path != NULL)
        ok = show(question, tree, path, out, err);
    else if (ok)
        ok = list(question, commit, tree, out, err);
    git_tree_free(tree);
    git_commit_free(commit);
    return ok;
}
