#include "tests/unit/model/random_object.h"

static struct rse_object *cluster(struct rse_arena *arena, const char *fields)
{
    return object_of(arena, RSE_CLUSTER, RSE_PARSE_DOC, rse_arena_printf(arena, "{\"name\":\"c\"%s}", fields));
}

static void check_eq(struct rse_arena *arena, const char *a, const char *b, bool equal)
{
    if (rse_object_spec_eq(cluster(arena, a), cluster(arena, b)) != equal)
        fail_msg("%s and %s", a, b);
    if (rse_object_spec_eq(cluster(arena, b), cluster(arena, a)) != equal)
        fail_msg("%s and %s", b, a);
}

static void spec_eq__ignores_what_the_server_sets(void **state)
{
    check_eq(*state, ",\"id\":1,\"version\":2,\"updatedAt\":\"x\",\"gitOpsRepo\":\"/a\"", ",\"id\":5", true);
}

static void spec_eq__sees_every_field_that_a_person_can_write(void **state)
{
    check_eq(*state, "", ",\"description\":\"\"", false);
    check_eq(*state, ",\"description\":\"a\"", ",\"description\":\"b\"", false);
    check_eq(*state, ",\"tags\":[\"a\"]", ",\"tags\":[\"a\",\"b\"]", false);
    check_eq(*state, ",\"tags\":[\"a\"]", ",\"tags\":[\"b\"]", false);
    check_eq(*state, ",\"tags\":[\"b\",\"a\"]", ",\"tags\":[\"a\",\"b\"]", true);
    check_eq(*state, ",\"metadata\":{\"a\":\"1\"}", ",\"metadata\":{\"a\":\"2\"}", false);
    check_eq(*state, ",\"metadata\":{\"a\":\"1\"}", ",\"metadata\":{\"b\":\"1\"}", false);
    check_eq(*state, ",\"state\":\"active\"", "", true);
    check_eq(*state, ",\"state\":\"planned\"", "", false);
    check_eq(*state, ",\"capacity\":{\"cpuLimit\":1}", "", false);
    check_eq(*state, ",\"location\":{\"latitude\":0,\"longitude\":0}", "", false);
}

static void spec_eq__compares_references_by_id_where_both_have_one(void **state)
{
    check_eq(*state, ",\"target\":\"a\",\"targetId\":1", ",\"target\":\"renamed\",\"targetId\":1", true);
    check_eq(*state, ",\"target\":\"a\",\"targetId\":1", ",\"target\":\"a\",\"targetId\":2", false);
    check_eq(*state, ",\"target\":\"a\",\"targetId\":1", ",\"target\":\"a\"", true);
    check_eq(*state, ",\"target\":\"a\"", ",\"target\":\"b\"", false);
    check_eq(*state, ",\"target\":\"a\"", "", false);
    check_eq(*state, ",\"targetId\":1", "", false);
    check_eq(*state, ",\"groups\":[\"/a\",\"/b\"],\"groupIds\":[2,1]", ",\"groupIds\":[1,2]", true);
    check_eq(*state, ",\"groups\":[\"/a\",\"/b\"],\"groupIds\":[2,1]", ",\"groupIds\":[1,3]", false);
    check_eq(*state, ",\"groups\":[\"/a\",\"/b\"]", ",\"groups\":[\"/a\"]", false);
}

static void spec_eq__tells_nouns_apart(void **state)
{
    struct rse_object *group = object_of(*state, RSE_GROUP, RSE_PARSE_DOC, "{\"name\":\"c\"}");

    assert_false(rse_object_spec_eq(group, cluster(*state, "")));
}

/* Whatever one field is changed to: another spec, unless the server sets it. */
static void spec_eq__notices_a_change_of_any_one_field(void **state)
{
    for (int noun = 0; noun < RSE_NOUN_COUNT; noun++) {
        struct chance chance = { .state = 99, .arena = *state };
        struct rse_object *empty = rse_object_new((enum rse_noun)noun, *state);
        const char *before = rse_arena_strdup(*state, rendered(empty, 0));

        for (const struct rse_field *f = rse_noun_info((enum rse_noun)noun)->fields; f->name != NULL; f++) {
            struct rse_object *changed = rse_object_new((enum rse_noun)noun, *state);

            for (int tries = 0; tries < 50 && strcmp(before, rendered(changed, 0)) == 0; tries++)
                chance_field(&chance, f, (char *)changed);
            if (rse_object_spec_eq(empty, changed) != ((f->flags & RSE_FIELD_SERVER) != 0))
                fail_msg("%s of %s", f->name, rendered(changed, 0));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MODEL_TEST(spec_eq__ignores_what_the_server_sets),
        MODEL_TEST(spec_eq__sees_every_field_that_a_person_can_write),
        MODEL_TEST(spec_eq__compares_references_by_id_where_both_have_one),
        MODEL_TEST(spec_eq__tells_nouns_apart),
        MODEL_TEST(spec_eq__notices_a_change_of_any_one_field),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
