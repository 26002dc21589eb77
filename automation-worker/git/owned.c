#include "automation-worker/git/owned.h"

#include "automation-worker/git/commit.h"
#include "automation-worker/git/error.h"
#include "automation-worker/git/tree.h"

#define MAX_COMMITS 10000

/* One commit of the walk: its tree, whose it is, and where to go on. */
struct step {
    struct tree *tree; /* NULL: before the first commit */
    git_oid id, parent;
    bool ours, has_parent;
};

static bool step_to(struct step *step, struct objects *objects, git_repository *git, const git_oid *id,
                    struct rse_err *err)
{
    struct trailers trailers;
    git_commit *commit;
    int rc = git_commit_lookup(&commit, git, id);

    if (rc != 0)
        return git_error_take(err, rc, "could not read commit %.12s", git_oid_tostr_s(id));
    *step = (struct step){ .id = *id, .has_parent = git_commit_parentcount(commit) > 0 };
    step->tree = tree_new(objects, git_commit_tree_id(commit));
    step->ours = trailers_parse(git_commit_message(commit), &trailers);
    if (step->has_parent)
        step->parent = *git_commit_parent_id(commit, 0);
    git_commit_free(commit);
    return true;
}

/* The zero id where there is nothing. */
static bool id_at(struct tree *tree, struct rse_str path, git_oid *id, struct rse_err *err)
{
    struct tree_entry entry;
    bool found = false;

    memset(id, 0, sizeof(*id));
    if (tree != NULL && !tree_get(tree, path, &entry, &found, err))
        return false;
    if (found)
        *id = entry.id;
    return true;
}

/* Compares one folder in a commit and in its parent. */
static bool decide(struct owned_folder *folder, const struct step *commit, const struct step *parent,
                   struct rse_err *err)
{
    git_oid before;

    if (!id_at(parent->tree, folder->path, &before, err))
        return false;
    if (!git_oid_equal(&before, &folder->id) && commit->ours) {
        folder->owned = true;
        folder->decided = true;
    }
    /* Where it came from nothing, what was before is another folder's story. */
    folder->decided |= git_oid_is_zero(&before);
    folder->id = before;
    return true;
}

/* Whether anything under clusters/ differs between a commit and its parent: most commits of people touch only
 * templates. */
static bool differs(const struct step *commit, const struct step *parent, bool *out, struct rse_err *err)
{
    git_oid after, before;

    if (!id_at(commit->tree, RSE_STR("clusters"), &after, err) ||
        !id_at(parent->tree, RSE_STR("clusters"), &before, err))
        return false;
    *out = !git_oid_equal(&after, &before);
    return true;
}

static bool decide_all(struct owned_folder *folders, size_t count, const struct step *commit, const struct step *parent,
                       size_t *open, struct rse_err *err)
{
    bool changed;

    if (!differs(commit, parent, &changed, err))
        return false;
    if (!changed)
        return true;
    *open = 0;
    for (size_t i = 0; i < count; i++) {
        if (!folders[i].decided && !decide(&folders[i], commit, parent, err))
            return false;
        *open += !folders[i].decided;
    }
    return true;
}

static bool walk(struct step *commit, struct objects *objects, git_repository *git, struct owned_folder *folders,
                 size_t count, struct rse_err *err)
{
    size_t open = count;

    for (int i = 0; i < MAX_COMMITS && open > 0; i++) {
        struct step parent = { .tree = NULL };

        if (commit->has_parent && !step_to(&parent, objects, git, &commit->parent, err))
            return false;
        bool ok = decide_all(folders, count, commit, &parent, &open, err);
        tree_free(commit->tree);
        *commit = parent;
        if (!ok)
            return false;
    }
    return true;
}

bool owned_find(struct objects *objects, git_repository *git, const git_oid *from, struct owned_folder *folders,
                size_t count, struct rse_err *err)
{
    struct step commit = { .tree = NULL };

    bool ok = step_to(&commit, objects, git, from, err);
    for (size_t i = 0; ok && i < count; i++) {
        folders[i].owned = folders[i].decided = false;
        ok = id_at(commit.tree, folders[i].path, &folders[i].id, err);
    }
    ok = ok && walk(&commit, objects, git, folders, count, err);
    tree_free(commit.tree);
    return ok;
}
