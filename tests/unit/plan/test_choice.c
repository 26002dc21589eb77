/* Which version of an application a cluster gets. */
#include "tests/unit/plan/plan_test.h"

#define OVERLAY "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n  - ../../base\n"

static void put_shop(struct world *world, const char *releases)
{
    char json[600];

    snprintf(
        json, sizeof(json),
        "{\"id\":1,\"name\":\"shop\",\"namespaceId\":1,\"path\":\"apps/shop\",\"fluxName\":\"shop\",\"releases\":%s,"
        "\"metadata\":[{\"key\":\"title\",\"value\":\"t\"}]}",
        releases);
    world_put(world, RSE_APPLICATION, json);
}

static void put_overlay(struct world *world, const char *folder, const char *annotations)
{
    char path[120], text[400];

    snprintf(path, sizeof(path), "apps/shop/overlays/%s/kustomization.yaml", folder);
    snprintf(text, sizeof(text), OVERLAY "%s%s", annotations[0] != '\0' ? "metadata:\n  annotations:\n" : "",
             annotations);
    world_file(world, path, text);
}

/* version "": the base */
static void assert_version(struct world *world, const char *cluster, const char *version, const char *reason)
{
    struct folder *folder = folder_render(world, cluster);
    const struct rse_part *part = &folder->parts[folder_part(folder, RSE_PART_APPLICATION, "shop")];

    assert_renders(folder, RSE_PART_APPLICATION, "shop");
    if (!rse_str_is(part->version, version))
        fail_msg("%s has version \"%.*s\"", cluster, RSE_STR_ARG(part->version));
    assert_true(rse_str_is(part->reason, reason));
    assert_true((part->overlay != NULL) == (version[0] != '\0'));
    folder_free(folder);
}

static void version__is_the_highest_release_that_selects_the_cluster(void **state)
{
    struct world *world = world_new();

    put_shop(world,
             "[{\"version\":\"1.10.0\",\"expression\":\"/g/beta\"},{\"version\":\"1.9.0\",\"expression\":\"all\"},"
             "{\"version\":\"2.0.0\",\"expression\":\"none\"}]");
    put_overlay(world, "1.9.0", "");
    put_overlay(world, "1.10.0", "");
    put_overlay(world, "2.0.0", "");
    world_plan(world);
    assert_version(world, "store-1", "1.10.0", "/g/beta");
    assert_version(world, "store-2", "1.9.0", "all");
    put_shop(world, "[{\"version\":\"1.10.0\",\"expression\":\"/g/beta\"}]");
    world_plan(world);
    assert_version(world, "store-2", "", "");
    world_free(world);
    (void)state;
}

static void version__brings_base_and_its_own_overlay_only(void **state)
{
    struct world *world = world_new();
    struct folder *folder;

    put_shop(world, "[{\"version\":\"1.1.0\",\"expression\":\"/g/beta\"}]");
    put_overlay(world, "1.1.0", "");
    put_overlay(world, "1.0.0", "");
    world_file(world, "apps/shop/overlays/1.1.0/patch.yaml", CONFIG_MAP("rea.application.name"));
    world_plan(world);
    folder = folder_render(world, "store-1");
    assert_has(folder, "flux-system/listeners/shop.yaml", "path: ./clusters/store-1/web/shop/overlays/1.1.0\n");
    assert_non_null(folder_text(folder, "web/shop/overlays/1.1.0/patch.yaml"));
    assert_non_null(folder_text(folder, "web/shop/base/config.yaml"));
    assert_null(folder_text(folder, "web/shop/overlays/1.0.0/kustomization.yaml"));
    folder_free(folder);
    folder = folder_render(world, "store-2");
    assert_has(folder, "flux-system/listeners/shop.yaml", "path: ./clusters/store-2/web/shop/base\n");
    assert_null(folder_text(folder, "web/shop/overlays/1.1.0/patch.yaml"));
    folder_free(folder);
    world_free(world);
    (void)state;
}

static void version__of_an_overlay_s_annotation_holds_until_a_release_names_it(void **state)
{
    struct world *world = world_new();

    put_overlay(world, "1.1.0", "    expression: /g/beta\n");
    put_overlay(world, "next", "    version: 1.2.0\n    clusters: nobody\n");
    world_put(world, RSE_GROUP, "{\"id\":2,\"name\":\"nobody\"}");
    world_plan(world);
    assert_version(world, "store-1", "1.1.0", "/g/beta");
    assert_version(world, "store-2", "", "");
    put_overlay(world, "next", "    version: 1.2.0\n    clusters: nobody, beta\n");
    world_plan(world);
    assert_version(world, "store-1", "1.2.0", "/g/nobody or /g/beta");
    put_shop(world, "[{\"version\":\"1.2.0\",\"expression\":\"/c/store-2\"}]");
    world_plan(world);
    assert_version(world, "store-1", "1.1.0", "/g/beta");
    assert_version(world, "store-2", "1.2.0", "/c/store-2");
    world_free(world);
    (void)state;
}

static void version__is_not_taken_from_the_base(void **state)
{
    struct world *world = world_new();

    world_file(world, "apps/shop/base/kustomization.yaml",
               "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nmetadata:\n  annotations:\n"
               "    expression: none\nresources: [config.yaml]\n");
    world_plan(world);
    assert_version(world, "store-1", "", "");
    world_free(world);
    (void)state;
}

static void release__without_a_folder_is_an_error_where_it_applies(void **state)
{
    struct world *world = world_new();

    put_shop(world, "[{\"version\":\"1.2.0\",\"expression\":\"/g/beta\"}]");
    assert_shop_fails(world, "release 1.2.0 of application \"shop\" has no folder apps/shop/overlays/1.2.0");
    assert_version(world, "store-2", "", "");
    world_free(world);
    (void)state;
}

static void overlay__that_is_broken_breaks_only_where_it_applies(void **state)
{
    struct world *world = world_new();

    put_shop(world, "[{\"version\":\"1.2.0\",\"expression\":\"/g/beta\"}]");
    put_overlay(world, "1.2.0", "");
    world_file(world, "apps/shop/overlays/1.2.0/broken.yaml", "a: [\n");
    assert_shop_fails(world, "apps/shop/overlays/1.2.0/broken.yaml:");
    assert_version(world, "store-2", "", "");
    world_file(world, "apps/shop/overlays/1.2.0/broken.yaml", "");
    world_file(world, "apps/shop/overlays/1.2.0/kustomization.yaml", OVERLAY "patches: [{path: gone.yaml}]\n");
    assert_shop_fails(world, "apps/shop/overlays/1.2.0/kustomization.yaml: patches names \"gone.yaml\"");
    assert_version(world, "store-2", "", "");
    world_free(world);
    (void)state;
}

static void overlay__whose_annotation_is_wrong_breaks_the_application(void **state)
{
    struct world *world = world_new();

    put_overlay(world, "1.1.0", "    expression: /g/nowhere\n");
    assert_shop_fails(world, "nowhere");
    put_overlay(world, "1.1.0", "    expression: /g/beta and\n");
    assert_shop_fails(world, "");
    put_shop(world, "[{\"version\":\"1.1.0\",\"expression\":\"/g/beta\"}]");
    world_plan(world);
    assert_version(world, "store-1", "1.1.0", "/g/beta");
    world_free(world);
    (void)state;
}

static void overlay__may_not_have_a_twin(void **state)
{
    struct world *world = world_new();

    put_overlay(world, "1.1.0", "");
    put_overlay(world, "next", "    version: v1.1\n");
    assert_shop_fails(world, "overlays/1.1.0 and overlays/next are the same version");
    world_free(world);
    (void)state;
}

static void overlay__may_share_a_folder_that_is_no_version(void **state)
{
    struct world *world = world_new();
    struct folder *folder;

    put_shop(world, "[{\"version\":\"1.2.0\",\"expression\":\"all\"}]");
    put_overlay(world, "common", "");
    world_file(world, "apps/shop/overlays/1.2.0/kustomization.yaml", KUSTOMIZATION("  - ../common\n"));
    world_plan(world);
    assert_version(world, "store-1", "1.2.0", "all");
    folder = folder_render(world, "store-1");
    assert_non_null(folder_text(folder, "web/shop/overlays/common/kustomization.yaml"));
    folder_free(folder);
    world_free(world);
    (void)state;
}

static void application__without_base_is_rendered_as_it_stands(void **state)
{
    struct world *world = world_new();
    struct folder *folder;

    world_put(world, RSE_APPLICATION,
              "{\"id\":2,\"name\":\"till\",\"namespaceId\":1,\"path\":\"apps/till\",\"fluxName\":\"till\"}");
    world_file(world, "apps/till/kustomization.yaml", KUSTOMIZATION("  - parts/a.yaml\n"));
    world_file(world, "apps/till/parts/a.yaml", CONFIG_MAP("a"));
    world_file(world, "apps/till/parts/b.txt", "b");
    world_file(world, "apps/till/flux.yaml", "spec: {timeout: 1m}\n");
    world_file(world, "apps/till/overlays/1.0.0/kustomization.yaml", KUSTOMIZATION("  - a.yaml\n"));
    world_plan(world);
    folder = folder_render(world, "store-1");
    assert_renders(folder, RSE_PART_APPLICATION, "till");
    assert_has(folder, "flux-system/listeners/till.yaml", "path: ./clusters/store-1/web/till\n");
    assert_non_null(folder_text(folder, "web/till/kustomization.yaml"));
    assert_non_null(folder_text(folder, "web/till/parts/a.yaml"));
    assert_non_null(folder_text(folder, "web/till/parts/b.txt"));
    assert_null(folder_text(folder, "web/till/flux.yaml"));
    assert_null(folder_text(folder, "web/till/overlays/1.0.0/kustomization.yaml"));
    folder_free(folder);
    world_free(world);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(version__is_the_highest_release_that_selects_the_cluster),
        cmocka_unit_test(version__brings_base_and_its_own_overlay_only),
        cmocka_unit_test(version__of_an_overlay_s_annotation_holds_until_a_release_names_it),
        cmocka_unit_test(version__is_not_taken_from_the_base),
        cmocka_unit_test(release__without_a_folder_is_an_error_where_it_applies),
        cmocka_unit_test(overlay__that_is_broken_breaks_only_where_it_applies),
        cmocka_unit_test(overlay__whose_annotation_is_wrong_breaks_the_application),
        cmocka_unit_test(overlay__may_not_have_a_twin),
        cmocka_unit_test(overlay__may_share_a_folder_that_is_no_version),
        cmocka_unit_test(application__without_base_is_rendered_as_it_stands),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
