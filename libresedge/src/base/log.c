/*
 * log.c - one line per event. The line is built aside and written at once.
 */
#include "resedge/log.h"

#include <errno.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "resedge/parse.h"

/* A value is cut at LONGEST_VALUE bytes; a line that is still too long keeps its message alone. */
enum { LONGEST_VALUE = 4096, LONGEST_LINE = 64 * 1024, USUAL_LINE = 500 };

static struct {
    const char *program;
    int fd;
    bool text, colour;
    atomic_int level;
} state = { .program = "resedge", .fd = STDERR_FILENO, .level = RSE_LOG_INFO };

static const struct {
    const char *name;
    const char *shown; /* in text, padded */
    const char *colour;
} levels[] = {
    [RSE_LOG_DEBUG] = { "debug", "DEBUG", "\x1b[90m" },
    [RSE_LOG_INFO] = { "info", "INFO ", "\x1b[32m" },
    [RSE_LOG_WARN] = { "warn", "WARN ", "\x1b[33m" },
    [RSE_LOG_ERROR] = { "error", "ERROR", "\x1b[31m" },
    [RSE_LOG_OFF] = { "off", "OFF  ", "" },
};

void rse_log_init(const char *program, int fd, enum rse_log_format format, enum rse_log_level level)
{
    const char *no_colour = getenv("NO_COLOR");
    bool terminal = isatty(fd) == 1;

    state.program = program;
    state.fd = fd;
    state.text = format == RSE_LOG_TEXT || (format == RSE_LOG_AUTO && terminal);
    state.colour = terminal && (no_colour == NULL || no_colour[0] == '\0');
    rse_log_set_level(level);
}

void rse_log_set_level(enum rse_log_level level)
{
    atomic_store_explicit(&state.level, (int)level, memory_order_relaxed);
}

bool rse_log_enabled(enum rse_log_level level)
{
    return level < RSE_LOG_OFF && (int)level >= atomic_load_explicit(&state.level, memory_order_relaxed);
}

bool rse_log_level_parse(struct rse_str s, enum rse_log_level *out)
{
    for (size_t i = 0; i < RSE_COUNT(levels); i++) {
        if (rse_str_is(s, levels[i].name)) {
            *out = (enum rse_log_level)i;
            return true;
        }
    }
    return false;
}

bool rse_log_format_parse(struct rse_str s, enum rse_log_format *out)
{
    static const char *const names[] = { [RSE_LOG_AUTO] = "auto", [RSE_LOG_JSON] = "json", [RSE_LOG_TEXT] = "text" };

    for (size_t i = 0; i < RSE_COUNT(names); i++) {
        if (rse_str_is(s, names[i])) {
            *out = (enum rse_log_format)i;
            return true;
        }
    }
    return false;
}

/* At most LONGEST_VALUE bytes, cut behind a whole character. */
static struct rse_str clip(struct rse_str s)
{
    if (s.len <= LONGEST_VALUE)
        return s;
    s.len = LONGEST_VALUE;
    while (s.len > 0 && ((unsigned char)s.p[s.len] & 0xC0) == 0x80)
        s.len--;
    return s;
}

/* Whether a reader of name=value would take s for something else. */
static bool needs_quotes(struct rse_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c <= ' ' || c >= 0x7F || c == '"' || c == '=' || c == '\\')
            return true;
    }
    return s.len == 0;
}

/* What begins a field: ,"name": or a space and name= */
static void begin_field(struct rse_buf *line, const char *name)
{
    rse_buf_adds(line, state.text ? " " : ",\"");
    rse_buf_adds(line, name);
    rse_buf_adds(line, state.text ? "=" : "\":");
}

static void add_text(struct rse_buf *line, const char *name, struct rse_str text)
{
    text = clip(text);
    begin_field(line, name);
    if (!state.text || needs_quotes(text))
        rse_buf_add_json_str(line, text);
    else
        rse_buf_add_str(line, text);
}

static void add_int(struct rse_buf *line, const char *name, int64_t number)
{
    begin_field(line, name);
    rse_buf_add_int(line, number);
}

static void add_thousandths(struct rse_buf *line, int64_t n)
{
    char digits[4] = { '.', (char)('0' + n / 100 % 10), (char)('0' + n / 10 % 10), (char)('0' + n % 10) };
    size_t len = sizeof(digits);

    while (len > 1 && digits[len - 1] == '0')
        len--;
    rse_buf_add_int(line, n / 1000);
    rse_buf_addn(line, digits, len > 1 ? len : 0);
}

/* JSON has no NaN and no infinity. */
static void add_double(struct rse_buf *line, const char *name, double real)
{
    double thousandths = nearbyint(real * 1000);

    begin_field(line, name);
    /* Most are milliseconds with microseconds; printing those in general takes longer than the rest of the line. */
    if (thousandths >= 1 && thousandths < 1e12 && thousandths / 1000 == real)
        add_thousandths(line, (int64_t)thousandths);
    else if (isfinite(real))
        rse_buf_addf(line, "%.15g", real);
    else
        rse_buf_adds(line, "null");
}

static void add_if_set(struct rse_buf *line, const char *name, const char *text)
{
    if (text[0] != '\0')
        add_text(line, name, rse_str(text));
}

static void add_err(struct rse_buf *line, const struct rse_err *err)
{
    add_text(line, "code", rse_str(rse_code_name(err->code)));
    add_text(line, "error", rse_str(err->what));
    add_if_set(line, "object", err->object);
    if (err->line > 0)
        add_int(line, "line", err->line);
    add_if_set(line, "field", err->field);
    if (err->has_position)
        add_int(line, "position", err->position);
    add_if_set(line, "hint", err->hint);
}

static void add_field(struct rse_buf *line, const struct rse_log_field *field)
{
    switch (field->kind) {
    case RSE_LOG_KIND_STR:
        add_text(line, field->name, field->text);
        break;
    case RSE_LOG_KIND_INT:
        add_int(line, field->name, field->number);
        break;
    case RSE_LOG_KIND_DOUBLE:
        add_double(line, field->name, field->real);
        break;
    case RSE_LOG_KIND_BOOL:
        begin_field(line, field->name);
        rse_buf_adds(line, field->number != 0 ? "true" : "false");
        break;
    case RSE_LOG_KIND_ERR:
        add_err(line, field->err);
        break;
    case RSE_LOG_KIND_END:
        break;
    }
}

static void begin_line(struct rse_buf *line, enum rse_log_level level, const char *message)
{
    char now[RSE_TIME_SIZE];
    struct timespec ts;

    clock_gettime(CLOCK_REALTIME, &ts);
    rse_format_time((int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000, now);
    if (state.text) {
        rse_buf_addf(line, "%s %s%s%s ", now, state.colour ? levels[level].colour : "", levels[level].shown,
                     state.colour ? "\x1b[0m" : "");
        rse_buf_add_json_chars(line, clip(rse_str(message)));
        return;
    }
    rse_buf_adds(line, "{\"time\":\"");
    rse_buf_adds(line, now);
    rse_buf_adds(line, "\",\"level\":\"");
    rse_buf_adds(line, levels[level].name);
    rse_buf_addc(line, '"');
    add_text(line, "program", rse_str(state.program));
    add_text(line, "message", rse_str(message));
}

static void write_all(struct rse_str rest)
{
    while (rest.len > 0) {
        ssize_t n = write(state.fd, rest.p, rest.len);
        if (n < 0 && errno == EINTR)
            continue;
        /* Nobody can be told that the log is gone. */
        if (n <= 0)
            return;
        rest = rse_str_from(rest, (size_t)n);
    }
}

static _Thread_local struct {
    const char *name;
    int64_t number;
} about;

void rse_log_about(const char *name, int64_t number)
{
    about.name = name;
    about.number = number;
}

static void add_fields(struct rse_buf *line, const struct rse_log_field *fields)
{
    bool said = about.name == NULL;

    for (const struct rse_log_field *field = fields; field->kind != RSE_LOG_KIND_END; field++) {
        said = said || strcmp(field->name, about.name) == 0;
        add_field(line, field);
    }
    if (!said)
        add_int(line, about.name, about.number);
}

/* ---- what is kept ---- */

enum { MOST_KEPT = 32 * 1024 };

/* Of the one thread that keeps lines. */
static _Thread_local struct {
    void (*kept)(void *arg);
    void *arg;
    struct rse_buf lines, line; /* line: the one that is being made */
} keeper;

void rse_log_flush(void)
{
    if (keeper.lines.len > 0)
        write_all(rse_buf_str(&keeper.lines));
    rse_buf_reset(&keeper.lines);
}

void rse_log_keep(void (*kept)(void *arg), void *arg)
{
    rse_log_flush();
    rse_buf_release(&keeper.lines);
    rse_buf_release(&keeper.line);
    keeper.kept = kept;
    keeper.arg = arg;
    if (kept == NULL)
        return;
    rse_buf_init(&keeper.lines, MOST_KEPT + LONGEST_LINE);
    rse_buf_init(&keeper.line, LONGEST_LINE);
}

static void write_line(enum rse_log_level level, const struct rse_buf *line)
{
    if (keeper.kept == NULL) {
        write_all(rse_buf_str(line));
        return;
    }
    if (keeper.lines.len == 0 && level < RSE_LOG_WARN)
        keeper.kept(keeper.arg);
    rse_buf_add_str(&keeper.lines, rse_buf_str(line));
    if (level >= RSE_LOG_WARN || keeper.lines.len >= MOST_KEPT)
        rse_log_flush();
}

static void make_line(struct rse_buf *line, enum rse_log_level level, const char *message,
                      const struct rse_log_field *fields)
{
    begin_line(line, level, message);
    add_fields(line, fields);
    rse_buf_adds(line, state.text ? "\n" : "}\n");
    if (rse_buf_ok(line, NULL))
        return;
    rse_buf_reset(line);
    begin_line(line, level, message);
    rse_buf_adds(line, state.text ? "\n" : "}\n");
}

void rse_log_fields(enum rse_log_level level, const char *message, const struct rse_log_field *fields)
{
    RSE_BUF_AUTO own = { 0 };
    struct rse_buf *line = keeper.kept != NULL ? &keeper.line : &own;
    int saved_errno = errno;

    if (!rse_log_enabled(level))
        return;
    if (line == &own)
        rse_buf_init(line, LONGEST_LINE);
    rse_buf_reset(line);
    (void)rse_buf_reserve(line, USUAL_LINE);
    make_line(line, level, message, fields);
    write_line(level, line);
    errno = saved_errno;
}
