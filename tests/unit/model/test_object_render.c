#include "tests/unit/model/random_object.h"

enum { ROUNDS = 300 };

static void check_all_fields(const struct rse_object *a, const struct rse_object *b)
{
    for (const struct rse_field *f = rse_noun_info(a->noun)->fields; f->name != NULL; f++) {
        if (!rse_object_field_eq(f, a, b))
            fail_msg("%s of %s", f->name, rendered(a, 0));
    }
}

static void check_spec(const struct rse_object *a, const struct rse_object *b)
{
    if (!rse_object_spec_eq(a, b))
        fail_msg("another spec: %s", rendered(a, 0));
}

static void render__and_parse_give_back_every_object(void **state)
{
    for (int noun = 0; noun < RSE_NOUN_COUNT; noun++) {
        for (uint64_t i = 0; i < ROUNDS; i++) {
            struct rse_arena *arena = rse_arena_new();
            struct chance chance = { .state = (i + 1) * 0x9E3779B97F4A7C15u + (uint64_t)noun, .arena = arena };
            struct rse_object *object = random_object(&chance, (enum rse_noun)noun);
            unsigned pretty = i % 2 == 0 ? RSE_RENDER_PRETTY : 0;

            check_all_fields(object, object_of(arena, (enum rse_noun)noun, RSE_PARSE_DOC, rendered(object, pretty)));
            /* What was read can be written again as it stands. */
            check_spec(object, object_of(arena, (enum rse_noun)noun, RSE_PARSE_WRITE, rendered(object, pretty)));
            rse_arena_free(arena);
        }
    }
    (void)state;
}

/* The server gives it: the application's name where that is free. */
static void give_flux_name(const struct rse_object *object)
{
    struct rse_application *app = (struct rse_application *)object;

    if (object->noun == RSE_APPLICATION && app->flux_name.len == 0)
        app->flux_name = object->name;
}

static void render__of_a_spec_is_the_same_after_a_round_trip(void **state)
{
    for (int noun = 0; noun < RSE_NOUN_COUNT; noun++) {
        for (uint64_t i = 0; i < ROUNDS; i++) {
            struct rse_arena *arena = rse_arena_new();
            struct chance chance = { .state = (i + 7) * 0x9E3779B97F4A7C15u + (uint64_t)noun, .arena = arena };
            struct rse_object *object = random_object(&chance, (enum rse_noun)noun);
            char *first = rse_xstrdup(rendered(object, RSE_RENDER_SPEC));
            struct rse_object *again = object_of(arena, (enum rse_noun)noun, RSE_PARSE_WRITE, first);

            give_flux_name(object);
            give_flux_name(again);
            check_spec(object, again);
            assert_string_equal(rendered(again, RSE_RENDER_SPEC), first);
            free(first);
            rse_arena_free(arena);
        }
    }
    (void)state;
}

static void render__has_every_field_of_a_document(void **state)
{
    struct rse_object *group = rse_object_new(RSE_GROUP, *state);

    group->name = RSE_STR("stores");
    assert_string_equal(rendered(group, 0),
                        "{\"id\":null,\"name\":\"stores\",\"description\":null,\"environment\":null,\"tags\":[],"
                        "\"metadata\":[],\"parent\":null,\"parentId\":null,\"namePath\":null,\"expression\":null,"
                        "\"priority\":null,\"version\":0,\"createdAt\":null,\"updatedAt\":null,\"createdBy\":null,"
                        "\"updatedBy\":null}");
}

static void render__shows_references_by_name_and_id(void **state)
{
    struct rse_ref groups[] = { { 3, RSE_STR_INIT("/beta") }, { 2, RSE_STR_INIT("/stores/tx") } };
    struct rse_cluster *cluster = (struct rse_cluster *)rse_object_new(RSE_CLUSTER, *state);

    cluster->object.name = RSE_STR("c1");
    cluster->target = (struct rse_ref){ 7, RSE_STR("west") };
    cluster->groups = (struct rse_refs){ .at = groups, .count = 2 };
    assert_non_null(strstr(rendered(&cluster->object, 0), "\"target\":\"west\",\"targetId\":7"));
    assert_non_null(strstr(rendered(&cluster->object, 0), "\"groups\":[\"/beta\",\"/stores/tx\"],\"groupIds\":[3,2]"));
    assert_string_equal(rendered(&cluster->object, RSE_RENDER_SPEC),
                        "{\"name\":\"c1\",\"target\":\"west\",\"groups\":[\"/beta\",\"/stores/tx\"]}");
}

static void render__of_a_spec_leaves_out_what_is_so_anyway(void **state)
{
    struct rse_object *target =
        object_of(*state, RSE_TARGET, RSE_PARSE_WRITE,
                  "{\"name\":\"west\",\"url\":\"/srv/x.git\",\"branch\":\"main\",\"fluxSource\":\"gitops\","
                  "\"pushIntervalSeconds\":10,\"guard\":{\"clustersLosing\":1,\"clustersChanged\":10},"
                  "\"folderPattern\":\"sharded\",\"paused\":false,\"tags\":[],\"description\":null}");

    assert_string_equal(rendered(target, RSE_RENDER_SPEC), "{\"name\":\"west\",\"url\":\"/srv/x.git\"}");
}

static void render__of_a_spec_has_only_limits_that_are_set(void **state)
{
    struct rse_namespace *ns = (struct rse_namespace *)rse_object_new(RSE_NAMESPACE, *state);

    ns->object.name = RSE_STR("n");
    ns->capacity.cpu_limit = 0.5;
    assert_string_equal(rendered(&ns->object, RSE_RENDER_SPEC), "{\"name\":\"n\",\"capacity\":{\"cpuLimit\":0.5}}");
    assert_non_null(strstr(rendered(&ns->object, 0), "\"capacity\":{\"memoryLimit\":null,\"cpuLimit\":0.5}"));
}

static void render__pretty_is_indented(void **state)
{
    struct rse_object *policy = object_of(*state, RSE_POLICY, RSE_PARSE_WRITE,
                                          "{\"name\":\"p\",\"path\":\"/policies/p\",\"tags\":[\"b\",\"a\"]}");

    assert_string_equal(
        rendered(policy, RSE_RENDER_SPEC | RSE_RENDER_PRETTY),
        "{\n  \"name\": \"p\",\n  \"tags\": [\n    \"a\",\n    \"b\"\n  ],\n  \"path\": \"policies/p\"\n}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(render__and_parse_give_back_every_object),
        cmocka_unit_test(render__of_a_spec_is_the_same_after_a_round_trip),
        MODEL_TEST(render__has_every_field_of_a_document),
        MODEL_TEST(render__shows_references_by_name_and_id),
        MODEL_TEST(render__of_a_spec_leaves_out_what_is_so_anyway),
        MODEL_TEST(render__of_a_spec_has_only_limits_that_are_set),
        MODEL_TEST(render__pretty_is_indented),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
