/* Settings from flags, environment, file and default. */
#include "tests/unit/base/unit.h"

#include <unistd.h>

#include "resedge/options.h"

struct config {
    const char *host, *password;
    int64_t port, timeout_ms, body_bytes;
    bool verbose, help;
};

static const struct rse_option table[] = {
    { "host", RSE_OPT_STRING, "localhost", 0, 0, "HOST", "where to listen", offsetof(struct config, host) },
    { "port", RSE_OPT_INT, "8080", 1, 65535, "PORT", "on which port", offsetof(struct config, port) },
    { "write-timeout", RSE_OPT_DURATION, "30s", 1000, 3600000, NULL, "how long", offsetof(struct config, timeout_ms) },
    { "body-limit", RSE_OPT_SIZE, "1MiB", 0, 0, "SIZE", "how much | many", offsetof(struct config, body_bytes) },
    { "verbose", RSE_OPT_BOOL, NULL, 0, 0, NULL, "say more", offsetof(struct config, verbose) },
    { "help", RSE_OPT_BOOL, NULL, 0, 0, NULL, "show this", offsetof(struct config, help) },
    { "db-password", RSE_OPT_SECRET, NULL, 0, 0, NULL, "how to get in", offsetof(struct config, password) },
    { .name = NULL },
};

struct fixture {
    struct rse_arena *arena;
    struct config config;
    struct rse_err err;
    char *argv[16];
    int argc;
    char folder[64];
};

static int set_up(void **state)
{
    struct fixture *f = rse_new(struct fixture);

    f->arena = rse_arena_new();
    strcpy(f->folder, "/tmp/resedge-options-XXXXXX");
    *state = f;
    return mkdtemp(f->folder) != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
    static const char *const variables[] = {
        "RESEDGE_HOST",   "RESEDGE_PORT",   "RESEDGE_WRITE_TIMEOUT", "RESEDGE_DB_PASSWORD", "RESEDGE_DB_PASSWORD_FILE",
        "RESEDGE_CONFIG", "RESEDGE_VERBOSE"
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < RSE_COUNT(variables); i++)
        unsetenv(variables[i]);
    unlink(rse_arena_printf(f->arena, "%s/config", f->folder));
    unlink(rse_arena_printf(f->arena, "%s/secret", f->folder));
    rmdir(f->folder);
    rse_arena_free(f->arena);
    free(f);
    return 0;
}

/* Writes a file of that name into the fixture's folder; its path. */
static char *write_file(struct fixture *f, const char *name, struct rse_str text)
{
    char *path = rse_arena_printf(f->arena, "%s/%s", f->folder, name);
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(fwrite(text.p, 1, text.len, file), text.len);
    assert_int_equal(fclose(file), 0);
    return path;
}

/* The words, cut at spaces, as argv behind the program's name. */
static bool parse(struct fixture *f, const char *line)
{
    char *words = rse_arena_strdup(f->arena, line);

    f->argc = 0;
    f->argv[f->argc++] = rse_arena_strdup(f->arena, "program");
    for (char *word = strtok(words, " "); word != NULL; word = strtok(NULL, " "))
        f->argv[f->argc++] = word;
    f->argv[f->argc] = NULL;
    rse_err_clear(&f->err);
    memset(&f->config, 0, sizeof(f->config));
    return rse_options_parse(table, &f->config, &f->argc, f->argv, f->arena, &f->err);
}

static void assert_refused(struct fixture *f, const char *line, const char *what)
{
    assert_false(parse(f, line));
    assert_int_equal(f->err.code, RSE_INVALID);
    assert_string_equal(f->err.what, what);
}

static void options__have_their_defaults(void **state)
{
    struct fixture *f = *state;

    assert_true(parse(f, ""));
    assert_string_equal(f->config.host, "localhost");
    assert_int_equal(f->config.port, 8080);
    assert_int_equal(f->config.timeout_ms, 30000);
    assert_int_equal(f->config.body_bytes, 1048576);
    assert_false(f->config.verbose);
    assert_null(f->config.password);
    assert_int_equal(f->argc, 0);
}

static void options__come_from_flags_in_both_forms(void **state)
{
    struct fixture *f = *state;

    assert_true(parse(f, "--host=a=b --port 9 --write-timeout=5m --body-limit 2KiB --verbose"));
    assert_string_equal(f->config.host, "a=b");
    assert_int_equal(f->config.port, 9);
    assert_int_equal(f->config.timeout_ms, 300000);
    assert_int_equal(f->config.body_bytes, 2048);
    assert_true(f->config.verbose);
    assert_true(parse(f, "--verbose --verbose=no --host="));
    assert_false(f->config.verbose);
    assert_string_equal(f->config.host, "");
    assert_true(parse(f, "-h") && f->config.help);
}

static void options__prefer_flag_to_environment_to_file_to_default(void **state)
{
    struct fixture *f = *state;
    char *path = write_file(f, "config", RSE_STR("host = from-file\nport = 1\nwrite-timeout=2s\n"));

    setenv("RESEDGE_PORT", "2", 1);
    setenv("RESEDGE_HOST", "from-environment", 1);
    /* Empty counts as not set. */
    setenv("RESEDGE_WRITE_TIMEOUT", "", 1);
    assert_true(parse(f, rse_arena_printf(f->arena, "--host from-flag --config %s", path)));
    assert_string_equal(f->config.host, "from-flag");
    assert_int_equal(f->config.port, 2);
    assert_int_equal(f->config.timeout_ms, 2000);
    assert_int_equal(f->config.body_bytes, 1048576);
    setenv("RESEDGE_CONFIG", path, 1);
    unsetenv("RESEDGE_HOST");
    assert_true(parse(f, ""));
    assert_string_equal(f->config.host, "from-file");
}

static void options__leave_the_other_words_in_order(void **state)
{
    struct fixture *f = *state;

    assert_true(parse(f, "clusters --port 9 list - --verbose west -- --port -x"));
    assert_int_equal(f->argc, 6);
    assert_string_equal(f->argv[0], "clusters");
    assert_string_equal(f->argv[1], "list");
    assert_string_equal(f->argv[2], "-");
    assert_string_equal(f->argv[3], "west");
    assert_string_equal(f->argv[4], "--port");
    assert_string_equal(f->argv[5], "-x");
    assert_null(f->argv[6]);
}

static void options__refuse_what_they_do_not_know(void **state)
{
    struct fixture *f = *state;

    assert_refused(f, "--prot=9", "there is no option --prot");
    assert_refused(f, "-x", "there is no option -x");
    assert_refused(f, "--host-file x", "there is no option --host-file");
    assert_refused(f, "--port", "--port needs a value");
    assert_refused(f, "--host --verbose", "--host needs a value");
}

static void options__say_where_a_bad_value_came_from_and_what_fits(void **state)
{
    struct fixture *f = *state;
    char *path = write_file(f, "config", RSE_STR("# ports\n\nport = 0\n"));

    assert_refused(f, "--port 65536",
                   "--port: \"65536\" does not fit port, which takes a whole number from 1 to 65535");
    assert_refused(f, "--verbose=maybe", "--verbose: \"maybe\" does not fit verbose, which takes true or false");
    assert_refused(f, rse_arena_printf(f->arena, "--config %s", path),
                   rse_arena_printf(f->arena,
                                    "line 3 of %s: \"0\" does not fit port, which takes a whole number from 1 to 65535",
                                    path));
    setenv("RESEDGE_WRITE_TIMEOUT", "10", 1);
    assert_refused(f, "",
                   "RESEDGE_WRITE_TIMEOUT: \"10\" does not fit write-timeout, which takes a duration such as 250ms, "
                   "30s, 5m, 12h or 7d from 1s to 1h");
}

static void secret__is_never_taken_from_a_flag(void **state)
{
    struct fixture *f = *state;

    assert_refused(f, "--db-password=hush", "the secret --db-password is not taken from the command line");
    assert_non_null(strstr(f->err.hint, "--db-password-file FILE"));
    assert_null(strstr(f->err.hint, "hush"));
    assert_refused(f, "--db-password hush", "the secret --db-password is not taken from the command line");
}

static void secret__prefers_the_file_and_loses_one_newline(void **state)
{
    struct fixture *f = *state;
    char *path = write_file(f, "secret", RSE_STR(" hush \n\n"));

    setenv("RESEDGE_DB_PASSWORD", "from-variable", 1);
    assert_true(parse(f, ""));
    assert_string_equal(f->config.password, "from-variable");
    setenv("RESEDGE_DB_PASSWORD_FILE", path, 1);
    assert_true(parse(f, ""));
    assert_string_equal(f->config.password, " hush \n");
    write_file(f, "secret", RSE_STR("crlf\r\n"));
    setenv("RESEDGE_DB_PASSWORD_FILE", "/nonexistent", 1);
    assert_true(parse(f, rse_arena_printf(f->arena, "--db-password-file %s", path)));
    assert_string_equal(f->config.password, "crlf");
}

static void secret__may_stand_in_the_config_file(void **state)
{
    struct fixture *f = *state;
    char *secret = write_file(f, "secret", RSE_STR("from-secret-file"));
    char *path = write_file(f, "config", RSE_STR("db-password = \"a # b\" # not this\n"));

    assert_true(parse(f, rse_arena_printf(f->arena, "--config %s", path)));
    assert_string_equal(f->config.password, "a # b");
    write_file(f, "config", rse_str(rse_arena_printf(f->arena, "db-password-file = %s", secret)));
    assert_true(parse(f, rse_arena_printf(f->arena, "--config %s", path)));
    assert_string_equal(f->config.password, "from-secret-file");
}

static void secret__file_must_hold_one(void **state)
{
    static char large[70000];
    struct fixture *f = *state;
    char *path = write_file(f, "secret", RSE_STR("\n"));
    char *line = rse_arena_printf(f->arena, "--db-password-file %s", path);

    assert_refused(f, line, rse_arena_printf(f->arena, "--db-password-file: %s holds no secret: it is empty", path));
    write_file(f, "secret", RSE_STR("hu\0sh"));
    assert_refused(f, line, rse_arena_printf(f->arena, "--db-password-file: %s holds no secret: it is binary", path));
    memset(large, 'x', sizeof(large));
    write_file(f, "secret", rse_str_n(large, sizeof(large)));
    assert_refused(f, line, rse_arena_printf(f->arena, "%s is longer than 65536 bytes", path));
    assert_string_equal(f->err.object, "--db-password-file");
    assert_refused(f, "--db-password-file /nonexistent", "could not read /nonexistent: No such file or directory");
    assert_refused(f, "--db-password-file /tmp", "could not read /tmp: Is a directory");
}

static void config__takes_comments_spaces_quotes_and_line_ends(void **state)
{
    struct fixture *f = *state;
    char *path = write_file(f, "config", RSE_STR("  # first\r\n\r\n\thost=a#b  # rest\r\nport = 99# is part of it\n"));
    char *line = rse_arena_printf(f->arena, "--config=%s", path);

    assert_false(parse(f, line));
    assert_non_null(strstr(f->err.what, "\"99# is part of it\" does not fit port"));
    write_file(f, "config", RSE_STR("\thost=a#b  # rest\r\nwrite-timeout= \"7s\" \nverbose = on"));
    assert_true(parse(f, line));
    assert_string_equal(f->config.host, "a#b");
    assert_int_equal(f->config.timeout_ms, 7000);
    assert_true(f->config.verbose);
}

static void config__errors_name_the_line_and_never_the_value(void **state)
{
    static const struct {
        const char *text, *what;
    } rows[] = {
        { "host = x\nprot = hush", "line 2 of %s sets \"prot\", which is no setting" },
        { "hush", "line 1 of %s has no '='" },
        { "port = 1\nport = 2", "line 2 of %s sets \"port\" a second time" },
        { "db-password = \"hush", "line 1 of %s has a quoted value that does not end with its quote" },
        { "db-password = \"hush\" hush", "line 1 of %s has a quoted value that does not end with its quote" },
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < RSE_COUNT(rows); i++) {
        char *path = write_file(f, "config", rse_str(rows[i].text));
        const char *mark = strstr(rows[i].what, "%s");
        assert_refused(
            f, rse_arena_printf(f->arena, "--config %s", path),
            rse_arena_printf(f->arena, "%.*s%s%s", (int)(mark - rows[i].what), rows[i].what, path, mark + 2));
        assert_null(strstr(f->err.what, "hush"));
    }
    assert_refused(f, "--config /nonexistent", "could not read /nonexistent: No such file or directory");
}

static char *printed(struct fixture *f, void (*print)(const struct rse_option *, FILE *))
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    assert_non_null(out);
    print(table, out);
    fclose(out);
    rse_arena_defer(f->arena, free, text);
    return text;
}

static void help__tells_each_rows_flag_variable_bounds_and_default(void **state)
{
    struct fixture *f = *state;
    const char *text = printed(f, rse_options_help);

    assert_non_null(strstr(text, "  --port PORT\n      on which port\n"
                                 "      [RESEDGE_PORT; a whole number from 1 to 65535; default: 8080]\n"));
    assert_non_null(strstr(text, "  --verbose\n      say more\n      [RESEDGE_VERBOSE]\n"));
    assert_non_null(strstr(text, "  --db-password-file FILE\n      how to get in\n"
                                 "      [RESEDGE_DB_PASSWORD_FILE or RESEDGE_DB_PASSWORD]\n"));
    assert_non_null(strstr(text, "  --config FILE\n"));
}

static void markdown__has_a_row_for_each(void **state)
{
    struct fixture *f = *state;
    const char *text = printed(f, rse_options_markdown);

    assert_non_null(strstr(text, "| `--port PORT` | `RESEDGE_PORT` | a whole number from 1 to 65535 | `8080` | "
                                 "on which port |\n"));
    assert_non_null(strstr(text, "| how much \\| many |\n"));
    assert_non_null(strstr(text, "| `--db-password-file FILE` | `RESEDGE_DB_PASSWORD`, `RESEDGE_DB_PASSWORD_FILE` | "));
    assert_non_null(strstr(text, "| `--config FILE` |"));
}

#define OPTIONS_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OPTIONS_TEST(options__have_their_defaults),
        OPTIONS_TEST(options__come_from_flags_in_both_forms),
        OPTIONS_TEST(options__prefer_flag_to_environment_to_file_to_default),
        OPTIONS_TEST(options__leave_the_other_words_in_order),
        OPTIONS_TEST(options__refuse_what_they_do_not_know),
        OPTIONS_TEST(options__say_where_a_bad_value_came_from_and_what_fits),
        OPTIONS_TEST(secret__is_never_taken_from_a_flag),
        OPTIONS_TEST(secret__prefers_the_file_and_loses_one_newline),
        OPTIONS_TEST(secret__may_stand_in_the_config_file),
        OPTIONS_TEST(secret__file_must_hold_one),
        OPTIONS_TEST(config__takes_comments_spaces_quotes_and_line_ends),
        OPTIONS_TEST(config__errors_name_the_line_and_never_the_value),
        OPTIONS_TEST(help__tells_each_rows_flag_variable_bounds_and_default),
        OPTIONS_TEST(markdown__has_a_row_for_each),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
