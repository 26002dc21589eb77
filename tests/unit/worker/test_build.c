#include "tests/unit/worker/build_test.h"

static void build__twice_changes_nothing_the_second_time(void **state)
{
    struct world *world = *state;

    assert_true(world_build(world)->changed);
    assert_true(world_has(world, "clusters/store-1/web/web/base/config.yaml"));
    assert_int_equal(summary_clusters(world->build.summary), 3);
    git_oid head = world->head.commit;
    assert_false(world_build(world)->changed);
    assert_same_id(head, world->head.commit);
    assert_int_equal(deployments_count(world->build.deployments), 0);
}

static void build__an_expression_reaches_its_clusters_and_none_gives_the_tree_it_had(void **state)
{
    struct world *world = *state;

    world_build(world);
    git_oid before = world->head.tree;
    world_namespace(world, 2, "shop", "/m/region/west");
    world_build(world);
    assert_int_equal(summary_clusters(world->build.summary), 2);
    assert_int_equal(deployments_count(world->build.deployments), 2);
    assert_false(world_has(world, "clusters/store-1/shop"));
    assert_true(world_holds(world, "clusters/store-2/shop/shop/base/config.yaml", "value: west"));
    assert_true(world_has(world, "clusters/store-3/namespaces/shop.yaml"));
    assert_true(world_has(world, "clusters/store-3/flux-system/listeners/shop.yaml"));
    world_namespace(world, 2, "shop", "none");
    world_build(world);
    assert_same_id(before, world->head.tree);
}

static void build__a_part_that_fails_keeps_its_last_good_files_and_the_others_go_out(void **state)
{
    struct world *world = *state;

    world_namespace(world, 2, "shop", "all");
    world_build(world);
    git_oid good = world_id(world, "clusters/store-2/shop/shop");

    world_cluster(world, 2, "store-2", "active", NULL); /* loses the value that shop needs */
    world_push_application(world, "shop", "rea.cluster.region-v2");
    world_push_application(world, "web", "new");
    world_build(world);
    assert_int_equal(held_count(world->build.held), 1);
    assert_same_id(good, world_id(world, "clusters/store-2/shop/shop"));
    assert_true(world_has(world, "clusters/store-2/flux-system/listeners/shop.yaml"));
    assert_true(world_holds(world, "clusters/store-2/flux-system/listeners/kustomization.yaml", "shop.yaml"));
    assert_true(world_holds(world, "clusters/store-2/web/web/base/config.yaml", "value: new"));
    assert_true(world_holds(world, "clusters/store-3/shop/shop/base/config.yaml", "value: west-v2"));

    world_cluster(world, 2, "store-2", "active", "north");
    world_build(world);
    assert_int_equal(held_count(world->build.held), 0);
    assert_true(world_holds(world, "clusters/store-2/shop/shop/base/config.yaml", "value: north-v2"));
}

static void build__a_part_that_never_was_good_is_absent_and_named(void **state)
{
    struct world *world = *state;
    RSE_BUF_AUTO held = { 0 };

    world_build(world);
    world_cluster(world, 1, "store-1", "active", NULL);
    world_namespace(world, 2, "shop", "/c/store-1 or /c/store-2");
    world_build(world);
    assert_false(world_has(world, "clusters/store-1/shop"));
    assert_false(world_has(world, "clusters/store-1/flux-system/listeners/shop.yaml"));
    assert_false(world_holds(world, "clusters/store-1/flux-system/listeners/kustomization.yaml", "shop"));
    assert_true(world_has(world, "clusters/store-2/shop/shop"));
    rse_buf_init(&held, 65536);
    held_render(world->build.held, world->fleet, &held);
    cJSON *list = cJSON_Parse(held.p), *first = cJSON_GetArrayItem(list, 0);
    assert_int_equal(cJSON_GetArraySize(list), 1);
    assert_string_equal(cJSON_GetObjectItem(first, "cluster")->valuestring, "store-1");
    assert_string_equal(cJSON_GetObjectItem(first, "application")->valuestring, "shop");
    cJSON_Delete(list);
    /* Said once, though every build holds it again. */
    assert_false(world_build(world)->changed);
    assert_int_equal(held_count(world->build.held), 1);
    assert_int_equal(deployments_count(world->build.deployments), 0);
}

static void build__a_hand_edit_in_a_clusters_folder_is_put_right(void **state)
{
    struct world *world = *state;

    world_build(world);
    git_oid before = world->head.tree;
    world_push(world, "clusters/store-1/web/web/base/config.yaml", TREE_FILE, "kind: Mistake\n");
    world_push(world, "clusters/store-1/web/web/base/more.yaml", TREE_FILE, "kind: Mistake\n");
    world_push(world, "clusters/store-2/namespaces/web.yaml", TREE_FILE, NULL);
    assert_true(world_build(world)->changed);
    assert_int_equal(summary_clusters(world->build.summary), 2);
    assert_same_id(before, world->head.tree);
}

static void build__folders_of_clusters_that_are_gone_vanish(void **state)
{
    struct world *world = *state;

    world_build(world);
    rse_fleet_remove(world->fleet, RSE_CLUSTER, 1);
    world_cluster(world, 2, "store-2", "closed", "west");
    world_build(world);
    assert_false(world_has(world, "clusters/store-1"));
    assert_false(world_has(world, "clusters/store-2"));
    assert_true(world_has(world, "clusters/store-3"));
    assert_int_equal(summary_clusters(world->build.summary), 2);
    assert_true(summary_files(world->build.summary).removed > 0);
}

static void build__folders_that_only_people_wrote_are_left_alone(void **state)
{
    struct world *world = *state;

    world_push(world, "clusters/by-hand/x.yaml", TREE_FILE, "kind: Mine\n");
    world_cluster(world, 4, "planned-by-hand", "planned", "west");
    world_push(world, "clusters/planned-by-hand/x.yaml", TREE_FILE, "kind: Mine\n");
    world_build(world);
    git_oid hand = world_id(world, "clusters/by-hand");
    world_push(world, "clusters/by-hand/y.yaml", TREE_FILE, "kind: Mine\n");
    assert_false(world_build(world)->changed);
    assert_true(world_has(world, "clusters/by-hand/y.yaml"));
    assert_true(world_has(world, "clusters/planned-by-hand/x.yaml"));
    assert_false(git_oid_is_zero(&hand));
}

static void build__a_folder_of_ours_that_people_edited_is_still_ours(void **state)
{
    struct world *world = *state;

    world_build(world);
    world_push(world, "clusters/store-1/note.txt", TREE_FILE, "by hand\n");
    rse_fleet_remove(world->fleet, RSE_CLUSTER, 1);
    world_build(world);
    assert_false(world_has(world, "clusters/store-1"));
}

static void build__a_suspended_clusters_folder_stays_as_it_is(void **state)
{
    struct world *world = *state;

    world_build(world);
    world_cluster(world, 1, "store-1", "suspended", "east");
    world_push(world, "clusters/store-1/note.txt", TREE_FILE, "by hand\n");
    git_oid frozen = world_id(world, "clusters/store-1");
    world_push_application(world, "web", "new");
    world_build(world);
    assert_same_id(frozen, world_id(world, "clusters/store-1"));
    assert_int_equal(summary_clusters(world->build.summary), 2);
}

static void build__a_link_among_the_templates_breaks_its_application_only(void **state)
{
    struct world *world = *state;

    world_namespace(world, 2, "shop", "all");
    world_build(world);
    git_oid good = world_id(world, "clusters/store-1/shop/shop");
    world_push(world, "apps/shop/base/secret.yaml", TREE_LINK, "/etc/passwd");
    world_push_application(world, "web", "new");
    world_build(world);
    assert_int_equal(held_count(world->build.held), 3);
    assert_same_id(good, world_id(world, "clusters/store-1/shop/shop"));
    assert_true(world_holds(world, "clusters/store-1/web/web/base/config.yaml", "value: new"));
}

static void build__of_nothing_makes_no_commit_of_an_empty_tree(void **state)
{
    struct world *world = *state;

    for (int id = 1; id <= 3; id++)
        rse_fleet_remove(world->fleet, RSE_CLUSTER, id);
    world->head = (struct repo_head){ .born = false };
    assert_false(world_build(world)->changed);
}

static void message__says_what_changed(void **state)
{
    struct world *world = *state;
    git_commit *commit;

    world_build(world);
    world_namespace(world, 2, "shop", "/m/region/west");
    world_build(world);
    assert_int_equal(git_commit_lookup(&commit, repo_git(world->fixture->repo), &world->head.commit), 0);
    assert_string_equal(git_commit_summary(commit), "Revision 2: 2 clusters changed, shop added on 2");
    assert_non_null(strstr(git_commit_message(commit), "Clusters: store-2, store-3\n"));
    git_commit_free(commit);
}

/* ---- incremental equals full ---- */

static uint64_t random_state;

static uint32_t pick(uint32_t below)
{
    random_state = random_state * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)(random_state >> 33) % below;
}

static void change_something(struct world *world)
{
    static const char *const regions[] = { "east", "west", "north" };
    static const char *const states[] = { "active", "active", "active", "planned", "closing", "closed" };
    static const char *const expressions[] = { "all", "none", "/m/region/west", "/c/store-1", "not /m/region/east" };
    static const char *const data[] = { "fixed", "rea.cluster.region", "rea.cluster.name", "x-rea.cluster.region" };
    int id = 1 + (int)pick(6);
    char name[20];

    snprintf(name, sizeof(name), "store-%d", id);
    switch (pick(5)) {
    case 0:
    case 1:
        world_cluster(world, id, name, states[pick(RSE_COUNT(states))], regions[pick(RSE_COUNT(regions))]);
        break;
    case 2:
        rse_fleet_remove(world->fleet, RSE_CLUSTER, id);
        break;
    case 3:
        id = 1 + (int)pick(2);
        world_namespace(world, id, id == 1 ? "web" : "shop", expressions[pick(RSE_COUNT(expressions))]);
        break;
    default:
        world_push_application(world, pick(2) == 0 ? "web" : "shop", data[pick(RSE_COUNT(data))]);
    }
}

/* What a build upon the templates alone gives. */
static git_oid build_from_nothing(struct world *world)
{
    struct rse_err err = RSE_ERR_INIT;
    struct repo_head head = world->head;
    struct tree *tree = world_tree(world);
    struct rse_map *said = world->said;

    assert_ok(tree_remove(tree, RSE_STR("clusters"), &err), &err);
    world->said = rse_map_new();
    world_push_tree(world, tree);
    world_build(world);
    tree_free(tree);
    rse_map_free(world->said);
    world->said = said;
    git_oid id = world_id(world, "clusters");
    /* Back to where the series was. */
    struct repo_head now = world->head;
    assert_ok(repo_move(world->fixture->repo, "main", &now, &head.commit, &err), &err);
    world->head = head;
    return id;
}

static void series__of_changes_built_one_by_one_equals_one_build_of_the_last(void **state)
{
    struct world *world = *state;

    for (int round = 1; round <= 60; round++) {
        random_state = (uint64_t)round * 7919;
        for (uint32_t changes = 1 + pick(3); changes > 0; changes--)
            change_something(world);
        world_build(world);
        assert_same_id(world_id(world, "clusters"), build_from_nothing(world));
    }
}

static bool is_web(void *arg, uint32_t cluster_index, const struct rse_part *part)
{
    (void)arg, (void)cluster_index;
    return part->kind == RSE_PART_APPLICATION && rse_str_is(part->application->object.name, "web");
}

static void build__within_a_scope_leaves_all_that_is_outside_of_it(void **state)
{
    struct world *world = *state;
    struct rse_str gone[] = { RSE_STR("store-3") };
    struct build_scope scope = { .unchanged = is_web, .gone = gone, .ngone = 1 };
    RSE_BITMAP_AUTO clusters = { 0 };

    world_build(world);
    git_oid web = world_id(world, "clusters/store-2/web/web"), first = world_id(world, "clusters/store-1");
    world_namespace(world, 2, "shop", "all");
    world_push_application(world, "web", "newer");
    world_cluster(world, 4, "store-4", "planned", "east");
    assert_true(rse_fleet_remove(world->fleet, RSE_CLUSTER, 3));
    rse_bitmap_init(&clusters, rse_fleet_nbits(world->fleet));
    rse_bitmap_set(&clusters, rse_fleet_cluster_index(world->fleet, 2));
    rse_bitmap_set(&clusters, rse_fleet_cluster_index(world->fleet, 4));
    scope.clusters = &clusters;
    world->scope = &scope;
    world_build(world);
    assert_int_equal(summary_clusters(world->build.summary), 2);
    assert_same_id(first, world_id(world, "clusters/store-1"));
    assert_same_id(web, world_id(world, "clusters/store-2/web/web"));
    assert_true(world_has(world, "clusters/store-2/shop/shop"));
    assert_false(world_has(world, "clusters/store-3"));

    git_oid narrow = world_id(world, "clusters");
    world->scope = NULL;
    world_push_application(world, "web", "fixed");
    world_namespace(world, 2, "shop", "/c/store-2");
    world_build(world);
    assert_same_id(narrow, world_id(world, "clusters")); /* as building all of it in full */
}

int main(void)
{
#define WORLD_TEST(test) cmocka_unit_test_setup_teardown(test, world_up, world_down)
    const struct CMUnitTest tests[] = {
        WORLD_TEST(build__twice_changes_nothing_the_second_time),
        WORLD_TEST(build__an_expression_reaches_its_clusters_and_none_gives_the_tree_it_had),
        WORLD_TEST(build__a_part_that_fails_keeps_its_last_good_files_and_the_others_go_out),
        WORLD_TEST(build__a_part_that_never_was_good_is_absent_and_named),
        WORLD_TEST(build__a_hand_edit_in_a_clusters_folder_is_put_right),
        WORLD_TEST(build__folders_of_clusters_that_are_gone_vanish),
        WORLD_TEST(build__folders_that_only_people_wrote_are_left_alone),
        WORLD_TEST(build__a_folder_of_ours_that_people_edited_is_still_ours),
        WORLD_TEST(build__a_suspended_clusters_folder_stays_as_it_is),
        WORLD_TEST(build__a_link_among_the_templates_breaks_its_application_only),
        WORLD_TEST(build__of_nothing_makes_no_commit_of_an_empty_tree),
        WORLD_TEST(build__within_a_scope_leaves_all_that_is_outside_of_it),
        WORLD_TEST(message__says_what_changed),
        WORLD_TEST(series__of_changes_built_one_by_one_equals_one_build_of_the_last),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
