#include "tests/unit/worker/worker_test.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include "automation-worker/git/pack_fold.h"
#include "automation-worker/git/pack_list.h"

enum { COMMITS = 24 };

static void in_repository(struct fixture *fixture, const char *command)
{
    char full[8192];

    snprintf(full, sizeof(full), "cd '%s' && %s", fixture->path, command);
    assert_int_equal(system(full), 0);
}

/* A pack of its own: a blob, siblings of it as deltas, and one that every pack has. */
static void add_pack(struct fixture *fixture, int number, git_oid *ids)
{
    static const struct rse_span spans[] = { { 0, 0, 40 } };
    struct rse_err err = RSE_ERR_INIT;
    struct objects *objects;
    char text[120];

    assert_ok(objects_new(&objects, repo_git(fixture->repo), OBJECTS_STORE, &err), &err);
    for (int i = 0; i < 4; i++) {
        struct new_object object = { .type = GIT_OBJECT_BLOB, .group = 1 };

        snprintf(text, sizeof(text), "forty bytes that all of them have in com%d, %d\n", number, i);
        object.side = (struct delta_side){ rse_str(text), spans, 1 };
        assert_ok(object_hash(GIT_OBJECT_BLOB, object.side.bytes, &object.id, &err), &err);
        assert_ok(objects_add(objects, &object, &err), &err);
        ids[i] = object.id;
    }
    assert_ok(object_hash(GIT_OBJECT_BLOB, RSE_STR("the same\n"), &ids[4], &err), &err);
    assert_ok(objects_write(objects, GIT_OBJECT_BLOB, RSE_STR("the same\n"), &ids[4], &err), &err);
    assert_ok(objects_finish(objects, &err), &err);
    objects_free(objects);
}

static struct pack_list packs_of(struct fixture *fixture)
{
    struct rse_err err = RSE_ERR_INIT;
    struct pack_list list;
    char folder[200];

    snprintf(folder, sizeof(folder), "%s/objects/pack", fixture->path);
    assert_ok(pack_list_read(&list, folder, &err), &err);
    return list;
}

static size_t count_packs(struct fixture *fixture, bool folded)
{
    struct pack_list list = packs_of(fixture);
    size_t count = 0;

    for (size_t i = 0; i < list.count; i++)
        count += (list.at[i].folded != 0) == folded;
    pack_list_release(&list);
    return count;
}

static void fold(struct fixture *fixture)
{
    struct rse_err err = RSE_ERR_INIT;

    assert_ok(packs_fold(repo_git(fixture->repo), &err), &err);
}

/* As a reader who comes now. */
static void assert_all_there(struct fixture *fixture, git_oid (*ids)[5])
{
    git_repository *git;
    git_odb *odb;

    assert_int_equal(git_repository_open_bare(&git, fixture->path), 0);
    assert_int_equal(git_repository_odb(&odb, git), 0);
    for (int i = 0; i < COMMITS; i++) {
        for (int n = 0; n < 5; n++) {
            git_odb_object *object;

            assert_int_equal(git_odb_read(&object, odb, &ids[i][n]), 0);
            git_odb_object_free(object);
        }
    }
    git_odb_free(odb);
    git_repository_free(git);
    in_repository(fixture, "git fsck --strict --no-dangling --full 2>/dev/null && for i in objects/pack/*.idx; do "
                           "git index-pack --strict -o ../check.idx ${i%.idx}.pack >/dev/null && cmp ../check.idx $i "
                           "|| exit 1; done");
}

static void fill(struct fixture *fixture, git_oid (*ids)[5])
{
    for (int i = 0; i < COMMITS; i++)
        add_pack(fixture, i, ids[i]);
}

static void make_older(struct fixture *fixture)
{
    in_repository(fixture, "touch -d '10 minutes ago' objects/pack/*.folded");
}

static void fold__leaves_one_pack_with_all_objects_and_takes_the_old_ones_away_later(void **state)
{
    struct fixture *fixture = *state;
    git_oid ids[COMMITS][5];

    fill(fixture, ids);
    fold(fixture);
    assert_int_equal(count_packs(fixture, false), 1);
    assert_int_equal(count_packs(fixture, true), COMMITS);
    assert_all_there(fixture, ids);

    make_older(fixture);
    fold(fixture);
    assert_int_equal(count_packs(fixture, false), 1);
    assert_int_equal(count_packs(fixture, true), 0);
    assert_all_there(fixture, ids);
    in_repository(fixture, "test $(ls objects/pack | wc -l) = 2");
    in_repository(fixture, "git verify-pack -v objects/pack/*.idx | grep -c blob | grep -qx 97");
}

/* Adds a pack with the first text whole, and the others as deltas against it. */
static void add_siblings(struct fixture *fixture, const char *const *texts, size_t count)
{
    static const struct rse_span spans[] = { { 0, 0, 40 } };
    struct rse_err err = RSE_ERR_INIT;
    struct objects *objects;

    assert_ok(objects_new(&objects, repo_git(fixture->repo), OBJECTS_STORE, &err), &err);
    for (size_t i = 0; i < count; i++) {
        struct new_object object = { .type = GIT_OBJECT_BLOB, .group = 1, .side = { rse_str(texts[i]), spans, 1 } };

        assert_ok(object_hash(GIT_OBJECT_BLOB, object.side.bytes, &object.id, &err), &err);
        assert_ok(objects_add(objects, &object, &err), &err);
    }
    assert_ok(objects_finish(objects, &err), &err);
    objects_free(objects);
}

static void fold__makes_no_delta_from_a_delta(void **state)
{
    static const char *const texts[] = { "forty bytes that all of them have in common: one\n",
                                         "forty bytes that all of them have in common: two\n",
                                         "forty bytes that all of them have in common: three\n" };
    struct fixture *fixture = *state;
    git_oid ids[COMMITS][5];

    /* The second text is a delta in the first pack, and what the third is made from in the other one. */
    add_siblings(fixture, texts, 2);
    add_siblings(fixture, texts + 1, 2);
    fill(fixture, ids);
    fold(fixture);
    make_older(fixture);
    fold(fixture);
    assert_int_equal(count_packs(fixture, false), 1);
    assert_all_there(fixture, ids);
    in_repository(fixture, "git verify-pack -v objects/pack/*.idx | grep -q '^chain length = 1:'");
    in_repository(fixture, "! git verify-pack -v objects/pack/*.idx | grep -q '^chain length = 2:'");
}

static void fold__does_nothing_while_packs_are_few(void **state)
{
    struct fixture *fixture = *state;
    git_oid ids[5];

    for (int i = 0; i < 5; i++)
        add_pack(fixture, i, ids);
    fold(fixture);
    assert_int_equal(count_packs(fixture, false), 5);
}

static void fold__of_many_commits_keeps_the_number_of_packs_bounded(void **state)
{
    struct fixture *fixture = *state;
    git_oid ids[COMMITS][5];

    for (int i = 0; i < 200; i++) {
        add_pack(fixture, i, ids[i % COMMITS]);
        fold(fixture);
        assert_in_range(count_packs(fixture, false) + count_packs(fixture, true), 1, 49);
    }
    assert_all_there(fixture, ids);
}

static void fold__leaves_a_damaged_pack_and_one_that_is_to_be_kept_as_they_are(void **state)
{
    struct fixture *fixture = *state;
    struct pack_list list;
    git_oid ids[COMMITS][5];
    char damaged[300], kept[300];

    fill(fixture, ids);
    list = packs_of(fixture);
    snprintf(damaged, sizeof(damaged), "%s.pack", list.at[0].name);
    snprintf(kept, sizeof(kept), "%s.keep", list.at[1].name);
    assert_int_equal(chmod(damaged, 0644), 0);
    int fd = open(damaged, O_WRONLY);
    assert_int_equal(pwrite(fd, "\xff", 1, 30), 1);
    close(fd);
    close(open(kept, O_WRONLY | O_CREAT, 0644));
    fold(fixture);
    assert_int_equal(count_packs(fixture, false), 3);
    assert_int_equal(count_packs(fixture, true), COMMITS - 2);
    assert_int_equal(access(damaged, F_OK), 0);
    pack_list_release(&list);
}

static void fold__takes_in_loose_objects_where_there_are_many(void **state)
{
    struct fixture *fixture = *state;
    struct rse_err err = RSE_ERR_INIT;
    git_oid ids[2000];
    char text[40];

    for (size_t i = 0; i < RSE_COUNT(ids); i++) {
        int len = snprintf(text, sizeof(text), "loose %zu\n", i);

        assert_int_equal(git_blob_create_from_buffer(&ids[i], repo_git(fixture->repo), text, (size_t)len), 0);
    }
    fold(fixture);
    in_repository(fixture, "git count-objects -v | grep -qx 'count: 0'");
    in_repository(fixture, "git count-objects -v | grep -qx 'in-pack: 2000'");
    assert_ok(packs_fold(repo_git(fixture->repo), &err), &err);
}

static void fold__again_after_it_was_cut_short_loses_nothing(void **state)
{
    struct fixture *fixture = *state;
    git_oid ids[COMMITS][5];

    fill(fixture, ids);
    fold(fixture);
    /* Killed before the old ones were marked: they count as in use again. */
    in_repository(fixture, "rm objects/pack/*.folded");
    fold(fixture);
    assert_int_equal(count_packs(fixture, false), 1);
    assert_all_there(fixture, ids);
}

int main(void)
{
#define FOLD_TEST(test) cmocka_unit_test_setup_teardown(test, fixture_up, fixture_down)
    const struct CMUnitTest tests[] = {
        FOLD_TEST(fold__leaves_one_pack_with_all_objects_and_takes_the_old_ones_away_later),
        FOLD_TEST(fold__makes_no_delta_from_a_delta),
        FOLD_TEST(fold__does_nothing_while_packs_are_few),
        FOLD_TEST(fold__of_many_commits_keeps_the_number_of_packs_bounded),
        FOLD_TEST(fold__leaves_a_damaged_pack_and_one_that_is_to_be_kept_as_they_are),
        FOLD_TEST(fold__takes_in_loose_objects_where_there_are_many),
        FOLD_TEST(fold__again_after_it_was_cut_short_loses_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
