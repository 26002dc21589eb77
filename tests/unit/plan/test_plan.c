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
    folder_free(folder);
    world_free(world);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plan__gives_a_cluster_its_whole_folder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
