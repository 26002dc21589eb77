/* The sample fleet that comes with Res-Edge: everything in it renders, wherever it is put. */
#include "tests/unit/plan/plan_disk.h"

/* Gives every namespace to every cluster that may have it. */
static void widen(struct world *world)
{
    const struct rse_object *object;
    struct rse_err err = RSE_ERR_INIT;

    for (size_t it = 0; (object = rse_fleet_next(world->fleet, RSE_NAMESPACE, &it)) != NULL;) {
        struct rse_namespace *changed = (struct rse_namespace *)rse_object_clone(object);

        changed->expression = RSE_STR("all");
        if (!rse_fleet_put(world->fleet, &changed->object, &err))
            fail_msg("%s", err.what);
        free(changed);
    }
    world_plan(world);
}

static void assert_renders_everywhere(const struct world *world)
{
    for (uint32_t i = 0; i < rse_fleet_nbits(world->fleet); i++) {
        char *name = rse_xstrndup(rse_fleet_cluster_at(world->fleet, i)->object.name);
        struct folder *folder = folder_render(world, name);

        assert_all_render(folder, name);
        folder_free(folder);
        free(name);
    }
}

static void retailer__renders_on_every_store(void **state)
{
    struct world *world = world_load("examples/retailer", "fleet.yaml");

    assert_non_null(world);
    for (size_t i = 0; i < rse_catalogue_count(world->catalogue); i++)
        assert_int_equal(rse_catalogue_at(world->catalogue, i)->err.code, RSE_OK);
    assert_renders_everywhere(world);
    widen(world);
    assert_renders_everywhere(world);
    world_free(world);
    (void)state;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(retailer__renders_on_every_store),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
