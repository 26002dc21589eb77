#include "tests/unit/worker/worker_test.h"

#include <sys/stat.h>

#include "automation-worker/git/commit.h"
#include "automation-worker/git/tree.h"

static git_oid commit_named(struct fixture *fixture, const char *message)
{
    struct rse_err err = RSE_ERR_INIT;
    struct tree *tree = tree_new(fixture->objects, NULL);
    struct commit_spec spec = { .message = rse_str(message), .time = 1 };
    git_oid id;

    assert_ok(tree_hash(tree, &spec.tree, &err), &err);
    assert_ok(tree_store(tree, fixture->objects, &err), &err);
    assert_ok(commit_write(fixture->objects, &spec, &id, &err), &err);
    assert_ok(objects_finish(fixture->objects, &err), &err);
    tree_free(tree);
    return id;
}

static void path__is_that_of_a_local_url_and_refuses_remotes(void **state)
{
    static const char *const remotes[] = { "https://user:secret@example.com/a.git", "ssh://git@example.com/a.git",
                                           "git@example.com:a.git", "relative/a.git", "" };
    struct rse_err err = RSE_ERR_INIT;
    char *path;

    (void)state;
    assert_ok(repo_path(&path, RSE_STR("file:///srv/a.git"), &err), &err);
    assert_string_equal(path, "/srv/a.git");
    free(path);
    assert_ok(repo_path(&path, RSE_STR("/srv/a.git"), &err), &err);
    assert_string_equal(path, "/srv/a.git");
    free(path);
    for (size_t i = 0; i < RSE_COUNT(remotes); i++) {
        struct rse_err refused = RSE_ERR_INIT;

        assert_false(repo_path(&path, rse_str(remotes[i]), &refused));
        assert_int_equal(refused.code, RSE_INVALID);
        assert_null(strstr(refused.what, "secret"));
    }
}

static void create__makes_a_bare_repository_with_its_head_on_the_branch(void **state)
{
    struct fixture *fixture = *state;
    struct rse_err err = RSE_ERR_INIT;
    struct repo_head head;
    char path[120];

    assert_true(git_repository_is_bare(repo_git(fixture->repo)));
    assert_ok(repo_head(fixture->repo, "main", &head, &err), &err);
    assert_false(head.born);
    /* Nothing of the making is left beside it. */
    snprintf(path, sizeof(path), "%s", fixture->folder);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_nlink, 3);
}

static void create__leaves_alone_what_is_no_repository(void **state)
{
    struct fixture *fixture = *state;
    struct rse_err err = RSE_ERR_INIT;
    struct repo *repo;
    char folder[120], file[140];
    struct stat st;

    snprintf(folder, sizeof(folder), "%s/other", fixture->folder);
    snprintf(file, sizeof(file), "%s/precious", folder);
    assert_int_equal(mkdir(folder, 0755), 0);
    fclose(fopen(file, "w"));
    assert_false(repo_open_or_create(&repo, folder, "main", &err));
    assert_int_equal(stat(file, &st), 0);
    assert_int_equal(unlink(file), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void move__creates_the_branch_only_where_there_was_none(void **state)
{
    struct fixture *fixture = *state;
    git_oid one = commit_named(fixture, "one\n"), two = commit_named(fixture, "two\n");
    struct rse_err err = RSE_ERR_INIT, stale = RSE_ERR_INIT;
    struct repo_head unborn, head;

    assert_ok(repo_head(fixture->repo, "create", &unborn, &err), &err);
    assert_ok(repo_move(fixture->repo, "create", &unborn, &one, &err), &err);
    assert_false(repo_move(fixture->repo, "create", &unborn, &two, &stale));
    assert_int_equal(stale.code, RSE_STALE);
    assert_ok(repo_head(fixture->repo, "create", &head, &err), &err);
    assert_true(head.born && git_oid_equal(&head.commit, &one));
}

static void move__refuses_when_somebody_pushed_meanwhile(void **state)
{
    struct fixture *fixture = *state;
    git_oid one = commit_named(fixture, "1\n"), two = commit_named(fixture, "2\n"),
            three = commit_named(fixture, "3\n");
    struct rse_err err = RSE_ERR_INIT, stale = RSE_ERR_INIT;
    struct repo_head seen, head;

    assert_ok(repo_head(fixture->repo, "race", &seen, &err), &err);
    assert_ok(repo_move(fixture->repo, "race", &seen, &one, &err), &err);
    assert_ok(repo_head(fixture->repo, "race", &seen, &err), &err);
    assert_ok(repo_move(fixture->repo, "race", &seen, &two, &err), &err);
    assert_false(repo_move(fixture->repo, "race", &seen, &three, &stale));
    assert_int_equal(stale.code, RSE_STALE);
    assert_ok(repo_head(fixture->repo, "race", &head, &err), &err);
    assert_true(git_oid_equal(&head.commit, &two));
}

static void lock__is_held_by_one_at_a_time(void **state)
{
    struct fixture *fixture = *state;
    struct rse_err err = RSE_ERR_INIT, busy = RSE_ERR_INIT;
    struct repo *first, *second;

    assert_ok(repo_open(&first, fixture->path, &err), &err);
    assert_ok(repo_open(&second, fixture->path, &err), &err);
    assert_ok(repo_lock(first, 0, &err), &err);
    assert_false(repo_lock(second, 0, &busy));
    assert_int_equal(busy.code, RSE_UNAVAILABLE);
    repo_free(first);
    assert_ok(repo_lock(second, 0, &err), &err);
    repo_free(second);
}

static void branch__names_that_git_refuses_are_refused(void **state)
{
    static const char *const bad[] = { "", "a..b", "a b", "/x", "x.lock", "a~1" };
    struct rse_err err = RSE_ERR_INIT;

    (void)state;
    assert_ok(repo_check_branch("release/2.0", &err), &err);
    for (size_t i = 0; i < RSE_COUNT(bad); i++) {
        struct rse_err refused = RSE_ERR_INIT;

        assert_false(repo_check_branch(bad[i], &refused));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(create__makes_a_bare_repository_with_its_head_on_the_branch),
        cmocka_unit_test(create__leaves_alone_what_is_no_repository),
        cmocka_unit_test(path__is_that_of_a_local_url_and_refuses_remotes),
        cmocka_unit_test(move__creates_the_branch_only_where_there_was_none),
        cmocka_unit_test(move__refuses_when_somebody_pushed_meanwhile),
        cmocka_unit_test(lock__is_held_by_one_at_a_time),
        cmocka_unit_test(branch__names_that_git_refuses_are_refused),
    };

    return cmocka_run_group_tests(tests, fixture_up, fixture_down);
}
