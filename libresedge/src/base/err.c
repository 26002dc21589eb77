/*
 * err.c - errors, the one table of what a code means, and problem documents (RFC 9457).
 */
#include "resedge/err.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>

#include "libresedge/src/base/utf8.h"
#include "resedge/arena.h"

/* A problem document with all the faults that it may list fits; more is not worth parsing. */
enum { LONGEST_PROBLEM = 256 * 1024 };

struct meaning {
    const char *name;
    const char *title;
    int http_status;
    int exit_status;
    bool retryable;
};

/* By code. Where two share an HTTP status, the first is what that status alone means. */
static const struct meaning meanings[] = {
    [RSE_OK] = { "ok", "OK", 200, 0, false },
    [RSE_INVALID] = { "invalid", "The request is not valid", 400, 2, false },
    [RSE_UNPROCESSABLE] = { "unprocessable", "The body says what can't be", 422, 2, false },
    [RSE_UNAUTHENTICATED] = { "unauthenticated", "A valid credential is needed", 401, 3, false },
    [RSE_DENIED] = { "denied", "Not allowed", 403, 3, false },
    [RSE_NOT_FOUND] = { "notFound", "Not found", 404, 1, false },
    [RSE_CONFLICT] = { "conflict", "In conflict with what is there", 409, 3, false },
    [RSE_STALE] = { "stale", "Changed in the meantime", 412, 3, false },
    [RSE_GONE] = { "gone", "No longer kept", 410, 3, false },
    [RSE_TOO_LARGE] = { "tooLarge", "Too large", 413, 3, false },
    [RSE_TIMEOUT] = { "timeout", "Took too long", 504, 4, true },
    [RSE_UNAVAILABLE] = { "unavailable", "Not available now", 503, 4, true },
    [RSE_CONFIRM] = { "confirm", "Needs a confirmation", 409, 3, false },
    [RSE_INTERNAL] = { "internal", "Internal error", 500, 5, false },
    [RSE_LIMITED] = { "limited", "Too many requests", 429, 4, true },
};

static const struct meaning *meaning_of(enum rse_code code)
{
    return &meanings[(size_t)code < RSE_COUNT(meanings) ? code : RSE_INTERNAL];
}

const char *rse_code_name(enum rse_code code)
{
    return meaning_of(code)->name;
}

enum rse_code rse_code_from_name(struct rse_str name)
{
    for (size_t i = 0; i < RSE_COUNT(meanings); i++) {
        if (rse_str_is(name, meanings[i].name))
            return (enum rse_code)i;
    }
    return RSE_OK;
}

int rse_code_http_status(enum rse_code code)
{
    return meaning_of(code)->http_status;
}

enum rse_code rse_code_from_http_status(int status)
{
    if (status >= 200 && status < 300)
        return RSE_OK;
    for (size_t i = 0; i < RSE_COUNT(meanings); i++) {
        if (meanings[i].http_status == status)
            return (enum rse_code)i;
    }
    switch (status) {
    case 408:
        return RSE_TIMEOUT;
    case 502:
        return RSE_UNAVAILABLE;
    default:
        return status >= 400 && status < 500 ? RSE_INVALID : RSE_INTERNAL;
    }
}

int rse_code_exit_status(enum rse_code code)
{
    return meaning_of(code)->exit_status;
}

bool rse_code_is_retryable(enum rse_code code)
{
    return meaning_of(code)->retryable;
}

/* Replaces, in place, what is no printable UTF-8. The text never grows. */
static void make_printable(char *text)
{
    struct rse_str rest = rse_str(text);
    char *to = text;

    while (rest.len > 0) {
        uint32_t cp = 0;
        size_t step = rse_utf8_step(rest, &cp);
        if (step == 0 || rse_is_control(cp)) {
            *to++ = '?';
        } else {
            memmove(to, rest.p, step);
            to += step;
        }
        rest = rse_str_from(rest, step > 0 ? step : 1);
    }
    *to = '\0';
}

/* Ends a text that did not fit with "...", behind a whole character. */
static void cut_short(char *text, size_t size)
{
    size_t end = size - sizeof("...");

    while (end > 0 && ((unsigned char)text[end] & 0xC0) == 0x80)
        end--;
    memcpy(text + end, "...", sizeof("..."));
}

RSE_PRINTF(3, 0)
static void fill(char *text, size_t size, const char *fmt, va_list ap)
{
    int len = vsnprintf(text, size, fmt, ap);

    if (len < 0)
        text[0] = '\0';
    else if ((size_t)len >= size)
        cut_short(text, size);
    make_printable(text);
}

bool rse_fail(struct rse_err *err, enum rse_code code, const char *fmt, ...)
{
    va_list ap;

    if (err == NULL || err->code != RSE_OK)
        return false;
    err->code = code;
    va_start(ap, fmt);
    fill(err->what, sizeof(err->what), fmt, ap);
    va_end(ap);
    return false;
}

bool rse_fail_errno(struct rse_err *err, enum rse_code code, int errnum, const char *fmt, ...)
{
    char text[sizeof(err->what)];
    char reason[128];
    va_list ap;

    va_start(ap, fmt);
    fill(text, sizeof(text), fmt, ap);
    va_end(ap);
    return rse_fail(err, code, "%s: %s", text, strerror_r(errnum, reason, sizeof(reason)));
}

#define SET_PART(err, part, fmt)                           \
    do {                                                   \
        va_list ap;                                        \
        if ((err) == NULL || (err)->part[0] != '\0')       \
            return;                                        \
        va_start(ap, fmt);                                 \
        fill((err)->part, sizeof((err)->part), (fmt), ap); \
        va_end(ap);                                        \
    } while (0)

void rse_err_object(struct rse_err *err, const char *fmt, ...)
{
    SET_PART(err, object, fmt);
}

void rse_err_field(struct rse_err *err, const char *fmt, ...)
{
    SET_PART(err, field, fmt);
}

void rse_err_hint(struct rse_err *err, const char *fmt, ...)
{
    SET_PART(err, hint, fmt);
}

void rse_err_position(struct rse_err *err, size_t position)
{
    if (err == NULL || err->has_position)
        return;
    err->has_position = true;
    err->position = position < UINT32_MAX ? (uint32_t)position : UINT32_MAX;
}

void rse_err_field_within(struct rse_err *err, const char *fmt, ...)
{
    char inner[sizeof(err->field)];
    char outer[sizeof(err->field)];
    va_list ap;

    if (err == NULL)
        return;
    va_start(ap, fmt);
    fill(outer, sizeof(outer), fmt, ap);
    va_end(ap);
    memcpy(inner, err->field, sizeof(inner));
    err->field[0] = '\0';
    rse_err_field(err, "%s%s", outer, inner);
}

void rse_err_field_within_key(struct rse_err *err, const char *key)
{
    RSE_BUF_AUTO segment = { 0 };

    rse_buf_init(&segment, 256);
    rse_buf_add_pointer_segment(&segment, rse_str(key));
    rse_err_field_within(err, "%s", segment.p != NULL ? segment.p : "/");
}

void rse_err_clear(struct rse_err *err)
{
    if (err != NULL)
        *err = (struct rse_err)RSE_ERR_INIT;
}

/* ---- several at once ---- */

static void keep_fault(struct rse_faults *faults, const struct rse_err *err)
{
    if (faults->count == RSE_FAULTS_MAX) {
        faults->more = true;
        return;
    }
    if (faults->count == faults->cap) {
        faults->cap = faults->cap > 0 ? 4 * faults->cap : 1;
        struct rse_err *at = rse_arena_calloc(faults->arena, faults->cap, sizeof(at[0]));

        if (faults->count > 0)
            memcpy(at, faults->at, faults->count * sizeof(at[0]));
        faults->at = at;
    }
    faults->at[faults->count] = *err;
    faults->at[faults->count++].faults = NULL;
}

void rse_faults_add(struct rse_faults *faults, struct rse_err *err)
{
    const struct rse_faults *listed = err->faults;

    for (size_t i = 0; listed != NULL && i < listed->count; i++) {
        struct rse_err one = listed->at[i];

        rse_err_object(&one, "%s", err->object);
        keep_fault(faults, &one);
    }
    if (listed == NULL)
        keep_fault(faults, err);
    else if (listed->more)
        faults->more = true;
    rse_err_clear(err);
}

void rse_faults_within(struct rse_faults *faults, size_t from, const char *fmt, ...)
{
    char segment[sizeof(faults->at[0].field)];
    va_list ap;

    va_start(ap, fmt);
    fill(segment, sizeof(segment), fmt, ap);
    va_end(ap);
    for (size_t i = from; i < faults->count; i++)
        rse_err_field_within(&faults->at[i], "%s", segment);
}

bool rse_faults_check(const struct rse_faults *faults, struct rse_err *err)
{
    if (faults->count == 0)
        return true;
    if (err != NULL && err->code == RSE_OK) {
        *err = faults->at[0];
        err->faults = faults;
    }
    return false;
}

void rse_err_print(const struct rse_err *err, struct rse_buf *out)
{
    const char *between = " (";

    rse_buf_adds(out, err->what[0] != '\0' ? err->what : meaning_of(err->code)->title);
    if (err->object[0] != '\0') {
        rse_buf_addf(out, "%s%s", between, err->object);
        between = "; ";
    }
    if (err->line > 0) {
        rse_buf_addf(out, "%sline %u", between, err->line);
        between = "; ";
    }
    if (err->field[0] != '\0') {
        rse_buf_addf(out, "%s%s", between, err->field);
        between = "; ";
    }
    if (err->has_position) {
        rse_buf_addf(out, "%sat %u", between, err->position);
        between = "; ";
    }
    if (between[0] == ';')
        rse_buf_addc(out, ')');
    if (err->hint[0] != '\0')
        rse_buf_addf(out, ". %s", err->hint);
}

/* ,"line":n, unless there is none. */
static void add_line(struct rse_buf *out, const struct rse_err *err)
{
    if (err->line > 0)
        rse_buf_addf(out, ",\"line\":%u", err->line);
}

/* ,"name":"text", unless there is no text. */
static void add_member(struct rse_buf *out, const char *name, const char *text)
{
    if (text == NULL || text[0] == '\0')
        return;
    rse_buf_addf(out, ",\"%s\":", name);
    rse_buf_add_json_str(out, rse_str(text));
}

static void add_fault(struct rse_buf *out, const struct rse_err *err)
{
    rse_buf_adds(out, "{\"pointer\":");
    rse_buf_add_json_str(out, rse_str(err->field));
    add_line(out, err);
    add_member(out, "detail", err->what);
    if (err->has_position)
        rse_buf_addf(out, ",\"position\":%u", err->position);
    add_member(out, "hint", err->hint);
    rse_buf_addc(out, '}');
}

/* What is wrong where, in a body: all of it. */
static void add_faults(struct rse_buf *out, const struct rse_err *err)
{
    const struct rse_faults one = { .at = (struct rse_err *)err, .count = 1 };
    const struct rse_faults *faults = err->faults != NULL ? err->faults : &one;

    rse_buf_adds(out, ",\"errors\":[");
    for (size_t i = 0; i < faults->count; i++) {
        rse_buf_adds(out, i > 0 ? "," : "");
        add_fault(out, &faults->at[i]);
    }
    rse_buf_addc(out, ']');
    if (faults->more)
        rse_buf_adds(out, ",\"moreErrors\":true");
}

void rse_err_problem(const struct rse_err *err, const char *request_id, struct rse_buf *out)
{
    const struct meaning *meaning = meaning_of(err->code);

    rse_buf_addf(out, "{\"type\":\"/problems/%s\"", meaning->name);
    add_member(out, "title", meaning->title);
    rse_buf_addf(out, ",\"status\":%d", meaning->http_status);
    add_member(out, "detail", err->what);
    add_member(out, "code", meaning->name);
    add_member(out, "object", err->object);
    add_line(out, err);
    add_member(out, "field", err->field);
    if (err->has_position)
        rse_buf_addf(out, ",\"position\":%u", err->position);
    add_member(out, "hint", err->hint);
    if (err->field[0] == '/' || err->faults != NULL || err->code == RSE_UNPROCESSABLE)
        add_faults(out, err);
    add_member(out, "requestId", request_id);
    rse_buf_addc(out, '}');
}

static const char *text_member(const cJSON *doc, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(doc, name));

    return text != NULL ? text : "";
}

static enum rse_code code_of_problem(const cJSON *doc, int status)
{
    enum rse_code code = rse_code_from_name(rse_str(text_member(doc, "code")));

    if (code == RSE_OK)
        code = rse_code_from_http_status(status);
    /* Whoever asks has seen a failure: a status that promises success is itself the error. */
    return code != RSE_OK ? code : RSE_INTERNAL;
}

/* False where there is none. */
static bool number_member(const cJSON *doc, const char *name, uint32_t *out)
{
    double number = cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(doc, name));

    if (!isfinite(number) || number < 0 || number >= UINT32_MAX)
        return false;
    *out = (uint32_t)number;
    return true;
}

static void place_of_problem(struct rse_err *err, const cJSON *doc)
{
    uint32_t position;

    if (number_member(doc, "position", &position))
        rse_err_position(err, position);
    if (!number_member(doc, "line", &err->line))
        err->line = 0;
}

/* "/metadata/2/key", or "line 7, /name". */
static void add_place(struct rse_buf *out, const cJSON *fault)
{
    const char *pointer = text_member(fault, "pointer");
    uint32_t line;

    if (number_member(fault, "line", &line))
        rse_buf_addf(out, "line %u%s", line, pointer[0] != '\0' ? ", " : "");
    rse_buf_adds(out, pointer);
}

/* The first fault is the error itself. */
static void others_of_problem(struct rse_err *err, const cJSON *doc)
{
    const cJSON *faults = cJSON_GetObjectItemCaseSensitive(doc, "errors"), *fault;
    RSE_BUF_AUTO text = { 0 };

    rse_buf_init(&text, LONGEST_PROBLEM);
    cJSON_ArrayForEach(fault, faults)
    {
        if (fault == faults->child)
            continue;
        rse_buf_adds(&text, text.len > 0 ? "\n" : "");
        add_place(&text, fault);
        rse_buf_addf(&text, ": %s", text_member(fault, "detail"));
    }
    if (text.len == 0 || text.overflow)
        return;
    if (text.len < sizeof(err->others)) {
        memcpy(err->others, text.p, text.len + 1);
        return;
    }
    memcpy(err->others, text.p, sizeof(err->others));
    cut_short(err->others, sizeof(err->others));
}

static void err_from_document(struct rse_err *err, int status, const cJSON *doc)
{
    const char *what = text_member(doc, "detail");

    if (what[0] == '\0')
        what = text_member(doc, "title");
    if (what[0] == '\0')
        rse_fail(err, code_of_problem(doc, status), "the server answered with status %d", status);
    else
        rse_fail(err, code_of_problem(doc, status), "%s", what);
    rse_err_object(err, "%s", text_member(doc, "object"));
    rse_err_field(err, "%s", text_member(doc, "field"));
    rse_err_hint(err, "%s", text_member(doc, "hint"));
    place_of_problem(err, doc);
    others_of_problem(err, doc);
}

void rse_err_from_problem(struct rse_err *err, int status, struct rse_str body)
{
    if (err == NULL || err->code != RSE_OK)
        return;
    cJSON *doc = body.len == 0 || body.len > LONGEST_PROBLEM ? NULL : cJSON_ParseWithLength(body.p, body.len);
    /* Anything but an object gives members that are not there, and so the plain error. */
    err_from_document(err, status, doc);
    cJSON_Delete(doc);
}
