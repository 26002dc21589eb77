#include "tests/unit/worker/worker_test.h"

#include <resedge/buf.h>

#include "automation-worker/git/commit.h"
#include "automation-worker/git/tree.h"

static git_oid empty_tree(struct fixture *fixture)
{
    struct rse_err err = RSE_ERR_INIT;
    struct tree *tree = tree_new(fixture->objects, NULL);
    git_oid id;

    assert_ok(tree_hash(tree, &id, &err), &err);
    assert_ok(tree_store(tree, fixture->objects, &err), &err);
    tree_free(tree);
    return id;
}

static git_oid commit_with(struct fixture *fixture, const git_oid *parent, const char *message)
{
    struct rse_err err = RSE_ERR_INIT;
    struct commit_spec spec = { .parent = parent,
                                .author = RSE_STR("Ada"),
                                .email = RSE_STR("ada@example.com"),
                                .time = 1700000000,
                                .message = rse_str(message) };
    git_oid id;

    spec.tree = empty_tree(fixture);
    assert_ok(commit_write(fixture->objects, &spec, &id, &err), &err);
    assert_ok(objects_finish(fixture->objects, &err), &err);
    return id;
}

static void message_of(struct rse_buf *out, int64_t revision, int64_t job)
{
    struct trailers trailers = { .revision = revision, .job = job, .change = "0c5b6f3e-8f5a-4d2e-9a53-9f2f8d1f6a10" };

    rse_buf_init(out, 4096);
    rse_buf_adds(out, "Revision 12: 3 clusters changed\n\n1 file added\n");
    trailers_add(out, &trailers);
}

static void trailers__are_read_back_as_they_were_written(void **state)
{
    RSE_BUF_AUTO message = { 0 };
    struct trailers trailers;

    (void)state;
    message_of(&message, 12, 34);
    assert_true(trailers_parse(message.p, &trailers));
    assert_int_equal(trailers.revision, 12);
    assert_int_equal(trailers.job, 34);
    assert_string_equal(trailers.change, "0c5b6f3e-8f5a-4d2e-9a53-9f2f8d1f6a10");
}

static void trailers__of_people_are_none_of_ours(void **state)
{
    static const char *const messages[] = {
        "Add a template\n",
        "Add\n\nSigned-off-by: Ada <ada@example.com>\n",
        "Resedge-Revision: 3\n",
        "Quote\n\nResedge-Revision: 1\nResedge-Change: x\nResedge-Job: 2\n\nin the middle of the text\n",
        "Bad\n\nResedge-Revision: -1\nResedge-Change: x\nResedge-Job: two\n",
    };
    struct trailers trailers;

    (void)state;
    for (size_t i = 0; i < RSE_COUNT(messages); i++)
        assert_false(trailers_parse(messages[i], &trailers));
}

static void checkpoint__is_the_newest_first_parent_commit_with_trailers(void **state)
{
    struct fixture *fixture = *state;
    struct rse_err err = RSE_ERR_INIT;
    struct checkpoint checkpoint;
    RSE_BUF_AUTO older = { 0 }, newer = { 0 };

    message_of(&older, 1, 1);
    message_of(&newer, 2, 2);
    git_oid first = commit_with(fixture, NULL, "A person begins\n");
    git_oid second = commit_with(fixture, &first, older.p);
    git_oid third = commit_with(fixture, &second, newer.p);
    git_oid head = commit_with(fixture, &third, "A person goes on\n");

    assert_ok(checkpoint_find(repo_git(fixture->repo), &head, &checkpoint, &err), &err);
    assert_true(checkpoint.found);
    assert_true(git_oid_equal(&checkpoint.commit, &third));
    assert_true(git_oid_equal(&checkpoint.parent, &second));
    assert_int_equal(checkpoint.trailers.job, 2);

    assert_ok(checkpoint_find(repo_git(fixture->repo), &first, &checkpoint, &err), &err);
    assert_false(checkpoint.found);
}

static void commit__is_the_same_when_made_twice(void **state)
{
    struct fixture *fixture = *state;
    git_oid one = commit_with(fixture, NULL, "Same\n"), two = commit_with(fixture, NULL, "Same\n");

    assert_true(git_oid_equal(&one, &two));
}

static void commit__survives_names_that_would_break_its_structure(void **state)
{
    struct fixture *fixture = *state;
    struct rse_err err = RSE_ERR_INIT;
    struct commit_spec spec = { .author = RSE_STR(" <Eve>\nparent 00\n "), .message = RSE_STR("Hello\n"), .time = 5 };
    git_commit *commit;
    git_oid id;

    spec.tree = empty_tree(fixture);
    assert_ok(commit_write(fixture->objects, &spec, &id, &err), &err);
    assert_ok(objects_finish(fixture->objects, &err), &err);
    assert_int_equal(git_commit_lookup(&commit, repo_git(fixture->repo), &id), 0);
    assert_int_equal(git_commit_parentcount(commit), 0);
    assert_string_equal(git_commit_author(commit)->name, "Eve??parent 00");
    assert_string_equal(git_commit_author(commit)->email, "unknown@resedge.invalid");
    assert_string_equal(git_commit_committer(commit)->name, "Res-Edge Automation");
    git_commit_free(commit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trailers__are_read_back_as_they_were_written),
        cmocka_unit_test(trailers__of_people_are_none_of_ours),
        cmocka_unit_test(checkpoint__is_the_newest_first_parent_commit_with_trailers),
        cmocka_unit_test(commit__is_the_same_when_made_twice),
        cmocka_unit_test(commit__survives_names_that_would_break_its_structure),
    };

    return cmocka_run_group_tests(tests, fixture_up, fixture_down);
}
