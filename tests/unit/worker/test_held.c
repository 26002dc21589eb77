#include "tests/unit/worker/worker_test.h"

#include <cjson/cJSON.h>

#include "automation-worker/job/held.h"

static const struct rse_namespace NAMESPACE = { .object = { .id = 3, .name = RSE_STR_INIT("pets") } };
static const struct rse_application APPLICATION = { .object = { .id = 4, .name = RSE_STR_INIT("dogs-cats") } };

/* Clusters "store-0" and so on; store-i has the index i. */
static struct rse_fleet *fleet_of(uint32_t clusters)
{
    struct rse_fleet *fleet = rse_fleet_new();
    struct rse_err err = RSE_ERR_INIT;
    char name[32];

    for (uint32_t i = 0; i < clusters; i++) {
        struct rse_cluster cluster = { .object = { .noun = RSE_CLUSTER, .id = i + 1 }, .state = RSE_CLUSTER_ACTIVE };

        snprintf(name, sizeof(name), "store-%u", i);
        cluster.object.name = rse_str(name);
        assert_true(rse_fleet_put(fleet, &cluster.object, &err));
    }
    return fleet;
}

static void hold(struct held *held, uint32_t cluster, const char *what)
{
    struct rse_err err = RSE_ERR_INIT;

    rse_err_object(&err, "cluster \"store-%u\"", cluster);
    (void)rse_fail(&err, RSE_INVALID, "%s", what);
    held_add(held, cluster, &NAMESPACE, &APPLICATION, &err);
}

static cJSON *render(const struct held *held, uint32_t clusters)
{
    struct rse_fleet *fleet = fleet_of(clusters);
    RSE_BUF_AUTO text = { 0 };

    rse_buf_init(&text, (size_t)64 << 20);
    held_render(held, fleet, &text);
    rse_fleet_free(fleet);
    cJSON *list = cJSON_Parse(text.p);
    assert_true(cJSON_IsArray(list));
    return list;
}

static void held__names_cluster_namespace_application_and_problem(void **state)
{
    struct held *held = held_new();

    (void)state;
    hold(held, 1, "no value for rea.cluster.zone");
    cJSON *list = render(held, 2), *entry = cJSON_GetArrayItem(list, 0);
    assert_string_equal(cJSON_GetObjectItem(entry, "cluster")->valuestring, "store-1");
    assert_string_equal(cJSON_GetObjectItem(entry, "namespace")->valuestring, "pets");
    assert_string_equal(cJSON_GetObjectItem(entry, "application")->valuestring, "dogs-cats");
    const cJSON *error = cJSON_GetObjectItem(entry, "error");
    assert_string_equal(cJSON_GetObjectItem(error, "object")->valuestring, "cluster \"store-1\"");
    assert_string_equal(cJSON_GetObjectItem(error, "detail")->valuestring, "no value for rea.cluster.zone");
    cJSON_Delete(list);
    held_free(held);
}

static void held__lists_some_of_the_same_error_and_all_of_the_others(void **state)
{
    struct held *held = held_new();
    RSE_BUF_AUTO summary = { 0 };

    (void)state;
    for (uint32_t i = 0; i < 5000; i++)
        hold(held, i, "the template is not YAML");
    hold(held, 7, "no value for rea.cluster.zone");
    assert_int_equal(held_count(held), 5001);
    cJSON *list = render(held, 5000);
    assert_int_equal(cJSON_GetArraySize(list), 101);
    cJSON_Delete(list);
    rse_buf_init(&summary, 4096);
    held_summary(held, &summary);
    assert_string_equal(summary.p, "dogs-cats on 5000 clusters, dogs-cats on 1 cluster");
    held_free(held);
}

static void held__is_bounded_however_many_errors_there_are(void **state)
{
    struct held *held = held_new();
    char what[64];

    (void)state;
    for (uint32_t i = 0; i < 3000; i++) {
        snprintf(what, sizeof(what), "error %u", i);
        hold(held, i, what);
    }
    cJSON *list = render(held, 3000);
    assert_int_equal(cJSON_GetArraySize(list), 1000);
    cJSON_Delete(list);
    assert_int_equal(held_count(held), 3000);
    held_free(held);
}

static void held__keeps_what_no_job_looked_at(void **state)
{
    struct held *held = held_new(), *now = held_new();
    RSE_BITMAP_AUTO scope = { 0 };

    (void)state;
    hold(held, 1, "no value for rea.cluster.zone");
    hold(held, 2, "no value for rea.cluster.zone");
    hold(held, 3, "the template is not YAML");
    rse_bitmap_init(&scope, 4);
    rse_bitmap_set(&scope, 2);
    rse_bitmap_set(&scope, 3);
    hold(now, 3, "no value for rea.cluster.zone");
    held_forget(held, &scope);
    held_merge(held, now);
    assert_int_equal(held_count(held), 2);
    assert_true(held_has(held, 1, 3, 4));
    assert_false(held_has(held, 2, 3, 4));
    assert_true(held_has(held, 3, 3, 4));
    assert_false(held_has(held, 3, 3, 0));
    held_clear(held);
    assert_int_equal(held_count(held), 0);
    held_free(held);
    held_free(now);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(held__names_cluster_namespace_application_and_problem),
        cmocka_unit_test(held__lists_some_of_the_same_error_and_all_of_the_others),
        cmocka_unit_test(held__is_bounded_however_many_errors_there_are),
        cmocka_unit_test(held__keeps_what_no_job_looked_at),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
