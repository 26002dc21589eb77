#include "automation-worker/remote/outgoing.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <resedge/map.h>

#include "automation-worker/git/error.h"
#include "automation-worker/git/pack_writer.h"

#include "automation-worker/remote/stored_pack.h"

/* ---- a pack of what a commit adds ---- */

struct making {
    git_repository *git;
    git_odb *odb;
    struct pack_writer *writer;
    struct rse_map *added; /* ids, so that none is written twice */
};

static bool add(struct making *making, const git_oid *id, struct rse_err *err)
{
    struct rse_str key = rse_str_n((const char *)id->id, sizeof(id->id));
    git_odb_object *object;

    if (rse_map_get(making->added, key) != NULL)
        return true;
    rse_map_put(making->added, key, making);
    int rc = git_odb_read(&object, making->odb, id);
    if (rc != 0)
        return git_error_take(err, rc, "could not read object %.12s", git_oid_tostr_s(id));
    bool ok = pack_writer_add(making->writer, git_odb_object_type(object),
                              rse_str_n(git_odb_object_data(object), git_odb_object_size(object)), id, NULL, err);
    git_odb_object_free(object);
    return ok;
}

static bool read_tree(git_tree **out, const struct making *making, const git_oid *id, struct rse_err *err)
{
    int rc = git_tree_lookup(out, making->git, id);

    return rc == 0 || git_error_take(err, rc, "could not read tree %.12s", git_oid_tostr_s(id));
}

static bool add_tree(struct making *making, const git_oid *id, const git_oid *before, struct rse_err *err);

/* An entry that the folder before has as well needs nothing; else the entry of that name is what it came from. */
static bool add_entry(struct making *making, const git_tree_entry *entry, git_tree *before, struct rse_err *err)
{
    const git_tree_entry *old = before != NULL ? git_tree_entry_byname(before, git_tree_entry_name(entry)) : NULL;
    const git_oid *id = git_tree_entry_id(entry);
    bool was_tree = old != NULL && git_tree_entry_type(old) == GIT_OBJECT_TREE;

    if (old != NULL && git_oid_equal(git_tree_entry_id(old), id))
        return true;
    if (git_tree_entry_type(entry) == GIT_OBJECT_TREE)
        return add_tree(making, id, was_tree ? git_tree_entry_id(old) : NULL, err);
    return git_tree_entry_type(entry) != GIT_OBJECT_BLOB || add(making, id, err);
}

static bool add_tree(struct making *making, const git_oid *id, const git_oid *before, struct rse_err *err)
{
    git_tree *tree = NULL, *old = NULL;
    bool ok = add(making, id, err) && read_tree(&tree, making, id, err) &&
              (before == NULL || read_tree(&old, making, before, err));

    for (size_t i = 0; ok && i < git_tree_entrycount(tree); i++)
        ok = add_entry(making, git_tree_entry_byindex(tree, i), old, err);
    git_tree_free(tree);
    git_tree_free(old);
    return ok;
}

static bool add_commit(struct making *making, const git_oid *id, struct rse_err *err)
{
    git_commit *commit = NULL, *parent = NULL;
    int rc = git_commit_lookup(&commit, making->git, id);

    if (rc == 0 && git_commit_parentcount(commit) > 0)
        rc = git_commit_parent(&parent, commit, 0);
    bool ok = rc == 0 || git_error_take(err, rc, "could not read commit %.12s", git_oid_tostr_s(id));
    const git_oid *tree = ok ? git_commit_tree_id(commit) : NULL;
    const git_oid *before = parent != NULL ? git_commit_tree_id(parent) : NULL;

    ok = ok && add(making, id, err) &&
         ((before != NULL && git_oid_equal(before, tree)) || add_tree(making, tree, before, err));
    git_commit_free(parent);
    git_commit_free(commit);
    return ok;
}

static bool take_pack(struct outgoing *out, int folder, const git_oid *sum, struct rse_err *err)
{
    char name[GIT_OID_HEXSZ + 16];
    struct stat st;

    snprintf(name, sizeof(name), "pack-%s.pack", git_oid_tostr_s(sum));
    out->fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
    if (out->fd < 0 || fstat(out->fd, &st) != 0)
        return rse_fail_errno(err, RSE_UNAVAILABLE, errno, "could not open the pack to be pushed");
    out->size = st.st_size;
    return true;
}

static bool make(struct outgoing *out, git_repository *git, const char *path, int folder, const git_oid *commit,
                 struct rse_err *err)
{
    struct making making = { .git = git, .added = rse_map_new() };
    git_oid sum;
    int rc = git_repository_odb(&making.odb, git);
    bool ok = rc == 0 || git_error_take(err, rc, "could not open the object database");

    ok = ok && pack_writer_new(&making.writer, path, err) && add_commit(&making, commit, err) &&
         pack_writer_finish(making.writer, &sum, err) && take_pack(out, folder, &sum, err);
    pack_writer_free(making.writer);
    git_odb_free(making.odb);
    rse_map_free(making.added);
    return ok;
}

/* Also what a worker left there that was killed. */
static void clear(int folder)
{
    int fd = dup(folder);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    struct dirent *entry;

    if (dir == NULL)
        return;
    rewinddir(dir);
    while ((entry = readdir(dir)) != NULL)
        unlinkat(folder, entry->d_name, 0); /* "." and ".." stay */
    closedir(dir);
}

/* The pack stays readable through its descriptor when its name is gone. */
static bool make_aside(struct outgoing *out, git_repository *git, const git_oid *commit, struct rse_err *err)
{
    char path[PATH_MAX];
    int folder = -1;

    if (snprintf(path, sizeof(path), "%sresedge-push", git_repository_path(git)) >= (int)sizeof(path))
        return rse_fail(err, RSE_INVALID, "the path of the repository is too long");
    if (mkdir(path, 0700) == 0 || errno == EEXIST)
        folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return rse_fail_errno(err, RSE_UNAVAILABLE, errno, "could not make a folder for the pack to be pushed");
    clear(folder);
    bool ok = make(out, git, path, folder, commit, err);
    clear(folder);
    close(folder);
    return ok;
}

/* ---- either ---- */

bool outgoing_open(struct outgoing *out, git_repository *git, const git_oid *commit, struct rse_err *err)
{
    char folder[PATH_MAX];

    *out = (struct outgoing){ .fd = -1 };
    if (snprintf(folder, sizeof(folder), "%sobjects/pack", git_repository_path(git)) >= (int)sizeof(folder))
        return rse_fail(err, RSE_INVALID, "the path of the repository is too long");
    if (!stored_pack_open(folder, commit, &out->fd, &out->size, err))
        return false;
    out->stored = out->fd >= 0;
    if (out->stored || make_aside(out, git, commit, err))
        return true;
    outgoing_close(out);
    return false;
}

void outgoing_close(struct outgoing *outgoing)
{
    if (outgoing->fd >= 0)
        close(outgoing->fd);
    outgoing->fd = -1;
}
