#include "tests/unit/model/model_test.h"

static void find__knows_name_plural_and_short_names(void **state)
{
    assert_int_equal(rse_noun_find(RSE_STR("cluster"))->noun, RSE_CLUSTER);
    assert_int_equal(rse_noun_find(RSE_STR("policies"))->noun, RSE_POLICY);
    assert_int_equal(rse_noun_find(RSE_STR("ns"))->noun, RSE_NAMESPACE);
    assert_int_equal(rse_noun_find(RSE_STR("metadataKeys"))->noun, RSE_METADATA_KEY);
    assert_null(rse_noun_find(RSE_STR("store")));
    assert_null(rse_noun_find(RSE_STR("")));
    (void)state;
}

static void names__mean_one_noun_each(void **state)
{
    for (int noun = 0; noun < RSE_NOUN_COUNT; noun++) {
        const struct rse_noun_info *info = rse_noun_info((enum rse_noun)noun);

        assert_int_equal(info->noun, noun);
        assert_int_equal(info->defaults->noun, noun);
        assert_ptr_equal(rse_noun_find(rse_str(info->name)), info);
        assert_ptr_equal(rse_noun_find(rse_str(info->plural)), info);
        for (const char *const *s = info->short_names; *s != NULL; s++)
            assert_ptr_equal(rse_noun_find(rse_str(*s)), info);
    }
    (void)state;
}

static void fields__have_names_of_their_own_and_lie_within_the_struct(void **state)
{
    for (int noun = 0; noun < RSE_NOUN_COUNT; noun++) {
        const struct rse_noun_info *info = rse_noun_info((enum rse_noun)noun);

        for (const struct rse_field *f = info->fields; f->name != NULL; f++) {
            assert_ptr_equal(rse_noun_field((enum rse_noun)noun, rse_str(f->name)), f);
            assert_in_range(f->offset, 1, info->size - 1);
            assert_non_null(f->help);
            assert_true((f->type == RSE_FIELD_REF || f->type == RSE_FIELD_REFS) == (f->id_name != NULL));
            assert_true((f->type == RSE_FIELD_ENUM) == (f->names != NULL));
        }
    }
    (void)state;
}

/* What templates may say is a promise to everybody who wrote one. */
static void template_fields__are_these(void **state)
{
    static const struct {
        enum rse_noun noun;
        const char *names;
    } EXPECTED[] = {
        { RSE_CLUSTER, "id name description environment store target timeZone gitOpsRepo gitOpsBranch " },
        { RSE_NAMESPACE, "id name description environment businessUnit " },
        { RSE_APPLICATION, "id name description environment repoUrl path businessUnit owner " },
        { RSE_GROUP, "" },
        { RSE_POLICY, "" },
        { RSE_TARGET, "" },
        { RSE_METADATA_KEY, "" },
    };

    for (size_t i = 0; i < RSE_COUNT(EXPECTED); i++) {
        char names[300] = "";

        for (const struct rse_field *f = rse_noun_info(EXPECTED[i].noun)->fields; f->name != NULL; f++) {
            if ((f->flags & RSE_FIELD_TEMPLATE) != 0)
                strcat(strcat(names, f->name), " ");
        }
        assert_string_equal(names, EXPECTED[i].names);
    }
    (void)state;
}

static void new__has_the_defaults(void **state)
{
    struct rse_target *target = (struct rse_target *)rse_object_new(RSE_TARGET, *state);
    struct rse_cluster *cluster = (struct rse_cluster *)rse_object_new(RSE_CLUSTER, *state);

    assert_int_equal(target->object.noun, RSE_TARGET);
    assert_true(rse_str_is(target->branch, "main"));
    assert_true(rse_str_is(target->flux_source, "gitops"));
    assert_int_equal(target->folder_pattern, RSE_FOLDER_SHARDED);
    assert_int_equal(target->push_interval_seconds, 10);
    assert_true(target->guard.clusters_losing == 1 && target->guard.clusters_changed == 10);
    assert_int_equal(cluster->state, RSE_CLUSTER_ACTIVE);
    assert_null(cluster->store.p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(find__knows_name_plural_and_short_names),
        cmocka_unit_test(names__mean_one_noun_each),
        cmocka_unit_test(fields__have_names_of_their_own_and_lie_within_the_struct),
        cmocka_unit_test(template_fields__are_these),
        MODEL_TEST(new__has_the_defaults),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
