#include "automation-worker/git/repo.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <resedge/buf.h>

#include "automation-worker/git/error.h"

#define LOCK_RETRY_MS 50

struct repo {
    git_repository *git;
    int lock_fd; /* -1: not locked */
};

void repo_global_init(void)
{
    git_libgit2_init();
    git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 1);
}

void repo_global_shutdown(void)
{
    git_libgit2_shutdown();
}

bool repo_path(char **out, struct rse_str url, struct rse_err *err)
{
    struct rse_str path = url;

    if (rse_str_starts(url, RSE_STR("file://")))
        path = rse_str_from(url, strlen("file://"));
    if (path.len == 0 || path.p[0] != '/') {
        rse_err_hint(err, "Give the absolute path of a bare repository on the worker's disk.");
        return rse_fail(err, RSE_INVALID, "that is no path of a repository");
    }
    if (path.len >= PATH_MAX || memchr(path.p, '\0', path.len) != NULL)
        return rse_fail(err, RSE_INVALID, "the path of the repository can't be used");
    *out = rse_xstrndup(path);
    return true;
}

static struct repo *wrap(git_repository *git)
{
    struct repo *repo = rse_new(struct repo);

    repo->git = git;
    repo->lock_fd = -1;
    return repo;
}

bool repo_open(struct repo **out, const char *path, struct rse_err *err)
{
    git_repository *git;
    int rc = git_repository_open_ext(&git, path, GIT_REPOSITORY_OPEN_NO_SEARCH | GIT_REPOSITORY_OPEN_BARE, NULL);

    if (rc == 0) {
        *out = wrap(git);
        return true;
    }
    rse_err_object(err, "repository %s", path);
    if (rc == GIT_EOWNER)
        rse_err_hint(err, "Run the worker as the user that owns the repository.");
    return git_error_take(err, rc, "could not open the repository");
}

static int remove_one(const char *path, const struct stat *st RSE_UNUSED, int type RSE_UNUSED,
                      struct FTW *ftw RSE_UNUSED)
{
    return remove(path);
}

static bool init_bare(const char *path, const char *branch, struct rse_err *err)
{
    git_repository_init_options options;
    git_repository *git;

    git_repository_init_options_init(&options, GIT_REPOSITORY_INIT_OPTIONS_VERSION);
    options.flags = GIT_REPOSITORY_INIT_BARE | GIT_REPOSITORY_INIT_NO_REINIT;
    options.initial_head = branch;
    int rc = git_repository_init_ext(&git, path, &options);
    if (rc != 0)
        return git_error_take(err, rc, "could not create the repository");
    git_repository_free(git);
    return true;
}

/* Made aside and renamed, so that a worker killed meanwhile leaves no half of a repository. Renaming fails when
 * somebody else was faster or something stands there; what is there then is for repo_open() to judge. */
static bool create(const char *path, const char *branch, struct rse_err *err)
{
    char aside[PATH_MAX];
    int len = snprintf(aside, sizeof(aside), "%s.XXXXXX", path);

    rse_err_object(err, "repository %s", path);
    if (len < 0 || (size_t)len >= sizeof(aside))
        return rse_fail(err, RSE_INVALID, "the path of the repository is too long");
    if (mkdtemp(aside) == NULL)
        return rse_fail_errno(err, RSE_UNAVAILABLE, errno, "could not create the repository");
    bool ok = chmod(aside, 0755) == 0 && init_bare(aside, branch, err);
    if (!ok || rename(aside, path) != 0)
        nftw(aside, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return ok;
}

bool repo_open_or_create(struct repo **out, const char *path, const char *branch, struct rse_err *err)
{
    struct rse_err first = RSE_ERR_INIT;
    struct rse_err creating = RSE_ERR_INIT;

    if (repo_open(out, path, &first))
        return true;
    if (first.code != RSE_NOT_FOUND) {
        *err = first;
        return false;
    }
    if (!create(path, branch, &creating)) {
        *err = creating;
        return false;
    }
    return repo_open(out, path, err);
}

void repo_free(struct repo *repo)
{
    if (repo == NULL)
        return;
    if (repo->lock_fd >= 0)
        close(repo->lock_fd);
    git_repository_free(repo->git);
    free(repo);
}

void repo_freep(struct repo **repo)
{
    repo_free(*repo);
    *repo = NULL;
}

git_repository *repo_git(const struct repo *repo)
{
    return repo->git;
}

static bool wait_for_lock(int fd, int64_t wait_ms)
{
    for (int64_t waited = 0; flock(fd, LOCK_EX | LOCK_NB) != 0; waited += LOCK_RETRY_MS) {
        struct timespec pause = { .tv_nsec = LOCK_RETRY_MS * 1000000L };

        if ((errno != EWOULDBLOCK && errno != EINTR) || waited >= wait_ms)
            return false;
        nanosleep(&pause, NULL);
    }
    return true;
}

bool repo_lock(struct repo *repo, int64_t wait_ms, struct rse_err *err)
{
    char path[PATH_MAX];

    snprintf(path, sizeof(path), "%sresedge.lock", git_repository_path(repo->git));
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0) {
        rse_err_object(err, "repository %s", git_repository_path(repo->git));
        return rse_fail_errno(err, RSE_UNAVAILABLE, errno, "could not open the repository's lock");
    }
    if (!wait_for_lock(fd, wait_ms)) {
        close(fd);
        rse_err_object(err, "repository %s", git_repository_path(repo->git));
        rse_err_hint(err, "The worker retries by itself.");
        return rse_fail(err, RSE_UNAVAILABLE, "another worker is writing the repository");
    }
    repo->lock_fd = fd;
    return true;
}

static void ref_name(char out[static 300], const char *branch)
{
    snprintf(out, 300, "%s%s", strncmp(branch, "refs/", 5) == 0 ? "" : "refs/heads/", branch);
}

bool repo_check_branch(const char *branch, struct rse_err *err)
{
    char name[300];
    int valid = 0;

    ref_name(name, branch);
    if (strlen(branch) > 200 || strncmp(branch, "refs/", 5) == 0 || git_reference_name_is_valid(&valid, name) != 0 ||
        !valid)
        return rse_fail(err, RSE_INVALID, "\"%s\" can't be the name of a branch", branch);
    return true;
}

bool repo_branch_id(const struct repo *repo, const char *branch, git_oid *out, struct rse_err *err)
{
    char name[300];

    ref_name(name, branch);
    int rc = git_reference_name_to_id(out, repo->git, name);
    if (rc == GIT_ENOTFOUND)
        memset(out, 0, sizeof(*out));
    else if (rc != 0)
        return git_error_take(err, rc, "could not read branch %s", branch);
    return true;
}

bool repo_head(const struct repo *repo, const char *branch, struct repo_head *out, struct rse_err *err)
{
    git_oid id;

    if (repo_branch_id(repo, branch, &id, err) && repo_head_at(repo, &id, out, err))
        return true;
    rse_err_object(err, "branch %s", branch);
    return false;
}

bool repo_head_at(const struct repo *repo, const git_oid *id, struct repo_head *out, struct rse_err *err)
{
    git_commit *commit;

    *out = (struct repo_head){ .born = false, .commit = *id };
    if (git_oid_is_zero(&out->commit))
        return true;
    int rc = git_commit_lookup(&commit, repo->git, &out->commit);
    if (rc != 0) {
        rse_err_hint(err, "The repository is damaged: git fsck shows where.");
        return git_error_take(err, rc, "could not read commit %.12s", git_oid_tostr_s(id));
    }
    out->tree = *git_commit_tree_id(commit);
    out->born = true;
    git_commit_free(commit);
    return true;
}

bool repo_move(struct repo *repo, const char *branch, const struct repo_head *from, const git_oid *to,
               struct rse_err *err)
{
    char name[300];
    git_oid none = { { 0 } }; /* as the expected value: the branch may not exist */
    git_reference *ref;

    ref_name(name, branch);
    int rc = git_reference_create_matching(&ref, repo->git, name, to, 1, from->born ? &from->commit : &none,
                                           "resedge-worker: commit");
    if (rc != 0)
        return git_error_take(err, rc, "could not move branch %s", branch);
    git_reference_free(ref);
    return true;
}

bool repo_set_ref(struct repo *repo, const char *ref, const git_oid *to, struct rse_err *err)
{
    git_reference *made;
    int rc;

    if (git_oid_is_zero(to)) {
        rc = git_reference_remove(repo->git, ref);
        return rc == 0 || rc == GIT_ENOTFOUND || git_error_take(err, rc, "could not remove %s", ref);
    }
    rc = git_reference_create(&made, repo->git, ref, to, 1, "resedge-worker: fetch or push");
    if (rc != 0)
        return git_error_take(err, rc, "could not move %s", ref);
    git_reference_free(made);
    return true;
}

bool repo_has_ancestor(const struct repo *repo, const git_oid *commit, const git_oid *ancestor)
{
    if (git_oid_is_zero(commit) || git_oid_is_zero(ancestor))
        return false;
    return git_oid_equal(commit, ancestor) || git_graph_descendant_of(repo->git, commit, ancestor) == 1;
}
