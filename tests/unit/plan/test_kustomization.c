/* What a kustomization names must be there. */
#include "tests/unit/plan/plan_test.h"

#define HEADER "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
#define BASE   "apps/shop/base/kustomization.yaml"

/* Application shop with this base kustomization; config.yaml is there. */
static void refuses(const char *kustomization, const char *what)
{
    struct world *world = world_new();

    world_file(world, BASE, kustomization);
    assert_shop_fails(world, what);
    world_free(world);
}

static void accepts(const char *kustomization)
{
    struct world *world = world_new();

    world_file(world, BASE, kustomization);
    assert_shop_renders(world);
    world_free(world);
}

static void kustomization__may_name_files_and_folders_that_are_there(void **state)
{
    struct world *world = world_new();

    world_file(world, BASE,
               HEADER
               "resources: [./config.yaml, parts, parts/../parts]\n"
               "components: [../components/tls]\n"
               "patches:\n  - path: config.yaml\n  - patch: |\n      a: b\n    target: {kind: X}\n"
               "patchesStrategicMerge:\n  - config.yaml\n  - |\n    kind: X\n"
               "configMapGenerator:\n  - name: x\n    files: [config.yaml, key=config.yaml]\n    envs: [config.yaml]\n"
               "    literals: [a=b]\n"
               "replacements:\n  - path: config.yaml\n  - source: {kind: X}\n"
               "openapi:\n  path: config.yaml\n"
               "transformers:\n  - parts\n  - |\n    kind: X\n"
               "namespace: rea.namespace.name\n");
    world_file(world, "apps/shop/base/parts/kustomization.yml", HEADER "resources: [more.yaml]\n");
    world_file(world, "apps/shop/base/parts/more.yaml", CONFIG_MAP("more"));
    world_file(world, "apps/shop/components/tls/kustomization.yaml",
               "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [cert.yaml]\n");
    world_file(world, "apps/shop/components/tls/cert.yaml", CONFIG_MAP("cert"));
    world_file(world, "apps/shop/components/unused/cert.yaml", CONFIG_MAP("cert"));
    assert_shop_renders(world);
    world_free(world);
    (void)state;
}

static void kustomization__brings_what_it_names_from_other_folders(void **state)
{
    struct world *world = world_new();
    struct folder *folder;

    world_file(world, BASE, HEADER "components: [../components/tls]\nresources: [config.yaml]\n");
    world_file(world, "apps/shop/README.md", "not for stores");
    world_file(world, "apps/shop/components/tls/kustomization.yaml", HEADER "resources: [cert.yaml]\n");
    world_file(world, "apps/shop/components/tls/cert.yaml", CONFIG_MAP("cert"));
    world_file(world, "apps/shop/components/unused/cert.yaml", CONFIG_MAP("cert"));
    world_plan(world);
    folder = folder_render(world, "store-1");
    assert_non_null(folder_text(folder, "web/shop/components/tls/cert.yaml"));
    assert_non_null(folder_text(folder, "web/shop/components/tls/kustomization.yaml"));
    assert_null(folder_text(folder, "web/shop/components/unused/cert.yaml"));
    assert_null(folder_text(folder, "web/shop/README.md"));
    folder_free(folder);
    world_free(world);
    (void)state;
}

static void kustomization__may_not_name_what_is_missing(void **state)
{
    refuses(HEADER "resources: [gone.yaml]\n", BASE ": resources names \"gone.yaml\", which is not there");
    refuses(HEADER "resources: [config.yaml, folder]\n", "resources names \"folder\"");
    refuses(HEADER "bases: [config.yaml]\n", "bases names \"config.yaml\"");
    refuses(HEADER "components: [../components/x]\n", "components names \"../components/x\"");
    refuses(HEADER "patches: [{path: gone.yaml}]\n", "patches names \"gone.yaml\"");
    refuses(HEADER "patchesStrategicMerge: [gone.yaml]\n", "patchesStrategicMerge names \"gone.yaml\"");
    refuses(HEADER "patchesJson6902: [{path: gone.yaml, target: {kind: X}}]\n", "patchesJson6902 names");
    refuses(HEADER "configurations: [gone.yaml]\n", "configurations names");
    refuses(HEADER "crds: [gone.yaml]\n", "crds names");
    refuses(HEADER "replacements: [{path: gone.yaml}]\n", "replacements names");
    refuses(HEADER "openapi: {path: gone.json}\n", "openapi names");
    refuses(HEADER "generators: [gone.yaml]\n", "generators names");
    refuses(HEADER "transformers: [gone.yaml]\n", "transformers names");
    refuses(HEADER "validators: [gone.yaml]\n", "validators names");
    refuses(HEADER "configMapGenerator: [{name: x, files: [a=gone.txt]}]\n", "configMapGenerator names \"gone.txt\"");
    refuses(HEADER "configMapGenerator: [{name: x, envs: [gone.env]}]\n", "configMapGenerator names \"gone.env\"");
    refuses(HEADER "configMapGenerator: [{name: x, env: gone.env}]\n", "configMapGenerator names \"gone.env\"");
    (void)state;
}

static void kustomization__may_not_leave_the_application(void **state)
{
    refuses(HEADER "resources: [../../other/base]\n", "which is outside of apps/shop");
    refuses(HEADER "resources: [/etc/passwd]\n", "which is outside of apps/shop");
    refuses(HEADER "resources: [../../../../../x]\n", "which is outside of apps/shop");
    (void)state;
}

static void kustomization__may_not_need_other_hosts(void **state)
{
    refuses(HEADER "resources: ['https://example.com/x.yaml']\n", "remote bases are refused");
    refuses(HEADER "resources: ['github.com/org/repo/deploy?ref=v1']\n", "remote bases are refused");
    refuses(HEADER "resources: ['git@github.com:org/repo.git']\n", "remote bases are refused");
    refuses(HEADER "bases: ['example.com/org/repo']\n", "remote bases are refused");
    refuses(HEADER "helmCharts: [{name: x}]\n", "helmCharts can't be built at a store");
    refuses(HEADER "helmChartInflationGenerator: [{chartName: x}]\n", "helmChartInflationGenerator can't be built");
    (void)state;
}

static void kustomization__may_not_be_something_else(void **state)
{
    refuses("- a\n- b\n", "is no kustomization");
    refuses("", "is no kustomization");
    refuses(HEADER "resources: config.yaml\n", "resources is no list");
    refuses(HEADER "resources: [{a: b}]\n", "resources holds something that is no path");
    refuses(HEADER "patches: [config.yaml]\n", "patches holds something that is no mapping");
    refuses(HEADER "resources: [rea.cluster.region.yaml]\n", "resources names a file by a placeholder");
    refuses(HEADER "resources: [config.yaml]\nresources: []\n", BASE ":");
    accepts(HEADER);
    accepts(HEADER "resources:\n");
    (void)state;
}

static void kustomization__may_not_include_itself(void **state)
{
    struct world *world = world_new();

    world_file(world, BASE, HEADER "resources: [a]\n");
    world_file(world, "apps/shop/base/a/kustomization.yaml", HEADER "resources: [../b]\n");
    world_file(world, "apps/shop/base/b/kustomization.yaml", HEADER "resources: [../a]\n");
    assert_shop_fails(world, "apps/shop/base/a/kustomization.yaml: includes itself");
    world_free(world);
    refuses(HEADER "resources: [.]\n", "includes itself");
    (void)state;
}

static void kustomization__may_be_included_by_two(void **state)
{
    struct world *world = world_new();

    world_file(world, BASE, HEADER "resources: [a, b]\n");
    world_file(world, "apps/shop/base/a/kustomization.yaml", HEADER "components: [../c]\n");
    world_file(world, "apps/shop/base/b/kustomization.yaml", HEADER "components: [../c]\n");
    world_file(world, "apps/shop/base/c/kustomization.yaml", HEADER);
    assert_shop_renders(world);
    world_free(world);
    (void)state;
}

static void kustomization__must_be_there_and_alone(void **state)
{
    struct world *world = world_new();

    world_file(world, "apps/shop/base/kustomization.yml", HEADER);
    assert_shop_fails(world, "there is another kustomization in this folder");
    world_free(world);
    world = world_new();
    rse_map_remove(world->templates, RSE_STR(BASE));
    assert_shop_fails(world, "apps/shop/base: there is no kustomization.yaml");
    world_file(world, BASE, HEADER "resources: [parts]\n");
    world_file(world, "apps/shop/base/parts/x.yaml", CONFIG_MAP("x"));
    assert_shop_fails(world, "apps/shop/base/parts: there is no kustomization.yaml");
    world_free(world);
    (void)state;
}

static void kustomization__makes_secrets_of_what_is_encrypted_only(void **state)
{
    struct world *world = world_new();

    world_file(world, BASE, HEADER "secretGenerator: [{name: s, envs: [s.env]}]\n");
    world_file(world, "apps/shop/base/s.env", "PASSWORD=open\n");
    assert_shop_fails(world, "secretGenerator makes a Secret of \"s.env\", which is not encrypted");
    world_file(world, "apps/shop/base/s.env", "PASSWORD=ENC[AES256_GCM,data:x]\nsops_mac=x\n");
    assert_shop_renders(world);
    world_free(world);
    refuses(HEADER "secretGenerator: [{name: s, literals: [a=b]}]\n", "secretGenerator holds a value that everyone");
    accepts(HEADER "secretGenerator:\n  - name: s\n    literals: [a=b]\n    files: [config.yaml]\n"
                   "    options:\n      annotations:\n        res-edge.io/allow-secret: \"true\"\n");
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kustomization__may_name_files_and_folders_that_are_there),
        cmocka_unit_test(kustomization__brings_what_it_names_from_other_folders),
        cmocka_unit_test(kustomization__may_not_name_what_is_missing),
        cmocka_unit_test(kustomization__may_not_leave_the_application),
        cmocka_unit_test(kustomization__may_not_need_other_hosts),
        cmocka_unit_test(kustomization__may_not_be_something_else),
        cmocka_unit_test(kustomization__may_not_include_itself),
        cmocka_unit_test(kustomization__may_be_included_by_two),
        cmocka_unit_test(kustomization__must_be_there_and_alone),
        cmocka_unit_test(kustomization__makes_secrets_of_what_is_encrypted_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
