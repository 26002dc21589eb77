#include "tests/unit/worker/worker_test.h"

#include "automation-worker/git/tree.h"
#include "automation-worker/git/tree_diff.h"

/* Folders and files whose order differs with and without the '/' that Git sorts folders by. */
static const char *const FOLDERS[] = { "a", "a-b", "a.b", "a0", "b", "namespaces", "ab" };
static const char *const FILES[] = { "a-", "a.", "a.c", "a+", "f.yaml", "kustomization.yaml", "z", "a!", "aa" };

static uint64_t random_state;

static uint32_t pick(uint32_t below)
{
    random_state = random_state * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)(random_state >> 33) % below;
}

static struct rse_str random_path(char out[static 256])
{
    size_t len = 0;

    for (uint32_t depth = pick(4); depth > 0; depth--)
        len += (size_t)snprintf(out + len, 256 - len, "%s/", FOLDERS[pick(RSE_COUNT(FOLDERS))]);
    snprintf(out + len, 256 - len, "%s", FILES[pick(RSE_COUNT(FILES))]);
    return rse_str(out);
}

static git_oid store_blob(struct fixture *fixture, const char *text)
{
    git_oid id;

    assert_int_equal(git_blob_create_from_buffer(&id, repo_git(fixture->repo), text, strlen(text)), 0);
    return id;
}

/* What libgit2 makes of the same files. */
static git_oid index_tree(struct fixture *fixture, git_index *index)
{
    git_oid id;

    assert_int_equal(git_index_write_tree_to(&id, index, repo_git(fixture->repo)), 0);
    return id;
}

static void index_put(git_index *index, const char *path, const git_oid *id)
{
    git_index_entry entry = { .mode = TREE_FILE, .id = *id, .path = path };

    assert_int_equal(git_index_add(index, &entry), 0);
}

static void edit_both(struct fixture *fixture, struct tree *tree, git_index *index, int edits)
{
    struct rse_err err = RSE_ERR_INIT;
    char path[256], text[32];

    for (int i = 0; i < edits; i++) {
        struct rse_str where = random_path(path);

        if (pick(3) == 0) {
            assert_ok(tree_remove(tree, where, &err), &err);
            git_index_remove(index, path, 0);
            continue;
        }
        snprintf(text, sizeof(text), "%u", pick(50));
        git_oid id = store_blob(fixture, text);
        assert_ok(tree_put(tree, where, TREE_FILE, &id, &err), &err);
        index_put(index, path, &id);
    }
}

static void edited__has_the_id_that_git_gives_the_same_files(void **state)
{
    struct fixture *fixture = *state;
    struct rse_err err = RSE_ERR_INIT;

    for (int round = 1; round <= 60; round++) {
        struct tree *tree = tree_new(fixture->objects, NULL);
        git_oid id, expected;
        git_index *index;

        random_state = (uint64_t)round * 7919;
        assert_int_equal(git_index_new(&index), 0);
        /* Each turn begins with the tree as the turn before stored it. */
        for (int turn = 0; turn < 4; turn++) {
            edit_both(fixture, tree, index, 1 + (int)pick(40));
            assert_ok(tree_hash(tree, &id, &err), &err);
            expected = index_tree(fixture, index);
            assert_true(git_oid_equal(&id, &expected));
            assert_ok(tree_store(tree, fixture->objects, &err), &err);
            assert_ok(objects_finish(fixture->objects, &err), &err);
            tree_free(tree);
            tree = tree_new(fixture->objects, &id);
        }
        tree_free(tree);
        git_index_free(index);
    }
}

static void stored__is_whole_though_folders_that_are_as_they_were_read_are_not_written(void **state)
{
    struct fixture *fixture = *state;
    struct rse_err err = RSE_ERR_INIT;
    struct objects *second;
    git_oid blob = store_blob(fixture, "same"), other = store_blob(fixture, "other"), id;
    struct tree *old = tree_new(fixture->objects, NULL), *new;

    assert_ok(tree_put(old, RSE_STR("x/deep/one"), TREE_FILE, &blob, &err), &err);
    assert_ok(tree_put(old, RSE_STR("y/two"), TREE_FILE, &blob, &err), &err);
    assert_ok(tree_hash(old, &id, &err), &err);
    assert_ok(tree_store(old, fixture->objects, &err), &err);
    assert_ok(objects_finish(fixture->objects, &err), &err);

    new = tree_new(fixture->objects, &id);
    assert_ok(tree_put(new, RSE_STR("x/deep/one"), TREE_FILE, &blob, &err), &err);
    assert_ok(tree_put(new, RSE_STR("y/two"), TREE_FILE, &other, &err), &err);
    assert_ok(tree_hash(new, &id, &err), &err);
    assert_ok(objects_new(&second, repo_git(fixture->repo), OBJECTS_STORE, &err), &err);
    assert_ok(tree_store(new, second, &err), &err);
    assert_ok(objects_finish(second, &err), &err);
    assert_int_equal(objects_counted(second).objects, 2); /* the root and y/ */

    objects_free(second);
    tree_free(old);
    tree_free(new);
}

static void put_then_removed__leaves_the_tree_as_it_was(void **state)
{
    struct fixture *fixture = *state;
    struct rse_err err = RSE_ERR_INIT;
    git_oid blob = store_blob(fixture, "x"), before, after;
    struct tree *tree = tree_new(fixture->objects, NULL);

    assert_ok(tree_put(tree, RSE_STR("clusters/a/f"), TREE_FILE, &blob, &err), &err);
    assert_ok(tree_hash(tree, &before, &err), &err);
    assert_ok(tree_put(tree, RSE_STR("clusters/b/deep/er/f"), TREE_FILE, &blob, &err), &err);
    assert_ok(tree_hash(tree, &after, &err), &err);
    assert_false(git_oid_equal(&before, &after));
    assert_ok(tree_remove(tree, RSE_STR("clusters/b/deep/er/f"), &err), &err);
    assert_ok(tree_hash(tree, &after, &err), &err);
    assert_true(git_oid_equal(&before, &after));
    tree_free(tree);
}

static void put__refuses_paths_that_git_would_not_check_out(void **state)
{
    struct fixture *fixture = *state;
    static const char *const bad[] = { "", "/a", "a/", "a//b", ".", "a/../b", ".git/config", "a/.GIT" };
    git_oid blob = store_blob(fixture, "x");
    struct tree *tree = tree_new(fixture->objects, NULL);

    for (size_t i = 0; i < RSE_COUNT(bad); i++) {
        struct rse_err err = RSE_ERR_INIT;

        assert_false(tree_put(tree, rse_str(bad[i]), TREE_FILE, &blob, &err));
        assert_int_equal(err.code, RSE_INVALID);
    }
    tree_free(tree);
}

static void put__refuses_a_folder_where_a_file_is(void **state)
{
    struct fixture *fixture = *state;
    struct rse_err err = RSE_ERR_INIT;
    git_oid blob = store_blob(fixture, "x");
    struct tree *tree = tree_new(fixture->objects, NULL);

    assert_ok(tree_put(tree, RSE_STR("a"), TREE_FILE, &blob, &err), &err);
    assert_false(tree_put(tree, RSE_STR("a/b"), TREE_FILE, &blob, &err));
    assert_int_equal(err.code, RSE_CONFLICT);
    tree_free(tree);
}

struct seen {
    git_index *index;
    int64_t changes;
};

static bool apply_change(void *arg, const struct tree_change *change, struct rse_err *err)
{
    struct seen *seen = arg;
    char path[256];

    (void)err;
    snprintf(path, sizeof(path), "%.*s", RSE_STR_ARG(change->path));
    seen->changes++;
    if (change->op == TREE_REMOVED)
        assert_int_equal(git_index_remove(seen->index, path, 0), 0);
    else
        index_put(seen->index, path, &change->entry->id);
    return true;
}

/* A diff is right when applying it to the one side gives the other. */
static void diff__applied_to_the_old_tree_gives_the_new_one(void **state)
{
    struct fixture *fixture = *state;
    struct rse_err err = RSE_ERR_INIT;

    for (int round = 1; round <= 40; round++) {
        struct tree_counts counts = { 0 };
        struct seen seen = { 0 };
        git_oid old_id, new_id, got;
        struct tree *old = tree_new(fixture->objects, NULL);

        random_state = (uint64_t)round * 104729;
        assert_int_equal(git_index_new(&seen.index), 0);
        edit_both(fixture, old, seen.index, 30);
        assert_ok(tree_hash(old, &old_id, &err), &err);
        assert_ok(tree_store(old, fixture->objects, &err), &err);
        assert_ok(objects_finish(fixture->objects, &err), &err);

        struct tree *new = tree_new(fixture->objects, &old_id);
        git_index *unused;
        assert_int_equal(git_index_new(&unused), 0);
        edit_both(fixture, new, unused, 12);
        assert_ok(tree_hash(new, &new_id, &err), &err);
        assert_ok(tree_diff(old, new, apply_change, &seen, &err), &err);
        assert_ok(tree_diff_count(old, new, &counts, &err), &err);
        got = index_tree(fixture, seen.index);
        assert_true(git_oid_equal(&got, &new_id));
        assert_int_equal(counts.added + counts.changed + counts.removed, seen.changes);
        git_index_free(seen.index);
        git_index_free(unused);
        tree_free(old);
        tree_free(new);
    }
}

static void read__says_which_tree_is_damaged(void **state)
{
    struct fixture *fixture = *state;
    struct rse_err err = RSE_ERR_INIT;
    git_oid nowhere;
    struct tree_entry entry;
    bool found;

    git_oid_fromstr(&nowhere, "00000000000000000000000000000000000000ff");
    struct tree *tree = tree_new(fixture->objects, &nowhere);
    assert_false(tree_get(tree, RSE_STR("a"), &entry, &found, &err));
    assert_non_null(strstr(err.what, "00000000000000000000000000000000000000ff"));
    tree_free(tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(edited__has_the_id_that_git_gives_the_same_files),
        cmocka_unit_test(stored__is_whole_though_folders_that_are_as_they_were_read_are_not_written),
        cmocka_unit_test(put_then_removed__leaves_the_tree_as_it_was),
        cmocka_unit_test(put__refuses_paths_that_git_would_not_check_out),
        cmocka_unit_test(put__refuses_a_folder_where_a_file_is),
        cmocka_unit_test(diff__applied_to_the_old_tree_gives_the_new_one),
        cmocka_unit_test(read__says_which_tree_is_damaged),
    };

    return cmocka_run_group_tests(tests, fixture_up, fixture_down);
}
