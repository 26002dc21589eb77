#include "tests/unit/worker/worker_test.h"

#include "automation-worker/git/commit.h"
#include "automation-worker/git/tree.h"
#include "automation-worker/remote/outgoing.h"

enum { MANY = 500 };

static struct objects *begin(struct fixture *fixture)
{
    struct rse_err err = RSE_ERR_INIT;
    struct objects *objects;

    assert_ok(objects_new(&objects, repo_git(fixture->repo), OBJECTS_STORE, &err), &err);
    return objects;
}

static void end(struct objects *objects)
{
    struct rse_err err = RSE_ERR_INIT;

    assert_ok(objects_finish(objects, &err), &err);
    objects_free(objects);
}

/* A commit with so many files, on top of another. */
static git_oid commit_files(struct objects *objects, const git_oid *parent, int files)
{
    struct rse_err err = RSE_ERR_INIT;
    RSE_CLEANUP(tree_freep) struct tree *tree = tree_new(objects, NULL);
    struct commit_spec spec = { .parent = parent, .author = RSE_STR("Ada"), .message = RSE_STR("Files\n") };
    git_oid id;

    for (int i = 0; i < files; i++) {
        char path[32], text[32];

        snprintf(path, sizeof(path), "d%d/f%d", i % 7, i);
        snprintf(text, sizeof(text), "text %d\n", i);
        assert_ok(object_hash(GIT_OBJECT_BLOB, rse_str(text), &id, &err), &err);
        assert_ok(objects_write(objects, GIT_OBJECT_BLOB, rse_str(text), &id, &err), &err);
        assert_ok(tree_put(tree, rse_str(path), TREE_FILE, &id, &err), &err);
    }
    assert_ok(tree_hash(tree, &spec.tree, &err) && tree_store(tree, objects, &err), &err);
    assert_ok(commit_write(objects, &spec, &id, &err), &err);
    return id;
}

/* How many objects the pack says that it has; the whole file is there. */
static uint32_t check_pack(const struct outgoing *pack)
{
    uint8_t head[12];

    assert_int_equal(pread(pack->fd, head, sizeof(head), 0), sizeof(head));
    assert_memory_equal(head, "PACK\0\0\0\2", 8);
    assert_int_equal(lseek(pack->fd, 0, SEEK_END), pack->size);
    return (uint32_t)head[8] << 24 | (uint32_t)head[9] << 16 | (uint32_t)head[10] << 8 | head[11];
}

static void outgoing__of_a_commit_with_a_pack_of_its_own_is_that_pack(void **state)
{
    struct rse_err err = RSE_ERR_INIT;
    struct objects *objects = begin(*state);
    git_oid id = commit_files(objects, NULL, MANY);
    struct outgoing pack;

    end(objects);
    assert_ok(outgoing_open(&pack, repo_git(((struct fixture *)*state)->repo), &id, &err), &err);
    assert_true(pack.stored);
    assert_int_equal(check_pack(&pack), MANY + 7 + 2); /* files, folders, the root and the commit */
    outgoing_close(&pack);
}

static void outgoing__of_a_commit_among_others_has_just_what_its_parent_lacks(void **state)
{
    git_repository *git = repo_git(((struct fixture *)*state)->repo);
    struct rse_err err = RSE_ERR_INIT;
    struct objects *objects = begin(*state);
    git_oid first = commit_files(objects, NULL, 3), second = commit_files(objects, &first, 4);
    git_oid same = commit_files(objects, &second, 4);
    struct outgoing pack;

    end(objects);
    assert_ok(outgoing_open(&pack, git, &second, &err), &err);
    assert_false(pack.stored);
    assert_int_equal(check_pack(&pack), 4); /* a file, its folder, the root and the commit */
    outgoing_close(&pack);
    assert_ok(outgoing_open(&pack, git, &same, &err), &err);
    assert_int_equal(check_pack(&pack), 1);
    outgoing_close(&pack);
}

static void outgoing__of_a_commit_that_is_not_there_fails(void **state)
{
    struct rse_err err = RSE_ERR_INIT;
    git_oid none = { { 1 } };
    struct outgoing pack;

    assert_false(outgoing_open(&pack, repo_git(((struct fixture *)*state)->repo), &none, &err));
    assert_true(err.what[0] != '\0');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outgoing__of_a_commit_with_a_pack_of_its_own_is_that_pack),
        cmocka_unit_test(outgoing__of_a_commit_among_others_has_just_what_its_parent_lacks),
        cmocka_unit_test(outgoing__of_a_commit_that_is_not_there_fails),
    };

    return cmocka_run_group_tests(tests, fixture_up, fixture_down);
}
