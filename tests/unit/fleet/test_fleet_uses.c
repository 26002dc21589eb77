#include "tests/unit/fleet/fleet_test.h"

static int set_up(void **state)
{
    struct rse_fleet *fleet = rse_fleet_new();

    fleet_put_json(fleet, RSE_TARGET, "{\"id\":1,\"name\":\"main\",\"url\":\"https://git.example.com/fleet\"}");
    fleet_put_json(fleet, RSE_GROUP, "{\"id\":1,\"name\":\"stores\"}");
    fleet_put_json(fleet, RSE_GROUP, "{\"id\":2,\"name\":\"east\",\"parentId\":1}");
    fleet_put_json(fleet, RSE_GROUP, "{\"id\":3,\"name\":\"12\",\"expression\":\"/g/stores/east and /c/store-1\"}");
    fleet_put_json(fleet, RSE_POLICY, "{\"id\":1,\"name\":\"no-ingress\",\"path\":\"policies/no-ingress\"}");
    fleet_put_json(
        fleet, RSE_NAMESPACE,
        "{\"id\":1,\"name\":\"imdb\",\"expression\":\"/g/stores or /g/'12'\",\"policies\":[\"no-ingress\"]}");
    fleet_put_json(fleet, RSE_NAMESPACE,
                   "{\"id\":2,\"name\":\"dogs\",\"expression\":\"all\",\"allowed\":\"not /n/imdb\"}");
    fleet_put_json(fleet, RSE_APPLICATION,
                   "{\"id\":1,\"name\":\"imdb\",\"namespace\":\"imdb\",\"path\":\"apps/imdb\",\"fluxName\":\"imdb\","
                   "\"releases\":[{\"version\":\"1.0.0\",\"expression\":\"/g/stores/east\"}]}");
    fleet_put_json(fleet, RSE_METADATA_KEY, "{\"id\":1,\"name\":\"tax\",\"required\":\"/g/2 and none\"}");
    for (int i = 1; i <= 8; i++) {
        char json[200];

        (void)snprintf(json, sizeof(json),
                       "{\"id\":%d,\"name\":\"store-%d\",\"target\":\"main\",\"groups\":[\"/stores%s\"]}", i, i,
                       i == 8 ? "" : "/east");
        fleet_put_json(fleet, RSE_CLUSTER, json);
    }
    *state = fleet;
    return 0;
}

static int tear_down(void **state)
{
    rse_fleet_free(*state);
    return 0;
}

static void assert_used(struct rse_fleet *fleet, enum rse_noun noun, int64_t id, const char *by)
{
    struct rse_err err = RSE_ERR_INIT;

    assert_false(rse_fleet_check_unused(fleet, noun, id, &err));
    assert_int_equal(err.code, RSE_CONFLICT);
    assert_string_equal(err.what, by);
    assert_int_not_equal(err.object[0], '\0');
}

static void check_unused__names_up_to_five_that_refer_to_it(void **state)
{
    struct rse_err err = RSE_ERR_INIT;

    assert_used(
        *state, RSE_TARGET, 1,
        "it is in use by cluster store-1, cluster store-2, cluster store-3, cluster store-4, cluster store-5 and 3 "
        "more");
    assert_used(*state, RSE_GROUP, 1, "it is in use by group /stores/east, namespace imdb, cluster store-8");
    assert_used(*state, RSE_GROUP, 3, "it is in use by namespace imdb");
    assert_used(*state, RSE_NAMESPACE, 1, "it is in use by namespace dogs, application imdb/imdb");
    assert_used(*state, RSE_POLICY, 1, "it is in use by namespace imdb");
    assert_used(*state, RSE_CLUSTER, 1, "it is in use by group /12");
    assert_true(rse_fleet_check_unused(*state, RSE_NAMESPACE, 2, &err));
    assert_true(rse_fleet_check_unused(*state, RSE_CLUSTER, 2, &err));
    assert_true(rse_fleet_check_unused(*state, RSE_APPLICATION, 1, &err));
}

static void assert_dependents(struct rse_fleet *fleet, enum rse_noun noun, int64_t id, const char *wanted)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    struct rse_dependent *dependents;
    size_t count = rse_fleet_dependents(fleet, noun, id, arena, &dependents);
    RSE_BUF_AUTO text = { 0 };

    rse_buf_init(&text, 4096);
    rse_buf_adds(&text, "");
    for (size_t i = 0; i < count; i++)
        rse_buf_addf(&text, "%s%s %lld", i > 0 ? ", " : "", rse_noun_info(dependents[i].noun)->name,
                     (long long)dependents[i].id);
    assert_string_equal(count > 0 ? text.p : "", wanted);
}

static void dependents__are_all_whose_document_shows_the_name(void **state)
{
    assert_dependents(*state, RSE_GROUP, 1,
                      "metadataKey 1, group 2, group 3, namespace 1, application 1, cluster 1, cluster 2, cluster 3, "
                      "cluster 4, cluster 5, cluster 6, cluster 7, cluster 8");
    assert_dependents(*state, RSE_GROUP, 3, "namespace 1");
    assert_dependents(*state, RSE_NAMESPACE, 1, "namespace 2, application 1");
    assert_dependents(*state, RSE_POLICY, 1, "namespace 1");
    assert_dependents(*state, RSE_APPLICATION, 1, "");
    assert_dependents(*state, RSE_TARGET, 7, "");
}

static void put_renamed(struct rse_fleet *fleet, enum rse_noun noun, int64_t id, const char *name, size_t wanted)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    struct rse_group group = *(const struct rse_group *)rse_fleet_get(fleet, RSE_GROUP, 1);
    struct rse_namespace ns = *(const struct rse_namespace *)rse_fleet_get(fleet, RSE_NAMESPACE, 1);
    struct rse_object *object = noun == RSE_GROUP ? &group.object : &ns.object;
    struct rse_dependent *changed;
    struct rse_err err = RSE_ERR_INIT;
    size_t count;

    assert_int_equal(object->id, id);
    object->name = rse_str(name);
    if (!rse_fleet_put_renamed(fleet, object, arena, &changed, &count, &err))
        fail_msg("%s", err.what);
    assert_int_equal(count, wanted);
}

static void put_renamed__keeps_expressions_meaning_the_same(void **state)
{
    struct rse_fleet *fleet = *state;
    const struct rse_namespace *imdb, *dogs;
    const struct rse_group *twelve;
    const struct rse_application *app;

    assert_selects(fleet, "/n/imdb", "store-1 store-2 store-3 store-4 store-5 store-6 store-7 store-8");
    assert_selects(fleet, "/n/dogs", "");
    rse_fleet_mark(fleet);
    put_renamed(fleet, RSE_GROUP, 1, "all shops", 4);
    put_renamed(fleet, RSE_NAMESPACE, 1, "films", 1);
    imdb = (const struct rse_namespace *)rse_fleet_get(fleet, RSE_NAMESPACE, 1);
    dogs = (const struct rse_namespace *)rse_fleet_get(fleet, RSE_NAMESPACE, 2);
    twelve = (const struct rse_group *)rse_fleet_get(fleet, RSE_GROUP, 3);
    app = (const struct rse_application *)rse_fleet_get(fleet, RSE_APPLICATION, 1);
    assert_true(rse_str_is(imdb->expression, "/g/'all shops' or /g/'12'"));
    assert_true(rse_str_is(dogs->allowed, "not /n/films"));
    assert_true(rse_str_is(twelve->expression, "/g/'all shops/east' and /c/store-1"));
    assert_true(rse_str_is(app->releases.at[0].expression, "/g/'all shops/east'"));
    rse_fleet_rollback(fleet);
    imdb = (const struct rse_namespace *)rse_fleet_get(fleet, RSE_NAMESPACE, 1);
    assert_true(rse_str_is(imdb->expression, "/g/stores or /g/'12'"));
    assert_selects(fleet, "/n/imdb", "store-1 store-2 store-3 store-4 store-5 store-6 store-7 store-8");
}

static void find__wants_the_namespace_where_applications_share_a_name(void **state)
{
    struct rse_fleet *fleet = *state;
    struct rse_err err = RSE_ERR_INIT;

    assert_int_equal(rse_fleet_find(fleet, RSE_APPLICATION, RSE_STR("imdb"), &err)->id, 1);
    fleet_put_json(fleet, RSE_APPLICATION, "{\"id\":2,\"name\":\"imdb\",\"namespaceId\":2,\"path\":\"apps/imdb\"}");
    assert_null(rse_fleet_find(fleet, RSE_APPLICATION, RSE_STR("imdb"), &err));
    assert_int_equal(err.code, RSE_CONFLICT);
    assert_int_equal(rse_fleet_find(fleet, RSE_APPLICATION, RSE_STR("dogs/imdb"), NULL)->id, 2);
    assert_int_equal(rse_fleet_find(fleet, RSE_APPLICATION, RSE_STR("imdb/imdb"), NULL)->id, 1);
    rse_err_clear(&err);
    assert_null(rse_fleet_find(fleet, RSE_APPLICATION, RSE_STR("cats/imdb"), &err));
    assert_int_equal(err.code, RSE_NOT_FOUND);
}

static void find__says_what_is_near(void **state)
{
    struct rse_err err = RSE_ERR_INIT;

    assert_null(rse_fleet_find(*state, RSE_CLUSTER, RSE_STR("stroe-9"), &err));
    assert_string_equal(err.what, "there is no cluster named \"stroe-9\"");
    rse_err_clear(&err);
    assert_null(rse_fleet_find(*state, RSE_GROUP, RSE_STR("/east"), &err));
    assert_string_equal(err.hint, "Did you mean /stores/east?");
    rse_err_clear(&err);
    assert_null(rse_fleet_find(*state, RSE_GROUP, RSE_STR("/esat"), &err));
    assert_string_equal(err.hint, "Did you mean /stores/east?");
    rse_err_clear(&err);
    assert_null(rse_fleet_find(*state, RSE_CLUSTER, RSE_STR("store-9"), &err));
    assert_string_equal(err.hint, "Did you mean store-1, store-2 or store-3?");
    assert_null(rse_fleet_find(*state, RSE_CLUSTER, RSE_STR(""), NULL));
}

static void assert_flux_name(struct rse_fleet *fleet, const char *name, int64_t ns, const char *wanted)
{
    struct rse_application app = { .object = { .noun = RSE_APPLICATION, .id = 99, .name = rse_str(name) },
                                   .namespace_ = { .id = ns } };
    RSE_BUF_AUTO out = { 0 };

    rse_buf_init(&out, 256);
    rse_fleet_flux_name(fleet, &app, &out);
    assert_string_equal(out.p, wanted);
}

static void flux_name__is_free(void **state)
{
    struct rse_fleet *fleet = *state;
    const char *longest = "a23456789-123456789-123456789-123456789-123456789-123456789-123";
    char json[400];

    assert_flux_name(fleet, "dogs", 1, "dogs");
    assert_flux_name(fleet, "imdb", 2, "dogs-imdb");
    assert_flux_name(fleet, "imdb", 0, "imdb-2");
    assert_flux_name(fleet, "namespaces", 2, "dogs-namespaces");
    assert_flux_name(fleet, "flux-system", 0, "flux-system-2");
    assert_flux_name(fleet, longest, 2, longest);
    (void)snprintf(json, sizeof(json), "{\"id\":5,\"name\":\"x\",\"path\":\"apps/x\",\"fluxName\":\"%s\"}", longest);
    fleet_put_json(fleet, RSE_APPLICATION, json);
    assert_flux_name(fleet, longest, 2, "a23456789-123456789-123456789-123456789-123456789-12-2");
}

#define WITH_FLEET(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FLEET(check_unused__names_up_to_five_that_refer_to_it),
        WITH_FLEET(dependents__are_all_whose_document_shows_the_name),
        WITH_FLEET(put_renamed__keeps_expressions_meaning_the_same),
        WITH_FLEET(find__wants_the_namespace_where_applications_share_a_name),
        WITH_FLEET(find__says_what_is_near),
        WITH_FLEET(flux_name__is_free),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
