/*
 * worker_test.h - what the worker's unit tests share: a repository of their own in a temporary folder.
 */
#ifndef WORKER_TEST_H
#define WORKER_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ftw.h>
#include <git2.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "automation-worker/git/objects.h"
#include "automation-worker/git/repo.h"

struct fixture {
    char folder[64];
    char path[80]; /* of the repository */
    struct repo *repo;
    struct objects *objects;
};

#define assert_ok(call, err)                                          \
    do {                                                              \
        if (!(call))                                                  \
            fail_msg("%s: %s %s", #call, (err)->what, (err)->object); \
    } while (0)

static inline int fixture_remove(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

static inline int fixture_up(void **state)
{
    struct fixture *fixture = rse_new(struct fixture);
    struct rse_err err = RSE_ERR_INIT;

    repo_global_init();
    git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 0); /* nobody pulls the plug on a test */
    snprintf(fixture->folder, sizeof(fixture->folder), "/tmp/resedge-test-XXXXXX");
    assert_non_null(mkdtemp(fixture->folder));
    snprintf(fixture->path, sizeof(fixture->path), "%s/gitops.git", fixture->folder);
    assert_ok(repo_open_or_create(&fixture->repo, fixture->path, "main", &err), &err);
    assert_ok(objects_new(&fixture->objects, repo_git(fixture->repo), OBJECTS_STORE, &err), &err);
    *state = fixture;
    return 0;
}

static inline int fixture_down(void **state)
{
    struct fixture *fixture = *state;

    objects_free(fixture->objects);
    repo_free(fixture->repo);
    nftw(fixture->folder, fixture_remove, 16, FTW_DEPTH | FTW_PHYS);
    free(fixture);
    repo_global_shutdown();
    return 0;
}

#endif
