#include "tests/unit/model/random_object.h"

static void clone__has_everything_in_one_piece(void **state)
{
    for (int noun = 0; noun < RSE_NOUN_COUNT; noun++) {
        for (uint64_t i = 0; i < 200; i++) {
            struct rse_arena *arena = rse_arena_new();
            struct chance chance = { .state = (i + 3) * 0x9E3779B97F4A7C15u + (uint64_t)noun, .arena = arena };
            struct rse_object *object = random_object(&chance, (enum rse_noun)noun);
            char *text = rse_xstrdup(rendered(object, 0));
            struct rse_object *clone = rse_object_clone(object);

            for (const struct rse_field *f = rse_noun_info((enum rse_noun)noun)->fields; f->name != NULL; f++)
                assert_true(rse_object_field_eq(f, object, clone));
            rse_arena_free(arena); /* nothing of it is needed any more */
            assert_string_equal(rendered(clone, 0), text);
            free(clone);
            free(text);
        }
    }
    (void)state;
}

static void clone__keeps_absent_apart_from_empty(void **state)
{
    struct rse_object *object = rse_object_new(RSE_GROUP, *state);

    object->name = RSE_STR("a");
    object->description = RSE_STR("");
    struct rse_object *clone = rse_object_clone(object);

    assert_non_null(clone->description.p);
    assert_null(clone->environment.p);
    free(clone);
}

static void clone__ends_its_strings_with_a_nul(void **state)
{
    struct rse_object *object = rse_object_new(RSE_GROUP, *state);

    object->name = rse_str_n("abcdef", 3);
    struct rse_object *clone = rse_object_clone(object);

    assert_string_equal(clone->name.p, "abc");
    free(clone);
}

/* Who clones may change the clone, and then what is known of the object holds no more. */
static void clone__knows_nothing_of_an_etag(void **state)
{
    struct rse_object *object = rse_object_new(RSE_GROUP, *state);

    object->name = RSE_STR("a");
    object->etag_holds = true;
    struct rse_object *clone = rse_object_clone(object);

    assert_false(clone->etag_holds);
    free(clone);
}

/* The places live as long as what was read. */
static void clone__knows_nothing_of_places_in_a_body(void **state)
{
    const struct rse_object *object = object_of(*state, RSE_CLUSTER, RSE_PARSE_WRITE,
                                                "{\"name\":\"c-1\",\"groups\":[\"/b\",\"/a\"],\"groupIds\":[2,1]}");
    struct rse_object *clone = rse_object_clone(object);

    assert_int_equal(((const struct rse_cluster *)object)->groups.places[0], 1);
    assert_null(((const struct rse_cluster *)clone)->groups.places);
    free(clone);
}

static void clone_size__of_a_usual_cluster_is_under_a_kilobyte(void **state)
{
    struct rse_object *object =
        object_of(*state, RSE_CLUSTER, RSE_PARSE_WRITE,
                  "{\"name\":\"central-tx-atx-2301\",\"description\":\"Store 2301 in atx\",\"environment\":\"Prod\","
                  "\"timeZone\":\"America/Chicago\",\"groups\":[\"/stores/central/tx/atx\",\"/pilot\"],"
                  "\"tags\":[\"central\",\"tx\"],\"metadata\":{\"region\":\"central\",\"state\":\"tx\","
                  "\"city\":\"atx\",\"type\":\"store\",\"ring\":\"pilot\",\"size\":\"L\"}}");

    assert_in_range(rse_object_clone_size(object), 500, 1024);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clone__has_everything_in_one_piece),
        MODEL_TEST(clone__keeps_absent_apart_from_empty),
        MODEL_TEST(clone__ends_its_strings_with_a_nul),
        MODEL_TEST(clone__knows_nothing_of_an_etag),
        MODEL_TEST(clone__knows_nothing_of_places_in_a_body),
        MODEL_TEST(clone_size__of_a_usual_cluster_is_under_a_kilobyte),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
