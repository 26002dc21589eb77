/* A real fleet with real templates, where the fixture is there. */
#include "tests/unit/plan/plan_disk.h"

#define FIXTURE  "../shared/fixtures/res-edge-labs"
#define NLABS    13
#define DOGS     "namespaces/dogs-cats.yaml"
#define LISTENER "flux-system/listeners/dogs-cats.yaml"

static void set_expression(struct world *world, const char *namespace_, const char *expression)
{
    const struct rse_object *object = rse_fleet_find(world->fleet, RSE_NAMESPACE, rse_str(namespace_), NULL);
    struct rse_err err = RSE_ERR_INIT;
    struct rse_namespace *changed;

    assert_non_null(object);
    changed = (struct rse_namespace *)rse_object_clone(object);
    changed->expression = rse_str(expression);
    if (!rse_fleet_put(world->fleet, &changed->object, &err))
        fail_msg("%s", err.what);
    free(changed);
    world_plan(world);
}

static void fixture__renders_every_cluster_whole(void **state)
{
    struct world *world = world_load(FIXTURE, "inventory.json");
    unsigned clusters = 0;

    if (world == NULL)
        skip();
    for (uint32_t i = 0; i < rse_fleet_nbits(world->fleet); i++) {
        char *name = rse_xstrndup(rse_fleet_cluster_at(world->fleet, i)->object.name);
        struct folder *folder = folder_render(world, name);

        assert_all_render(folder, name);
        assert_int_equal(folder->nparts, 1 + 3 + 3); /* bootstrap; cert-manager, heartbeat, ingress-nginx */
        /* Two of them bring their Namespace. */
        assert_has(folder, "namespaces/kustomization.yaml", "resources:\n  - heartbeat.yaml\n");
        assert_has(
            folder, "flux-system/listeners/kustomization.yaml",
            "resources:\n  - cert-manager.yaml\n  - heartbeat.yaml\n  - ingress-nginx.yaml\n  - namespaces.yaml\n");
        folder_free(folder);
        free(name);
        clusters++;
    }
    assert_int_equal(clusters, NLABS);
    world_free(world);
    (void)state;
}

static void beta__gives_three_clusters_the_application(void **state)
{
    static const char *const beta[] = { "central-la-nola-2301", "east-ga-atl-2301", "west-ca-sd-2301" };
    struct world *world = world_load(FIXTURE, "inventory.json");
    unsigned found = 0, with = 0;

    if (world == NULL)
        skip();
    set_expression(world, "dogs-cats", "/g/beta");
    for (uint32_t i = 0; i < rse_fleet_nbits(world->fleet); i++) {
        char *name = rse_xstrndup(rse_fleet_cluster_at(world->fleet, i)->object.name);
        struct folder *folder = folder_render(world, name);
        bool has = folder_text(folder, DOGS) != NULL;

        assert_int_equal(folder_text(folder, LISTENER) != NULL, has);
        assert_int_equal(folder_text(folder, "dogs-cats/dogs-cats/base/deployment.yaml") != NULL, has);
        with += has;
        for (size_t b = 0; b < RSE_COUNT(beta); b++)
            found += has && strcmp(beta[b], name) == 0;
        folder_free(folder);
        free(name);
    }
    assert_int_equal(with, 3);
    assert_int_equal(found, 3);
    world_free(world);
    (void)state;
}

static void beta__sees_its_own_values(void **state)
{
    struct world *world = world_load(FIXTURE, "inventory.json");
    struct folder *folder;

    if (world == NULL)
        skip();
    set_expression(world, "dogs-cats", "/g/beta");
    folder = folder_render(world, "central-la-nola-2301");
    assert_has(folder, "dogs-cats/dogs-cats/base/ingress.yaml",
               "  - host: dogs-cats.central-la-nola-2301.res-edge.com\n");
    assert_has(folder, "dogs-cats/dogs-cats/base/deployment.yaml", "name: REGION\n            value: central\n");
    assert_has(folder, "dogs-cats/dogs-cats/base/deployment.yaml", "name: ZONE\n            value: la\n");
    assert_has(folder, "dogs-cats/dogs-cats/base/deployment.yaml", "name: TITLE\n            value: Dogz RULE!\n");
    assert_has(folder, "dogs-cats/dogs-cats/base/pvc.yaml", "  name: dogs-cats-redis-pvc\n");
    assert_has(folder, LISTENER, "path: ./clusters/central-la-nola-2301/dogs-cats/dogs-cats/base\n");
    assert_has(folder, "flux-system/flux-kustomization.yaml",
               "path: ./clusters/central-la-nola-2301/flux-system/listeners\n");
    folder_free(folder);
    world_free(world);
    (void)state;
}

static void none__takes_it_all_away_again(void **state)
{
    struct world *world = world_load(FIXTURE, "inventory.json");
    struct folder *before, *after;
    struct rse_str path;
    void *text;

    if (world == NULL)
        skip();
    before = folder_render(world, "central-la-nola-2301");
    set_expression(world, "dogs-cats", "/g/beta");
    set_expression(world, "dogs-cats", "none");
    after = folder_render(world, "central-la-nola-2301");
    assert_string_equal(folder_list(before), folder_list(after));
    for (size_t it = 0; rse_map_next(before->files, &it, &path, &text);)
        assert_true(rse_str_eq(*(struct rse_str *)text, *(struct rse_str *)rse_map_get(after->files, path)));
    folder_free(before);
    folder_free(after);
    world_free(world);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fixture__renders_every_cluster_whole),
        cmocka_unit_test(beta__gives_three_clusters_the_application),
        cmocka_unit_test(beta__sees_its_own_values),
        cmocka_unit_test(none__takes_it_all_away_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
