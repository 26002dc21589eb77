#include "tests/unit/model/model_test.h"

static void check_patch(enum rse_noun noun, const char *document, const char *patch, const char *result)
{
    cJSON *d = json_of(document), *p = json_of(patch);
    cJSON *r = rse_object_merge_patch(noun, d, p);
    char *text = cJSON_PrintUnformatted(r);
    char *before = cJSON_PrintUnformatted(d);
    cJSON *again = json_of(document);
    char *still = cJSON_PrintUnformatted(again);

    if (strcmp(text, result) != 0)
        fail_msg("%s + %s = %s, not %s", document, patch, text, result);
    assert_string_equal(before, still); /* the document itself stays as it was */
    cJSON_free(text);
    cJSON_free(before);
    cJSON_free(still);
    cJSON_Delete(d);
    cJSON_Delete(p);
    cJSON_Delete(r);
    cJSON_Delete(again);
}

/* RFC 7396, appendix A. Members that a patch replaces move to the end, which is the same object. */
static void merge_patch__does_what_the_standard_shows(void **state)
{
    check_patch(RSE_GROUP, "{\"a\":\"b\"}", "{\"a\":\"c\"}", "{\"a\":\"c\"}");
    check_patch(RSE_GROUP, "{\"a\":\"b\"}", "{\"b\":\"c\"}", "{\"a\":\"b\",\"b\":\"c\"}");
    check_patch(RSE_GROUP, "{\"a\":\"b\"}", "{\"a\":null}", "{}");
    check_patch(RSE_GROUP, "{\"a\":\"b\",\"b\":\"c\"}", "{\"a\":null}", "{\"b\":\"c\"}");
    check_patch(RSE_GROUP, "{\"a\":[\"b\"]}", "{\"a\":\"c\"}", "{\"a\":\"c\"}");
    check_patch(RSE_GROUP, "{\"a\":\"c\"}", "{\"a\":[\"b\"]}", "{\"a\":[\"b\"]}");
    check_patch(RSE_GROUP, "{\"a\":{\"b\":\"c\"}}", "{\"a\":{\"b\":\"d\",\"c\":null}}", "{\"a\":{\"b\":\"d\"}}");
    check_patch(RSE_GROUP, "{\"a\":[{\"b\":\"c\"}]}", "{\"a\":[1]}", "{\"a\":[1]}");
    check_patch(RSE_GROUP, "[\"a\",\"b\"]", "[\"c\",\"d\"]", "[\"c\",\"d\"]");
    check_patch(RSE_GROUP, "{\"a\":\"b\"}", "[\"c\"]", "[\"c\"]");
    check_patch(RSE_GROUP, "{\"a\":\"foo\"}", "null", "null");
    check_patch(RSE_GROUP, "{\"a\":\"foo\"}", "\"bar\"", "\"bar\"");
    check_patch(RSE_GROUP, "{\"e\":null}", "{\"a\":1}", "{\"e\":null,\"a\":1}");
    check_patch(RSE_GROUP, "[1,2]", "{\"a\":\"b\",\"c\":null}", "{\"a\":\"b\"}");
    check_patch(RSE_GROUP, "{}", "{\"a\":{\"bb\":{\"ccc\":null}}}", "{\"a\":{\"bb\":{}}}");
    (void)state;
}

static void merge_patch__tells_upper_from_lower_case(void **state)
{
    check_patch(RSE_GROUP, "{\"a\":1,\"A\":2}", "{\"A\":null}", "{\"a\":1}");
    check_patch(RSE_GROUP, "{\"a\":1}", "{\"A\":3}", "{\"a\":1,\"A\":3}");
    (void)state;
}

#define PAIRS "{\"metadata\":[{\"key\":\"a\",\"value\":\"1\"},{\"key\":\"b\",\"value\":\"2\"}]}"

static void merge_patch__of_metadata_as_an_object_goes_by_key(void **state)
{
    check_patch(RSE_CLUSTER, PAIRS, "{\"metadata\":{\"a\":\"9\",\"c\":\"3\"}}",
                "{\"metadata\":[{\"key\":\"b\",\"value\":\"2\"},{\"key\":\"a\",\"value\":\"9\"},"
                "{\"key\":\"c\",\"value\":\"3\"}]}");
    check_patch(RSE_CLUSTER, PAIRS, "{\"metadata\":{\"a\":null,\"x\":null}}",
                "{\"metadata\":[{\"key\":\"b\",\"value\":\"2\"}]}");
    check_patch(RSE_CLUSTER, "{\"metadata\":null}", "{\"metadata\":{\"a\":\"1\"}}",
                "{\"metadata\":[{\"key\":\"a\",\"value\":\"1\"}]}");
    check_patch(RSE_CLUSTER, "{}", "{\"metadata\":{\"a\":\"1\"}}", "{\"metadata\":[{\"key\":\"a\",\"value\":\"1\"}]}");
    check_patch(RSE_CLUSTER, "{\"metadata\":{\"a\":\"1\",\"b\":\"2\"}}", "{\"metadata\":{\"a\":null}}",
                "{\"metadata\":{\"b\":\"2\"}}");
    (void)state;
}

static void merge_patch__of_metadata_as_an_array_replaces(void **state)
{
    check_patch(RSE_CLUSTER, PAIRS, "{\"metadata\":[{\"key\":\"c\",\"value\":\"3\"}]}",
                "{\"metadata\":[{\"key\":\"c\",\"value\":\"3\"}]}");
    check_patch(RSE_CLUSTER, PAIRS, "{\"metadata\":null}", "{}");
    (void)state;
}

static void merge_patch__drops_the_form_of_a_reference_that_is_out_of_date(void **state)
{
    check_patch(RSE_GROUP, "{\"parent\":\"/a\",\"parentId\":1}", "{\"parent\":\"/b\"}", "{\"parent\":\"/b\"}");
    check_patch(RSE_GROUP, "{\"parent\":\"/a\",\"parentId\":1}", "{\"parentId\":2}", "{\"parentId\":2}");
    check_patch(RSE_GROUP, "{\"parent\":\"/a\",\"parentId\":1}", "{\"parent\":null}", "{}");
    check_patch(RSE_GROUP, "{\"parent\":\"/a\",\"parentId\":1}", "{\"parentId\":null}", "{}");
    check_patch(RSE_GROUP, "{\"parent\":\"/a\",\"parentId\":1}", "{\"x\":1}",
                "{\"parent\":\"/a\",\"parentId\":1,\"x\":1}");
    check_patch(RSE_CLUSTER, "{\"groups\":[\"/a\"],\"groupIds\":[1]}", "{\"groups\":[\"/b\",\"/c\"]}",
                "{\"groups\":[\"/b\",\"/c\"]}");
    (void)state;
}

#define WEST "{\"target\":\"west\",\"targetId\":3,\"gitOpsRepo\":\"/w\",\"gitOpsBranch\":\"main\"}"

static void merge_patch__lets_a_repository_or_a_target_be_written_but_not_both_stay(void **state)
{
    check_patch(RSE_CLUSTER, WEST, "{\"target\":\"east\"}", "{\"target\":\"east\"}");
    check_patch(RSE_CLUSTER, WEST, "{\"store\":\"x\"}", "{\"target\":\"west\",\"targetId\":3,\"store\":\"x\"}");
    check_patch(RSE_CLUSTER, WEST, "{\"gitOpsBranch\":\"next\"}", "{\"gitOpsRepo\":\"/w\",\"gitOpsBranch\":\"next\"}");
    check_patch(RSE_CLUSTER, WEST, "{\"gitOpsRepo\":\"/e\",\"target\":\"east\"}",
                "{\"gitOpsRepo\":\"/e\",\"target\":\"east\"}");
    check_patch(RSE_CLUSTER, WEST, "{\"gitOpsRepo\":null}", "{\"target\":\"west\",\"targetId\":3}");
    (void)state;
}

static void merge_patch__keeps_the_text_of_numbers(void **state)
{
    cJSON *d = json_of("{\"name\":\"c\",\"metadata\":[]}"), *p = json_of("{\"metadata\":{\"v\":1.10}}");
    cJSON *r = rse_object_merge_patch(RSE_CLUSTER, d, p);
    struct rse_err err = RSE_ERR_INIT;
    struct rse_object *object = NULL;

    assert_true(rse_object_parse(&object, RSE_CLUSTER, r, RSE_PARSE_WRITE, *state, &err));
    assert_true(rse_str_is(object->metadata.at[0].value, "1.10"));
    cJSON_Delete(d);
    cJSON_Delete(p);
    cJSON_Delete(r);
}

/* What a PATCH does: document, patch, and the result read as a write. */
static void merge_patch__of_a_document_can_be_written(void **state)
{
    struct rse_object *stored = object_of(
        *state, RSE_NAMESPACE, RSE_PARSE_DOC,
        "{\"id\":4,\"name\":\"n\",\"expression\":\"/g/a\",\"capacity\":{\"memoryLimit\":512,\"cpuLimit\":null},"
        "\"policies\":[\"p\"],\"policyIds\":[9],\"version\":3}");
    cJSON *d = json_of(rendered(stored, 0));
    cJSON *p = json_of("{\"expression\":null,\"capacity\":{\"cpuLimit\":0.5},\"metadata\":{\"k\":\"v\"}}");
    cJSON *r = rse_object_merge_patch(RSE_NAMESPACE, d, p);
    struct rse_err err = RSE_ERR_INIT;
    struct rse_object *object = NULL;

    if (!rse_object_parse(&object, RSE_NAMESPACE, r, RSE_PARSE_WRITE, *state, &err))
        fail_msg("%s %s", err.field, err.what);
    assert_string_equal(rendered(object, RSE_RENDER_SPEC),
                        "{\"name\":\"n\",\"metadata\":[{\"key\":\"k\",\"value\":\"v\"}],"
                        "\"capacity\":{\"memoryLimit\":512,\"cpuLimit\":0.5},\"policies\":[\"p\"]}");
    assert_int_equal(((struct rse_namespace *)object)->policies.at[0].id, 9);
    cJSON_Delete(d);
    cJSON_Delete(p);
    cJSON_Delete(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(merge_patch__does_what_the_standard_shows),
        cmocka_unit_test(merge_patch__tells_upper_from_lower_case),
        cmocka_unit_test(merge_patch__of_metadata_as_an_object_goes_by_key),
        cmocka_unit_test(merge_patch__of_metadata_as_an_array_replaces),
        cmocka_unit_test(merge_patch__drops_the_form_of_a_reference_that_is_out_of_date),
        cmocka_unit_test(merge_patch__lets_a_repository_or_a_target_be_written_but_not_both_stay),
        MODEL_TEST(merge_patch__keeps_the_text_of_numbers),
        MODEL_TEST(merge_patch__of_a_document_can_be_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
