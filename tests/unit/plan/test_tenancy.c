/* Applications of others than the platform team are kept to their namespace. */
#include "tests/unit/plan/plan_test.h"

static void put_target(struct world *world, const char *more)
{
    char json[512];

    snprintf(json, sizeof(json),
             "{\"id\":1,\"name\":\"main\",\"url\":\"/srv/git/main.git\",\"branch\":\"main\","
             "\"folderPattern\":\"flat\",\"fluxSource\":\"gitops\"%s}",
             more);
    world_put(world, RSE_TARGET, json);
}

/* The application shop, of this owner, in a fleet whose platform team is "core". */
static struct world *world_of(const char *owner)
{
    struct world *world = world_new();
    char json[512];

    put_target(world, ",\"platformOwners\":[\"core\"]");
    snprintf(json, sizeof(json),
             "{\"id\":1,\"name\":\"shop\",\"namespace\":\"web\",\"namespaceId\":1,\"path\":\"apps/shop\","
             "\"fluxName\":\"shop\",\"owner\":\"%s\",\"metadata\":[{\"key\":\"title\",\"value\":\"x\"}]}",
             owner);
    world_put(world, RSE_APPLICATION, json);
    return world;
}

static bool has(struct world *world, const char *path, const char *text)
{
    struct folder *folder = folder_render(world, "store-1");
    const struct rse_str *file = rse_map_get(folder->files, rse_str(path));
    bool found = file != NULL && memmem(file->p, file->len, text, strlen(text)) != NULL;

    folder_free(folder);
    return found;
}

#define LISTENER "flux-system/listeners/shop.yaml"

static void tenant__runs_under_the_account_of_its_namespace(void **state)
{
    struct world *world = world_of("tills");

    world_plan(world);
    assert_true(has(world, LISTENER, "serviceAccountName: applications-web"));
    assert_true(has(world, "namespaces/web.yaml", "kind: RoleBinding"));
    assert_true(has(world, "namespaces/web.yaml", "name: applications-web\n  namespace: flux-system"));
    world_free(world);
    (void)state;
}

static void tenant__may_not_choose_another_account(void **state)
{
    struct world *world = world_of("tills");

    world_file(world, "apps/shop/flux.yaml", "spec:\n  serviceAccountName: kustomize-controller\n");
    world_plan(world);
    assert_true(has(world, LISTENER, "serviceAccountName: applications-web"));
    assert_false(has(world, LISTENER, "kustomize-controller"));
    world_free(world);
    (void)state;
}

static void platform__and_a_target_without_a_platform_team_are_bound_by_nothing(void **state)
{
    struct world *world = world_of("core");

    world_plan(world);
    assert_false(has(world, LISTENER, "serviceAccountName"));
    assert_false(has(world, "namespaces/web.yaml", "RoleBinding"));
    world_free(world);
    world = world_of("tills");
    put_target(world, "");
    world_plan(world);
    assert_false(has(world, LISTENER, "serviceAccountName"));
    world_free(world);
    (void)state;
}

static void refuses(const char *document, const char *what)
{
    struct world *world = world_of("tills");

    world_file(world, "apps/shop/base/config.yaml", document);
    assert_shop_fails(world, what);
    world_free(world);
    world = world_of("core");
    world_file(world, "apps/shop/base/config.yaml", document);
    assert_shop_renders(world);
    world_free(world);
}

static void tenant__may_hold_nothing_that_reaches_beyond_its_namespace(void **state)
{
    refuses("apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata:\n  name: x\n",
            "apps/shop/base/config.yaml: a ClusterRoleBinding reaches beyond the namespace");
    refuses("apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: x\n",
            "a CustomResourceDefinition reaches beyond");
    refuses("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: other\n", "a Namespace reaches beyond");
    refuses("apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: x\n",
            "a Kustomization reaches beyond");
    refuses("apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: x\n",
            "a HelmRelease reaches beyond");
    refuses(CONFIG_MAP("a") "---\napiVersion: v1\nkind: List\nitems:\n  - apiVersion: v1\n    kind: PersistentVolume\n"
                            "    metadata: {name: x}\n",
            "a PersistentVolume reaches beyond");
    (void)state;
}

static void tenant__may_hold_what_belongs_to_a_namespace(void **state)
{
    struct world *world = world_of("tills");

    world_file(world, "apps/shop/base/config.yaml",
               CONFIG_MAP("a") "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata:\n  name: x\n"
                               "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: x\n"
                               "---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata:\n  name: x\n");
    assert_shop_renders(world);
    world_free(world);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tenant__runs_under_the_account_of_its_namespace),
        cmocka_unit_test(tenant__may_not_choose_another_account),
        cmocka_unit_test(platform__and_a_target_without_a_platform_team_are_bound_by_nothing),
        cmocka_unit_test(tenant__may_hold_nothing_that_reaches_beyond_its_namespace),
        cmocka_unit_test(tenant__may_hold_what_belongs_to_a_namespace),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
