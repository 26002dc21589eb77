#include <time.h>

#include "libresedge/src/model/json.h"
#include "tests/unit/model/model_test.h"

static struct rse_inventory read_text(struct rse_arena *arena, const char *text)
{
    struct rse_inventory inventory = { 0 };
    struct rse_err err = RSE_ERR_INIT;

    if (!rse_inventory_read(&inventory, RSE_STR("fleet.json"), rse_str(text), arena, &err))
        fail_msg("%s %s", err.field, err.what);
    return inventory;
}

static void check_bad(struct rse_arena *arena, const char *text, enum rse_code code, const char *field,
                      const char *says)
{
    struct rse_inventory inventory = { 0 };
    struct rse_err err = RSE_ERR_INIT;

    if (rse_inventory_read(&inventory, RSE_STR("fleet.json"), rse_str(text), arena, &err))
        fail_msg("taken: %s", text);
    assert_int_equal(err.code, code);
    check_error(&err, field, says);
    assert_null(inventory.at);
}

static void read__gives_nouns_in_their_order_and_objects_in_the_files(void **state)
{
    static const char *const NAMES[] = { "west", "b", "a", "c1" };
    struct rse_inventory inv = read_text(*state, "{\"clusters\":[{\"name\":\"c1\",\"groups\":[\"/a\"]}],"
                                                 "\"groups\":[{\"name\":\"b\",\"parent\":\"/a\"},{\"name\":\"a\"}],"
                                                 "\"targets\":[{\"name\":\"west\",\"url\":\"/x\"}],\"policies\":[]}");

    assert_int_equal(inv.count, RSE_COUNT(NAMES));
    for (size_t i = 0; i < inv.count; i++)
        assert_true(rse_str_is(inv.at[i]->name, NAMES[i]));
}

static void read__takes_yaml_as_well(void **state)
{
    struct rse_inventory inv = read_text(*state, "# the fleet\n"
                                                 "clusters:\n"
                                                 "- name: c1\n"
                                                 "  groups: [/beta, /stores/tx]\n"
                                                 "  metadata:\n"
                                                 "    version: 1.10\n"
                                                 "    open: true\n"
                                                 "namespaces:\n"
                                                 "- {name: n, expression: null, capacity: {cpuLimit: 1.0}}\n");

    assert_int_equal(inv.count, 2);
    assert_string_equal(rendered(inv.at[0], RSE_RENDER_SPEC), "{\"name\":\"n\",\"capacity\":{\"cpuLimit\":1}}");
    assert_string_equal(rendered(inv.at[1], RSE_RENDER_SPEC),
                        "{\"name\":\"c1\",\"metadata\":[{\"key\":\"open\",\"value\":\"true\"},"
                        "{\"key\":\"version\",\"value\":\"1.10\"}],\"groups\":[\"/beta\",\"/stores/tx\"]}");
}

static void read__names_member_and_index_of_what_is_wrong(void **state)
{
    check_bad(*state, "{\"clusters\":[{\"name\":\"c1\"},{\"name\":\"C_2\"}]}", RSE_INVALID, "/clusters/1/name", "");
    check_bad(*state, "{\"clusters\":[{\"name\":\"c1\",\"metadata\":[{\"key\":\"a b\",\"value\":\"\"}]}]}", RSE_INVALID,
              "/clusters/0/metadata/0/key", "");
    check_bad(*state, "{\"groups\":[{\"name\":\"a\",\"colour\":1}]}", RSE_INVALID, "/groups/0/colour", "unknown field");
    check_bad(*state, "{\"clusters\":[5]}", RSE_INVALID, "/clusters/0", "expected an object, found a number");
}

static void read__names_both_places_of_a_duplicate(void **state)
{
    check_bad(*state, "{\"clusters\":[{\"name\":\"a\"},{\"name\":\"b\"},{\"name\":\"a\"}]}", RSE_INVALID,
              "/clusters/2/name", "the cluster \"a\" is there twice");
    check_bad(*state,
              "{\"groups\":[{\"name\":\"a\"},{\"name\":\"b\",\"parent\":\"/a\"},{\"name\":\"b\",\"parent\":\"a\"}]}",
              RSE_INVALID, "/groups/2/name", "the group \"/a/b\" is there twice");
    check_bad(*state,
              "{\"applications\":[{\"name\":\"a\",\"path\":\"p\",\"namespace\":\"n\"},"
              "{\"name\":\"a\",\"path\":\"q\",\"namespace\":\"n\"}]}",
              RSE_INVALID, "/applications/1/name", "the application \"n/a\" is there twice");
}

static void read__takes_the_same_name_in_another_place(void **state)
{
    struct rse_inventory inv =
        read_text(*state, "{\"groups\":[{\"name\":\"a\"},{\"name\":\"a\",\"parent\":\"/a\"}],"
                          "\"namespaces\":[{\"name\":\"a\"}],"
                          "\"applications\":[{\"name\":\"a\",\"path\":\"p\",\"namespace\":\"m\"},"
                          "{\"name\":\"a\",\"path\":\"p\",\"namespace\":\"n\"},{\"name\":\"a\",\"path\":\"p\"}]}");

    assert_int_equal(inv.count, 6);
}

static void read__refuses_what_is_no_inventory(void **state)
{
    check_bad(*state, "[]", RSE_INVALID, "", "an inventory is an object");
    check_bad(*state, "", RSE_INVALID, "", "empty");
    check_bad(*state, "# nothing\n", RSE_INVALID, "", "empty");
    check_bad(*state, "{\"cluster\":[]}", RSE_INVALID, "/cluster", "Did you mean \"clusters\"?");
    check_bad(*state, "{\"stores\":[]}", RSE_INVALID, "/stores", "An inventory has targets");
    check_bad(*state, "{\"clusters\":{}}", RSE_INVALID, "/clusters", "expected an array, found an object");
    check_bad(*state, "{\"clusters\":[}", RSE_INVALID, "/clusters/0", "line 1, column 14");
}

static void read__refuses_ids(void **state)
{
    check_bad(*state, "{\"clusters\":[{\"name\":\"a\",\"groupIds\":[1]}]}", RSE_INVALID, "/clusters/0/groupIds",
              "references by name");
    check_bad(*state, "{\"groups\":[{\"name\":\"a\",\"parentId\":1}]}", RSE_INVALID, "/groups/0/parentId",
              "references by name");
}

static void read__names_the_file(void **state)
{
    struct rse_inventory inventory = { 0 };
    struct rse_err err = RSE_ERR_INIT;

    assert_false(rse_inventory_read(&inventory, RSE_STR("fleet.json"), RSE_STR("{"), *state, &err));
    assert_string_equal(err.object, "fleet.json");
}

static char *file_text(const char *path)
{
    FILE *file = fopen(path, "rb");
    long size;

    if (file == NULL)
        return NULL;
    fseek(file, 0, SEEK_END);
    size = ftell(file);
    rewind(file);
    char *text = rse_xcalloc((size_t)size + 1, 1);

    assert_int_equal(fread(text, 1, (size_t)size, file), (size_t)size);
    fclose(file);
    return text;
}

static size_t count_of(const struct rse_inventory *inv, enum rse_noun noun)
{
    size_t count = 0;

    for (size_t i = 0; i < inv->count; i++)
        count += inv->at[i]->noun == noun ? 1 : 0;
    return count;
}

static void read__takes_the_real_inventory_as_it_stands(void **state)
{
    const char *folder = getenv("RESEDGE_FIXTURES");
    char *path =
        rse_arena_printf(*state, "%s/res-edge-labs/inventory.json", folder != NULL ? folder : "../shared/fixtures");
    char *text = file_text(path);

    if (text == NULL)
        skip();
    struct rse_inventory inv = read_text(*state, text);

    assert_int_equal(count_of(&inv, RSE_GROUP), 20);
    assert_int_equal(count_of(&inv, RSE_CLUSTER), 13);
    assert_int_equal(count_of(&inv, RSE_NAMESPACE), 6);
    assert_int_equal(count_of(&inv, RSE_APPLICATION), 6);
    assert_int_equal(count_of(&inv, RSE_POLICY), 1);
    free(text);
}

/* clusters with 6 metadata keys, two groups, three tags each */
static void add_clusters(struct rse_buf *out, int count)
{
    rse_buf_adds(out, "{\"clusters\":[");
    for (int i = 0; i < count; i++) {
        rse_buf_addf(
            out,
            "%s{\"name\":\"store-%05d\",\"description\":\"Store %d\",\"environment\":\"Prod\","
            "\"timeZone\":\"America/Chicago\",\"groups\":[\"/stores/r%d\",\"/beta\"],\"tags\":[\"a\",\"b\",\"c\"],"
            "\"metadata\":[",
            i > 0 ? "," : "", i, i, i % 2000);
        for (int k = 0; k < 6; k++)
            rse_buf_addf(out, "%s{\"key\":\"key%d\",\"value\":\"value %d\"}", k > 0 ? "," : "", k, i);
        rse_buf_adds(out, "]}");
    }
    rse_buf_adds(out, "]}");
}

static double seconds_since(clock_t start)
{
    return (double)(clock() - start) / CLOCKS_PER_SEC;
}

/* A bound far above what it takes (0.4 s, and less than reading the JSON), so that only another order shows. */
static void parse__of_60000_clusters_grows_with_their_number(void **state)
{
    RSE_BUF_AUTO text = { 0 };
    struct rse_inventory inv = { 0 };
    struct rse_err err = RSE_ERR_INIT;
    cJSON *json = NULL;

    rse_buf_init(&text, 100 << 20);
    add_clusters(&text, 60000);
    clock_t start = clock();

    assert_true(rse_json_parse(&json, rse_buf_str(&text), &err));
    double reading = seconds_since(start);

    start = clock();
    if (!rse_inventory_parse(&inv, json, *state, &err))
        fail_msg("%s %s", err.field, err.what);
    print_message("60,000 clusters: JSON %.2f s, objects %.2f s\n", reading, seconds_since(start));
    assert_int_equal(inv.count, 60000);
    assert_true(seconds_since(start) < 10);
    cJSON_Delete(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MODEL_TEST(read__gives_nouns_in_their_order_and_objects_in_the_files),
        MODEL_TEST(read__takes_yaml_as_well),
        MODEL_TEST(read__names_member_and_index_of_what_is_wrong),
        MODEL_TEST(read__names_both_places_of_a_duplicate),
        MODEL_TEST(read__takes_the_same_name_in_another_place),
        MODEL_TEST(read__refuses_what_is_no_inventory),
        MODEL_TEST(read__refuses_ids),
        MODEL_TEST(read__names_the_file),
        MODEL_TEST(read__takes_the_real_inventory_as_it_stands),
        MODEL_TEST(parse__of_60000_clusters_grows_with_their_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
