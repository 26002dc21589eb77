/*
 * inventory_body.c - see inventory_body.h.
 */
#include "api-server/handlers/inventory_body.h"
#include "api-server/handlers/inventory_csv.h"
#include "api-server/handlers/inventory_ndjson.h"
#include "api-server/handlers/inventory_yaml.h"

/* As JSON: what names its members again and again is longer than a table. */
enum { TEXT_MAX = 128 << 20 };

static bool read_text(struct call *call, struct inventory_lines *lines, struct rse_buf *text)
{
    if (call_is_type(call, "application/x-ndjson"))
        return inventory_ndjson_read(call->body, text, lines, &call->err);
    if (call_is_type(call, "text/csv"))
        return inventory_csv_read(call->body, text, lines, &call->err);
    return inventory_yaml_read(call->body, text, &call->err);
}

static bool become_json(struct call *call, struct inventory_lines *lines)
{
    RSE_BUF_AUTO text = { 0 };

    rse_buf_init(&text, TEXT_MAX);
    if (!read_text(call, lines, &text)) {
        if (text.overflow)
            rse_err_hint(&call->err, "Send the inventory in parts.");
        return false;
    }
    rse_buf_release(&call->content);
    call->content = text;
    text = (struct rse_buf){ 0 };
    call->body = rse_buf_str(&call->content);
    return true;
}

/* JSON that is something else, null say, is no syntax error. */
static bool fail_kind(struct call *call)
{
    struct rse_inventory none;
    const struct cJSON *json;

    if (rse_json_parse_in(&json, call->body, call->arena, &call->err) &&
        !rse_inventory_parse(&none, json, call->arena, &call->err))
        call->err.code = RSE_UNPROCESSABLE;
    return false;
}

/* A list of objects is the likeliest mistake, and may be long. */
static bool check_object(struct call *call)
{
    struct rse_str text = call->body;

    if (rse_str_starts(text, RSE_STR("\xef\xbb\xbf")))
        text = rse_str_from(text, 3);
    while (text.len > 0 && strchr(" \t\r\n", text.p[0]) != NULL)
        text = rse_str_from(text, 1);
    if (text.len == 0 || text.p[0] == '{')
        return true;
    if (text.p[0] != '[')
        return fail_kind(call);
    rse_err_hint(&call->err, "Write it as {\"clusters\": [...]}.");
    return rse_fail(&call->err, RSE_UNPROCESSABLE, "an inventory is an object with lists of objects, found an array");
}

bool inventory_body(struct call *call, struct inventory_lines *lines)
{
    if (call->body.len == 0)
        return rse_fail(&call->err, RSE_INVALID, "a body is needed");
    if (call_is_type(call, "application/x-ndjson") || call_is_type(call, "text/csv") || call_is_yaml(call))
        return become_json(call, lines);
    return call_is_json(call) ? check_object(call) : call_fail_type(call);
}
