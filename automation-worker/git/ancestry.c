#include "automation-worker/git/ancestry.h"

#include "automation-worker/git/error.h"

#define MAX_COMMITS 10000

/* One commit of the walk. *next: its first parent, zero for none. */
static bool step(struct checkpoint *out, git_oid *next, git_repository *git, const git_oid *id, struct rse_err *err)
{
    git_commit *commit;
    int rc = git_commit_lookup(&commit, git, id);

    if (rc != 0)
        return git_error_take(err, rc, "could not read commit %.12s", git_oid_tostr_s(id));
    *out = (struct checkpoint){ .commit = *id, .tree = *git_commit_tree_id(commit) };
    out->found = trailers_parse(git_commit_message(commit), &out->trailers);
    if (git_commit_parentcount(commit) > 0)
        out->parent = *git_commit_parent_id(commit, 0);
    *next = out->parent;
    git_commit_free(commit);
    return true;
}

bool ancestry_find(struct ancestry *out, git_repository *git, const git_oid *head, const git_oid *known,
                   struct rse_err *err)
{
    bool wants_known = !git_oid_is_zero(known);
    git_oid id = *head;

    *out = (struct ancestry){ .known = false };
    for (int i = 0; i < MAX_COMMITS && !git_oid_is_zero(&id); i++) {
        bool is_known = wants_known && git_oid_equal(&id, known);
        struct checkpoint at;

        if (!step(&at, &id, git, &id, err))
            return false;
        if (!out->base.found && (at.found || is_known)) {
            out->base_is_ours = at.found;
            out->base = at;
            out->base.found = true;
        }
        out->known |= is_known;
        if (out->base.found && (out->known || !wants_known))
            break;
    }
    return true;
}
