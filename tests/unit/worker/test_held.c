#include "worker_test.h"

#include <cjson/cJSON.h>

#include "automation-worker/job/held.h"

static const struct rse_namespace NAMESPACE = { .object = { .name = RSE_STR_INIT("pets") } };
static const struct rse_application APPLICATION = { .object = { .name = RSE_STR_INIT("dogs-cats") } };

static void hold(struct held *held, const char *cluster, const char *what)
{
    struct rse_cluster on = { .object = { .name = rse_str(cluster) } };
    struct rse_err err = RSE_ERR_INIT;

    rse_err_object(&err, "cluster \"%s\"", cluster);
    (void)rse_fail(&err, RSE_INVALID, "%s", what);
    held_add(held, &on, &NAMESPACE, &APPLICATION, &err);
}

static cJSON *render(const struct held *held)
{
    RSE_BUF_AUTO text;

    rse_buf_init(&text, (size_t)64 << 20);
    held_render(held, &text);
    cJSON *list = cJSON_Parse(text.p);
    assert_true(cJSON_IsArray(list));
    return list;
}

static void held__names_cluster_namespace_application_and_problem(void **state)
{
    struct held *held = held_new();

    (void)state;
    hold(held, "store-1", "no value for rea.cluster.zone");
    cJSON *list = render(held), *entry = cJSON_GetArrayItem(list, 0);
    assert_string_equal(cJSON_GetObjectItem(entry, "cluster")->valuestring, "store-1");
    assert_string_equal(cJSON_GetObjectItem(entry, "namespace")->valuestring, "pets");
    assert_string_equal(cJSON_GetObjectItem(entry, "application")->valuestring, "dogs-cats");
    const cJSON *error = cJSON_GetObjectItem(entry, "error");
    assert_string_equal(cJSON_GetObjectItem(error, "detail")->valuestring, "no value for rea.cluster.zone");
    cJSON_Delete(list);
    held_free(held);
}

static void held__lists_some_of_the_same_error_and_all_of_the_others(void **state)
{
    struct held *held = held_new();
    RSE_BUF_AUTO summary;
    char name[32];

    (void)state;
    for (int i = 0; i < 5000; i++) {
        snprintf(name, sizeof(name), "store-%d", i);
        hold(held, name, "the template is not YAML");
    }
    hold(held, "store-7", "no value for rea.cluster.zone");
    assert_int_equal(held_count(held), 5001);
    cJSON *list = render(held);
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
    char name[32], what[64];

    (void)state;
    for (int i = 0; i < 3000; i++) {
        snprintf(name, sizeof(name), "store-%d", i);
        snprintf(what, sizeof(what), "error %d", i);
        hold(held, name, what);
    }
    cJSON *list = render(held);
    assert_int_equal(cJSON_GetArraySize(list), 1000);
    cJSON_Delete(list);
    assert_int_equal(held_count(held), 3000);
    held_free(held);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(held__names_cluster_namespace_application_and_problem),
        cmocka_unit_test(held__lists_some_of_the_same_error_and_all_of_the_others),
        cmocka_unit_test(held__is_bounded_however_many_errors_there_are),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
