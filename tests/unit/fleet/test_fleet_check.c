#include "tests/unit/fleet/fleet_test.h"

/* A small fleet that is in order. */
static int set_up(void **state)
{
    struct rse_fleet *fleet = rse_fleet_new();

    fleet_put_json(fleet, RSE_TARGET, "{\"id\":1,\"name\":\"main\",\"url\":\"https://git.example.com/fleet\"}");
    fleet_put_json(fleet, RSE_GROUP, "{\"id\":1,\"name\":\"stores\"}");
    fleet_put_json(fleet, RSE_GROUP,
                   "{\"id\":2,\"name\":\"east\",\"parentId\":1,\"metadata\":{\"region\":\"east\",\"tax\":\"7\"}}");
    fleet_put_json(fleet, RSE_GROUP, "{\"id\":3,\"name\":\"west\",\"parentId\":1}");
    fleet_put_json(fleet, RSE_GROUP, "{\"id\":4,\"name\":\"franchise\",\"metadata\":{\"tax\":\"9\"},\"priority\":5}");
    fleet_put_json(fleet, RSE_POLICY, "{\"id\":1,\"name\":\"no-ingress\",\"path\":\"policies/no-ingress\"}");
    fleet_put_json(fleet, RSE_NAMESPACE, "{\"id\":1,\"name\":\"imdb\",\"expression\":\"/g/stores/east\"}");
    fleet_put_json(fleet, RSE_APPLICATION,
                   "{\"id\":1,\"name\":\"imdb\",\"namespaceId\":1,\"path\":\"apps/imdb\",\"fluxName\":\"imdb\"}");
    fleet_put_json(fleet, RSE_CLUSTER,
                   "{\"id\":1,\"name\":\"store-1\",\"targetId\":1,\"groups\":[\"/stores/east\",\"/franchise\"]}");
    fleet_put_json(fleet, RSE_CLUSTER,
                   "{\"id\":2,\"name\":\"store-2\",\"target\":\"main\",\"groups\":[\"/stores/west\"]}");
    *state = fleet;
    return 0;
}

static int tear_down(void **state)
{
    rse_fleet_free(*state);
    return 0;
}

static void assert_fits(struct rse_fleet *fleet, enum rse_noun noun, int64_t id)
{
    struct rse_err err = RSE_ERR_INIT;

    if (!rse_fleet_check(fleet, noun, id, &err))
        fail_msg("%s; %s; %s; %s", err.what, err.object, err.field, err.hint);
}

/* Puts the document in a mark, wants it refused, and takes it back. The parts are of what, field and hint. */
static void assert_refused(struct rse_fleet *fleet, enum rse_noun noun, const char *json, enum rse_code code,
                           const char *what, const char *field, const char *hint)
{
    struct rse_err err = RSE_ERR_INIT;
    cJSON *doc = cJSON_Parse(json);
    int64_t id = (int64_t)cJSON_GetNumberValue(cJSON_GetObjectItem(doc, "id"));

    cJSON_Delete(doc);
    rse_fleet_mark(fleet);
    fleet_put_json(fleet, noun, json);
    if (rse_fleet_check(fleet, noun, id, &err))
        fail_msg("accepted: %s", json);
    if (err.code != code || strstr(err.what, what) == NULL || strcmp(err.field, field) != 0 ||
        strstr(err.hint, hint) == NULL || err.object[0] == '\0')
        fail_msg("%s: %d \"%s\" \"%s\" \"%s\" \"%s\"", json, err.code, err.what, err.field, err.hint, err.object);
    rse_fleet_rollback(fleet);
}

static void assert_accepted(struct rse_fleet *fleet, enum rse_noun noun, const char *json)
{
    cJSON *doc = cJSON_Parse(json);

    rse_fleet_mark(fleet);
    fleet_put_json(fleet, noun, json);
    assert_fits(fleet, noun, (int64_t)cJSON_GetNumberValue(cJSON_GetObjectItem(doc, "id")));
    rse_fleet_rollback(fleet);
    cJSON_Delete(doc);
}

static void check__accepts_a_fleet_in_order(void **state)
{
    struct rse_fleet *fleet = *state;
    const struct rse_object *object;

    for (enum rse_noun noun = 0; noun < RSE_NOUN_COUNT; noun++) {
        for (size_t it = 0; (object = rse_fleet_next(fleet, noun, &it)) != NULL;)
            assert_fits(fleet, noun, object->id);
    }
}

static void check__fills_in_references(void **state)
{
    struct rse_fleet *fleet = *state;

    assert_fits(fleet, RSE_CLUSTER, 1);
    assert_fits(fleet, RSE_CLUSTER, 2);
    assert_fits(fleet, RSE_GROUP, 2);

    const struct rse_cluster *first = (const struct rse_cluster *)rse_fleet_get(fleet, RSE_CLUSTER, 1);
    const struct rse_cluster *second = (const struct rse_cluster *)rse_fleet_get(fleet, RSE_CLUSTER, 2);
    const struct rse_group *east = (const struct rse_group *)rse_fleet_get(fleet, RSE_GROUP, 2);

    assert_int_equal(first->groups.count, 2);
    assert_int_equal(first->groups.at[0].id, 4);
    assert_true(rse_str_is(first->groups.at[0].name, "/franchise"));
    assert_int_equal(first->groups.at[1].id, 2);
    assert_true(rse_str_is(first->target.name, "main"));
    assert_int_equal(second->target.id, 1);
    assert_true(rse_str_is(second->git_ops_repo, "https://git.example.com/fleet"));
    assert_true(rse_str_is(second->git_ops_branch, "main"));
    assert_true(rse_str_is(east->parent.name, "/stores"));
    assert_true(rse_str_is(east->name_path, "/stores/east"));
    assert_selects(fleet, "/g/stores", "store-1 store-2");
}

static void check__follows_a_rename_by_id(void **state)
{
    struct rse_fleet *fleet = *state;

    assert_fits(fleet, RSE_CLUSTER, 1);
    fleet_put_json(fleet, RSE_GROUP, "{\"id\":4,\"name\":\"owners\",\"metadata\":{\"tax\":\"9\"},\"priority\":5}");
    assert_fits(fleet, RSE_CLUSTER, 1);

    const struct rse_cluster *cluster = (const struct rse_cluster *)rse_fleet_get(fleet, RSE_CLUSTER, 1);

    assert_true(rse_str_is(cluster->groups.at[0].name, "/owners"));
    assert_selects(fleet, "/g/owners", "store-1");
}

static void check__refuses_a_taken_name(void **state)
{
    assert_refused(*state, RSE_CLUSTER, "{\"id\":9,\"name\":\"store-1\"}", RSE_CONFLICT,
                   "the name is taken: the cluster with id 1 is named \"store-1\"", "/name", "Choose another name");
    assert_refused(*state, RSE_GROUP, "{\"id\":9,\"name\":\"east\",\"parent\":\"/stores\"}", RSE_CONFLICT,
                   "the group with id 2 is named \"/stores/east\"", "/name", "Choose");
    assert_accepted(*state, RSE_GROUP, "{\"id\":9,\"name\":\"east\"}");
    assert_refused(*state, RSE_APPLICATION, "{\"id\":9,\"name\":\"imdb\",\"namespace\":\"imdb\",\"path\":\"apps/x\"}",
                   RSE_CONFLICT, "taken", "/name", "Choose");
    assert_accepted(*state, RSE_APPLICATION, "{\"id\":9,\"name\":\"imdb\",\"path\":\"apps/x\"}");
    fleet_put_json(*state, RSE_CLUSTER, "{\"id\":3,\"name\":\"gone\",\"state\":\"closed\"}");
    assert_refused(*state, RSE_CLUSTER, "{\"id\":9,\"name\":\"gone\"}", RSE_CONFLICT, "the closed cluster", "/name",
                   "stays taken");
}

static void check__refuses_reserved_names(void **state)
{
    assert_refused(*state, RSE_NAMESPACE, "{\"id\":9,\"name\":\"kube-system\"}", RSE_INVALID, "reserved", "/name",
                   "another");
    assert_refused(*state, RSE_NAMESPACE, "{\"id\":9,\"name\":\"flux-system\"}", RSE_INVALID, "reserved", "/name", "");
    assert_refused(*state, RSE_NAMESPACE, "{\"id\":9,\"name\":\"namespaces\"}", RSE_INVALID, "reserved", "/name", "");
    assert_refused(*state, RSE_NAMESPACE, "{\"id\":9,\"name\":\"default\"}", RSE_INVALID, "reserved", "/name", "");
    assert_accepted(*state, RSE_NAMESPACE, "{\"id\":9,\"name\":\"kubernetes\"}");
    assert_refused(*state, RSE_APPLICATION,
                   "{\"id\":9,\"name\":\"a\",\"path\":\"apps/a\",\"fluxName\":\"flux-system\"}", RSE_INVALID,
                   "reserved", "/fluxName", "");
    assert_refused(*state, RSE_APPLICATION, "{\"id\":9,\"name\":\"a\",\"path\":\"apps/a\",\"fluxName\":\"imdb\"}",
                   RSE_CONFLICT, "belongs to the application \"imdb/imdb\"", "/fluxName", "");
}

static void check__refuses_what_is_not_there(void **state)
{
    assert_refused(*state, RSE_CLUSTER, "{\"id\":9,\"name\":\"a\",\"groups\":[\"/stores\",\"/stores/eats\"]}",
                   RSE_INVALID, "there is no group \"/stores/eats\"", "/groups/1", "Did you mean /stores/east");
    assert_refused(*state, RSE_CLUSTER, "{\"id\":9,\"name\":\"a\",\"groupIds\":[77]}", RSE_INVALID,
                   "there is no group with id 77", "/groupIds/0", "");
    assert_refused(*state, RSE_CLUSTER, "{\"id\":9,\"name\":\"a\",\"target\":\"mian\"}", RSE_INVALID,
                   "there is no target \"mian\"", "/target", "Did you mean main?");
    assert_refused(*state, RSE_NAMESPACE, "{\"id\":9,\"name\":\"a\",\"policies\":[\"no-egress\"]}", RSE_INVALID,
                   "there is no policy \"no-egress\"", "/policies/0", "");
    assert_refused(*state, RSE_NAMESPACE, "{\"id\":9,\"name\":\"a\",\"expression\":\"all and /g/stores/eas\"}",
                   RSE_INVALID, "there is no group \"stores/eas\"", "/expression", "Did you mean /g/stores/east?");
    assert_refused(*state, RSE_NAMESPACE, "{\"id\":9,\"name\":\"a\",\"allowed\":\"/c/12\"}", RSE_INVALID,
                   "there is no cluster with id 12", "/allowed", "Quote them");
    assert_refused(
        *state, RSE_APPLICATION,
        "{\"id\":9,\"name\":\"a\",\"path\":\"apps/a\",\"releases\":[{\"version\":\"2.0.0\",\"expression\":\"all\"},"
        "{\"version\":\"1.0.0\",\"expression\":\"/n/nix\"}]}",
        RSE_INVALID, "there is no namespace \"nix\"", "/releases/1/expression", "");
    assert_refused(*state, RSE_METADATA_KEY, "{\"id\":9,\"name\":\"a\",\"required\":\"/g/nix\"}", RSE_INVALID,
                   "there is no group \"nix\"", "/required", "");
}

static void check__gives_the_position_in_an_expression(void **state)
{
    struct rse_err err = RSE_ERR_INIT;

    fleet_put_json(*state, RSE_NAMESPACE, "{\"id\":9,\"name\":\"a\",\"expression\":\"all and /g/nowhere\"}");
    assert_false(rse_fleet_check(*state, RSE_NAMESPACE, 9, &err));
    assert_true(err.has_position);
    assert_int_equal(err.position, 8);
}

static void check__refuses_a_cycle_and_names_it(void **state)
{
    struct rse_err err = RSE_ERR_INIT;

    fleet_put_json(*state, RSE_NAMESPACE,
                   "{\"id\":2,\"name\":\"b\",\"expression\":\"/t/x\",\"allowed\":\"/g/stores\"}");
    fleet_put_json(*state, RSE_GROUP, "{\"id\":3,\"name\":\"west\",\"parentId\":1,\"expression\":\"/t/y or /n/b\"}");
    assert_false(rse_fleet_check(*state, RSE_GROUP, 3, &err));
    assert_non_null(strstr(err.what, "/g/stores/west -> /n/b -> /g/stores -> /g/stores/west"));
    assert_string_equal(err.field, "/expression");
    assert_int_equal(err.position, 8);
    rse_err_clear(&err);
    assert_false(rse_fleet_check(*state, RSE_NAMESPACE, 2, &err));
    assert_non_null(strstr(err.what, "/n/b -> /g/stores -> /g/stores/west -> /n/b"));
    assert_string_equal(err.field, "/allowed");
    /* Whoever is asked, the answer is the same, and comes. */
    assert_selects(*state, "/n/b or /g/stores/west or /g/stores", "");
    assert_selects(*state, "/g/stores/east", "store-1");
}

static void check__refuses_a_group_that_names_itself(void **state)
{
    assert_refused(*state, RSE_GROUP, "{\"id\":9,\"name\":\"self\",\"expression\":\"/g/self\"}", RSE_INVALID,
                   "/g/self -> /g/self", "/expression", "");
    assert_accepted(*state, RSE_GROUP, "{\"id\":9,\"name\":\"top\",\"expression\":\"/g/stores and not /g/franchise\"}");
}

static void check__refuses_a_group_above_itself(void **state)
{
    struct rse_fleet *fleet = *state;
    struct rse_err err = RSE_ERR_INIT;

    rse_fleet_mark(fleet);
    fleet_put_json(fleet, RSE_GROUP, "{\"id\":1,\"name\":\"stores\",\"parentId\":2}");
    assert_false(rse_fleet_check(fleet, RSE_GROUP, 1, &err));
    assert_non_null(strstr(err.what, "above itself"));
    assert_string_equal(err.field, "/parent");
    assert_selects(fleet, "/g/stores and none", "");
    rse_fleet_rollback(fleet);
    assert_fits(fleet, RSE_GROUP, 1);
}

static void put_chain(struct rse_fleet *fleet, int from, int to)
{
    for (int i = from; i < to; i++) {
        char json[200];

        (void)snprintf(json, sizeof(json), "{\"id\":%d,\"name\":\"g%d\",\"parentId\":%d}", 100 + i, i,
                       i == 0 ? 1 : 99 + i);
        fleet_put_json(fleet, RSE_GROUP, json);
    }
}

static void check__refuses_more_than_32_levels(void **state)
{
    struct rse_fleet *fleet = *state;
    struct rse_err err = RSE_ERR_INIT;

    put_chain(fleet, 0, 31);
    assert_fits(fleet, RSE_GROUP, 100 + 30);
    assert_fits(fleet, RSE_GROUP, 100);
    put_chain(fleet, 31, 100);
    assert_false(rse_fleet_check(fleet, RSE_GROUP, 100 + 31, &err));
    assert_non_null(strstr(err.what, "32 levels"));
    rse_err_clear(&err);
    assert_false(rse_fleet_check(fleet, RSE_GROUP, 199, &err));
    rse_err_clear(&err);
    /* Moving a group takes those below it along. */
    assert_false(rse_fleet_check(fleet, RSE_GROUP, 100, &err));
}

static void check__refuses_keys_that_are_fields(void **state)
{
    assert_refused(*state, RSE_CLUSTER, "{\"id\":9,\"name\":\"a\",\"metadata\":{\"a\":\"1\",\"name\":\"x\"}}",
                   RSE_INVALID, "\"name\" is a field of every cluster", "/metadata/1/key", "Choose another key");
    assert_refused(*state, RSE_GROUP, "{\"id\":9,\"name\":\"a\",\"metadata\":{\"store\":\"x\"}}", RSE_INVALID,
                   "\"store\" is a field", "/metadata/0/key", "");
    assert_accepted(*state, RSE_CLUSTER, "{\"id\":9,\"name\":\"a\",\"metadata\":{\"state\":\"tx\"}}");
}

static void check__holds_metadata_against_declared_keys(void **state)
{
    fleet_put_json(*state, RSE_METADATA_KEY, "{\"id\":1,\"name\":\"tax\",\"type\":\"integer\"}");
    assert_fits(*state, RSE_METADATA_KEY, 1);
    assert_refused(*state, RSE_CLUSTER, "{\"id\":9,\"name\":\"a\",\"metadata\":{\"tax\":\"high\"}}", RSE_INVALID,
                   "\"high\" is no integer", "/metadata/0/value", "\"tax\" is declared");
    assert_refused(*state, RSE_GROUP, "{\"id\":2,\"name\":\"east\",\"parentId\":1,\"metadata\":{\"tax\":\"x\"}}",
                   RSE_INVALID, "no integer", "/metadata/0/value", "");
    assert_refused(*state, RSE_METADATA_KEY, "{\"id\":1,\"name\":\"tax\",\"type\":\"boolean\"}", RSE_CONFLICT,
                   "2 values don't fit, the first being \"7\" of the group \"/stores/east\"", "/type", "first");
}

static void check__wants_required_keys(void **state)
{
    fleet_put_json(*state, RSE_METADATA_KEY, "{\"id\":1,\"name\":\"tax\",\"required\":\"/g/stores/east\"}");
    assert_fits(*state, RSE_METADATA_KEY, 1);
    assert_refused(*state, RSE_METADATA_KEY, "{\"id\":1,\"name\":\"tax\",\"required\":\"/g/stores\"}", RSE_INVALID,
                   "cluster \"store-2\" has no value for \"tax\"", "", "required on /g/stores");
    assert_accepted(*state, RSE_METADATA_KEY,
                    "{\"id\":1,\"name\":\"tax\",\"required\":\"/g/stores\",\"default\":\"0\"}");
    /* A group takes the value away from its clusters. */
    fleet_put_json(*state, RSE_GROUP, "{\"id\":4,\"name\":\"franchise\"}");
    assert_refused(*state, RSE_GROUP, "{\"id\":2,\"name\":\"east\",\"parentId\":1}", RSE_INVALID,
                   "cluster \"store-1\" has no value for \"tax\"", "", "");
}

static void check__refuses_two_values_of_one_key(void **state)
{
    const char *what =
        "cluster \"store-1\" would have two values for \"tax\": \"7\" of /stores/east and \"9\" of /franchise";

    assert_refused(*state, RSE_GROUP, "{\"id\":4,\"name\":\"franchise\",\"metadata\":{\"tax\":\"9\"}}", RSE_CONFLICT,
                   what, "", "priority above 0, say 1 on /franchise");
    assert_accepted(*state, RSE_GROUP, "{\"id\":4,\"name\":\"franchise\",\"metadata\":{\"tax\":\"7\"}}");
    assert_accepted(*state, RSE_GROUP,
                    "{\"id\":4,\"name\":\"franchise\",\"metadata\":{\"tax\":\"9\"},\"priority\":-1}");
    fleet_put_json(*state, RSE_GROUP, "{\"id\":5,\"name\":\"new\",\"metadata\":{\"region\":\"new\"}}");
    assert_refused(*state, RSE_CLUSTER, "{\"id\":9,\"name\":\"a\",\"groups\":[\"/stores/east\",\"/new\"]}",
                   RSE_CONFLICT, "cluster \"a\" would have two values for \"region\"", "", "");
    assert_accepted(
        *state, RSE_CLUSTER,
        "{\"id\":9,\"name\":\"a\",\"groups\":[\"/stores/east\",\"/new\"],\"metadata\":{\"region\":\"own\"}}");
    assert_refused(*state, RSE_GROUP,
                   "{\"id\":5,\"name\":\"new\",\"metadata\":{\"region\":\"new\"},\"expression\":\"/n/imdb\"}",
                   RSE_CONFLICT, "cluster \"store-1\" would have two values", "", "");
}

static void check__sees_a_conflict_that_a_namespace_causes(void **state)
{
    fleet_put_json(*state, RSE_NAMESPACE, "{\"id\":2,\"name\":\"pilot\",\"expression\":\"/g/stores/west\"}");
    fleet_put_json(*state, RSE_GROUP,
                   "{\"id\":5,\"name\":\"pilots\",\"metadata\":{\"region\":\"new\"},\"expression\":\"/n/pilot\"}");
    assert_fits(*state, RSE_GROUP, 5);
    assert_refused(*state, RSE_NAMESPACE, "{\"id\":2,\"name\":\"pilot\",\"expression\":\"/g/stores\"}", RSE_CONFLICT,
                   "cluster \"store-1\" would have two values for \"region\"", "", "");
}

static void check_values__sees_what_a_removal_uncovers(void **state)
{
    struct rse_fleet *fleet = *state;
    struct rse_err err = RSE_ERR_INIT;

    fleet_put_json(fleet, RSE_METADATA_KEY, "{\"id\":1,\"name\":\"kind\",\"required\":\"/c/store-2\"}");
    fleet_put_json(fleet, RSE_GROUP,
                   "{\"id\":5,\"name\":\"kinds\",\"metadata\":{\"kind\":\"s\"},\"expression\":\"/c/store-2\"}");
    assert_true(rse_fleet_check_values(fleet, &err));
    assert_true(rse_fleet_check_unused(fleet, RSE_GROUP, 5, &err));
    rse_fleet_mark(fleet);
    assert_true(rse_fleet_remove(fleet, RSE_GROUP, 5));
    assert_false(rse_fleet_check_values(fleet, &err));
    assert_non_null(strstr(err.what, "cluster \"store-2\" has no value for \"kind\""));
    rse_fleet_rollback(fleet);
    rse_err_clear(&err);
    assert_true(rse_fleet_check_values(fleet, &err));
}

static void unwell__is_told_of_the_clusters_asked_for_and_counts_others(void **state)
{
    const int64_t among[] = { 1, 2, 99 };
    int64_t unwell[3];
    struct rse_err err = RSE_ERR_INIT;

    fleet_put_json(*state, RSE_METADATA_KEY, "{\"id\":1,\"name\":\"kind\",\"required\":\"/c/store-2\"}");
    assert_int_equal(rse_fleet_unwell(*state, among, RSE_COUNT(among), unwell), 1);
    assert_int_equal(unwell[0], 2);
    assert_int_equal(rse_fleet_unwell(*state, among, 1, unwell), 0);
    rse_fleet_unwell_fault(*state, 2, 16, &err);
    assert_string_equal(err.what, "cluster \"store-2\" (and 16 more) has no value for \"kind\", which it must have");
}

static void put__refuses_an_expression_that_does_not_parse(void **state)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    struct rse_application *app = (struct rse_application *)rse_object_new(RSE_APPLICATION, arena);
    struct rse_release releases[] = { { RSE_STR("1.0.0"), RSE_STR("all"), 1 },
                                      { RSE_STR("0.9.0"), RSE_STR("/g/a and"), 0 } };
    struct rse_err err = RSE_ERR_INIT;

    app->object.id = 1;
    app->object.name = RSE_STR("other");
    app->releases = (struct rse_releases){ releases, 2 };
    assert_false(rse_fleet_put(*state, &app->object, &err));
    assert_int_equal(err.code, RSE_INVALID);
    assert_int_equal(err.position, 8);
    assert_string_equal(err.field, "/releases/0/expression");
    assert_non_null(strstr(err.what, "expected a selector"));
    assert_true(rse_str_is(rse_fleet_get(*state, RSE_APPLICATION, 1)->name, "imdb"));
}

static void resolve__wants_name_and_id_to_agree(void **state)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    struct rse_cluster *cluster = (struct rse_cluster *)rse_object_new(RSE_CLUSTER, arena);
    struct rse_err err = RSE_ERR_INIT;
    struct rse_ref refs[] = { { .id = 2 }, { .name = RSE_STR("franchise") } };

    cluster->object.name = RSE_STR("new");
    cluster->groups = (struct rse_refs){ .at = refs, .count = 2 };
    assert_true(rse_fleet_resolve(*state, &cluster->object, arena, &err));
    assert_int_equal(cluster->groups.at[0].id, 4);
    assert_true(rse_str_is(cluster->groups.at[1].name, "/stores/east"));
    cluster->target = (struct rse_ref){ 1, RSE_STR("other") };
    assert_false(rse_fleet_resolve(*state, &cluster->object, arena, &err));
    assert_string_equal(err.field, "/target");
}

static void resolve__finds_the_target_of_a_repository(void **state)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    struct rse_cluster *cluster = (struct rse_cluster *)rse_object_new(RSE_CLUSTER, arena);
    struct rse_err err = RSE_ERR_INIT;

    cluster->object.name = RSE_STR("new");
    cluster->git_ops_repo = RSE_STR("https://git.example.com/fleet");
    assert_true(rse_fleet_resolve(*state, &cluster->object, arena, &err));
    assert_int_equal(cluster->target.id, 1);
    assert_true(rse_str_is(cluster->target.name, "main"));
    assert_true(rse_str_is(cluster->git_ops_branch, "main"));
    cluster->target = (struct rse_ref){ .id = 0 };
    cluster->git_ops_branch = RSE_STR("other");
    assert_false(rse_fleet_resolve(*state, &cluster->object, arena, &err));
    assert_string_equal(err.field, "/gitOpsRepo");
}

static void resolve__refuses_a_repository_and_a_branch_that_are_not_the_targets(void **state)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    struct rse_cluster *cluster = (struct rse_cluster *)rse_object_new(RSE_CLUSTER, arena);
    struct rse_err err = RSE_ERR_INIT;

    cluster->object.name = RSE_STR("new");
    cluster->target.id = 1;
    cluster->git_ops_repo = RSE_STR("https://git.example.com/fleet");
    cluster->git_ops_branch = RSE_STR("main");
    assert_true(rse_fleet_resolve(*state, &cluster->object, arena, &err));
    cluster->git_ops_repo = RSE_STR("https://git.example.com/other");
    cluster->git_ops_branch = RSE_STR("next");
    assert_false(rse_fleet_resolve(*state, &cluster->object, arena, &err));
    assert_int_equal(err.faults->count, 2);
    assert_string_equal(err.faults->at[0].field, "/gitOpsRepo");
    assert_string_equal(err.faults->at[1].field, "/gitOpsBranch");
}

#define WITH_FLEET(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FLEET(check__accepts_a_fleet_in_order),
        WITH_FLEET(check__fills_in_references),
        WITH_FLEET(check__follows_a_rename_by_id),
        WITH_FLEET(check__refuses_a_taken_name),
        WITH_FLEET(check__refuses_reserved_names),
        WITH_FLEET(check__refuses_what_is_not_there),
        WITH_FLEET(check__gives_the_position_in_an_expression),
        WITH_FLEET(check__refuses_a_cycle_and_names_it),
        WITH_FLEET(check__refuses_a_group_that_names_itself),
        WITH_FLEET(check__refuses_a_group_above_itself),
        WITH_FLEET(check__refuses_more_than_32_levels),
        WITH_FLEET(check__refuses_keys_that_are_fields),
        WITH_FLEET(check__holds_metadata_against_declared_keys),
        WITH_FLEET(check__wants_required_keys),
        WITH_FLEET(check__refuses_two_values_of_one_key),
        WITH_FLEET(check__sees_a_conflict_that_a_namespace_causes),
        WITH_FLEET(check_values__sees_what_a_removal_uncovers),
        WITH_FLEET(unwell__is_told_of_the_clusters_asked_for_and_counts_others),
        WITH_FLEET(put__refuses_an_expression_that_does_not_parse),
        WITH_FLEET(resolve__wants_name_and_id_to_agree),
        WITH_FLEET(resolve__finds_the_target_of_a_repository),
        WITH_FLEET(resolve__refuses_a_repository_and_a_branch_that_are_not_the_targets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
