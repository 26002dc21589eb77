/* Log lines, read back from a pipe. */
#include "tests/unit/base/unit.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <unistd.h>

#include "resedge/log.h"
#include "resedge/parse.h"

struct capture {
    int pipe[2];
    char text[200000];
};

static struct capture capture;

static void start(enum rse_log_format format, enum rse_log_level level)
{
    assert_int_equal(pipe2(capture.pipe, O_CLOEXEC | O_NONBLOCK), 0);
    rse_log_init("resedge-test", capture.pipe[1], format, level);
}

/* All that was logged since start. */
static const char *stop(void)
{
    size_t len = 0;

    for (;;) {
        ssize_t n = read(capture.pipe[0], capture.text + len, sizeof(capture.text) - 1 - len);
        if (n <= 0)
            break;
        len += (size_t)n;
    }
    capture.text[len] = '\0';
    close(capture.pipe[0]);
    close(capture.pipe[1]);
    return capture.text;
}

static const char *member(const cJSON *doc, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(doc, name));

    return text != NULL ? text : "(none)";
}

static cJSON *parse_line(const char *line)
{
    const char *end = strchr(line, '\n');

    assert_non_null(end);
    assert_int_equal(end[1], '\0');
    cJSON *doc = cJSON_Parse(line);
    assert_non_null(doc);
    return doc;
}

static void log__writes_a_json_object_per_line(void **state)
{
    int64_t ms = 0;

    (void)state;
    start(RSE_LOG_JSON, RSE_LOG_INFO);
    rse_log(RSE_LOG_WARN, "job \"7\" failed", RSE_LOG_INT("job", INT64_MIN), RSE_LOG_STR("target", "we\nst"),
            RSE_LOG_BYTES("raw", rse_str_n("a\0\xFF", 3)), RSE_LOG_BOOL("again", true), RSE_LOG_DOUBLE("took", 0.25),
            RSE_LOG_DOUBLE("nan", NAN), RSE_LOG_STR("nothing", NULL));
    cJSON *doc = parse_line(stop());
    assert_true(rse_parse_time(rse_str(member(doc, "time")), &ms));
    assert_true(llabs(ms - (int64_t)time(NULL) * 1000) < 60000);
    assert_string_equal(member(doc, "level"), "warn");
    assert_string_equal(member(doc, "program"), "resedge-test");
    assert_string_equal(member(doc, "message"), "job \"7\" failed");
    assert_string_equal(member(doc, "target"), "we\nst");
    assert_string_equal(member(doc, "nothing"), "");
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(doc, "again")));
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(doc, "nan")));
    assert_non_null(strstr(capture.text, "\"job\":-9223372036854775808,"));
    assert_non_null(strstr(capture.text, "\"took\":0.25,"));
    assert_non_null(strstr(capture.text, "\"raw\":\"a\\u0000\xEF\xBF\xBD\""));
    cJSON_Delete(doc);
}

static void log__spreads_the_members_of_an_error(void **state)
{
    struct rse_err err = RSE_ERR_INIT;

    (void)state;
    assert_false(rse_fail(&err, RSE_UNAVAILABLE, "could not push"));
    rse_err_object(&err, "branch \"main\"");
    rse_err_hint(&err, "Wait.");
    start(RSE_LOG_JSON, RSE_LOG_INFO);
    rse_log(RSE_LOG_ERROR, "job failed", RSE_LOG_ERR(&err));
    cJSON *doc = parse_line(stop());
    assert_string_equal(member(doc, "code"), "unavailable");
    assert_string_equal(member(doc, "error"), "could not push");
    assert_string_equal(member(doc, "object"), "branch \"main\"");
    assert_string_equal(member(doc, "hint"), "Wait.");
    assert_string_equal(member(doc, "field"), "(none)");
    cJSON_Delete(doc);
}

static void log__leaves_out_what_is_below_its_level(void **state)
{
    (void)state;
    start(RSE_LOG_JSON, RSE_LOG_WARN);
    assert_false(rse_log_enabled(RSE_LOG_INFO));
    assert_true(rse_log_enabled(RSE_LOG_ERROR));
    rse_log(RSE_LOG_DEBUG, "no");
    rse_log(RSE_LOG_INFO, "no");
    rse_log_set_level(RSE_LOG_OFF);
    rse_log(RSE_LOG_ERROR, "no");
    assert_false(rse_log_enabled(RSE_LOG_OFF));
    assert_string_equal(stop(), "");
}

static void log__as_text_quotes_values_and_escapes_everything(void **state)
{
    (void)state;
    start(RSE_LOG_TEXT, RSE_LOG_DEBUG);
    rse_log(RSE_LOG_INFO, "fine\nINFO forged \x1b[2J", RSE_LOG_STR("a", "plain/x-1"), RSE_LOG_STR("b", "two words"),
            RSE_LOG_STR("c", "x=\"\n"), RSE_LOG_STR("d", ""), RSE_LOG_INT("n", -3), RSE_LOG_BOOL("f", false));
    const char *line = stop();
    assert_non_null(strstr(line, "Z INFO  fine\\nINFO forged \\u001b[2J a=plain/x-1 b=\"two words\" c=\"x=\\\"\\n\" "
                                 "d=\"\" n=-3 f=false\n"));
    /* Not a terminal: no colour. */
    assert_null(strchr(line, '\x1b'));
    assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
}

static void log__picks_json_where_there_is_no_terminal(void **state)
{
    (void)state;
    start(RSE_LOG_AUTO, RSE_LOG_INFO);
    rse_log(RSE_LOG_INFO, "hello");
    cJSON_Delete(parse_line(stop()));
}

/* The lines that a pseudo-terminal got. */
static void log_to_terminal(char *text, size_t size)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY);

    assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    int terminal = open(ptsname(master), O_RDWR | O_NOCTTY);
    assert_true(terminal >= 0);
    rse_log_init("resedge-test", terminal, RSE_LOG_AUTO, RSE_LOG_INFO);
    rse_log(RSE_LOG_ERROR, "hello");
    ssize_t n = read(master, text, size - 1);
    assert_true(n > 0);
    text[n] = '\0';
    close(terminal);
    close(master);
}

static void log__colours_a_terminal_unless_no_color_is_set(void **state)
{
    char text[1000];

    (void)state;
    unsetenv("NO_COLOR");
    log_to_terminal(text, sizeof(text));
    assert_non_null(strstr(text, " \x1b[31mERROR\x1b[0m hello"));
    setenv("NO_COLOR", "1", 1);
    log_to_terminal(text, sizeof(text));
    assert_non_null(strstr(text, "Z ERROR hello"));
    unsetenv("NO_COLOR");
}

static void log__cuts_a_long_value_and_stays_json(void **state)
{
    static char value[100000];

    (void)state;
    for (size_t i = 0; i + 3 < sizeof(value); i += 3)
        memcpy(value + i, "\xE2\x82\xAC", 3);
    start(RSE_LOG_JSON, RSE_LOG_INFO);
    rse_log(RSE_LOG_INFO, "long", RSE_LOG_STR("value", value));
    cJSON *doc = parse_line(stop());
    assert_true(rse_str_starts(rse_str(value), rse_str(member(doc, "value"))));
    assert_in_range(strlen(member(doc, "value")), 4000, 4096);
    cJSON_Delete(doc);
}

static void log__keeps_the_message_of_a_line_that_is_too_long(void **state)
{
    static char value[4097];

    (void)state;
    /* Each byte becomes six. */
    memset(value, '\x01', sizeof(value) - 1);
    start(RSE_LOG_JSON, RSE_LOG_INFO);
    rse_log(RSE_LOG_INFO, "kept", RSE_LOG_STR("a", value), RSE_LOG_STR("b", value), RSE_LOG_STR("c", value));
    cJSON *doc = parse_line(stop());
    assert_string_equal(member(doc, "message"), "kept");
    assert_string_equal(member(doc, "a"), "(none)");
    cJSON_Delete(doc);
}

static void log__leaves_errno_alone(void **state)
{
    (void)state;
    start(RSE_LOG_JSON, RSE_LOG_INFO);
    int fd = capture.pipe[1];
    rse_log_init("resedge-test", -1, RSE_LOG_JSON, RSE_LOG_INFO);
    errno = ERANGE;
    rse_log(RSE_LOG_INFO, "into nothing");
    assert_int_equal(errno, ERANGE);
    rse_log_init("resedge-test", fd, RSE_LOG_JSON, RSE_LOG_INFO);
    stop();
}

enum { THREADS = 4, LINES = 50 };

static void *log_lines(void *arg)
{
    for (int i = 0; i < LINES; i++)
        rse_log(RSE_LOG_INFO, "from a thread", RSE_LOG_STR("thread", arg), RSE_LOG_INT("line", i));
    return NULL;
}

static void log__lines_of_threads_do_not_mix(void **state)
{
    static char names[THREADS][2] = { "a", "b", "c", "d" };
    pthread_t threads[THREADS];
    int count = 0;

    (void)state;
    start(RSE_LOG_JSON, RSE_LOG_INFO);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, log_lines, names[i]), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    stop();
    for (char *line = strtok(capture.text, "\n"); line != NULL; line = strtok(NULL, "\n"), count++) {
        cJSON *doc = cJSON_Parse(line);
        assert_non_null(doc);
        cJSON_Delete(doc);
    }
    assert_int_equal(count, THREADS * LINES);
}

static void log__reads_the_names_of_levels_and_formats(void **state)
{
    enum rse_log_level level = RSE_LOG_OFF;
    enum rse_log_format format = RSE_LOG_AUTO;

    (void)state;
    assert_true(rse_log_level_parse(RSE_STR("debug"), &level) && level == RSE_LOG_DEBUG);
    assert_true(rse_log_level_parse(RSE_STR("off"), &level) && level == RSE_LOG_OFF);
    assert_false(rse_log_level_parse(RSE_STR("DEBUG"), &level));
    assert_true(rse_log_format_parse(RSE_STR("text"), &format) && format == RSE_LOG_TEXT);
    assert_false(rse_log_format_parse(RSE_STR("xml"), &format));
}

static void log__writes_numbers_so_that_they_read_back(void **state)
{
    (void)state;
    start(RSE_LOG_JSON, RSE_LOG_INFO);
    rse_log(RSE_LOG_INFO, "numbers", RSE_LOG_DOUBLE("a", 12.003), RSE_LOG_DOUBLE("b", 1.5), RSE_LOG_DOUBLE("c", 100),
            RSE_LOG_DOUBLE("d", 0.1234), RSE_LOG_DOUBLE("e", -2.5), RSE_LOG_DOUBLE("f", 0), RSE_LOG_DOUBLE("g", 0.04),
            RSE_LOG_DOUBLE("h", 1e300));
    stop();
    assert_non_null(strstr(capture.text, "\"a\":12.003,\"b\":1.5,\"c\":100,\"d\":0.1234,\"e\":-2.5,\"f\":0,"
                                         "\"g\":0.04,\"h\":1e+300}"));
}

static void log__says_what_the_thread_is_at_once(void **state)
{
    (void)state;
    start(RSE_LOG_TEXT, RSE_LOG_INFO);
    rse_log_about("job", 7);
    rse_log(RSE_LOG_INFO, "pushed", RSE_LOG_INT("bytes", 12));
    rse_log(RSE_LOG_INFO, "done", RSE_LOG_INT("job", 8));
    rse_log_about(NULL, 0);
    rse_log(RSE_LOG_INFO, "idle");
    const char *text = stop();
    assert_non_null(strstr(text, "pushed bytes=12 job=7\n"));
    assert_non_null(strstr(text, "done job=8\n"));
    assert_non_null(strstr(text, "idle\n"));
}

static void note_kept(void *arg)
{
    ++*(int *)arg;
}

static void keep__writes_lines_together_and_what_matters_at_once(void **state)
{
    int kept = 0;

    (void)state;
    start(RSE_LOG_JSON, RSE_LOG_INFO);
    rse_log_keep(note_kept, &kept);
    rse_log(RSE_LOG_INFO, "one");
    rse_log(RSE_LOG_INFO, "two");
    assert_int_equal(kept, 1);
    assert_int_equal(read(capture.pipe[0], capture.text, 1), -1);
    rse_log_flush();
    rse_log(RSE_LOG_INFO, "three");
    assert_int_equal(kept, 2);
    rse_log(RSE_LOG_WARN, "four");
    for (int i = 0; i < 300; i++) /* a pipe has room for so many */
        rse_log(RSE_LOG_INFO, "many", RSE_LOG_STR("text", "more than is kept at once, in all"));
    rse_log_keep(NULL, NULL);
    rse_log(RSE_LOG_INFO, "last");
    const char *text = stop();
    const char *order[] = { "one", "two", "three", "four", "many", "last" };

    for (size_t i = 0; i < RSE_COUNT(order); i++) {
        text = strstr(text, order[i]);
        assert_non_null(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(log__writes_numbers_so_that_they_read_back),
        cmocka_unit_test(log__writes_a_json_object_per_line),
        cmocka_unit_test(log__spreads_the_members_of_an_error),
        cmocka_unit_test(log__leaves_out_what_is_below_its_level),
        cmocka_unit_test(log__as_text_quotes_values_and_escapes_everything),
        cmocka_unit_test(log__picks_json_where_there_is_no_terminal),
        cmocka_unit_test(log__colours_a_terminal_unless_no_color_is_set),
        cmocka_unit_test(log__cuts_a_long_value_and_stays_json),
        cmocka_unit_test(log__keeps_the_message_of_a_line_that_is_too_long),
        cmocka_unit_test(log__leaves_errno_alone),
        cmocka_unit_test(log__lines_of_threads_do_not_mix),
        cmocka_unit_test(log__says_what_the_thread_is_at_once),
        cmocka_unit_test(log__reads_the_names_of_levels_and_formats),
        cmocka_unit_test(keep__writes_lines_together_and_what_matters_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
