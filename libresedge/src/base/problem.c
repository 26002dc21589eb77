/*
 * problem.c - errors as problem documents (RFC 9457), both ways.
 */
#include <cjson/cJSON.h>
#include <math.h>

#include "libresedge/src/base/err_internal.h"

/* A problem document with all the faults that it may list fits; more is not worth parsing. */
enum { LONGEST_PROBLEM = 256 * 1024 };

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
    const char *code = rse_code_name(err->code);

    rse_buf_addf(out, "{\"type\":\"/problems/%s\"", code);
    add_member(out, "title", rse_code_title(err->code));
    rse_buf_addf(out, ",\"status\":%d", rse_code_http_status(err->code));
    add_member(out, "detail", err->what);
    add_member(out, "code", code);
    add_member(out, "object", err->object);
    add_line(out, err);
    add_member(out, "field", err->field);
    if (err->has_position)
        rse_buf_addf(out, ",\"position\":%u", err->position);
    add_member(out, "hint", err->hint);
    if (err->confirm > 0)
        rse_buf_addf(out, ",\"confirm\":%u", err->confirm);
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
    if (!number_member(doc, "confirm", &err->confirm))
        err->confirm = 0;
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
    err_cut_short(err->others, sizeof(err->others));
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
