#include "tests/unit/model/model_test.h"

/* NULL: absent. */
static void check_text(const struct rse_object *object, const char *field, const char *text)
{
    RSE_BUF_AUTO out = { 0 };

    rse_buf_init(&out, 1000);
    bool there = rse_object_field_text(object, rse_noun_field(object->noun, rse_str(field)), &out);

    if (there != (text != NULL) || strcmp(out.p, text != NULL ? text : "") != 0)
        fail_msg("%s: %s \"%s\"", field, there ? "there" : "absent", out.p);
}

static void field_text__of_every_kind(void **state)
{
    struct rse_object *c =
        object_of(*state, RSE_CLUSTER, RSE_PARSE_DOC,
                  "{\"id\":12,\"name\":\"c1\",\"description\":\"\",\"tags\":[\"a\",\"b\"],\"metadata\":{\"k\":\"v\","
                  "\"l\":\"\"},\"state\":\"closing\",\"store\":\"s9\",\"target\":\"west\",\"targetId\":3,"
                  "\"groups\":[\"/a\",\"/b/c\"],\"groupIds\":[1,2],\"capacity\":{\"memoryLimit\":512,\"cpuLimit\":0.5},"
                  "\"location\":{\"latitude\":30.25,\"longitude\":-97},\"version\":4,"
                  "\"updatedAt\":\"2026-01-01T00:00:00.000Z\"}");

    check_text(c, "id", "12");
    check_text(c, "name", "c1");
    check_text(c, "description", "");
    check_text(c, "environment", NULL);
    check_text(c, "tags", "a,b");
    check_text(c, "metadata", "k=v,l=");
    check_text(c, "state", "closing");
    check_text(c, "store", "s9");
    check_text(c, "target", "west");
    check_text(c, "groups", "/a,/b/c");
    check_text(c, "capacity", "memoryLimit=512,cpuLimit=0.5");
    check_text(c, "location", "30.25,-97");
    check_text(c, "version", "4");
    check_text(c, "updatedAt", "2026-01-01T00:00:00.000Z");
}

static void field_text__of_what_is_absent_is_none(void **state)
{
    struct rse_object *c = object_of(*state, RSE_CLUSTER, RSE_PARSE_WRITE, "{\"name\":\"c1\"}");
    struct rse_object *g = object_of(*state, RSE_GROUP, RSE_PARSE_WRITE, "{\"name\":\"g\"}");

    check_text(c, "id", NULL);
    check_text(c, "tags", NULL);
    check_text(c, "metadata", NULL);
    check_text(c, "target", NULL);
    check_text(c, "groups", NULL);
    check_text(c, "capacity", NULL);
    check_text(c, "location", NULL);
    check_text(c, "timeZone", NULL);
    check_text(g, "priority", NULL);
}

static void field_text__of_a_store_is_the_clusters_name_where_it_has_none(void **state)
{
    struct rse_object *c = object_of(*state, RSE_CLUSTER, RSE_PARSE_WRITE, "{\"name\":\"c1\"}");

    check_text(c, "store", "c1");
}

static void field_text__of_other_nouns(void **state)
{
    struct rse_object *t = object_of(*state, RSE_TARGET, RSE_PARSE_WRITE, "{\"name\":\"t\",\"url\":\"/x\"}");
    struct rse_object *a = object_of(*state, RSE_APPLICATION, RSE_PARSE_WRITE,
                                     "{\"name\":\"a\",\"path\":\"p\",\"namespaceId\":6,\"releases\":"
                                     "[{\"version\":\"2.0.0\",\"expression\":\"/g/beta\"},{\"version\":\"1.0.0\"}]}");
    struct rse_object *g = object_of(*state, RSE_GROUP, RSE_PARSE_WRITE, "{\"name\":\"g\",\"priority\":0}");

    check_text(t, "guard", "clustersLosing=1,clustersChanged=10,files=0");
    check_text(t, "paused", "false");
    check_text(t, "folderPattern", "sharded");
    check_text(t, "pushIntervalSeconds", "10");
    check_text(a, "namespace", "6");
    check_text(a, "releases", "2.0.0=/g/beta,1.0.0=");
    check_text(g, "priority", "0");
}

static void metadata__is_found_by_key(void **state)
{
    struct rse_object *c =
        object_of(*state, RSE_CLUSTER, RSE_PARSE_WRITE,
                  "{\"name\":\"c1\",\"metadata\":{\"b\":\"2\",\"a\":\"1\",\"c\":\"3\",\"Z\":\"4\"}}");
    struct rse_str value;

    assert_true(rse_object_metadata(c, RSE_STR("a"), &value) && rse_str_is(value, "1"));
    assert_true(rse_object_metadata(c, RSE_STR("b"), &value) && rse_str_is(value, "2"));
    assert_true(rse_object_metadata(c, RSE_STR("c"), &value) && rse_str_is(value, "3"));
    assert_true(rse_object_metadata(c, RSE_STR("Z"), &value) && rse_str_is(value, "4"));
    assert_false(rse_object_metadata(c, RSE_STR("d"), &value));
    assert_false(rse_object_metadata(c, RSE_STR(""), &value));
}

static void tag__is_found(void **state)
{
    struct rse_object *c =
        object_of(*state, RSE_CLUSTER, RSE_PARSE_WRITE, "{\"name\":\"c1\",\"tags\":[\"x\",\"a b\",\"m\"]}");

    assert_true(rse_object_has_tag(c, RSE_STR("x")));
    assert_true(rse_object_has_tag(c, RSE_STR("a b")));
    assert_true(rse_object_has_tag(c, RSE_STR("m")));
    assert_false(rse_object_has_tag(c, RSE_STR("a")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MODEL_TEST(field_text__of_every_kind),
        MODEL_TEST(field_text__of_what_is_absent_is_none),
        MODEL_TEST(field_text__of_a_store_is_the_clusters_name_where_it_has_none),
        MODEL_TEST(field_text__of_other_nouns),
        MODEL_TEST(metadata__is_found_by_key),
        MODEL_TEST(tag__is_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
