#include "tests/unit/worker/build_test.h"

#include <dirent.h>

#include "automation-worker/git/tree_diff.h"

enum { CLUSTERS = 400, FIRST_ID = 10 };

/* More clusters than one thread takes; half of them have the shop, one in fifty lacks what it needs. */
static void grow(struct world *world)
{
    char name[32], region[32];

    for (int i = 0; i < CLUSTERS; i++) {
        snprintf(name, sizeof(name), "edge-%04d", i);
        snprintf(region, sizeof(region), "region-%d", i % 7);
        world_cluster(world, FIRST_ID + i, name, "active", i % 50 == 13 ? NULL : region);
    }
    world_namespace(world, 2, "shop", "not /m/region/region-3");
    world_push_application(world, "web", "on rea.cluster.name since rea.cluster.id");
}

/* The names of all packs, which are their checksums. */
static void pack_names(struct world *world, struct rse_buf *out)
{
    char command[400], line[200];

    snprintf(command, sizeof(command), "cd '%s' && ls objects/pack/*.pack && git fsck --strict --no-dangling 2>&1",
             world->fixture->path);
    FILE *list = popen(command, "r");
    assert_non_null(list);
    while (fgets(line, sizeof(line), list) != NULL)
        rse_buf_adds(out, line);
    assert_int_equal(pclose(list), 0);
}

static git_oid build_with(unsigned threads, struct rse_buf *packs)
{
    struct world *world;

    world_up((void **)&world);
    grow(world);
    world->threads = threads;
    world_build(world);
    assert_int_equal(held_count(world->build.held), CLUSTERS / 50);
    /* Once more on top of it, so that what is there is compared with, and in part kept. */
    world_push_application(world, "web", "rea.cluster.name anew");
    world_cluster(world, FIRST_ID + 5, "edge-0005", "active", NULL);
    world_build(world);
    assert_int_equal(summary_clusters(world->build.summary), CLUSTERS + 3);
    pack_names(world, packs);
    git_oid commit = world->head.commit;
    world_down((void **)&world);
    return commit;
}

static void build__makes_the_same_commit_and_pack_whatever_the_number_of_threads(void **state)
{
    RSE_BUF_AUTO one = { 0 }, more = { 0 };

    (void)state;
    rse_buf_init(&one, 1 << 20);
    rse_buf_init(&more, 1 << 20);
    git_oid commit = build_with(1, &one);
    for (unsigned threads = 2; threads <= 4; threads++) {
        rse_buf_reset(&more);
        assert_same_id(commit, build_with(threads, &more));
        assert_string_equal(one.p, more.p);
    }
}

/* ---- against the plan, rendered file by file ---- */

struct naive {
    struct world *world;
    struct rse_str folder;
    int64_t files;
};

static bool compare_file(void *arg, const struct rse_planned_file *file, struct rse_err *err)
{
    struct naive *naive = arg;
    char path[600];
    git_oid id, stored;

    snprintf(path, sizeof(path), "%.*s/%.*s", RSE_STR_ARG(naive->folder), RSE_STR_ARG(file->path));
    assert_int_equal(git_odb_hash(&id, file->bytes.p, file->bytes.len, GIT_OBJECT_BLOB), 0);
    stored = world_id(naive->world, path);
    assert_same_id(id, stored);
    naive->files++;
    return err != NULL;
}

static void compare_cluster(struct world *world, const struct rse_plan *plan, uint32_t index, int64_t *files)
{
    const struct rse_cluster *cluster = rse_fleet_cluster_at(world->fleet, index);
    struct naive naive = { .world = world };
    struct rse_err err = RSE_ERR_INIT;
    struct rse_part *parts;
    bool present[16];
    size_t count;
    RSE_BUF_AUTO folder = { 0 };

    rse_buf_init(&folder, 400);
    rse_cluster_folder(RSE_FOLDER_FLAT, cluster->object.name, &folder);
    naive.folder = rse_buf_str(&folder);
    rse_plan_parts(plan, index, world->arena, &parts, &count);
    for (size_t i = 0; i < count; i++) {
        int64_t before = naive.files;

        rse_err_clear(&err);
        present[i] = rse_plan_render(plan, index, &parts[i], compare_file, &naive, &err);
        if (!present[i])
            naive.files = before;
    }
    assert_ok(rse_plan_render_lists(plan, index, parts, present, count, compare_file, &naive, &err), &err);
    *files += naive.files;
}

static void build__stores_every_file_as_it_is_rendered_alone_and_no_other(void **state)
{
    struct world *world = *state;
    struct rse_err err = RSE_ERR_INIT;
    struct tree_counts counts = { 0 };
    struct rse_plan *plan;
    struct tree *clusters;
    int64_t files = 0;

    grow(world);
    world->threads = 2;
    world_build(world);
    assert_ok(rse_plan_new(&plan, world->fleet, templates_catalogue(world->templates), TARGET_ID, &err), &err);
    for (uint32_t i = 0; i < rse_fleet_nbits(world->fleet); i++)
        compare_cluster(world, plan, i, &files);
    struct tree *root = world_tree(world);
    assert_ok(tree_open(root, RSE_STR("clusters"), &clusters, &err), &err);
    assert_ok(tree_diff_count(NULL, clusters, &counts, &err), &err);
    assert_int_equal(counts.added, files);
    assert_int_equal(world->build.files, files);
    tree_free(root);
    rse_plan_free(plan);
}

static bool stop_soon(void *arg, int64_t files, int64_t clusters, int64_t of, struct rse_err *err)
{
    (void)arg, (void)files, (void)of;
    return clusters < 100 || rse_fail(err, RSE_CONFLICT, "the lease is lost");
}

static void build__that_is_stopped_on_the_way_leaves_nothing_behind(void **state)
{
    struct world *world = *state;
    struct rse_err err = RSE_ERR_INIT;
    struct objects *objects;
    struct rse_plan *plan;
    struct build build;
    char command[200];

    grow(world);
    world_build(world);
    world_push_application(world, "web", "rea.cluster.name again");
    struct tree *root = world_tree(world);
    assert_ok(templates_load(world->templates, root, RSE_STR(""), world->fleet, &err), &err);
    assert_ok(rse_plan_new(&plan, world->fleet, templates_catalogue(world->templates), TARGET_ID, &err), &err);
    assert_ok(objects_new(&objects, repo_git(world->fixture->repo), OBJECTS_STORE, &err), &err);
    struct build_input input = {
        .fleet = world->fleet,
        .plan = plan,
        .target_id = TARGET_ID,
        .pattern = RSE_FOLDER_FLAT,
        .git = repo_git(world->fixture->repo),
        .objects = objects,
        .head = &world->head.commit,
        .head_tree = &world->head.tree,
        .threads = 3,
        .said = world->said,
        .foreign = world->foreign,
        .go_on = stop_soon,
    };
    assert_false(build_run(&build, &input, &err));
    assert_int_equal(err.code, RSE_CONFLICT);
    build_release(&build);
    objects_free(objects);
    rse_plan_free(plan);
    tree_free(root);
    snprintf(command, sizeof(command), "! ls '%s/objects/pack' | grep tmp_", world->fixture->path);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(build__makes_the_same_commit_and_pack_whatever_the_number_of_threads),
        cmocka_unit_test_setup_teardown(build__stores_every_file_as_it_is_rendered_alone_and_no_other, world_up,
                                        world_down),
        cmocka_unit_test_setup_teardown(build__that_is_stopped_on_the_way_leaves_nothing_behind, world_up, world_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
