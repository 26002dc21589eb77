/*
 * content.c - what the body of a call is: its type, and its text as a tree.
 */
#include <strings.h>

#include <cjson/cJSON.h>

#include "api-server/http/call_internal.h"
#include "api-server/http/head.h"

static void json_delete(void *json)
{
    cJSON_Delete(json);
}

/* "text/yaml; charset=utf-8" without its parameters. */
static struct rse_str media_type(struct rse_str type)
{
    ptrdiff_t semicolon = rse_str_find(type, ';');

    if (semicolon >= 0)
        type.len = (size_t)semicolon;
    while (type.len > 0 && type.p[type.len - 1] == ' ')
        type.len--;
    return type;
}

static bool is_type(struct rse_str type, const char *const *names)
{
    for (; *names != NULL; names++)
        if (type.len == strlen(*names) && (type.len == 0 || strncasecmp(type.p, *names, type.len) == 0))
            return true;
    return false;
}

static bool ends_with(struct rse_str type, struct rse_str suffix)
{
    return type.len >= suffix.len && strncasecmp(type.p + type.len - suffix.len, suffix.p, suffix.len) == 0;
}

/* utf-8 of "utf-8" (with its quotes), or of utf-8; charset=x */
static struct rse_str unquoted(struct rse_str value)
{
    bool quoted = value.len > 0 && value.p[0] == '"';
    ptrdiff_t end;

    if (quoted)
        value = rse_str_from(value, 1);
    end = rse_str_find(value, quoted ? '"' : ';');
    if (end >= 0)
        value.len = (size_t)end;
    return quoted ? value : rse_str_trimmed(value);
}

static bool is_yaml(struct rse_str type)
{
    static const char *const names[] = { "application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml", NULL };

    return is_type(media_type(type), names);
}

/* A body that says nothing of its type is taken for JSON, and so is what is written as JSON; but a patch of another kind (RFC 6902,
 * those of Kubernetes) means something else. */
static bool is_json(struct rse_str type)
{
    static const char *const names[] = { "application/json", "application/merge-patch+json", "text/json", NULL };
    static const struct rse_str json = RSE_STR_INIT("+json"), patch = RSE_STR_INIT("-patch+json");

    type = media_type(type);
    return type.len == 0 || is_type(type, names) || (ends_with(type, json) && !ends_with(type, patch));
}

bool call_is_json(const struct call *call)
{
    return is_json(call->content_type);
}

bool call_is_yaml(const struct call *call)
{
    return is_yaml(call->content_type);
}

bool call_is_type(const struct call *call, const char *name)
{
    return is_type(media_type(call->content_type), (const char *const[]){ name, NULL });
}

/* A parameter of the media type, without its quotes; empty where there is none. */
static struct rse_str type_parameter(struct rse_str type, struct rse_str name)
{
    ptrdiff_t semicolon;

    while ((semicolon = rse_str_find(type, ';')) >= 0) {
        type = rse_str_trimmed(rse_str_from(type, (size_t)semicolon + 1));
        if (type.len > name.len && type.p[name.len] == '=' && strncasecmp(type.p, name.p, name.len) == 0)
            return unquoted(rse_str_from(type, name.len + 1));
    }
    return RSE_STR("");
}

static void refuse_type(struct call *call)
{
    call->status = 415;
    if (strcmp(call->method, "PATCH") == 0)
        call_set_accept_patch(call);
}

bool call_check_charset(struct call *call)
{
    static const char *const names[] = { "utf-8", "us-ascii", NULL };
    struct rse_str charset = type_parameter(call->content_type, RSE_STR("charset"));

    if (call->body.len == 0 || charset.len == 0 || is_type(charset, names))
        return true;
    refuse_type(call);
    rse_err_hint(&call->err, "Send it as UTF-8.");
    return rse_fail(&call->err, RSE_INVALID, "a body in %.*s is not understood", RSE_STR_ARG(charset));
}

void call_set_accept_patch(struct call *call)
{
    call_set_header(call, "Accept-Patch", "application/merge-patch+json, application/json, application/yaml");
}

/* A list; "identity" means that nothing was done to the body. */
static bool is_identity(struct rse_str codings)
{
    static const char *const names[] = { "", "identity", NULL };
    ptrdiff_t comma;

    while ((comma = rse_str_find(codings, ',')) >= 0) {
        if (!is_type(rse_str_trimmed(rse_str_n(codings.p, (size_t)comma)), names))
            return false;
        codings = rse_str_from(codings, (size_t)comma + 1);
    }
    return is_type(rse_str_trimmed(codings), names);
}

bool call_check_coding(struct call *call)
{
    struct rse_str codings;

    if (call->body.len == 0)
        return true;
    codings = http_head_list(call->head, "Content-Encoding", call->arena);
    if (codings.p == NULL || is_identity(codings))
        return true;
    call->status = 415;
    call_set_header(call, "Accept-Encoding", "identity"); /* RFC 9110, 15.5.16 */
    rse_err_object(&call->err, "header Content-Encoding");
    rse_err_hint(&call->err, "Send it as it is, without Content-Encoding.");
    return rse_fail(&call->err, RSE_INVALID, "a body that is coded as %.*s is not understood", RSE_STR_ARG(codings));
}

bool call_fail_type(struct call *call)
{
    refuse_type(call);
    rse_err_hint(&call->err, "Send JSON as application/json, or YAML as application/yaml.");
    return rse_fail(&call->err, RSE_INVALID, "a body of the type %.*s is not understood",
                    RSE_STR_ARG(media_type(call->content_type)));
}

/* More nodes than any body of ours has. */
enum { MAX_YAML_NODES = 4000000 };

static bool parse_body(struct call *call, cJSON **out)
{
    if (is_json(call->content_type))
        return rse_json_parse(out, call->body, &call->err);
    if (!is_yaml(call->content_type))
        return call_fail_type(call);
    *out = rse_yaml_to_json(RSE_STR(""), call->body, MAX_YAML_NODES, &call->err);
    return *out != NULL;
}

bool call_json(struct call *call, struct cJSON **out)
{
    cJSON *json = NULL;

    if (call->body.len == 0)
        return rse_fail(&call->err, RSE_INVALID, "a body is needed");
    if (!parse_body(call, &json))
        return false;
    rse_arena_defer(call->arena, json_delete, json);
    *out = json;
    return true;
}
