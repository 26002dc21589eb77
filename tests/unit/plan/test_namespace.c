/* The file of a namespace: who makes the Namespace, its policies, its quota. */
#include "tests/unit/plan/plan_test.h"

#define WEB "namespaces/web.yaml"

static void put_web(struct world *world, const char *more)
{
    char json[400];

    snprintf(json, sizeof(json), "{\"id\":1,\"name\":\"web\",\"expression\":\"all\"%s}", more);
    world_put(world, RSE_NAMESPACE, json);
}

static struct folder *plan_and_render(struct world *world)
{
    world_plan(world);
    return folder_render(world, "store-1");
}

static void namespace__is_small_by_itself(void **state)
{
    struct world *world = world_new();
    struct folder *folder;

    put_web(world, ",\"capacity\":{\"memoryLimit\":512,\"cpuLimit\":1}");
    folder = plan_and_render(world);
    assert_string_equal(folder_text(folder, WEB), "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: web\n  labels:\n"
                                                  "    app.kubernetes.io/managed-by: res-edge\n");
    folder_free(folder);
    world_free(world);
    (void)state;
}

static void namespace__has_quota_and_limits_where_capacity_is_enforced(void **state)
{
    struct world *world = world_new();
    struct folder *folder;

    put_web(world, ",\"capacity\":{\"memoryLimit\":512,\"cpuLimit\":0.4},\"enforceCapacity\":true");
    folder = plan_and_render(world);
    assert_has(folder, WEB, "kind: ResourceQuota\nmetadata:\n  name: capacity\n  namespace: web\n");
    assert_has(folder, WEB, "  hard:\n    limits.cpu: 400m\n    limits.memory: 512Mi\n");
    assert_has(folder, WEB, "kind: LimitRange\n");
    assert_has(folder, WEB,
               "    - type: Container\n      default:\n        cpu: 100m\n        memory: 128Mi\n"
               "      defaultRequest:\n        cpu: 25m\n        memory: 32Mi\n");
    folder_free(folder);
    put_web(world, ",\"capacity\":{\"memoryLimit\":1},\"enforceCapacity\":true");
    folder = plan_and_render(world);
    assert_has(folder, WEB, "      default:\n        memory: 1Mi\n      defaultRequest:\n        memory: 1Mi\n");
    assert_has_not(folder, WEB, "cpu");
    folder_free(folder);
    put_web(world, ",\"capacity\":{\"memoryLimit\":1}");
    folder = plan_and_render(world);
    assert_has_not(folder, WEB, "ResourceQuota");
    folder_free(folder);
    world_free(world);
    (void)state;
}

static void policies__follow_in_the_namespace_s_file(void **state)
{
    struct world *world = world_new();
    struct folder *folder;

    world_put(world, RSE_POLICY, "{\"id\":1,\"name\":\"no-ingress\",\"path\":\"policies/no-ingress\"}");
    world_put(world, RSE_POLICY, "{\"id\":2,\"name\":\"regional\",\"path\":\"policies/regional\"}");
    put_web(world, ",\"policyIds\":[1,2],\"policies\":[\"no-ingress\",\"regional\"]");
    world_file(world, "policies/no-ingress/kustomization.yaml", "resources: [gone.yaml]\n");
    world_file(world, "policies/no-ingress/README.md", "hello");
    world_file(world, "policies/no-ingress/b.yaml", "---\nkind: B\n");
    world_file(world, "policies/no-ingress/a.yaml", "kind: A\nmetadata: {namespace: rea.namespace.name}");
    world_file(world, "policies/regional/r.yaml", "\xef\xbb\xbfkind: R\nregion: rea.cluster.region\n");
    folder = plan_and_render(world);
    assert_has(folder, WEB,
               "managed-by: res-edge\n---\nkind: A\nmetadata: {namespace: web}\n---\nkind: B\n"
               "---\nkind: R\nregion: central\n");
    folder_free(folder);
    folder = folder_render(world, "store-2");
    assert_has(folder, WEB, "region: east\n");
    folder_free(folder);
    world_free(world);
    (void)state;
}

static void policy__that_is_missing_or_broken_holds_back_the_namespace_only(void **state)
{
    struct world *world = world_new();
    struct folder *folder;

    world_put(world, RSE_POLICY, "{\"id\":1,\"name\":\"no-ingress\",\"path\":\"policies/no-ingress\"}");
    put_web(world, ",\"policyIds\":[1],\"policies\":[\"no-ingress\"]");
    folder = plan_and_render(world);
    assert_fails(folder, RSE_PART_NAMESPACE, "web", "policy \"no-ingress\": no YAML file in policies/no-ingress");
    assert_string_equal(folder_error(folder, RSE_PART_NAMESPACE, "web")->object, "cluster \"store-1\"");
    assert_renders(folder, RSE_PART_APPLICATION, "shop");
    assert_has(folder, "namespaces/kustomization.yaml", "resources: []\n");
    folder_free(folder);
    world_file(world, "policies/no-ingress/a.yaml", "a: rea.application.name\n");
    folder = plan_and_render(world);
    assert_fails(folder, RSE_PART_NAMESPACE, "web", "policies/no-ingress/a.yaml:1: rea.application.name has no value");
    folder_free(folder);
    world_file(world, "policies/no-ingress/a.yaml", "a: [\n");
    folder = plan_and_render(world);
    assert_fails(folder, RSE_PART_NAMESPACE, "web", "policies/no-ingress/a.yaml:");
    folder_free(folder);
    world_free(world);
    (void)state;
}

static void bring(struct world *world, const char *name)
{
    char text[200];

    snprintf(text, sizeof(text), "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: %s\n", name);
    world_file(world, "apps/shop/base/namespace.yaml", text);
    world_file(world, "apps/shop/base/kustomization.yaml", KUSTOMIZATION("  - config.yaml\n  - namespace.yaml\n"));
}

static void assert_generated(struct world *world, bool generated)
{
    struct folder *folder = plan_and_render(world);

    assert_renders(folder, RSE_PART_NAMESPACE, "web");
    assert_int_equal(folder->parts[folder_part(folder, RSE_PART_NAMESPACE, "web")].empty, !generated);
    assert_int_equal(folder_text(folder, WEB) != NULL, generated);
    assert_has(folder, "namespaces/kustomization.yaml", generated ? "  - web.yaml\n" : "resources: []\n");
    folder_free(folder);
}

static void namespace__that_an_application_brings_is_not_generated(void **state)
{
    struct world *world = world_new();

    bring(world, "web");
    assert_generated(world, false);
    bring(world, "\"rea.namespace.name\"");
    assert_generated(world, false);
    bring(world, "other");
    assert_generated(world, true);
    bring(world, "rea.namespace.name-x");
    assert_generated(world, true);
    bring(world, "web");
    world_file(world, "apps/shop/base/kustomization.yaml", KUSTOMIZATION("  - config.yaml\n"));
    assert_generated(world, true); /* nobody applies the file */
    world_free(world);
    (void)state;
}

static void namespace__is_brought_where_the_version_that_brings_it_is(void **state)
{
    struct world *world = world_new();
    struct folder *folder;

    world_put(world, RSE_APPLICATION,
              "{\"id\":1,\"name\":\"shop\",\"namespaceId\":1,\"path\":\"apps/shop\",\"fluxName\":\"shop\","
              "\"releases\":[{\"version\":\"1.0.0\",\"expression\":\"/g/beta\"}],"
              "\"metadata\":[{\"key\":\"title\",\"value\":\"t\"}]}");
    world_file(world, "apps/shop/overlays/1.0.0/kustomization.yaml", KUSTOMIZATION("  - ../../base\n  - ns.yaml\n"));
    world_file(world, "apps/shop/overlays/1.0.0/ns.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: web}\n");
    assert_generated(world, false);
    folder = folder_render(world, "store-2");
    assert_non_null(folder_text(folder, WEB));
    folder_free(folder);
    world_free(world);
    (void)state;
}

static void namespace__with_more_than_itself_may_not_be_brought(void **state)
{
    struct world *world = world_new();
    struct folder *folder;

    bring(world, "web");
    put_web(world, ",\"capacity\":{\"memoryLimit\":512},\"enforceCapacity\":true");
    folder = plan_and_render(world);
    assert_fails(folder, RSE_PART_NAMESPACE, "web", "but application \"shop\" brings it");
    assert_string_equal(folder_error(folder, RSE_PART_NAMESPACE, "web")->hint,
                        "Take the Namespace out of apps/shop: then it is generated, with what it needs.");
    assert_renders(folder, RSE_PART_APPLICATION, "shop");
    folder_free(folder);
    world_free(world);
    (void)state;
}

static void bootstrap__is_rendered_as_it_stands(void **state)
{
    struct world *world = world_new();
    struct folder *folder;

    world_file(world, "apps/flux-system/components.yaml", CONFIG_MAP("flux"));
    world_file(world, "apps/flux-system/deep/root.yaml", CONFIG_MAP("rea.cluster.name"));
    world_file(world, "apps/flux-system/kustomization.yaml",
               KUSTOMIZATION("  - components.yaml\n  - deep/root.yaml\n  - listeners\n"));
    folder = plan_and_render(world);
    assert_renders(folder, RSE_PART_BOOTSTRAP, "");
    assert_string_equal(folder_text(folder, "flux-system/components.yaml"), CONFIG_MAP("flux"));
    assert_string_equal(folder_text(folder, "flux-system/deep/root.yaml"), CONFIG_MAP("store-1"));
    assert_non_null(folder_text(folder, "flux-system/kustomization.yaml"));
    folder_free(folder);
    world_free(world);
    (void)state;
}

static void bootstrap__that_is_broken_holds_back_itself_only(void **state)
{
    struct world *world = world_new();
    struct folder *folder;

    world_file(world, "apps/flux-system/listeners/x.yaml", CONFIG_MAP("x"));
    folder = plan_and_render(world);
    assert_fails(folder, RSE_PART_BOOTSTRAP, "", "apps/flux-system/listeners/x.yaml: this name is reserved");
    assert_renders(folder, RSE_PART_APPLICATION, "shop");
    folder_free(folder);
    rse_map_remove(world->templates, RSE_STR("apps/flux-system/listeners/x.yaml"));
    world_file(world, "apps/flux-system/kustomization.yaml", KUSTOMIZATION("  - gone.yaml\n"));
    folder = plan_and_render(world);
    assert_fails(folder, RSE_PART_BOOTSTRAP, "", "resources names \"gone.yaml\"");
    folder_free(folder);
    world_file(world, "apps/flux-system/kustomization.yaml", KUSTOMIZATION("  - a.yaml\n"));
    world_file(world, "apps/flux-system/a.yaml", "a: [\n");
    folder = plan_and_render(world);
    assert_fails(folder, RSE_PART_BOOTSTRAP, "", "apps/flux-system/a.yaml:");
    folder_free(folder);
    world_free(world);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(namespace__is_small_by_itself),
        cmocka_unit_test(namespace__has_quota_and_limits_where_capacity_is_enforced),
        cmocka_unit_test(policies__follow_in_the_namespace_s_file),
        cmocka_unit_test(policy__that_is_missing_or_broken_holds_back_the_namespace_only),
        cmocka_unit_test(namespace__that_an_application_brings_is_not_generated),
        cmocka_unit_test(namespace__is_brought_where_the_version_that_brings_it_is),
        cmocka_unit_test(namespace__with_more_than_itself_may_not_be_brought),
        cmocka_unit_test(bootstrap__is_rendered_as_it_stands),
        cmocka_unit_test(bootstrap__that_is_broken_holds_back_itself_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
