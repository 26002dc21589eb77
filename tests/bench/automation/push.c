#include "tests/bench/automation/push.h"

#include <stdio.h>

#include <resedge/client.h>

#include "automation-worker/clock.h"
#include "automation-worker/git/repo.h"
#include "automation-worker/remote/outgoing.h"
#include "automation-worker/remote/remote.h"

static bool read_parent(git_repository *git, const git_oid *id, git_oid *parent)
{
    git_commit *commit;

    if (git_commit_lookup(&commit, git, id) != 0)
        return false;
    bool found = git_commit_parentcount(commit) > 0;
    if (found)
        *parent = *git_commit_parent_id(commit, 0);
    git_commit_free(commit);
    return found;
}

static bool push(git_repository *git, const struct remote_options *options, struct remote_update *update,
                 struct rse_err *err)
{
    RSE_CLEANUP(remote_freep) struct remote *remote = NULL;
    struct outgoing pack;
    int64_t start = clock_us();

    if (!remote_new(&remote, options, err) || !outgoing_open(&pack, git, &update->to, err))
        return false;
    int64_t found = clock_us();
    update->pack_fd = pack.fd;
    update->pack_size = pack.size;
    bool ok = remote_push(remote, update, err);
    if (ok)
        (void)printf("find %.6f\npush %.6f\n", (double)(found - start) / 1e6, (double)(clock_us() - found) / 1e6);
    outgoing_close(&pack);
    return ok;
}

int command_push(const char *repository, const char *url, const char *credentials, const char *commit)
{
    RSE_CLEANUP(repo_freep) struct repo *repo = NULL;
    struct rse_err err = RSE_ERR_INIT;
    struct remote_update update = { .branch = "main" };
    struct remote_options options = {
        .url = rse_str(url),
        .credential = RSE_STR("host"),
        .credentials_dir = credentials,
        .limits = { .connect_ms = 10000, .idle_ms = 600000, .whole_ms = 3600000, .max_bytes = INT64_MAX },
    };

    rse_client_global_init();
    repo_global_init();
    if (!repo_open(&repo, repository, &err) || git_oid_fromstr(&update.to, commit) != 0 ||
        !read_parent(repo_git(repo), &update.to, &update.from) || !push(repo_git(repo), &options, &update, &err)) {
        (void)fprintf(stderr, "automation: %s %s\n", err.what, err.object);
        return 1;
    }
    return 0;
}
