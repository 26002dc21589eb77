/* flux.yaml is merged over the generated Flux Kustomization. */
#include "tests/unit/plan/plan_test.h"

#define LISTENER "flux-system/listeners/shop.yaml"

/* The Flux Kustomization of shop on store-1 as JSON; to be deleted. */
static cJSON *listener(struct world *world)
{
    struct rse_err err = RSE_ERR_INIT;
    struct folder *folder;
    const char *text;
    cJSON *json;

    world_plan(world);
    folder = folder_render(world, "store-1");
    assert_renders(folder, RSE_PART_APPLICATION, "shop");
    text = folder_text(folder, LISTENER);
    assert_non_null(text);
    json = rse_yaml_to_json(RSE_STR(LISTENER), rse_str(text), 1000, &err);
    if (json == NULL)
        fail_msg("%s", err.what);
    folder_free(folder);
    return json;
}

static cJSON *patched(const char *patch)
{
    struct world *world = world_new();
    cJSON *json;

    world_file(world, "apps/shop/flux.yaml", patch);
    json = listener(world);
    world_free(world);
    return json;
}

static const cJSON *at(const cJSON *json, const char *path)
{
    char name[80];

    while (*path != '\0') {
        size_t len = strcspn(path, "/");

        snprintf(name, sizeof(name), "%.*s", (int)len, path);
        json =
            cJSON_IsArray(json) ? cJSON_GetArrayItem(json, atoi(name)) : cJSON_GetObjectItemCaseSensitive(json, name);
        path += len + (path[len] == '/');
    }
    return json;
}

static void assert_text(const cJSON *json, const char *path, const char *text)
{
    const cJSON *item = at(json, path);

    if (!cJSON_IsString(item))
        fail_msg("%s is no string", path);
    assert_string_equal(item->valuestring, text);
}

static void refuses(const char *patch, const char *what)
{
    struct world *world = world_new();

    world_file(world, "apps/shop/flux.yaml", patch);
    assert_shop_fails(world, what);
    world_free(world);
}

static void listener__has_what_flux_needs(void **state)
{
    struct world *world = world_new();
    cJSON *json = listener(world);

    assert_text(json, "apiVersion", "kustomize.toolkit.fluxcd.io/v1");
    assert_text(json, "metadata/name", "shop");
    assert_text(json, "metadata/namespace", "flux-system");
    assert_text(json, "spec/interval", "10m");
    assert_text(json, "spec/retryInterval", "2m");
    assert_text(json, "spec/timeout", "5m");
    assert_true(cJSON_IsTrue(at(json, "spec/prune")));
    assert_true(cJSON_IsTrue(at(json, "spec/wait")));
    assert_text(json, "spec/path", "./clusters/store-1/web/shop/base");
    assert_text(json, "spec/sourceRef/kind", "GitRepository");
    assert_text(json, "spec/sourceRef/name", "gitops");
    assert_text(json, "spec/dependsOn/0/name", "namespaces");
    assert_text(json, "spec/patches/0/target/kind", "Namespace");
    assert_text(json, "spec/patches/1/target/kind", "PersistentVolumeClaim");
    assert_non_null(
        strstr(at(json, "spec/patches/1/patch")->valuestring, "kustomize.toolkit.fluxcd.io/prune: disabled\n"));
    cJSON_Delete(json);
    world_free(world);
    (void)state;
}

static void listener__takes_the_flux_name(void **state)
{
    struct world *world = world_new();
    struct folder *folder;

    world_put(world, RSE_APPLICATION,
              "{\"id\":1,\"name\":\"shop\",\"namespaceId\":1,\"path\":\"apps/shop\",\"fluxName\":\"web-shop\","
              "\"metadata\":[{\"key\":\"title\",\"value\":\"t\"}]}");
    world_plan(world);
    folder = folder_render(world, "store-1");
    assert_has(folder, "flux-system/listeners/web-shop.yaml", "  name: web-shop\n");
    assert_has(folder, "flux-system/listeners/kustomization.yaml", "  - web-shop.yaml\n");
    folder_free(folder);
    world_free(world);
    (void)state;
}

static void flux_patch__is_merged_over_the_spec(void **state)
{
    cJSON *json = patched("apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n"
                          "metadata:\n  name: ignored\n  labels: {team: till}\n  annotations: {a: b}\n"
                          "spec:\n  serviceAccountName: web\n"
                          "  decryption: {provider: sops}\n");

    assert_text(json, "metadata/name", "shop");
    assert_text(json, "metadata/labels/team", "till");
    assert_int_equal(cJSON_GetArraySize(at(json, "metadata/labels")), 2);
    assert_text(json, "metadata/annotations/a", "b");
    assert_text(json, "spec/serviceAccountName", "web");
    assert_text(json, "spec/decryption/provider", "sops");
    cJSON_Delete(json);
    (void)state;
}

static void flux_patch__keeps_what_it_does_not_name(void **state)
{
    cJSON *json = patched("spec:\n  timeout: 15m\n  wait: false\n  retryInterval: null\n"
                          "  dependsOn: [{name: infra, namespace: other}]\n"
                          "  patches: [{target: {kind: Deployment}, patch: 'a: b'}]\n");

    assert_text(json, "spec/timeout", "15m");
    assert_text(json, "spec/interval", "10m");
    assert_true(cJSON_IsFalse(at(json, "spec/wait")));
    assert_null(at(json, "spec/retryInterval"));
    assert_text(json, "spec/dependsOn/0/name", "namespaces");
    assert_text(json, "spec/dependsOn/1/name", "infra");
    assert_text(json, "spec/dependsOn/1/namespace", "other");
    assert_text(json, "spec/patches/0/target/kind", "Namespace");
    assert_text(json, "spec/patches/2/target/kind", "Deployment");
    cJSON_Delete(json);
    json = patched("spec:\n  dependsOn: null\n  patches: null\n");
    assert_text(json, "spec/dependsOn/0/name", "namespaces");
    assert_text(json, "spec/patches/1/target/kind", "PersistentVolumeClaim");
    cJSON_Delete(json);
    json = patched("# nothing yet\n");
    assert_text(json, "spec/interval", "10m");
    cJSON_Delete(json);
    (void)state;
}

static void flux_patch__may_hold_placeholders(void **state)
{
    struct world *world = world_new();
    struct folder *folder;
    cJSON *json;

    world_put(world, RSE_CLUSTER,
              "{\"id\":1,\"name\":\"store-1\",\"targetId\":1,\"metadata\":[{\"key\":\"region\",\"value\":\"007\"}]}");
    world_file(world, "apps/shop/flux.yaml",
               "spec:\n  postBuild:\n    substitute:\n      region: rea.cluster.region\n"
               "      title: \"<rea.application.title>\"\n      id: \"rea.cluster.id\"\n");
    json = listener(world);
    assert_text(json, "spec/postBuild/substitute/region", "007");
    assert_text(json, "spec/postBuild/substitute/title", "<No: 1>");
    assert_text(json, "spec/postBuild/substitute/id", "1");
    cJSON_Delete(json);
    world_put(world, RSE_CLUSTER, "{\"id\":2,\"name\":\"store-2\",\"targetId\":1}");
    world_file(world, "apps/shop/base/config.yaml", CONFIG_MAP("x"));
    world_plan(world);
    folder = folder_render(world, "store-2");
    assert_fails(folder, RSE_PART_APPLICATION, "shop", "apps/shop/flux.yaml:4: rea.cluster.region has no value");
    folder_free(folder);
    world_free(world);
    (void)state;
}

static void flux_patch__may_not_decide_what_is_ours(void **state)
{
    refuses("spec: {path: ./x}\n", "apps/shop/flux.yaml: spec.path can't be set here");
    refuses("spec: {sourceRef: {name: x}}\n", "spec.sourceRef can't be set here");
    refuses("spec: {prune: false}\n", "spec.prune can't be set here");
    refuses("spec: {prune: null}\n", "spec.prune can't be set here");
    (void)state;
}

static void flux_patch__must_be_a_kustomization(void **state)
{
    refuses("- a\n", "apps/shop/flux.yaml: is no mapping");
    refuses("spec: 1\n", "spec is no mapping");
    refuses("timeout: 5m\n", "\"timeout\" is no part of a Flux Kustomization");
    refuses("kind: HelmRelease\n", "is no Flux Kustomization");
    refuses("apiVersion: v1\n", "is no Flux Kustomization");
    refuses("spec: {dependsOn: x}\n", "dependsOn is no list");
    refuses("spec: {patches: x}\n", "patches is no list");
    refuses("spec: {dependsOn: [x]}\n", "an entry of dependsOn names nothing");
    refuses("spec: {dependsOn: [{name: a, application: b}]}\n", "an entry of dependsOn names nothing, or two");
    refuses("spec: {dependsOn: [{application: rea.cluster.region}]}\n", "by a placeholder");
    refuses("spec: [\n", "apps/shop/flux.yaml:");
    refuses("spec: {timeout: rea.cluster.regionn}\n", "apps/shop/flux.yaml:1:");
    (void)state;
}

/* A second application of the same templates, or of its own when path is given. */
static void put_application(struct world *world, int id, const char *name, int namespace_, const char *path)
{
    char json[400];

    snprintf(json, sizeof(json),
             "{\"id\":%d,\"name\":\"%s\",\"namespaceId\":%d,\"path\":\"%s\",\"fluxName\":\"%s-%d\"}", id, name,
             namespace_, path, name, id);
    world_put(world, RSE_APPLICATION, json);
    snprintf(json, sizeof(json), "%s/kustomization.yaml", path);
    world_file(world, json, "resources: []\n");
}

static void depends_on__names_applications(void **state)
{
    struct world *world = world_new();
    cJSON *json;

    world_put(world, RSE_NAMESPACE, "{\"id\":2,\"name\":\"infra\",\"expression\":\"all\"}");
    put_application(world, 2, "cert", 2, "apps/cert");
    put_application(world, 3, "cache", 1, "apps/cache");
    put_application(world, 4, "cache", 2, "apps/cache");
    world_file(
        world, "apps/shop/flux.yaml",
        "spec: {dependsOn: [{application: cert, readyExpr: 'a'}, {application: cache}, {application: infra/cache}]}\n");
    json = listener(world);
    assert_text(json, "spec/dependsOn/0/name", "namespaces");
    assert_text(json, "spec/dependsOn/1/name", "cert-2");
    assert_text(json, "spec/dependsOn/1/readyExpr", "a");
    assert_null(at(json, "spec/dependsOn/1/application"));
    assert_text(json, "spec/dependsOn/2/name", "cache-3"); /* of its own namespace first */
    assert_text(json, "spec/dependsOn/3/name", "cache-4");
    cJSON_Delete(json);
    world_free(world);
    (void)state;
}

static void depends_on__must_name_one_that_is_there(void **state)
{
    struct world *world = world_new();

    world_file(world, "apps/shop/flux.yaml", "spec: {dependsOn: [{application: gone}]}\n");
    assert_shop_fails(world, "depends on application \"gone\", which is not there");
    world_put(world, RSE_NAMESPACE, "{\"id\":2,\"name\":\"a\",\"expression\":\"all\"}");
    world_put(world, RSE_NAMESPACE, "{\"id\":3,\"name\":\"b\",\"expression\":\"/c/store-2\"}");
    put_application(world, 2, "cert", 2, "apps/cert");
    put_application(world, 3, "cert", 3, "apps/cert");
    world_file(world, "apps/shop/flux.yaml", "spec: {dependsOn: [{application: cert}]}\n");
    assert_shop_fails(world, "there are several of that name");
    world_file(world, "apps/shop/flux.yaml", "spec: {dependsOn: [{application: b/cert}]}\n");
    assert_shop_fails(world, "depends on \"b/cert\", which is not on this cluster");
    world_free(world);
    (void)state;
}

static void depends_on__may_not_go_in_a_circle(void **state)
{
    struct world *world = world_new();

    put_application(world, 2, "cert", 1, "apps/cert");
    put_application(world, 3, "cache", 1, "apps/cache");
    world_file(world, "apps/cert/flux.yaml", "spec: {dependsOn: [{application: cache}]}\n");
    world_file(world, "apps/cache/flux.yaml", "spec: {dependsOn: [{application: cert}]}\n");
    world_file(world, "apps/shop/flux.yaml", "spec: {dependsOn: [{application: cert}]}\n");
    assert_shop_renders(world); /* it isn't part of the circle */
    world_file(world, "apps/cache/flux.yaml", "spec: {dependsOn: [{application: shop}]}\n");
    assert_shop_fails(world, "application \"shop\" depends on itself");
    world_file(world, "apps/cache/flux.yaml", "spec: {dependsOn: []}\n");
    assert_shop_renders(world);
    world_free(world);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(listener__has_what_flux_needs),
        cmocka_unit_test(listener__takes_the_flux_name),
        cmocka_unit_test(flux_patch__is_merged_over_the_spec),
        cmocka_unit_test(flux_patch__keeps_what_it_does_not_name),
        cmocka_unit_test(flux_patch__may_hold_placeholders),
        cmocka_unit_test(flux_patch__may_not_decide_what_is_ours),
        cmocka_unit_test(flux_patch__must_be_a_kustomization),
        cmocka_unit_test(depends_on__names_applications),
        cmocka_unit_test(depends_on__must_name_one_that_is_there),
        cmocka_unit_test(depends_on__may_not_go_in_a_circle),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
