/* Errors, the table of codes, and problem documents there and back. */
#include "tests/unit/base/unit.h"

#include <cjson/cJSON.h>
#include <errno.h>

#include "resedge/arena.h"
#include "resedge/err.h"

static void fail__keeps_the_first_error(void **state)
{
    struct rse_err err = RSE_ERR_INIT;

    (void)state;
    assert_false(rse_fail(&err, RSE_NOT_FOUND, "there is no cluster \"%s\"", "x"));
    assert_false(rse_fail(&err, RSE_INTERNAL, "later"));
    assert_int_equal(err.code, RSE_NOT_FOUND);
    assert_string_equal(err.what, "there is no cluster \"x\"");
    assert_false(rse_fail(NULL, RSE_INVALID, "nobody listens"));
    rse_err_clear(&err);
    assert_int_equal(err.code, RSE_OK);
    assert_string_equal(err.what, "");
}

static void fail__adds_the_text_of_errno(void **state)
{
    struct rse_err err = RSE_ERR_INIT;

    (void)state;
    assert_false(rse_fail_errno(&err, RSE_UNAVAILABLE, ENOENT, "could not open %s", "a%sb"));
    assert_string_equal(err.what, "could not open a%sb: No such file or directory");
}

static void fail__replaces_what_could_forge_a_line(void **state)
{
    struct rse_err err = RSE_ERR_INIT;

    (void)state;
    assert_false(rse_fail(&err, RSE_INVALID, "%s", "a\nb\x1b[2J\xC2\x9B\xE2\x80\xAE\xFF\xC3\xA4\xE2\x82"));
    assert_string_equal(err.what, "a?b?[2J???\xC3\xA4??");
}

static void fail__cuts_a_long_text_behind_a_whole_character(void **state)
{
    (void)state;
    for (size_t lead = 300; lead < 330; lead++) {
        struct rse_err err = RSE_ERR_INIT;
        char text[1000] = "";
        memset(text, 'x', lead);
        for (int i = 0; i < 20; i++)
            strcat(text, "\xE2\x82\xAC");
        assert_false(rse_fail(&err, RSE_INVALID, "%s", text));
        assert_true(strlen(err.what) < sizeof(err.what));
        assert_true(rse_str_ends(rse_str(err.what), RSE_STR("...")));
        assert_true(rse_utf8_valid(rse_str(err.what), NULL));
        assert_null(strchr(err.what, '?'));
    }
}

static void parts__are_set_once_and_in_any_order(void **state)
{
    struct rse_err err = RSE_ERR_INIT;

    (void)state;
    rse_err_hint(&err, "Choose another name.");
    rse_err_hint(&err, "Not this one.");
    rse_err_object(&err, "cluster \"%s\"", "west");
    rse_err_object(&err, "cluster \"east\"");
    rse_err_position(&err, 7);
    rse_err_position(&err, 9);
    assert_false(rse_fail(&err, RSE_CONFLICT, "the name is taken"));
    assert_string_equal(err.hint, "Choose another name.");
    assert_string_equal(err.object, "cluster \"west\"");
    assert_int_equal(err.position, 7);
    rse_err_object(NULL, "x");
    rse_err_field_within(NULL, "x");
    rse_err_position(NULL, 1);
    rse_err_clear(NULL);
}

static void field__grows_from_the_inside_out(void **state)
{
    struct rse_err err = RSE_ERR_INIT;

    (void)state;
    rse_err_field(&err, "/key");
    rse_err_field(&err, "/other");
    rse_err_field_within(&err, "/%d", 2);
    rse_err_field_within(&err, "/metadata");
    assert_string_equal(err.field, "/metadata/2/key");
}

static void field__that_is_too_long_ends_at_the_place_around(void **state)
{
    (void)state;
    struct rse_err err = RSE_ERR_INIT;
    char key[sizeof(err.field)];

    memset(key, 'k', sizeof(key) - 1);
    key[sizeof(key) - 1] = '\0';
    rse_err_field(&err, "/value");
    rse_err_field_within_key(&err, key);
    rse_err_field_within(&err, "/metadata");
    assert_string_equal(err.field, "/metadata");
    key[sizeof(key) - 6] = '\0';
    rse_err_field_within_key(&err, key);
    assert_int_equal(strlen(err.field), sizeof(key) - 5);
}

static void codes__have_names_that_read_back(void **state)
{
    (void)state;
    for (int code = RSE_OK; code <= RSE_INTERNAL; code++)
        assert_int_equal(rse_code_from_name(rse_str(rse_code_name((enum rse_code)code))), code);
    assert_string_equal(rse_code_name(RSE_NOT_FOUND), "notFound");
    assert_string_equal(rse_code_name(RSE_TOO_LARGE), "tooLarge");
    assert_int_equal(rse_code_from_name(RSE_STR("NOTFOUND")), RSE_OK);
    assert_int_equal(rse_code_from_name(RSE_STR("")), RSE_OK);
    assert_string_equal(rse_code_name((enum rse_code)77), "internal");
}

static void codes__map_to_http_and_exit_statuses(void **state)
{
    static const struct {
        enum rse_code code;
        int http, exit;
        bool retryable;
    } rows[] = {
        { RSE_OK, 200, 0, false },       { RSE_INVALID, 400, 2, false },    { RSE_UNAUTHENTICATED, 401, 3, false },
        { RSE_DENIED, 403, 3, false },   { RSE_NOT_FOUND, 404, 1, false },  { RSE_CONFLICT, 409, 3, false },
        { RSE_STALE, 412, 3, false },    { RSE_GONE, 410, 3, false },       { RSE_TOO_LARGE, 413, 3, false },
        { RSE_TIMEOUT, 504, 4, true },   { RSE_UNAVAILABLE, 503, 4, true }, { RSE_CONFIRM, 409, 3, false },
        { RSE_INTERNAL, 500, 5, false }, { RSE_LIMITED, 429, 4, true },
    };

    (void)state;
    for (size_t i = 0; i < RSE_COUNT(rows); i++) {
        assert_int_equal(rse_code_http_status(rows[i].code), rows[i].http);
        assert_int_equal(rse_code_exit_status(rows[i].code), rows[i].exit);
        assert_int_equal(rse_code_is_retryable(rows[i].code), rows[i].retryable);
        if (rows[i].code != RSE_CONFIRM)
            assert_int_equal(rse_code_from_http_status(rows[i].http), rows[i].code);
    }
}

static void codes__come_from_statuses_that_are_not_ours(void **state)
{
    (void)state;
    assert_int_equal(rse_code_from_http_status(201), RSE_OK);
    assert_int_equal(rse_code_from_http_status(422), RSE_UNPROCESSABLE);
    assert_int_equal(rse_code_from_http_status(408), RSE_TIMEOUT);
    assert_int_equal(rse_code_from_http_status(502), RSE_UNAVAILABLE);
    assert_int_equal(rse_code_from_http_status(507), RSE_INTERNAL);
    assert_int_equal(rse_code_from_http_status(302), RSE_INTERNAL);
    assert_int_equal(rse_code_from_http_status(0), RSE_INTERNAL);
}

static void assert_printed(const struct rse_err *err, const char *expected)
{
    RSE_BUF_AUTO out = { 0 };

    rse_buf_init(&out, 2000);
    rse_err_print(err, &out);
    assert_string_equal(out.p, expected);
}

static void print__shows_what_is_known_on_one_line(void **state)
{
    struct rse_err err = RSE_ERR_INIT;

    (void)state;
    assert_false(rse_fail(&err, RSE_INVALID, "expected a selector"));
    assert_printed(&err, "expected a selector");
    rse_err_position(&err, 4);
    assert_printed(&err, "expected a selector (at 4)");
    rse_err_field(&err, "/expression");
    rse_err_object(&err, "group 7");
    rse_err_hint(&err, "Write /g/ or /c/.");
    assert_printed(&err, "expected a selector (group 7; /expression; at 4). Write /g/ or /c/.");
}

static struct rse_err full_error(void)
{
    struct rse_err err = RSE_ERR_INIT;

    rse_fail(&err, RSE_CONFIRM, "the change removes \"12\" clusters\\");
    rse_err_object(&err, "target \"w\xC3\xA4st\"");
    rse_err_field(&err, "/clusters/0");
    rse_err_hint(&err, "Send \"confirm\": 12.");
    rse_err_position(&err, 3);
    return err;
}

static void problem__is_the_document_that_rfc_9457_asks_for(void **state)
{
    struct rse_err err = full_error();
    RSE_BUF_AUTO out = { 0 };

    (void)state;
    rse_buf_init(&out, 4000);
    rse_err_problem(&err, "req-1\n", &out);
    assert_string_equal(out.p, "{\"type\":\"/problems/confirm\",\"title\":\"Needs a confirmation\",\"status\":409,"
                               "\"detail\":\"the change removes \\\"12\\\" clusters\\\\\",\"code\":\"confirm\","
                               "\"object\":\"target \\\"w\xC3\xA4st\\\"\",\"field\":\"/clusters/0\",\"position\":3,"
                               "\"hint\":\"Send \\\"confirm\\\": 12.\",\"errors\":[{\"pointer\":\"/clusters/0\","
                               "\"detail\":\"the change removes \\\"12\\\" clusters\\\\\",\"position\":3,"
                               "\"hint\":\"Send \\\"confirm\\\": 12.\"}],\"requestId\":\"req-1\\n\"}");
    rse_buf_reset(&out);
    rse_err_clear(&err);
    assert_false(rse_fail(&err, RSE_NOT_FOUND, "no such thing"));
    rse_err_problem(&err, NULL, &out);
    assert_string_equal(out.p, "{\"type\":\"/problems/notFound\",\"title\":\"Not found\",\"status\":404,"
                               "\"detail\":\"no such thing\",\"code\":\"notFound\"}");
}

static void problem__reads_back_as_the_same_error(void **state)
{
    struct rse_err err = full_error();
    struct rse_err read = RSE_ERR_INIT;
    RSE_BUF_AUTO out = { 0 };

    (void)state;
    rse_buf_init(&out, 4000);
    rse_err_problem(&err, "req-1", &out);
    rse_err_from_problem(&read, 409, rse_buf_str(&out));
    assert_memory_equal(&read.code, &err.code, sizeof(err.code));
    assert_string_equal(read.what, err.what);
    assert_string_equal(read.object, err.object);
    assert_string_equal(read.field, err.field);
    assert_string_equal(read.hint, err.hint);
    assert_true(read.has_position);
    assert_int_equal(read.position, 3);
}

static void problem__of_lines_reads_back_with_their_numbers(void **state)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    struct rse_faults faults = { .arena = arena };
    struct rse_err err = RSE_ERR_INIT, read = RSE_ERR_INIT;
    RSE_BUF_AUTO out = { 0 };

    (void)state;
    for (uint32_t line = 7; line < 10; line++) {
        rse_err_field(&err, line == 8 ? "" : "/name");
        rse_fail(&err, RSE_UNPROCESSABLE, "wrong");
        err.line = line;
        rse_faults_add(&faults, &err);
    }
    assert_false(rse_faults_check(&faults, &err));
    rse_buf_init(&out, 4000);
    rse_err_problem(&err, NULL, &out);
    assert_non_null(strstr(out.p, "{\"pointer\":\"\",\"line\":8,\"detail\":\"wrong\"}"));
    rse_err_from_problem(&read, 422, rse_buf_str(&out));
    assert_int_equal(read.line, 7);
    assert_string_equal(read.others, "line 8: wrong\nline 9, /name: wrong");
    rse_buf_reset(&out);
    rse_err_print(&read, &out);
    assert_string_equal(out.p, "wrong (line 7; /name)");
}

static void assert_from_problem(int status, struct rse_str body, enum rse_code code, const char *what)
{
    struct rse_err err = RSE_ERR_INIT;

    rse_err_from_problem(&err, status, body);
    assert_int_equal(err.code, code);
    assert_string_equal(err.what, what);
    assert_false(err.has_position);
}

static void problem__of_a_stranger_becomes_an_error_all_the_same(void **state)
{
    (void)state;
    assert_from_problem(502, RSE_STR("<html>Bad Gateway</html>"), RSE_UNAVAILABLE,
                        "the server answered with status 502");
    assert_from_problem(404, RSE_STR(""), RSE_NOT_FOUND, "the server answered with status 404");
    assert_from_problem(404, rse_str_n(NULL, 0), RSE_NOT_FOUND, "the server answered with status 404");
    assert_from_problem(400, RSE_STR("[1,2]"), RSE_INVALID, "the server answered with status 400");
    assert_from_problem(400, RSE_STR("\"text\""), RSE_INVALID, "the server answered with status 400");
    assert_from_problem(409, RSE_STR("{\"title\":\"Taken\",\"position\":-1}"), RSE_CONFLICT, "Taken");
    assert_from_problem(409, RSE_STR("{\"detail\":7,\"title\":\"Taken\",\"position\":\"1\"}"), RSE_CONFLICT, "Taken");
    assert_from_problem(500, RSE_STR("{\"detail\":\"a\\nb\",\"code\":\"mystery\",\"position\":1e300}"), RSE_INTERNAL,
                        "a?b");
    /* Never RSE_OK: whoever reads a problem has one. */
    assert_from_problem(200, RSE_STR("{\"detail\":\"odd\",\"code\":\"ok\"}"), RSE_INTERNAL, "odd");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fail__keeps_the_first_error),
        cmocka_unit_test(fail__adds_the_text_of_errno),
        cmocka_unit_test(fail__replaces_what_could_forge_a_line),
        cmocka_unit_test(fail__cuts_a_long_text_behind_a_whole_character),
        cmocka_unit_test(parts__are_set_once_and_in_any_order),
        cmocka_unit_test(field__grows_from_the_inside_out),
        cmocka_unit_test(field__that_is_too_long_ends_at_the_place_around),
        cmocka_unit_test(codes__have_names_that_read_back),
        cmocka_unit_test(codes__map_to_http_and_exit_statuses),
        cmocka_unit_test(codes__come_from_statuses_that_are_not_ours),
        cmocka_unit_test(print__shows_what_is_known_on_one_line),
        cmocka_unit_test(problem__is_the_document_that_rfc_9457_asks_for),
        cmocka_unit_test(problem__reads_back_as_the_same_error),
        cmocka_unit_test(problem__of_lines_reads_back_with_their_numbers),
        cmocka_unit_test(problem__of_a_stranger_becomes_an_error_all_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
