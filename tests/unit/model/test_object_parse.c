#include "tests/unit/model/model_test.h"

#define CLUSTER(fields) "{\"name\":\"c1\"" fields "}"

static void write__refuses_unknown_fields_and_tells_what_was_meant(void **state)
{
    check_refused(*state, RSE_CLUSTER, "{\"nmae\":\"x\"}", "/nmae", "Did you mean \"name\"?");
    check_refused(*state, RSE_CLUSTER, CLUSTER(",\"timezone\":\"UTC\""), "/timezone", "Did you mean \"timeZone\"?");
    check_refused(*state, RSE_CLUSTER, CLUSTER(",\"groupId\":[1]"), "/groupId", "Did you mean \"groupIds\"?");
    check_refused(*state, RSE_CLUSTER, CLUSTER(",\"a/b~c\":1"), "/a~1b~0c", "unknown field \"a/b~c\"");
    check_refused(*state, RSE_CLUSTER, CLUSTER(",\"capacity\":{\"cpu\":1}"), "/capacity/cpu", "unknown field");
    check_refused(*state, RSE_CLUSTER, CLUSTER(",\"metadata\":[{\"key\":\"a\",\"vlaue\":1}]"), "/metadata/0/vlaue",
                  "Did you mean \"value\"?");
}

static void write__names_wrong_types(void **state)
{
    check_refused(*state, RSE_CLUSTER, "[]", "", "expected an object, found an array");
    check_refused(*state, RSE_CLUSTER, "{\"name\":5}", "/name", "expected a string, found a number");
    check_refused(*state, RSE_CLUSTER, CLUSTER(",\"tags\":\"a\""), "/tags", "expected an array, found a string");
    check_refused(*state, RSE_CLUSTER, CLUSTER(",\"tags\":[\"a\",null]"), "/tags/1", "expected a string, found null");
    check_refused(*state, RSE_CLUSTER, CLUSTER(",\"capacity\":5"), "/capacity", "expected an object");
    check_refused(*state, RSE_CLUSTER, CLUSTER(",\"capacity\":{\"memoryLimit\":\"5\"}"), "/capacity/memoryLimit",
                  "expected an integer, found a string");
    check_refused(*state, RSE_CLUSTER, CLUSTER(",\"capacity\":{\"memoryLimit\":1.5}"), "/capacity/memoryLimit",
                  "expected an integer");
    check_refused(*state, RSE_CLUSTER, CLUSTER(",\"targetId\":\"5\""), "/targetId", "expected an id");
    check_refused(*state, RSE_CLUSTER, CLUSTER(",\"target\":5"), "/target", "expected a string, found a number");
    check_refused(*state, RSE_CLUSTER, CLUSTER(",\"metadata\":5"), "/metadata", "expected an array");
    check_refused(*state, RSE_CLUSTER, CLUSTER(",\"metadata\":[5]"), "/metadata/0", "expected an object");
    check_refused(*state, RSE_NAMESPACE, "{\"name\":\"n\",\"enforceCapacity\":1}", "/enforceCapacity",
                  "expected true or false, found a number");
    check_refused(*state, RSE_APPLICATION, "{\"name\":\"n\",\"path\":\"p\",\"releases\":{}}", "/releases",
                  "expected an array, found an object");
}

static void write__needs_the_required_fields(void **state)
{
    check_refused(*state, RSE_CLUSTER, "{}", "/name", "\"name\" is missing");
    check_refused(*state, RSE_CLUSTER, "{\"name\":null}", "/name", "expected a string, found null");
    check_refused(*state, RSE_CLUSTER, "{\"name\":\"\"}", "/name", "can't be empty");
    check_refused(*state, RSE_TARGET, "{\"name\":\"t\"}", "/url", "\"url\" is missing");
    check_refused(*state, RSE_POLICY, "{\"name\":\"p\"}", "/path", "\"path\" is missing");
}

static void write__checks_names(void **state)
{
    check_refused(*state, RSE_CLUSTER, "{\"name\":\"Store_1\"}", "/name", "");
    check_refused(*state, RSE_GROUP, "{\"name\":\"a/b\"}", "/name", "");
    check_refused(*state, RSE_METADATA_KEY, "{\"name\":\"a b\"}", "/name", "");
    check_refused(*state, RSE_CLUSTER, CLUSTER(",\"tags\":[\"\"]"), "/tags/0", "can't be empty");
    check_refused(*state, RSE_CLUSTER, CLUSTER(",\"timeZone\":\"America/Nowhere\""), "/timeZone", "");
    object_of(*state, RSE_GROUP, RSE_PARSE_WRITE, "{\"name\":\"Region S\\u00fcd (1)\"}");
}

static void write__checks_enums_and_bounds(void **state)
{
    check_refused(*state, RSE_CLUSTER, CLUSTER(",\"state\":\"open\""), "/state",
                  "must be one of planned, active, suspended, closing, closed");
    check_refused(*state, RSE_CLUSTER, CLUSTER(",\"location\":{\"latitude\":91,\"longitude\":0}"), "/location/latitude",
                  "must be between -90 and 90");
    check_refused(*state, RSE_CLUSTER, CLUSTER(",\"location\":{\"latitude\":9}"), "/location",
                  "both latitude and longitude");
    check_refused(*state, RSE_CLUSTER, CLUSTER(",\"capacity\":{\"cpuLimit\":-1}"), "/capacity/cpuLimit",
                  "between 0.001 and 1000000");
    check_refused(*state, RSE_CLUSTER, CLUSTER(",\"capacity\":{\"cpuLimit\":1e-9}"), "/capacity/cpuLimit",
                  "between 0.001 and");
    check_refused(*state, RSE_CLUSTER, CLUSTER(",\"capacity\":{\"memoryLimit\":0}"), "/capacity/memoryLimit",
                  "between 1 and 1000000000");
    object_of(*state, RSE_CLUSTER, RSE_PARSE_WRITE, CLUSTER(",\"capacity\":{\"memoryLimit\":1,\"cpuLimit\":0.001}"));
    check_refused(*state, RSE_CLUSTER, CLUSTER(",\"groupIds\":[0]"), "/groupIds/0", "from 1 on");
    check_refused(*state, RSE_GROUP, "{\"name\":\"g\",\"priority\":1e9}", "/priority", "must be between");
    check_refused(*state, RSE_TARGET, "{\"name\":\"t\",\"url\":\"/x\",\"guard\":{\"clustersLosing\":101}}",
                  "/guard/clustersLosing", "between 0 and 100");
}

static char *long_text(struct rse_arena *arena, const char *before, char c, size_t count, const char *after)
{
    char *text = rse_arena_alloc(arena, count + 1);

    memset(text, c, count);
    return rse_arena_printf(arena, "%s%s%s", before, text, after);
}

static void write__bounds_texts_and_lists(void **state)
{
    RSE_BUF_AUTO tags = { 0 };

    check_refused(*state, RSE_CLUSTER, long_text(*state, "{\"name\":\"c1\",\"description\":\"", 'x', 4097, "\"}"),
                  "/description", "too long: 4097 bytes, at most 4096 fit");
    check_refused(*state, RSE_CLUSTER, long_text(*state, "{\"name\":\"c1\",\"metadata\":{\"k\":\"", 'x', 4097, "\"}}"),
                  "/metadata/k", "too long");
    rse_buf_init(&tags, 4096);
    rse_buf_adds(&tags, "{\"name\":\"c1\",\"tags\":[\"t\"");
    for (int i = 0; i < 100; i++)
        rse_buf_adds(&tags, ",\"t\"");
    rse_buf_adds(&tags, "]}");
    check_refused(*state, RSE_CLUSTER, tags.p, "/tags", "too many: 101, at most 100 fit");
}

static void write__refuses_control_characters(void **state)
{
    check_refused(*state, RSE_CLUSTER, CLUSTER(",\"environment\":\"a\\nb\""), "/environment",
                  "control character (U+000A)");
    check_refused(*state, RSE_CLUSTER, CLUSTER(",\"description\":\"a\\u0007b\""), "/description", "control character");
    check_refused(*state, RSE_CLUSTER, CLUSTER(",\"metadata\":{\"k\":\"a\\rb\"}"), "/metadata/k", "control character");
    check_refused(*state, RSE_CLUSTER, CLUSTER(",\"description\":\"a\\u0085b\""), "/description", "U+0085");
    check_refused(*state, RSE_CLUSTER, CLUSTER(",\"store\":\"\\u00e9\\u202e1\""), "/store", "(U+202E) at byte 2");
    check_refused(*state, RSE_CLUSTER, CLUSTER(",\"metadata\":{\"k\":\"\\u2028\"}"), "/metadata/k", "U+2028");
    check_refused(*state, RSE_CLUSTER, CLUSTER(",\"metadata\":{\"k\":\"a\\nb\"}"), "/metadata/k", "(U+000A) at byte 1");
    check_refused(*state, RSE_CLUSTER, CLUSTER(",\"metadata\":[{\"value\":\"a\\tb\",\"key\":\"k\"}]"),
                  "/metadata/0/value", "(U+0009)");
    check_refused(*state, RSE_METADATA_KEY, "{\"name\":\"k\",\"default\":\"a\\nb\"}", "/default", "(U+000A)");
    object_of(*state, RSE_CLUSTER, RSE_PARSE_WRITE, CLUSTER(",\"description\":\"a\\n\\tb\""));
}

static void write__refuses_invisible_characters_in_what_is_compared(void **state)
{
    static const char said[] = "invisible characters: U+200B at byte 2";

    check_refused(*state, RSE_CLUSTER, CLUSTER(",\"environment\":\"a\\u200bb\""), "/environment", said);
    check_refused(*state, RSE_CLUSTER, CLUSTER(",\"store\":\"a\\u200bb\""), "/store", said);
    check_refused(*state, RSE_NAMESPACE, "{\"name\":\"n\",\"businessUnit\":\"a\\u200bb\"}", "/businessUnit", said);
    check_refused(*state, RSE_NAMESPACE, "{\"name\":\"n\",\"owners\":[\"b\",\"a\\u200bb\"]}", "/owners/1", said);
    object_of(*state, RSE_CLUSTER, RSE_PARSE_WRITE, CLUSTER(",\"environment\":\"\",\"store\":\"S\u00fc d\""));
}

static void write__refuses_names_with_invisible_characters(void **state)
{
    check_refused(*state, RSE_GROUP, "{\"name\":\"a\\u200bb\"}", "/name", "invisible characters: U+200B at byte 2");
    check_refused(*state, RSE_CLUSTER, CLUSTER(",\"tags\":[\"a\",\"b\\u00ad\"]"), "/tags/1", "U+00AD");
    object_of(*state, RSE_CLUSTER, RSE_PARSE_WRITE,
              CLUSTER(",\"description\":\"a\\u200db\",\"metadata\":{\"k\":\"a\\u200cb\"}"));
}

/* What was stored before it was refused. */
#define OLD_TEXTS                                                                                              \
    "\"description\":\"a\\u0007\",\"tags\":[\"t\\u200b\"],\"metadata\":[{\"key\":\"k\",\"value\":\"a\\nb\"}]," \
    "\"groups\":[\"/g\\u200b\"],\"target\":\"West\""

static void over__takes_what_is_stored_as_it_is(void **state)
{
    const struct rse_object *stored = object_of(*state, RSE_CLUSTER, RSE_PARSE_DOC, CLUSTER("," OLD_TEXTS));
    struct rse_object *object = over(stored, *state, "{\"name\":\"c1\"," OLD_TEXTS ",\"environment\":\"prod\"}");

    assert_true(rse_str_is(object->environment, "prod"));
    assert_true(rse_object_field_eq(rse_noun_field(RSE_CLUSTER, RSE_STR("metadata")), object, stored));
    assert_true(rse_object_field_eq(rse_noun_field(RSE_CLUSTER, RSE_STR("groups")), object, stored));
}

static void over__checks_what_is_not_stored_in_its_place(void **state)
{
    const struct rse_object *stored = object_of(*state, RSE_CLUSTER, RSE_PARSE_DOC, CLUSTER("," OLD_TEXTS));

    check_over_refused(stored, *state, CLUSTER(",\"description\":\"a\\u0007b\""), "/description", "U+0007");
    check_over_refused(stored, *state, CLUSTER(",\"environment\":\"a\\u0007\""), "/environment", "U+0007");
    check_over_refused(stored, *state, CLUSTER(",\"tags\":[\"t\\u200b\",\"u\\u200b\"]"), "/tags/1", "U+200B");
    check_over_refused(stored, *state, CLUSTER(",\"metadata\":{\"k\":\"b\\na\"}"), "/metadata/k", "U+000A");
    check_over_refused(stored, *state, CLUSTER(",\"metadata\":[{\"value\":\"a\\nb\",\"key\":\"l\"}]"),
                       "/metadata/0/value", "U+000A");
    check_over_refused(stored, *state, CLUSTER(",\"target\":\"East\""), "/target", "");
}

static void over__takes_what_the_server_set_only_as_it_is(void **state)
{
#define STAMP "2026-02-03T04:05:06.780Z"
    const struct rse_object *stored =
        object_of(*state, RSE_GROUP, RSE_PARSE_DOC,
                  "{\"id\":7,\"name\":\"g\",\"namePath\":\"/g\",\"version\":3,\"createdAt\":\"" STAMP
                  "\",\"createdBy\":\"kim\"}");

    over(stored, *state,
         "{\"id\":7,\"name\":\"g\",\"namePath\":\"/g\",\"version\":3,\"createdAt\":\"" STAMP
         "\",\"createdBy\":\"kim\"}");
    over(stored, *state,
         "{\"name\":\"g\",\"createdAt\":\"2026-02-03T05:05:06.78+01:00\",\"id\":7.0,\"createdBy\":null}");
    over(stored, *state, "{\"name\":\"h\",\"namePath\":\"/g\"}"); /* a copy of the group, with another name */
    over(stored, *state, "{\"name\":\"g\",\"version\":2,\"updatedAt\":\"" STAMP "\",\"updatedBy\":\"max\"}");
    check_over_refused(stored, *state, "{\"name\":\"g\",\"id\":8}", "/id", "it is 7");
    check_over_refused(stored, *state, "{\"name\":\"g\",\"id\":\"7\"}", "/id", "it is 7");
    check_over_refused(stored, *state, "{\"name\":\"g\",\"namePath\":\"/h\"}", "/namePath", "it is /g");
    check_over_refused(stored, *state, "{\"name\":\"g\",\"createdBy\":\"max\"}", "/createdBy", "it is kim");
    check_over_refused(stored, *state, "{\"name\":\"g\",\"createdAt\":\"2026-02-03T04:05:06.781Z\"}", "/createdAt",
                       "it is " STAMP);
    check_over_refused(stored, *state, "{\"name\":\"g\",\"createdAt\":{}}", "/createdAt", "it is " STAMP);
}

static void write__makes_sets_sorted_and_distinct(void **state)
{
    struct rse_object *object =
        object_of(*state, RSE_CLUSTER, RSE_PARSE_WRITE,
                  CLUSTER(",\"tags\":[\"b\",\"a\",\"b\"],\"groups\":[\"/z\",\"/a b/c\",\"z\"]"));

    assert_string_equal(rendered(object, RSE_RENDER_SPEC),
                        "{\"name\":\"c1\",\"tags\":[\"a\",\"b\"],\"groups\":[\"/a b/c\",\"/z\"]}");
}

static void write__sorts_metadata_and_refuses_a_key_twice(void **state)
{
    struct rse_object *object =
        object_of(*state, RSE_CLUSTER, RSE_PARSE_WRITE,
                  CLUSTER(",\"metadata\":[{\"key\":\"b\",\"value\":\"1\"},{\"key\":\"a\",\"value\":\"\"}]"));

    assert_string_equal(rendered(object, RSE_RENDER_SPEC), CLUSTER(",\"metadata\":[{\"key\":\"a\",\"value\":\"\"},"
                                                                   "{\"key\":\"b\",\"value\":\"1\"}]"));
    check_refused(*state, RSE_CLUSTER,
                  CLUSTER(",\"metadata\":[{\"key\":\"a\",\"value\":\"\"},{\"key\":\"b\",\"value\":\"\"},"
                          "{\"key\":\"a\",\"value\":\"\"}]"),
                  "/metadata/2/key", "the key \"a\" is there twice");
}

static void write__keeps_numbers_and_booleans_of_metadata_as_written(void **state)
{
    struct rse_object *object = object_of(
        *state, RSE_CLUSTER, RSE_PARSE_WRITE,
        CLUSTER(",\"metadata\":{\"a\":1.10,\"b\":true,\"c\":-3,\"d\":12345678901234567890,\"e\":1e3,\"f\":\"x\"}"));
    static const char *const VALUES[] = { "1.10", "true", "-3", "12345678901234567890", "1e3", "x" };

    for (size_t i = 0; i < RSE_COUNT(VALUES); i++)
        assert_true(rse_str_is(object->metadata.at[i].value, VALUES[i]));
}

static void write__refuses_metadata_that_is_no_text(void **state)
{
    check_refused(*state, RSE_CLUSTER, CLUSTER(",\"metadata\":{\"k\":null}"), "/metadata/k", "found null");
    check_refused(*state, RSE_CLUSTER, CLUSTER(",\"metadata\":{\"k\":[1]}"), "/metadata/k", "found an array");
    check_refused(*state, RSE_CLUSTER, CLUSTER(",\"metadata\":[{\"key\":\"k\"}]"), "/metadata/0",
                  "\"value\" is missing");
    check_refused(*state, RSE_CLUSTER, CLUSTER(",\"metadata\":[{\"value\":\"k\"}]"), "/metadata/0",
                  "\"key\" is missing");
    check_refused(*state, RSE_CLUSTER, CLUSTER(",\"metadata\":{\"a b\":\"x\"}"), "/metadata/a b", "");
}

static void write__refuses_a_metadata_key_that_templates_know_as_a_field(void **state)
{
    check_refused(*state, RSE_CLUSTER, CLUSTER(",\"metadata\":{\"store\":\"x\"}"), "/metadata/store",
                  "\"store\" is a field of every cluster");
    check_refused(*state, RSE_GROUP, "{\"name\":\"g\",\"metadata\":[{\"key\":\"timeZone\",\"value\":\"x\"}]}",
                  "/metadata/0/key", "is a field of every cluster");
    check_refused(*state, RSE_METADATA_KEY, "{\"name\":\"gitOpsRepo\"}", "/name", "is a field of every cluster");
    /* state and groups are fields, but no templates can name them. */
    object_of(*state, RSE_CLUSTER, RSE_PARSE_WRITE, CLUSTER(",\"metadata\":{\"state\":\"tx\",\"owner\":\"x\"}"));
}

static void write__ignores_what_the_server_sets(void **state)
{
    struct rse_object *object =
        object_of(*state, RSE_APPLICATION, RSE_PARSE_WRITE,
                  "{\"id\":7,\"name\":\"a\",\"path\":\"apps/a\",\"version\":\"x\",\"createdAt\":5}");

    assert_int_equal(object->id, 0);
    assert_int_equal(object->version, 0);
    assert_null(object->created_at.p);
}

static void document__may_hold_text_that_a_write_may_not(void **state)
{
    struct rse_object *object =
        object_of(*state, RSE_CLUSTER, RSE_PARSE_DOC, CLUSTER(",\"description\":\"a\\u0085b\\u202e\""));

    assert_int_equal(object->description.len, 7);
}

static void write__keeps_repository_and_branch_for_finding_a_target(void **state)
{
    struct rse_cluster *c = (struct rse_cluster *)object_of(
        *state, RSE_CLUSTER, RSE_PARSE_WRITE, CLUSTER(",\"gitOpsRepo\":\"https://h/x\",\"gitOpsBranch\":\"main\""));

    assert_true(rse_str_is(c->git_ops_repo, "https://h/x"));
    assert_true(rse_str_is(c->git_ops_branch, "main"));
    check_refused(*state, RSE_CLUSTER, CLUSTER(",\"gitOpsRepo\":\"x\""), "/gitOpsRepo", "not the URL");
}

static void write__takes_the_leading_slash_off_a_path(void **state)
{
    struct rse_application *a = (struct rse_application *)object_of(*state, RSE_APPLICATION, RSE_PARSE_WRITE,
                                                                    "{\"name\":\"a\",\"path\":\"/apps/imdb\"}");

    assert_true(rse_str_is(a->path, "apps/imdb"));
    check_refused(*state, RSE_APPLICATION, "{\"name\":\"a\",\"path\":\"apps/../x\"}", "/path", "");
}

static void write__puts_both_forms_of_references_beside_each_other(void **state)
{
    struct rse_cluster *c = (struct rse_cluster *)object_of(
        *state, RSE_CLUSTER, RSE_PARSE_WRITE,
        CLUSTER(",\"groupIds\":[9,4],\"target\":\"west\",\"groups\":[\"/b\",\"/a\"],\"targetId\":3"));

    assert_int_equal(c->target.id, 3);
    assert_true(rse_str_is(c->target.name, "west"));
    assert_int_equal(c->groups.count, 2);
    assert_true(rse_str_is(c->groups.at[0].name, "/a") && c->groups.at[0].id == 4);
    assert_true(rse_str_is(c->groups.at[1].name, "/b") && c->groups.at[1].id == 9);
    check_refused(*state, RSE_CLUSTER, CLUSTER(",\"groups\":[\"/a\"],\"groupIds\":[1,2]"), "/groupIds", "don't agree");
    check_refused(*state, RSE_CLUSTER, CLUSTER(",\"groups\":[null]"), "/groups/0", "found null");
    check_refused(*state, RSE_CLUSTER, CLUSTER(",\"groupIds\":[4,null],\"groups\":[null,null]"), "/groups/1",
                  "found null");
    check_refused(*state, RSE_CLUSTER, CLUSTER(",\"groupIds\":[null]"), "/groupIds/0", "found null");
}

static void write__checks_paths_of_groups(void **state)
{
    char deep[200] = CLUSTER(",\"groups\":[\"");

    check_refused(*state, RSE_CLUSTER, CLUSTER(",\"groups\":[\"/a\",\"/a//b\"]"), "/groups/1", "");
    check_refused(*state, RSE_GROUP, "{\"name\":\"g\",\"parent\":\"/\"}", "/parent", "");
    check_refused(*state, RSE_GROUP, "{\"name\":\"g\",\"parent\":\"/a/\"}", "/parent", "");
    deep[strlen(deep) - 1] = '\0'; /* the brace of the macro */
    for (int i = 0; i < 33; i++)
        strcat(deep, "/a");
    strcat(deep, "\"]}");
    check_refused(*state, RSE_CLUSTER, deep, "/groups/0", "at most 32 levels");
}

static void write__sorts_releases_with_the_highest_first(void **state)
{
    struct rse_object *object =
        object_of(*state, RSE_APPLICATION, RSE_PARSE_WRITE,
                  "{\"name\":\"a\",\"path\":\"p\",\"releases\":[{\"version\":\"1.9.0\",\"expression\":\"all\"},"
                  "{\"version\":\"1.10.0\",\"expression\":null},{\"version\":\"1.10.0-rc.1\"}]}");

    assert_string_equal(
        rendered(object, RSE_RENDER_SPEC),
        "{\"name\":\"a\",\"releases\":[{\"version\":\"1.10.0\",\"expression\":null},"
        "{\"version\":\"1.10.0-rc.1\",\"expression\":null},{\"version\":\"1.9.0\",\"expression\":\"all\"}],"
        "\"path\":\"p\"}");
}

static void write__refuses_releases_that_are_none(void **state)
{
#define APP(releases) "{\"name\":\"a\",\"path\":\"p\",\"releases\":" releases "}"
    check_refused(*state, RSE_APPLICATION, APP("[{\"version\":\"x\"}]"), "/releases/0/version", "");
    check_refused(*state, RSE_APPLICATION, APP("[{\"expression\":\"all\"}]"), "/releases/0", "\"version\" is missing");
    check_refused(*state, RSE_APPLICATION, APP("[{\"version\":\"1.0.0\"},{\"version\":\"1.0.0\"}]"),
                  "/releases/1/version", "is there already");
    check_refused(*state, RSE_APPLICATION, APP("[{\"version\":\"1.0.0\"},{\"version\":\"v1\"}]"), "/releases/1/version",
                  "is there already, as \"1.0.0\"");
    check_refused(*state, RSE_APPLICATION, APP("[{\"version\":\"1.0.0\",\"expression\":1}]"), "/releases/0/expression",
                  "expected a string");
#undef APP
}

static void write__checks_declared_keys(void **state)
{
    check_refused(*state, RSE_METADATA_KEY, "{\"name\":\"k\",\"type\":\"enum\"}", "/values", "");
    check_refused(*state, RSE_METADATA_KEY, "{\"name\":\"k\",\"values\":[\"a\"]}", "/values", "");
    check_refused(*state, RSE_METADATA_KEY, "{\"name\":\"k\",\"type\":\"enum\",\"values\":[\"a\",\"b\",\"a\"]}",
                  "/values/2", "there twice");
    check_refused(*state, RSE_METADATA_KEY, "{\"name\":\"k\",\"type\":\"pattern\"}", "/pattern", "");
    check_refused(*state, RSE_METADATA_KEY, "{\"name\":\"k\",\"type\":\"pattern\",\"pattern\":\"(\"}", "/pattern",
                  "regular expression");
    check_refused(*state, RSE_METADATA_KEY,
                  "{\"name\":\"k\",\"type\":\"pattern\",\"pattern\":\"((a{1,255}){1,255}){1,255}\"}", "/pattern",
                  "repeats too much");
    check_refused(*state, RSE_METADATA_KEY, "{\"name\":\"k\",\"type\":\"pattern\",\"pattern\":\"(a*)\\\\1\"}",
                  "/pattern", "refer back");
    check_refused(*state, RSE_METADATA_KEY,
                  "{\"name\":\"k\",\"type\":\"enum\",\"values\":[\"b\",\"a\"],\"default\":\"c\"}", "/default",
                  "none of the values of k");
    check_refused(*state, RSE_METADATA_KEY, "{\"name\":\"k\",\"type\":\"integer\",\"default\":\"x\"}", "/default",
                  "no integer");
    assert_non_null(
        strstr(rendered(object_of(*state, RSE_METADATA_KEY, RSE_PARSE_WRITE,
                                  "{\"name\":\"k\",\"type\":\"enum\",\"values\":[\"b\",\"a\"],\"default\":\"a\"}"),
                        0),
               "\"values\":[\"b\",\"a\"]"));
}

static void doc__takes_what_a_newer_server_adds(void **state)
{
    struct rse_cluster *c = (struct rse_cluster *)object_of(
        *state, RSE_CLUSTER, RSE_PARSE_DOC,
        CLUSTER(",\"id\":5,\"colour\":\"red\",\"capacity\":{\"disk\":1,\"cpuLimit\":2},\"version\":3,"
                "\"updatedAt\":\"2026-02-03T04:05:06.789Z\",\"gitOpsRepo\":\"/x\",\"location\":null"));

    assert_int_equal(c->object.id, 5);
    assert_int_equal(c->object.version, 3);
    assert_true(c->capacity.cpu_limit == 2);
    assert_true(rse_str_is(c->git_ops_repo, "/x"));
    assert_false(c->location.set);
}

static void doc__still_needs_the_right_types(void **state)
{
    struct rse_err err = RSE_ERR_INIT;
    struct rse_object *object = NULL;
    cJSON *json = json_of(CLUSTER(",\"version\":\"3\""));

    assert_false(rse_object_parse(&object, RSE_CLUSTER, json, RSE_PARSE_DOC, *state, &err));
    check_error(&err, "/version", "expected an integer, found a string");
    cJSON_Delete(json);
}

static void parse__keeps_nothing_of_the_json(void **state)
{
    struct rse_object *object = object_of(*state, RSE_CLUSTER, RSE_PARSE_DOC,
                                          CLUSTER(",\"metadata\":{\"a\":\"b\"},\"groups\":[\"/x\"],\"tags\":[\"t\"]"));

    /* object_of has freed it: a sanitizer would tell. */
    assert_string_equal(
        rendered(object, RSE_RENDER_SPEC),
        CLUSTER(",\"tags\":[\"t\"],\"metadata\":[{\"key\":\"a\",\"value\":\"b\"}],\"groups\":[\"/x\"]"));
}

/* What is stored is known only later. */
static void scan__lets_texts_through_that_the_object_may_have(void **state)
{
    static const char old[] =
        "{\"name\":\"c-1\",\"id\":7,\"store\":\"a\\u0007\",\"tags\":[\"\\u200b\"],\"groups\":[\"/a//b\"],"
        "\"metadata\":[{\"key\":\"k\",\"value\":\"two\\nlines\"}]}";
    const struct rse_object *stored = object_of(*state, RSE_CLUSTER, RSE_PARSE_DOC, old);
    struct rse_object *object = object_of(*state, RSE_CLUSTER, RSE_PARSE_SCAN, old);
    struct rse_err err = RSE_ERR_INIT;
    cJSON *json = json_of(old);

    assert_true(object->unchecked);
    assert_false(object_of(*state, RSE_CLUSTER, RSE_PARSE_SCAN, "{\"name\":\"c-1\",\"store\":\"a\"}")->unchecked);
    assert_true(rse_object_parse_over(&object, stored, json, RSE_PARSE_PART, *state, &err));
    assert_false(object->unchecked);
    assert_string_equal(object->metadata.at[0].value.p, "two\nlines");
    assert_false(rse_object_parse(&object, RSE_CLUSTER, json, RSE_PARSE_PART, *state, &err));
    assert_int_equal(err.faults->count, 4);
    assert_int_equal(object->metadata.count, 1); /* the key is there, whatever its value would be */
    assert_string_equal(object->metadata.at[0].value.p, "");
    cJSON_Delete(json);
}

static void over__takes_what_the_server_sets_of_a_part_as_said_by_nobody(void **state)
{
    const struct rse_object *stored = object_of(*state, RSE_CLUSTER, RSE_PARSE_DOC, "{\"name\":\"c-1\",\"id\":7}");
    struct rse_err err = RSE_ERR_INIT;
    struct rse_object *object = NULL;
    cJSON *json = json_of("{\"name\":\"c-1\",\"id\":8}");

    assert_true(rse_object_parse_over(&object, stored, json, RSE_PARSE_PART, *state, &err));
    assert_false(rse_object_parse_over(&object, stored, json, RSE_PARSE_WRITE, *state, &err));
    check_error(&err, "/id", "the server sets it");
    cJSON_Delete(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MODEL_TEST(write__refuses_unknown_fields_and_tells_what_was_meant),
        MODEL_TEST(write__names_wrong_types),
        MODEL_TEST(write__needs_the_required_fields),
        MODEL_TEST(write__checks_names),
        MODEL_TEST(write__checks_enums_and_bounds),
        MODEL_TEST(write__bounds_texts_and_lists),
        MODEL_TEST(write__refuses_control_characters),
        MODEL_TEST(write__refuses_invisible_characters_in_what_is_compared),
        MODEL_TEST(write__refuses_names_with_invisible_characters),
        MODEL_TEST(over__takes_what_is_stored_as_it_is),
        MODEL_TEST(over__checks_what_is_not_stored_in_its_place),
        MODEL_TEST(over__takes_what_the_server_set_only_as_it_is),
        MODEL_TEST(write__makes_sets_sorted_and_distinct),
        MODEL_TEST(write__sorts_metadata_and_refuses_a_key_twice),
        MODEL_TEST(write__keeps_numbers_and_booleans_of_metadata_as_written),
        MODEL_TEST(write__refuses_metadata_that_is_no_text),
        MODEL_TEST(write__refuses_a_metadata_key_that_templates_know_as_a_field),
        MODEL_TEST(write__ignores_what_the_server_sets),
        MODEL_TEST(document__may_hold_text_that_a_write_may_not),
        MODEL_TEST(write__keeps_repository_and_branch_for_finding_a_target),
        MODEL_TEST(write__takes_the_leading_slash_off_a_path),
        MODEL_TEST(write__puts_both_forms_of_references_beside_each_other),
        MODEL_TEST(write__checks_paths_of_groups),
        MODEL_TEST(write__sorts_releases_with_the_highest_first),
        MODEL_TEST(write__refuses_releases_that_are_none),
        MODEL_TEST(write__checks_declared_keys),
        MODEL_TEST(doc__takes_what_a_newer_server_adds),
        MODEL_TEST(doc__still_needs_the_right_types),
        MODEL_TEST(parse__keeps_nothing_of_the_json),
        MODEL_TEST(scan__lets_texts_through_that_the_object_may_have),
        MODEL_TEST(over__takes_what_the_server_sets_of_a_part_as_said_by_nobody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
