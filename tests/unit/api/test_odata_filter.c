#include "tests/unit/base/unit.h"

#include "api-server/odata/cursor.h"
#include "api-server/odata/options.h"
#include "api-server/store/list_sql.h"

static struct rse_arena *arena;

static int begin(void **state)
{
    (void)state;
    arena = rse_arena_new();
    return 0;
}

static int end(void **state)
{
    (void)state;
    rse_arena_free(arena);
    return 0;
}

/* What a filter becomes; the parameters stand behind it, each in <>. */
static const char *sql_of(enum rse_noun noun, const char *text)
{
    struct list_sql *sql = rse_arena_new_of(arena, struct list_sql);
    struct odata_node *node;
    struct rse_err err = RSE_ERR_INIT;
    const char *result;

    assert_true(odata_filter_parse(&node, rse_noun_info(noun), rse_str(text), arena, &err));
    list_sql_init(sql, arena);
    list_sql_filter(sql, rse_noun_info(noun), node);
    assert_true(list_sql_ok(sql, &err));
    for (int i = 0; i < sql->nparams; i++)
        rse_buf_addf(&sql->text, " <%s>", sql->params[i]);
    result = rse_arena_strdup(arena, sql->text.p);
    list_sql_release(sql);
    return result;
}

static void filter__puts_no_value_into_the_statement(void **state)
{
    const char *sql = sql_of(RSE_CLUSTER, "name eq 'x''; drop table clusters--' and metadata/a eq '\"}'");

    (void)state;
    assert_string_equal(
        sql, "(t.name = $1::text and t.metadata @> $2::jsonb) <x'; drop table clusters--> <{\"a\":\"\\\"}\"}>");
}

static void filter__asks_for_what_has_an_index_in_the_way_that_uses_it(void **state)
{
    (void)state;
    assert_string_equal(sql_of(RSE_CLUSTER, "metadata/any(m: m/value eq 'b' and m/key eq 'a')"),
                        "t.metadata @> $1::jsonb <{\"a\":\"b\"}>");
    assert_string_equal(sql_of(RSE_CLUSTER, "tags/any(t: t eq 'x')"),
                        "(t.words @> array[$1::text] and t.tags @> array[$2::text]) <x> <x>");
    assert_string_equal(sql_of(RSE_CLUSTER, "groupIds/any(g: g eq 5)"),
                        "t.id in (select i.owner from (select g.cluster_id as owner, g.group_id as item from"
                        " cluster_groups g) i where (i.item = $1::bigint)) <5>");
    assert_string_equal(sql_of(RSE_CLUSTER, "store eq '1'"), "t.store collate \"C\" = $1::text <1>");
}

static void filter__lets_not_turn_null_into_true(void **state)
{
    (void)state;
    assert_string_equal(sql_of(RSE_CLUSTER, "not (environment eq 'a' or id lt 3)"),
                        "(((t.environment collate \"C\" = $1::text or t.id < $2::bigint)) is not true) <a> <3>");
    assert_string_equal(sql_of(RSE_CLUSTER, "environment ne 'a'"),
                        "t.environment collate \"C\" is distinct from $1::text <a>");
}

static void filter__reads_what_has_no_column_from_the_document(void **state)
{
    (void)state;
    assert_string_equal(sql_of(RSE_CLUSTER, "capacity/memoryLimit gt 5"),
                        "(t.doc::json -> 'capacity' ->> 'memoryLimit')::bigint > $1::bigint <5>");
    assert_string_equal(sql_of(RSE_TARGET, "templatePath eq null"),
                        "(t.doc::json ->> 'templatePath') collate \"C\" is null");
}

static void filter__binds_and_tighter_than_or_and_not_tighter_than_and(void **state)
{
    (void)state;
    assert_string_equal(sql_of(RSE_CLUSTER, "id eq 1 or not id eq 2 and id eq 3"),
                        "(t.id = $1::bigint or (((t.id = $2::bigint) is not true) and t.id = $3::bigint)) <1> <2> <3>");
}

/* Every field of every noun that an answer shows can be compared with null, or looked into. */
static void filter__knows_every_field_of_every_noun(void **state)
{
    (void)state;
    for (int noun = 0; noun < RSE_NOUN_COUNT; noun++) {
        for (const struct rse_field *f = rse_noun_info((enum rse_noun)noun)->fields; f->name != NULL; f++) {
            struct odata_path path;
            struct rse_err err = RSE_ERR_INIT;

            assert_true(odata_path_resolve(&path, rse_noun_info((enum rse_noun)noun), rse_str(f->name), NULL, &err));
            if (path.kind == ODATA_FIELD)
                (void)sql_of((enum rse_noun)noun, rse_arena_printf(arena, "%s eq null", f->name));
            else if (path.kind == ODATA_COLLECTION)
                (void)sql_of((enum rse_noun)noun, rse_arena_printf(arena, "%s/any()", f->name));
            if (f->id_name != NULL)
                assert_true(
                    odata_path_resolve(&path, rse_noun_info((enum rse_noun)noun), rse_str(f->id_name), NULL, &err));
        }
    }
}

static void filter__is_bounded(void **state)
{
    struct odata_node *node;
    struct rse_err err = RSE_ERR_INIT;
    RSE_BUF_AUTO text = { 0 };

    (void)state;
    rse_buf_init(&text, 1 << 20);
    rse_buf_adds(&text, "id in (1");
    for (int i = 0; i < ODATA_FILTER_MAX_LIST; i++)
        rse_buf_adds(&text, ",1");
    rse_buf_adds(&text, ")");
    assert_false(odata_filter_parse(&node, rse_noun_info(RSE_CLUSTER), rse_buf_str(&text), arena, &err));
    assert_non_null(strstr(err.what, "may list"));
    rse_err_clear(&err);
    rse_buf_reset(&text);
    for (int i = 0; i < ODATA_FILTER_MAX_TEXT; i++)
        rse_buf_addc(&text, ' ');
    rse_buf_adds(&text, "id eq 1");
    assert_false(odata_filter_parse(&node, rse_noun_info(RSE_CLUSTER), rse_buf_str(&text), arena, &err));
    assert_non_null(strstr(err.what, "bytes long"));
}

/* ---- select ---- */

static void assert_selected(const char *select_text, const char *const *without, const char *doc, const char *wanted)
{
    struct odata_select select;
    struct rse_err err = RSE_ERR_INIT;
    RSE_BUF_AUTO out = { 0 };

    rse_buf_init(&out, 4096);
    assert_true(odata_select_parse(&select, rse_noun_info(RSE_CLUSTER), rse_str(select_text), &err));
    (void)odata_select_members(&select, without, rse_str(doc), &out);
    assert_string_equal(out.p, wanted);
}

static void select__copies_members_as_they_stand(void **state)
{
    static const char DOC[] = "{\"id\":1,\"name\":\"a\\\"},{\\\\\",\"metadata\":[{\"key\":\"name\",\"value\":\"}\"}],"
                              "\"state\":null,\"tags\":[]}";
    static const char *const WITHOUT[] = { "name", "tags", NULL };

    (void)state;
    assert_selected("name", NULL, DOC, "\"name\":\"a\\\"},{\\\\\"");
    assert_selected("state, metadata", NULL, DOC, "\"metadata\":[{\"key\":\"name\",\"value\":\"}\"}],\"state\":null");
    assert_selected("tags", NULL, DOC, "\"tags\":[]");
    assert_selected("", WITHOUT, DOC, "\"id\":1,\"metadata\":[{\"key\":\"name\",\"value\":\"}\"}],\"state\":null");
    assert_selected("groups", NULL, "{}", "");
}

static void select__finds_the_same_in_every_document_that_is_rendered(void **state)
{
    struct rse_object *object = rse_object_new(RSE_CLUSTER, arena);
    struct odata_select all = { .all = true };
    const char *const nothing[] = { NULL };
    RSE_BUF_AUTO doc = { 0 }, members = { 0 };

    (void)state;
    rse_buf_init(&doc, 65536);
    rse_buf_init(&members, 65536);
    object->name = RSE_STR("x\",\n{[");
    object->description = RSE_STR("\\");
    rse_object_render(object, 0, &doc);
    rse_buf_addc(&members, '{');
    (void)odata_select_members(&all, nothing, rse_buf_str(&doc), &members);
    rse_buf_addc(&members, '}');
    assert_string_equal(members.p, doc.p);
}

/* ---- cursors ---- */

static void cursor__comes_back_as_it_was(void **state)
{
    struct odata_cursor cursor = { .values = { RSE_STR("a\"\xc3\xa4"), { NULL, 0 }, RSE_STR("7") }, .count = 3 }, again;
    struct odata_order order;
    struct rse_err err = RSE_ERR_INIT;
    RSE_BUF_AUTO text = { 0 };

    (void)state;
    rse_buf_init(&text, 4096);
    assert_true(odata_order_parse(&order, rse_noun_info(RSE_CLUSTER), RSE_STR("name,environment"), &err));
    odata_cursor_write(&cursor, 42, &text);
    assert_true(odata_cursor_read(&again, &order, 42, rse_buf_str(&text), arena, &err));
    assert_int_equal(again.count, 3);
    assert_true(rse_str_eq(again.values[0], cursor.values[0]));
    assert_null(again.values[1].p);
    assert_true(rse_str_is(again.values[2], "7"));
    assert_false(odata_cursor_read(&again, &order, 43, rse_buf_str(&text), arena, &err));
}

static void cursor__is_refused_where_any_of_it_is_changed(void **state)
{
    struct odata_cursor cursor = { .values = { RSE_STR("7") }, .count = 1 }, again;
    struct odata_order order;
    RSE_BUF_AUTO text = { 0 };

    (void)state;
    rse_buf_init(&text, 4096);
    assert_true(odata_order_parse(&order, rse_noun_info(RSE_CLUSTER), RSE_STR(""), &(struct rse_err)RSE_ERR_INIT));
    odata_cursor_write(&cursor, 42, &text);
    for (size_t i = 0; i < text.len; i++) {
        char was = text.p[i];

        for (const char *c = "A_9%"; *c != '\0'; c++) {
            struct rse_err err = RSE_ERR_INIT;

            text.p[i] = *c;
            if (*c != was && i + 1 < text.len) /* the last digit has bits that mean nothing */
                assert_false(odata_cursor_read(&again, &order, 42, rse_buf_str(&text), arena, &err));
        }
        text.p[i] = was;
    }
}

static void cursor__values_have_the_types_of_the_order(void **state)
{
    struct odata_cursor cursor = { .values = { RSE_STR("x"), RSE_STR("7") }, .count = 2 }, again;
    struct odata_order order;
    struct rse_err err = RSE_ERR_INIT;
    RSE_BUF_AUTO text = { 0 };

    (void)state;
    rse_buf_init(&text, 4096);
    odata_cursor_write(&cursor, 1, &text);
    assert_true(odata_order_parse(&order, rse_noun_info(RSE_CLUSTER), RSE_STR("name"), &err));
    assert_true(odata_cursor_read(&again, &order, 1, rse_buf_str(&text), arena, &err));
    assert_true(odata_order_parse(&order, rse_noun_info(RSE_CLUSTER), RSE_STR("createdAt"), &err));
    assert_false(odata_cursor_read(&again, &order, 1, rse_buf_str(&text), arena, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(filter__puts_no_value_into_the_statement, begin, end),
        cmocka_unit_test_setup_teardown(filter__asks_for_what_has_an_index_in_the_way_that_uses_it, begin, end),
        cmocka_unit_test_setup_teardown(filter__lets_not_turn_null_into_true, begin, end),
        cmocka_unit_test_setup_teardown(filter__reads_what_has_no_column_from_the_document, begin, end),
        cmocka_unit_test_setup_teardown(filter__binds_and_tighter_than_or_and_not_tighter_than_and, begin, end),
        cmocka_unit_test_setup_teardown(filter__knows_every_field_of_every_noun, begin, end),
        cmocka_unit_test_setup_teardown(filter__is_bounded, begin, end),
        cmocka_unit_test_setup_teardown(select__copies_members_as_they_stand, begin, end),
        cmocka_unit_test_setup_teardown(select__finds_the_same_in_every_document_that_is_rendered, begin, end),
        cmocka_unit_test_setup_teardown(cursor__comes_back_as_it_was, begin, end),
        cmocka_unit_test_setup_teardown(cursor__is_refused_where_any_of_it_is_changed, begin, end),
        cmocka_unit_test_setup_teardown(cursor__values_have_the_types_of_the_order, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
