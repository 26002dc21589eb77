/*
 * audit.c - GET /audit: who did what when, before and after.
 */
#include <stdio.h>

#include "api-server/api.h"
#include "api-server/handlers/object.h"
#include "api-server/http/route.h"
#include "api-server/store/audit.h"
#include <resedge/client.h>
#include <resedge/parse.h>

enum { PAGE_DEFAULT = 100, PAGE_MAX = 1000, OUT_MAX_BYTES = 256 * 1024 * 1024 };

static void audit_handler(struct call *call);

const struct route audit_routes[] = {
    { "GET", "/api/v1/audit", ROLE_VIEWER, 0, 0, 0, audit_handler, "Who did what when, before and after" },
    { .method = NULL },
};

struct audit {
    struct call *call;
    struct audit_filter filter;
    struct change_cursor before;
    int64_t top;
    struct audit_reader reader;
    int rows; /* so far: one more than asked for says that there are others */
    struct change_cursor last;
    struct rse_buf out;
};

/* ---- what is asked ---- */

static const char *text_param(struct call *call, const char *name)
{
    struct rse_str text;

    return call_query(call, name, &text) ? rse_arena_str(call->arena, text).p : NULL;
}

static bool number_param(struct call *call, const char *name, const char **out)
{
    int64_t number;

    *out = text_param(call, name);
    return *out == NULL || call_query_int(call, name, 0, INT64_MAX, 0, &number);
}

/* A day alone begins somewhere else in every time zone: which was meant is for the caller to say. */
static void hint_time(struct call *call, const char *text)
{
    const char *midnight = rse_arena_printf(call->arena, "%sT00:00:00Z", text);
    int64_t ms;

    rse_err_hint(&call->err, "Write it as %s.",
                 rse_parse_time(rse_str(midnight), &ms) ? midnight : "2026-11-26T00:00:00Z");
}

static bool time_param(struct call *call, const char *name, const char **out, int64_t *ms)
{
    *out = text_param(call, name);
    if (*out == NULL || rse_parse_time(rse_str(*out), ms))
        return true;
    hint_time(call, *out);
    rse_err_field(&call->err, "%s", name);
    return rse_fail(&call->err, RSE_INVALID, "\"%s\" is no time as RFC 3339 has it", *out);
}

static bool time_params(struct call *call, struct audit_filter *filter)
{
    int64_t from = INT64_MIN, to = INT64_MAX;

    if (!time_param(call, "from", &filter->from, &from) || !time_param(call, "to", &filter->to, &to))
        return false;
    if (from <= to)
        return true;
    rse_err_field(&call->err, "from");
    return rse_fail(&call->err, RSE_INVALID, "from is later than to");
}

static bool noun_param(struct call *call, const char **out)
{
    static const char *const others[] = { "template", "token", "session", "job" };
    const struct rse_noun_info *info;

    *out = text_param(call, "noun");
    if (*out == NULL)
        return true;
    for (size_t i = 0; i < RSE_COUNT(others); i++)
        if (strcmp(*out, others[i]) == 0)
            return true;
    info = rse_noun_find(rse_str(*out));
    rse_err_field(&call->err, "noun");
    if (info == NULL)
        return rse_fail(&call->err, RSE_INVALID, "there is no noun \"%s\"", *out);
    rse_err_clear(&call->err);
    *out = info->name;
    return true;
}

/* "<revision>.<seq>": the last change of the page before. */
static bool before_param(struct call *call, struct change_cursor *out)
{
    struct rse_str text;
    ptrdiff_t dot;

    *out = (struct change_cursor){ INT64_MAX, INT64_MAX };
    if (!call_query(call, "before", &text))
        return true;
    dot = rse_str_find(text, '.');
    if (dot > 0 && rse_parse_int64(rse_str_n(text.p, (size_t)dot), 1, INT64_MAX, &out->revision) &&
        rse_parse_int64(rse_str_from(text, (size_t)dot + 1), 1, INT64_MAX, &out->seq))
        return true;
    rse_err_field(&call->err, "before");
    rse_err_hint(&call->err, "Follow @odata.nextLink.");
    return rse_fail(&call->err, RSE_INVALID, "this is no place in the audit");
}

static bool read_query(struct audit *audit)
{
    static const char *const PARAMETERS[] = {
        "actor", "noun", "object", "from", "to", "top", "revision", "before", NULL
    };
    struct call *call = audit->call;
    struct audit_filter *filter = &audit->filter;

    filter->actor = text_param(call, "actor");
    filter->with_access = call->actor.role == ROLE_ADMIN;
    return call_query_only(call, PARAMETERS) && noun_param(call, &filter->noun) &&
           number_param(call, "object", &filter->id) && number_param(call, "revision", &filter->revision) &&
           time_params(call, filter) && before_param(call, &audit->before) &&
           call_query_int(call, "top", 1, PAGE_MAX, PAGE_DEFAULT, &audit->top);
}

/* ---- the answer ---- */

static void add_text(struct rse_buf *out, const char *name, struct rse_str text)
{
    rse_buf_addf(out, ",\"%s\":", name);
    if (text.p == NULL)
        rse_buf_adds(out, "null");
    else
        rse_json_add_string(out, text);
}

static void add_raw(struct rse_buf *out, const char *name, struct rse_str json)
{
    rse_buf_addf(out, ",\"%s\":", name);
    rse_json_add_compact(out, json.p != NULL ? json : RSE_STR("null"));
}

static struct rse_str op_of(const struct audit_row *row)
{
    if (row->op.p != NULL)
        return row->op;
    if (row->after.p == NULL)
        return RSE_STR("delete");
    return row->before.p == NULL ? RSE_STR("create") : RSE_STR("update");
}

static void add_row(void *arg, const struct audit_row *row)
{
    struct audit *audit = arg;
    struct rse_buf *out = &audit->out;

    if (audit->rows++ == audit->top)
        return;
    rse_buf_addf(out, "%s{\"revision\":%lld,\"seq\":%lld,\"at\":\"%.*s\"", audit->rows > 1 ? "," : "",
                 (long long)row->revision, (long long)row->seq, RSE_STR_ARG(row->at));
    add_text(out, "actor", row->actor);
    add_text(out, "reason", row->reason);
    add_raw(out, "confirm", row->confirm);
    rse_buf_addf(out, ",\"noun\":\"%.*s\",\"id\":%lld,\"op\":\"%.*s\"", RSE_STR_ARG(row->noun), (long long)row->id,
                 RSE_STR_ARG(op_of(row)));
    add_raw(out, "before", row->before);
    add_raw(out, "after", row->after);
    rse_buf_addc(out, '}');
    audit->last = (struct change_cursor){ row->revision, row->seq };
}

/* The same question, from where this page ends. */
static void add_next(struct audit *audit)
{
    const struct audit_filter *f = &audit->filter;
    const struct {
        const char *name, *value;
    } kept[] = { { "actor", f->actor }, { "noun", f->noun }, { "object", f->id },
                 { "from", f->from },   { "to", f->to },     { "revision", f->revision } };
    RSE_BUF_AUTO link = { 0 };

    rse_buf_init(&link, 16 * 1024);
    rse_buf_addf(&link, "/api/v1/audit?top=%lld", (long long)audit->top);
    for (size_t i = 0; i < RSE_COUNT(kept); i++) {
        if (kept[i].value == NULL)
            continue;
        rse_buf_addf(&link, "&%s=", kept[i].name);
        rse_client_escape(&link, rse_str(kept[i].value));
    }
    rse_buf_addf(&link, "&before=%lld.%lld", (long long)audit->last.revision, (long long)audit->last.seq);
    add_text(&audit->out, "@odata.nextLink", rse_buf_str(&link));
}

static void answer(void *arg, const struct rse_err *err)
{
    struct audit *audit = arg;

    if (err != NULL)
        return call_fail_with(audit->call, err);
    rse_buf_addc(&audit->out, ']');
    if (audit->rows > audit->top)
        add_next(audit);
    rse_buf_addc(&audit->out, '}');
    call_reply_buf(audit->call, 200, &audit->out);
}

static void release_out(void *arg)
{
    rse_buf_release(arg);
}

static void audit_handler(struct call *call)
{
    struct audit *audit = rse_arena_new_of(call->arena, struct audit);

    audit->call = call;
    if (!read_query(audit))
        return call_fail(call);
    rse_buf_init(&audit->out, OUT_MAX_BYTES);
    rse_arena_defer(call->arena, release_out, &audit->out);
    rse_buf_adds(&audit->out, "{\"value\":[");
    audit->reader = (struct audit_reader){ add_row, answer, audit };
    store_audit_read(call->api->db, &audit->filter, audit->before, (int)audit->top + 1, &audit->reader);
}
