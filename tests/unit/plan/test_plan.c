/* Which files a cluster's folder has. */
#include "tests/unit/plan/plan_test.h"

static void plan__gives_a_cluster_its_whole_folder(void **state)
{
    struct world *world = world_new();
    struct folder *folder;

    world_plan(world);
    folder = folder_render(world, "store-1");
    assert_string_equal(folder_list(folder), "flux-system/listeners/kustomization.yaml\n"
                                             "flux-system/listeners/namespaces.yaml\n"
                                             "flux-system/listeners/shop.yaml\n"
                                             "namespaces/kustomization.yaml\n"
                                             "namespaces/web.yaml\n"
                                             "web/shop/base/config.yaml\n"
                                             "web/shop/base/kustomization.yaml\n");
    assert_string_equal(folder_text(folder, "web/shop/base/config.yaml"),
                        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: shop\n  namespace: web\n"
                        "data:\n  region: central\n  title: \"No: 1\"\n");
    assert_string_equal(folder_text(folder, "flux-system/listeners/kustomization.yaml"),
                        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nmetadata:\n"
                        "  name: listeners\nresources:\n  - namespaces.yaml\n  - shop.yaml\n");
    folder_free(folder);
    world_free(world);
    (void)state;
}

static void plan__is_the_same_when_rendered_twice(void **state)
{
    struct world *world = world_new();
    struct folder *first, *second;
    struct rse_str path;
    void *text;

    world_plan(world);
    first = folder_render(world, "store-1");
    world_plan(world);
    second = folder_render(world, "store-1");
    assert_string_equal(folder_list(first), folder_list(second));
    for (size_t it = 0; rse_map_next(first->files, &it, &path, &text);)
        assert_true(rse_str_eq(*(struct rse_str *)text, *(struct rse_str *)rse_map_get(second->files, path)));
    folder_free(first);
    folder_free(second);
    world_free(world);
    (void)state;
}

static void plan__lists_parts_in_order(void **state)
{
    struct world *world = world_new();
    struct folder *folder;

    world_put(world, RSE_NAMESPACE, "{\"id\":2,\"name\":\"api\",\"expression\":\"/c/store-1\"}");
    world_put(world, RSE_APPLICATION,
              "{\"id\":2,\"name\":\"zebra\",\"namespaceId\":2,\"path\":\"apps/shop\",\"fluxName\":\"zebra\","
              "\"metadata\":[{\"key\":\"title\",\"value\":\"z\"}]}");
    world_put(world, RSE_APPLICATION,
              "{\"id\":3,\"name\":\"cart\",\"namespaceId\":1,\"path\":\"apps/shop\",\"fluxName\":\"cart\","
              "\"metadata\":[{\"key\":\"title\",\"value\":\"c\"}]}");
    world_file(world, "apps/flux-system/source.yaml", CONFIG_MAP("source"));
    world_plan(world);
    folder = folder_render(world, "store-1");
    assert_int_equal(folder->nparts, 6);
    assert_int_equal(folder->parts[0].kind, RSE_PART_BOOTSTRAP);
    assert_int_equal(folder_part(folder, RSE_PART_NAMESPACE, "api"), 1);
    assert_int_equal(folder_part(folder, RSE_PART_NAMESPACE, "web"), 2);
    assert_int_equal(folder_part(folder, RSE_PART_APPLICATION, "zebra"), 3);
    assert_int_equal(folder_part(folder, RSE_PART_APPLICATION, "cart"), 4);
    assert_int_equal(folder_part(folder, RSE_PART_APPLICATION, "shop"), 5);
    folder_free(folder);
    folder = folder_render(world, "store-2");
    assert_int_equal(folder->nparts, 4);
    folder_free(folder);
    world_free(world);
    (void)state;
}

static void part_path__is_where_the_files_are(void **state)
{
    struct world *world = world_new();
    struct folder *folder;
    RSE_BUF_AUTO path = { 0 };

    rse_buf_init(&path, 200);
    world_file(world, "apps/flux-system/source.yaml", CONFIG_MAP("source"));
    world_plan(world);
    folder = folder_render(world, "store-1");
    for (size_t i = 0; i < folder->nparts; i++) {
        rse_part_path(&folder->parts[i], &path);
        rse_buf_addc(&path, ' ');
        rse_part_listener_path(&folder->parts[i], &path);
        rse_buf_addc(&path, '\n');
    }
    assert_string_equal(path.p, "flux-system \nnamespaces/web.yaml \nweb/shop flux-system/listeners/shop.yaml\n");
    folder_free(folder);
    world_free(world);
    (void)state;
}

static void cluster_folder__is_found_by_anyone_who_has_sha1sum(void **state)
{
    RSE_BUF_AUTO folder = { 0 };

    rse_buf_init(&folder, 100);
    rse_cluster_folder(RSE_FOLDER_FLAT, RSE_STR("store-0042"), &folder);
    assert_string_equal(folder.p, "clusters/store-0042");
    rse_buf_reset(&folder);
    rse_cluster_folder(RSE_FOLDER_SHARDED, RSE_STR("abc"), &folder); /* a9993e36... */
    assert_string_equal(folder.p, "clusters/a9/abc");
    (void)state;
}

static void plan__uses_the_folder_of_the_target_s_pattern(void **state)
{
    struct world *world = world_new();
    struct folder *folder;
    char expected[80];
    RSE_BUF_AUTO path = { 0 };

    rse_buf_init(&path, 100);
    world_put(
        world, RSE_TARGET,
        "{\"id\":1,\"name\":\"main\",\"url\":\"/srv/git/main.git\",\"branch\":\"main\",\"folderPattern\":\"sharded\","
        "\"fluxSource\":\"fleet\"}");
    world_file(world, "apps/flux-system/root.yaml",
               CONFIG_MAP("root") "data:\n  path: ./rea.cluster.gitOpsPath/flux-system\n"
                                  "  branch: rea.cluster.gitOpsBranch\n");
    world_plan(world);
    folder = folder_render(world, "store-1");
    rse_cluster_folder(RSE_FOLDER_SHARDED, RSE_STR("store-1"), &path);
    snprintf(expected, sizeof(expected), "path: ./%s/web/shop/base\n", path.p);
    assert_has(folder, "flux-system/listeners/shop.yaml", expected);
    assert_has(folder, "flux-system/listeners/shop.yaml", "    name: fleet\n");
    snprintf(expected, sizeof(expected), "path: ./%s/flux-system\n  branch: main\n", path.p);
    assert_has(folder, "flux-system/root.yaml", expected);
    folder_free(folder);
    world_free(world);
    (void)state;
}

static void assert_state(const char *state, enum rse_folder_wish wish, size_t nparts)
{
    struct world *world = world_new();
    struct folder *folder;
    char json[300];

    snprintf(json, sizeof(json),
             "{\"id\":1,\"name\":\"store-1\",\"targetId\":1,\"state\":\"%s\","
             "\"metadata\":[{\"key\":\"region\",\"value\":\"central\"}]}",
             state);
    world_put(world, RSE_CLUSTER, json);
    world_file(world, "apps/flux-system/source.yaml", CONFIG_MAP("source"));
    world_plan(world);
    assert_int_equal(rse_plan_wish(world->plan, world_index(world, "store-1")), wish);
    folder = folder_render(world, "store-1");
    assert_int_equal(folder->nparts, nparts);
    if (wish == RSE_FOLDER_FLUX) {
        assert_string_equal(folder_list(folder), "flux-system/listeners/kustomization.yaml\n"
                                                 "flux-system/source.yaml\n"
                                                 "namespaces/kustomization.yaml\n");
        assert_has(folder, "flux-system/listeners/kustomization.yaml", "resources: []\n");
    }
    folder_free(folder);
    world_free(world);
}

static void wish__follows_the_state_of_the_cluster(void **state)
{
    assert_state("active", RSE_FOLDER_FULL, 3);
    assert_state("planned", RSE_FOLDER_NONE, 0);
    assert_state("suspended", RSE_FOLDER_FROZEN, 3);
    assert_state("closing", RSE_FOLDER_FLUX, 1);
    assert_state("closed", RSE_FOLDER_NONE, 0);
    (void)state;
}

static void wish__is_none_for_a_cluster_of_another_target(void **state)
{
    struct world *world = world_new();
    struct folder *folder;

    world_put(world, RSE_TARGET, "{\"id\":2,\"name\":\"other\",\"url\":\"/srv/git/other.git\",\"branch\":\"main\"}");
    world_put(world, RSE_CLUSTER, "{\"id\":3,\"name\":\"elsewhere\",\"targetId\":2}");
    world_plan(world);
    assert_int_equal(rse_plan_wish(world->plan, world_index(world, "elsewhere")), RSE_FOLDER_NONE);
    folder = folder_render(world, "elsewhere");
    assert_int_equal(folder->nparts, 0);
    folder_free(folder);
    world_free(world);
    (void)state;
}

static void plan__refuses_an_unknown_target(void **state)
{
    struct world *world = world_new();
    struct rse_err err = RSE_ERR_INIT;
    struct rse_plan *plan = NULL;

    world_plan(world);
    assert_false(rse_plan_new(&plan, world->fleet, world->catalogue, 99, &err));
    assert_int_equal(err.code, RSE_NOT_FOUND);
    assert_null(plan);
    world_free(world);
    (void)state;
}

/* An older program must not turn back what a newer one wrote. */
static void plan__refuses_a_format_that_it_does_not_know(void **state)
{
    struct world *world = world_new();
    struct rse_err err = RSE_ERR_INIT;
    struct rse_plan *plan = NULL;

    world_plan(world);
    world_put(world, RSE_TARGET,
              "{\"id\":1,\"name\":\"main\",\"url\":\"/srv/git/main.git\",\"branch\":\"main\","
              "\"folderPattern\":\"flat\",\"fluxSource\":\"gitops\",\"format\":99}");
    assert_false(rse_plan_new(&plan, world->fleet, world->catalogue, TARGET_ID, &err));
    assert_non_null(strstr(err.what, "format 99 is newer"));
    world_free(world);
    (void)state;
}

static void plan__names_file_line_placeholder_and_cluster_of_a_missing_value(void **state)
{
    struct world *world = world_new();
    struct folder *folder;
    const struct rse_err *err;

    world_put(world, RSE_CLUSTER, "{\"id\":2,\"name\":\"store-2\",\"targetId\":1}");
    world_plan(world);
    folder = folder_render(world, "store-1");
    assert_renders(folder, RSE_PART_APPLICATION, "shop");
    folder_free(folder);
    folder = folder_render(world, "store-2");
    assert_fails(folder, RSE_PART_APPLICATION, "shop", "apps/shop/base/config.yaml:7: rea.cluster.region has no value");
    err = folder_error(folder, RSE_PART_APPLICATION, "shop");
    assert_string_equal(err->object, "cluster \"store-2\"");
    assert_has_not(folder, "flux-system/listeners/kustomization.yaml", "shop.yaml");
    assert_has(folder, "namespaces/kustomization.yaml", "web.yaml");
    folder_free(folder);
    world_free(world);
    (void)state;
}

static void plan__names_the_cluster_when_the_application_misses_a_value(void **state)
{
    struct world *world = world_new();
    struct folder *folder;

    world_put(world, RSE_APPLICATION,
              "{\"id\":2,\"name\":\"cart\",\"namespaceId\":1,\"path\":\"apps/cart\",\"fluxName\":\"cart\"}");
    world_file(world, "apps/cart/kustomization.yaml", KUSTOMIZATION("  - config.yaml\n"));
    world_file(world, "apps/cart/config.yaml", CONFIG_MAP("x") "data:\n  title: rea.application.title\n");
    world_plan(world);
    folder = folder_render(world, "store-2");
    assert_fails(folder, RSE_PART_APPLICATION, "cart", "apps/cart/config.yaml:7: rea.application.title has no value");
    assert_string_equal(folder_error(folder, RSE_PART_APPLICATION, "cart")->object, "cluster \"store-2\"");
    assert_renders(folder, RSE_PART_APPLICATION, "shop");
    folder_free(folder);
    world_free(world);
    (void)state;
}

static void application__without_templates_says_which_folder_is_missing(void **state)
{
    struct world *world = world_new();

    world_put(world, RSE_APPLICATION,
              "{\"id\":1,\"name\":\"shop\",\"namespaceId\":1,\"path\":\"apps/gone\",\"fluxName\":\"shop\"}");
    assert_shop_fails(world, "application \"shop\": no templates in apps/gone");
    world_free(world);
    (void)state;
}

static void application__may_not_take_a_name_that_flux_uses_itself(void **state)
{
    struct world *world = world_new();

    world_file(world, "apps/flux-system/root.yaml",
               "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: shop\n");
    assert_shop_fails(world, "\"shop\" is taken");
    world_free(world);
    (void)state;
}

static void application__may_not_share_its_flux_name(void **state)
{
    struct world *world = world_new();
    struct folder *folder;

    world_put(world, RSE_APPLICATION,
              "{\"id\":2,\"name\":\"zoo\",\"namespaceId\":1,\"path\":\"apps/shop\",\"fluxName\":\"shop\"}");
    world_plan(world);
    folder = folder_render(world, "store-1");
    assert_renders(folder, RSE_PART_APPLICATION, "shop");
    assert_fails(folder, RSE_PART_APPLICATION, "zoo", "belongs to \"web/shop\"");
    folder_free(folder);
    world_free(world);
    (void)state;
}

static void application__may_share_its_templates(void **state)
{
    struct world *world = world_new();
    struct folder *folder;

    world_put(world, RSE_APPLICATION,
              "{\"id\":2,\"name\":\"zoo\",\"namespaceId\":1,\"path\":\"apps/shop\",\"fluxName\":\"zoo\","
              "\"metadata\":[{\"key\":\"title\",\"value\":\"Zoo\"}]}");
    world_plan(world);
    folder = folder_render(world, "store-1");
    assert_has(folder, "web/shop/base/config.yaml", "title: \"No: 1\"\n");
    assert_has(folder, "web/zoo/base/config.yaml", "title: Zoo\n");
    folder_free(folder);
    world_free(world);
    (void)state;
}

struct sharing {
    unsigned constant, shared, rendered;
};

static bool count_sharing(void *arg, const struct rse_planned_file *file, struct rse_err *err)
{
    struct sharing *sharing = arg;

    sharing->constant += file->constant;
    sharing->shared += file->shared;
    sharing->rendered += file->spans != NULL;
    (void)err;
    return true;
}

static void plan__tells_what_is_the_same_on_every_cluster(void **state)
{
    struct world *world = world_new();
    struct rse_err err = RSE_ERR_INIT;
    struct sharing sharing = { 0 };
    struct folder *folder;

    world_file(world, "apps/shop/base/own.yaml", CONFIG_MAP("rea.application.name-own"));
    world_plan(world);
    folder = folder_render(world, "store-1");
    assert_true(
        rse_plan_render(world->plan, world_index(world, "store-1"), &folder->parts[1], count_sharing, &sharing, &err));
    assert_int_equal(sharing.constant, 1); /* kustomization.yaml */
    assert_int_equal(sharing.shared, 2);   /* and own.yaml */
    assert_int_equal(sharing.rendered, 2); /* config.yaml and the listener */
    folder_free(folder);
    world_free(world);
    (void)state;
}

static bool refuse_all(void *arg, const struct rse_planned_file *file, struct rse_err *err)
{
    (void)arg;
    return rse_fail(err, RSE_UNAVAILABLE, "no room for %.*s", RSE_STR_ARG(file->path));
}

static void plan__stops_when_a_file_is_not_taken(void **state)
{
    struct world *world = world_new();
    struct rse_err err = RSE_ERR_INIT;
    struct folder *folder;
    bool present[2] = { true, true };

    world_plan(world);
    folder = folder_render(world, "store-1");
    for (size_t i = 0; i < folder->nparts; i++) {
        rse_err_clear(&err);
        assert_false(rse_plan_render(world->plan, 0, &folder->parts[i], refuse_all, NULL, &err));
        assert_int_equal(err.code, RSE_UNAVAILABLE);
    }
    rse_err_clear(&err);
    assert_false(rse_plan_render_lists(world->plan, 0, folder->parts, present, 2, refuse_all, NULL, &err));
    folder_free(folder);
    world_free(world);
    (void)state;
}

static void keys__are_fields_and_metadata_of_each_noun(void **state)
{
    struct world *world = world_new();
    struct rse_keys *keys = rse_plan_keys(world->fleet);

    assert_int_not_equal(rse_keys_find(keys, RSE_SCOPE_CLUSTER, RSE_STR("name")), UINT32_MAX);
    assert_int_not_equal(rse_keys_find(keys, RSE_SCOPE_CLUSTER, RSE_STR("gitOpsPath")), UINT32_MAX);
    assert_int_not_equal(rse_keys_find(keys, RSE_SCOPE_CLUSTER, RSE_STR("region")), UINT32_MAX);
    assert_int_not_equal(rse_keys_find(keys, RSE_SCOPE_APPLICATION, RSE_STR("title")), UINT32_MAX);
    assert_int_equal(rse_keys_find(keys, RSE_SCOPE_CLUSTER, RSE_STR("title")), UINT32_MAX);
    assert_int_equal(rse_keys_find(keys, RSE_SCOPE_NAMESPACE, RSE_STR("region")), UINT32_MAX);
    rse_keys_free(keys);
    world_free(world);
    (void)state;
}

static void values__are_inherited_from_groups(void **state)
{
    struct world *world = world_new();
    struct folder *folder;

    world_put(world, RSE_GROUP,
              "{\"id\":1,\"name\":\"beta\",\"metadata\":[{\"key\":\"region\",\"value\":\"hidden\"},"
              "{\"key\":\"ring\",\"value\":\"first\"}]}");
    world_file(world, "apps/shop/base/config.yaml",
               CONFIG_MAP("x") "data:\n  region: rea.cluster.region\n  ring: rea.cluster.ring\n");
    world_plan(world);
    folder = folder_render(world, "store-1");
    assert_has(folder, "web/shop/base/config.yaml", "region: central\n  ring: first\n");
    folder_free(folder);
    folder = folder_render(world, "store-2");
    assert_fails(folder, RSE_PART_APPLICATION, "shop", "rea.cluster.ring has no value");
    folder_free(folder);
    world_free(world);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plan__gives_a_cluster_its_whole_folder),
        cmocka_unit_test(plan__is_the_same_when_rendered_twice),
        cmocka_unit_test(plan__lists_parts_in_order),
        cmocka_unit_test(part_path__is_where_the_files_are),
        cmocka_unit_test(cluster_folder__is_found_by_anyone_who_has_sha1sum),
        cmocka_unit_test(plan__uses_the_folder_of_the_target_s_pattern),
        cmocka_unit_test(wish__follows_the_state_of_the_cluster),
        cmocka_unit_test(wish__is_none_for_a_cluster_of_another_target),
        cmocka_unit_test(plan__refuses_an_unknown_target),
        cmocka_unit_test(plan__refuses_a_format_that_it_does_not_know),
        cmocka_unit_test(plan__names_file_line_placeholder_and_cluster_of_a_missing_value),
        cmocka_unit_test(plan__names_the_cluster_when_the_application_misses_a_value),
        cmocka_unit_test(application__without_templates_says_which_folder_is_missing),
        cmocka_unit_test(application__may_not_take_a_name_that_flux_uses_itself),
        cmocka_unit_test(application__may_not_share_its_flux_name),
        cmocka_unit_test(application__may_share_its_templates),
        cmocka_unit_test(plan__tells_what_is_the_same_on_every_cluster),
        cmocka_unit_test(plan__stops_when_a_file_is_not_taken),
        cmocka_unit_test(keys__are_fields_and_metadata_of_each_noun),
        cmocka_unit_test(values__are_inherited_from_groups),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
