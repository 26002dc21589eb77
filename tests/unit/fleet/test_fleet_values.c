#include "tests/unit/fleet/fleet_test.h"

/*
 *   /stores (region: any, tax: 1)      /owners (priority 1)
 *       /stores/east (region: east)        /owners/smith (tax: 5)
 *   /cold (expression /m/freezer; alarm: loud; tax: 1)
 */
static int set_up(void **state)
{
    struct rse_fleet *fleet = rse_fleet_new();

    fleet_put_json(fleet, RSE_GROUP, "{\"id\":1,\"name\":\"stores\",\"metadata\":{\"region\":\"any\",\"tax\":\"1\"}}");
    fleet_put_json(fleet, RSE_GROUP, "{\"id\":2,\"name\":\"east\",\"parentId\":1,\"metadata\":{\"region\":\"east\"}}");
    fleet_put_json(fleet, RSE_GROUP, "{\"id\":3,\"name\":\"owners\",\"priority\":1}");
    fleet_put_json(fleet, RSE_GROUP, "{\"id\":4,\"name\":\"smith\",\"parentId\":3,\"metadata\":{\"tax\":\"5\"}}");
    fleet_put_json(
        fleet, RSE_GROUP,
        "{\"id\":5,\"name\":\"cold\",\"expression\":\"/m/freezer\",\"metadata\":{\"alarm\":\"loud\",\"tax\":\"1\"}}");
    fleet_put_json(fleet, RSE_METADATA_KEY, "{\"id\":1,\"name\":\"lang\",\"default\":\"en\"}");
    fleet_put_json(fleet, RSE_CLUSTER,
                   "{\"id\":1,\"name\":\"a\",\"groups\":[\"/stores/east\"],\"metadata\":{\"lang\":\"\"}}");
    fleet_put_json(fleet, RSE_CLUSTER,
                   "{\"id\":2,\"name\":\"b\",\"groups\":[\"/stores\",\"/stores/east\",\"/owners/smith\"]}");
    fleet_put_json(
        fleet, RSE_CLUSTER,
        "{\"id\":3,\"name\":\"c\",\"groups\":[\"/stores\"],\"metadata\":{\"freezer\":\"yes\",\"region\":\"own\"}}");
    *state = fleet;
    return 0;
}

static int tear_down(void **state)
{
    rse_fleet_free(*state);
    return 0;
}

static struct rse_value_source assert_value(struct rse_fleet *fleet, uint32_t index, const char *key,
                                            const char *wanted)
{
    struct rse_value_source source = { .object = NULL };
    struct rse_str value;

    if (!rse_fleet_value(fleet, index, rse_str(key), &value, &source))
        fail_msg("no value for %s", key);
    assert_true(rse_str_is(value, wanted));
    return source;
}

static void value__is_the_clusters_own_first(void **state)
{
    struct rse_value_source source = assert_value(*state, 2, "region", "own");

    assert_true(source.own);
    assert_int_equal(source.object->id, 3);
    assert_int_equal(source.object->noun, RSE_CLUSTER);
    assert_true(assert_value(*state, 0, "lang", "").own);
}

static void value__of_a_descendant_hides_that_of_its_ancestor(void **state)
{
    assert_int_equal(assert_value(*state, 0, "region", "east").object->id, 2);
    assert_int_equal(assert_value(*state, 0, "tax", "1").object->id, 1);
    /* Also where the cluster is a member of both. */
    assert_int_equal(assert_value(*state, 1, "region", "east").object->id, 2);
}

static void value__of_the_highest_priority_wins_even_an_inherited_one(void **state)
{
    assert_int_equal(assert_value(*state, 1, "tax", "5").object->id, 4);
}

static void value__comes_from_a_group_that_selects_the_cluster(void **state)
{
    struct rse_fleet *fleet = *state;
    struct rse_str value;

    assert_int_equal(assert_value(fleet, 2, "alarm", "loud").object->id, 5);
    assert_false(rse_fleet_value(fleet, 0, RSE_STR("alarm"), &value, NULL));
    fleet_put_json(fleet, RSE_CLUSTER, "{\"id\":1,\"name\":\"a\",\"metadata\":{\"freezer\":\"no\"}}");
    assert_value(fleet, 0, "alarm", "loud");
    fleet_put_json(fleet, RSE_GROUP,
                   "{\"id\":5,\"name\":\"cold\",\"expression\":\"none\",\"metadata\":{\"alarm\":\"loud\"}}");
    assert_false(rse_fleet_value(fleet, 0, RSE_STR("alarm"), &value, NULL));
}

static void value__that_agrees_is_no_conflict(void **state)
{
    struct rse_err err = RSE_ERR_INIT;

    assert_int_equal(assert_value(*state, 2, "tax", "1").object->id, 1);
    assert_true(rse_fleet_check_values(*state, &err));
}

static void value__falls_back_to_the_declared_default(void **state)
{
    struct rse_value_source source = assert_value(*state, 1, "lang", "en");
    struct rse_str value;

    assert_true(source.is_default);
    assert_int_equal(source.object->noun, RSE_METADATA_KEY);
    assert_false(rse_fleet_value(*state, 1, RSE_STR("unknown"), &value, NULL));
    assert_false(rse_fleet_value(*state, 77, RSE_STR("lang"), &value, NULL));
}

static void metadata_keys__are_those_that_clusters_can_have(void **state)
{
    static const char *const WANTED[] = { "alarm", "freezer", "lang", "region", "tax" };
    struct rse_fleet *fleet = *state;
    size_t count;
    const struct rse_str *keys = rse_fleet_metadata_keys(fleet, RSE_CLUSTER, &count);

    assert_int_equal(count, RSE_COUNT(WANTED));
    for (size_t i = 0; i < count; i++)
        assert_true(rse_str_is(keys[i], WANTED[i]));
    assert_true(rse_fleet_remove(fleet, RSE_CLUSTER, 3));
    assert_true(rse_fleet_remove(fleet, RSE_METADATA_KEY, 1));
    (void)rse_fleet_metadata_keys(fleet, RSE_CLUSTER, &count);
    assert_int_equal(count, 4);
    (void)rse_fleet_metadata_keys(fleet, RSE_NAMESPACE, &count);
    assert_int_equal(count, 0);
}

static void release_for__is_the_highest_version_that_selects_the_cluster(void **state)
{
    struct rse_fleet *fleet = *state;

    fleet_put_json(fleet, RSE_APPLICATION,
                   "{\"id\":1,\"name\":\"imdb\",\"path\":\"apps/imdb\",\"releases\":["
                   "{\"version\":\"1.9.0\",\"expression\":\"/g/stores\"},{\"version\":\"1.10.0\",\"expression\":\"/g/"
                   "stores/east\"},"
                   "{\"version\":\"2.0.0\",\"expression\":\"none\"}]}");
    assert_true(rse_str_is(rse_fleet_release_for(fleet, 1, 0)->version, "1.10.0"));
    assert_true(rse_str_is(rse_fleet_release_for(fleet, 1, 2)->version, "1.9.0"));
    fleet_put_json(fleet, RSE_CLUSTER, "{\"id\":3,\"name\":\"c\"}");
    assert_null(rse_fleet_release_for(fleet, 1, 2));
    assert_null(rse_fleet_release_for(fleet, 7, 0));
}

static void sets__follow_references(void **state)
{
    struct rse_fleet *fleet = *state;
    RSE_BITMAP_AUTO set = { 0 };

    rse_bitmap_init(&set, 0);
    fleet_put_json(fleet, RSE_TARGET, "{\"id\":1,\"name\":\"main\",\"url\":\"/srv/fleet.git\"}");
    fleet_put_json(fleet, RSE_NAMESPACE, "{\"id\":1,\"name\":\"n\",\"expression\":\"all\",\"allowed\":\"\"}");
    fleet_put_json(fleet, RSE_APPLICATION, "{\"id\":1,\"name\":\"imdb\",\"path\":\"apps/imdb\",\"namespace\":\"n\"}");
    rse_fleet_application_clusters(fleet, 1, &set);
    assert_int_equal(rse_bitmap_count(&set), 0);
    fleet_put_json(fleet, RSE_NAMESPACE,
                   "{\"id\":1,\"name\":\"n\",\"expression\":\"all\",\"allowed\":\"/g/stores/east\"}");
    rse_fleet_application_clusters(fleet, 1, &set);
    assert_int_equal(rse_bitmap_count(&set), 2);
    fleet_put_json(fleet, RSE_CLUSTER, "{\"id\":4,\"name\":\"d\",\"target\":\"main\"}");
    fleet_put_json(fleet, RSE_CLUSTER, "{\"id\":5,\"name\":\"e\",\"targetId\":1,\"state\":\"closing\"}");
    fleet_put_json(fleet, RSE_CLUSTER, "{\"id\":6,\"name\":\"f\",\"targetId\":1,\"state\":\"closed\"}");
    rse_fleet_target_clusters(fleet, 1, &set);
    assert_int_equal(rse_bitmap_count(&set), 2);
    assert_true(rse_bitmap_has(&set, 3));
    assert_true(rse_bitmap_has(&set, 4));
    rse_fleet_all_clusters(fleet, &set);
    assert_int_equal(rse_bitmap_count(&set), 5);
    rse_fleet_group_clusters(fleet, 99, &set);
    assert_int_equal(rse_bitmap_count(&set), 0);
}

#define WITH_FLEET(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FLEET(value__is_the_clusters_own_first),
        WITH_FLEET(value__of_a_descendant_hides_that_of_its_ancestor),
        WITH_FLEET(value__of_the_highest_priority_wins_even_an_inherited_one),
        WITH_FLEET(value__comes_from_a_group_that_selects_the_cluster),
        WITH_FLEET(value__that_agrees_is_no_conflict),
        WITH_FLEET(value__falls_back_to_the_declared_default),
        WITH_FLEET(metadata_keys__are_those_that_clusters_can_have),
        WITH_FLEET(release_for__is_the_highest_version_that_selects_the_cluster),
        WITH_FLEET(sets__follow_references),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
