/*
 * head.c - reads the head of a request.
 */
#include <strings.h>

#include "api-server/http/head.h"

enum { TARGET_MAX = 8 << 10 };

struct reader {
    struct http_head *head;
    struct rse_str authority; /* of the target; p NULL: none */
    int fields;
    int *status;
    struct rse_err *err;
};

static bool bad(struct reader *reader, const char *what)
{
    *reader->status = 400;
    return rse_fail(reader->err, RSE_INVALID, "%s", what);
}

static bool is_token_char(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool is_token(struct rse_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!is_token_char((unsigned char)s.p[i]))
            return false;
    return s.len > 0;
}

/* Takes the next line off; its CR LF is not part of it. */
static bool next_line(struct rse_str *rest, struct rse_str *line)
{
    ptrdiff_t end = rse_str_find(*rest, '\n');

    if (end < 1 || rest->p[end - 1] != '\r')
        return false;
    *line = rse_str_n(rest->p, (size_t)end - 1);
    *rest = rse_str_from(*rest, (size_t)end + 1);
    return true;
}

/* "http://host:port/path?query", as a proxy would be asked (RFC 9112, 3.2.2): its authority is cut off. A path is needed. */
static struct rse_str cut_authority(struct rse_str target, struct rse_str *authority)
{
    const struct rse_str schemes[] = { RSE_STR("http://"), RSE_STR("https://") };

    *authority = rse_str(NULL);
    for (size_t i = 0; i < RSE_COUNT(schemes); i++) {
        struct rse_str rest = rse_str_from(target, schemes[i].len);
        ptrdiff_t slash = rse_str_find(rest, '/');

        if (target.len < schemes[i].len || strncasecmp(target.p, schemes[i].p, schemes[i].len) != 0 || slash < 1)
            continue;
        *authority = rse_str_n(rest.p, (size_t)slash);
        return rse_str_from(rest, (size_t)slash);
    }
    return target;
}

static bool read_target(struct reader *reader, struct rse_str given)
{
    struct rse_str target = cut_authority(given, &reader->authority);
    ptrdiff_t query = rse_str_find(target, '?');

    if (given.len > TARGET_MAX) {
        *reader->status = 414;
        return rse_fail(reader->err, RSE_TOO_LARGE, "the request's target is longer than %d bytes", TARGET_MAX);
    }
    if (target.len == 0 || target.p[0] != '/')
        return bad(reader, "the request's target is not a path");
    for (size_t i = 0; i < target.len; i++)
        if (target.p[i] <= 0x20 || target.p[i] >= 0x7f || target.p[i] == '#')
            return bad(reader, "the request's target has a character that must be escaped");
    reader->head->target = target;
    reader->head->path = query < 0 ? target : rse_str_n(target.p, (size_t)query);
    reader->head->query = query < 0 ? rse_str_n(NULL, 0) : rse_str_from(target, (size_t)query + 1);
    return true;
}

/* METHOD SP target SP HTTP/1.1 */
static bool read_first_line(struct reader *reader, struct rse_str line)
{
    ptrdiff_t space = rse_str_find(line, ' '), second;
    struct rse_str method = rse_str_n(line.p, space < 0 ? 0 : (size_t)space), rest, version;

    if (!is_token(method) || method.len >= sizeof(reader->head->method))
        return bad(reader, "the request line is not that of HTTP");
    memcpy(reader->head->method, method.p, method.len);
    rest = rse_str_from(line, method.len + 1);
    second = rse_str_find(rest, ' ');
    version = rse_str_from(rest, second < 0 ? rest.len : (size_t)second + 1);
    if (second >= 0 && !rse_str_starts(version, RSE_STR("HTTP/")) && rse_str_find(version, ' ') >= 0)
        rse_err_hint(reader->err, "Write a space in the target as %%20.");
    if (second < 0 || !rse_str_starts(version, RSE_STR("HTTP/")))
        return bad(reader, "the request line is not that of HTTP");
    reader->head->http11 = rse_str_is(version, "HTTP/1.1");
    if (!reader->head->http11 && !rse_str_is(version, "HTTP/1.0")) {
        *reader->status = 505;
        return rse_fail(reader->err, RSE_INVALID, "only HTTP/1.1 is spoken here");
    }
    return read_target(reader, rse_str_n(rest.p, (size_t)second));
}

static bool is_name(struct rse_str name, const char *wanted)
{
    return name.len == strlen(wanted) && strncasecmp(name.p, wanted, name.len) == 0;
}

static bool read_length(struct reader *reader, struct rse_str value)
{
    if (reader->head->content_length >= 0)
        return bad(reader, "the header Content-Length comes twice");
    if (!rse_is_digits(value) || !rse_parse_int64(value, 0, INT64_C(999999999999999), &reader->head->content_length))
        return bad(reader, "the header Content-Length is no length");
    return true;
}

static bool read_encoding(struct reader *reader, struct rse_str value)
{
    if (reader->head->chunked || !is_name(value, "chunked") || !reader->head->http11)
        return bad(reader, "the only transfer encoding is chunked, once, with HTTP/1.1");
    reader->head->chunked = true;
    return true;
}

/* A list of words, of which two are about the connection. */
static void read_connection(struct http_head *head, struct rse_str value)
{
    while (value.len > 0) {
        ptrdiff_t comma = rse_str_find(value, ',');
        struct rse_str word = rse_str_trimmed(comma < 0 ? value : rse_str_n(value.p, (size_t)comma));

        if (is_name(word, "close"))
            head->keep_alive = false;
        else if (is_name(word, "keep-alive") && !head->http11)
            head->keep_alive = true;
        value = rse_str_from(value, comma < 0 ? value.len : (size_t)comma + 1);
    }
}

/* Those that are kept may come once: which of two would count? */
static bool keep_field(struct reader *reader, struct rse_str name, struct rse_str value)
{
    static const struct {
        const char *name;
        size_t offset;
    } kept[] = {
        { "Host", offsetof(struct http_head, host) },
        { "Authorization", offsetof(struct http_head, authorization) },
        { "Cookie", offsetof(struct http_head, cookie) },
        { "X-CSRF-Token", offsetof(struct http_head, csrf_token) },
        { "Origin", offsetof(struct http_head, origin) },
        { "X-Request-Id", offsetof(struct http_head, request_id) },
        { "traceparent", offsetof(struct http_head, traceparent) },
    };

    for (size_t i = 0; i < RSE_COUNT(kept); i++) {
        struct rse_str *place = (struct rse_str *)(void *)((char *)reader->head + kept[i].offset);

        if (!is_name(name, kept[i].name))
            continue;
        if (place->p != NULL) {
            *reader->status = 400;
            return rse_fail(reader->err, RSE_INVALID, "the header %s comes twice", kept[i].name);
        }
        *place = value;
        return true;
    }
    return true;
}

static bool take_field(struct reader *reader, struct rse_str name, struct rse_str value)
{
    if (is_name(name, "Content-Length"))
        return read_length(reader, value);
    if (is_name(name, "Transfer-Encoding"))
        return read_encoding(reader, value);
    if (is_name(name, "Expect") && !is_name(value, "100-continue"))
        return bad(reader, "the header Expect can only be 100-continue");
    if (is_name(name, "Expect"))
        reader->head->expects_continue = true;
    if (is_name(name, "Connection"))
        read_connection(reader->head, value);
    return keep_field(reader, name, value);
}

static void split_field(struct rse_str line, struct rse_str *name, struct rse_str *value)
{
    ptrdiff_t colon = rse_str_find(line, ':');

    *name = rse_str_n(line.p, colon < 0 ? 0 : (size_t)colon);
    *value = rse_str_trimmed(rse_str_from(line, colon < 0 ? line.len : (size_t)colon + 1));
}

static bool read_field(struct reader *reader, struct rse_str line)
{
    struct rse_str name, value;

    split_field(line, &name, &value);
    if (!is_token(name))
        return bad(reader, "a header line is not name: value");
    for (size_t i = 0; i < value.len; i++)
        if (((unsigned char)value.p[i] < 0x20 && value.p[i] != '\t') || value.p[i] == 0x7f)
            return bad(reader, "a header has control characters");
    if (++reader->fields > HEAD_MAX_FIELDS) {
        *reader->status = 431;
        return rse_fail(reader->err, RSE_TOO_LARGE, "the request has more than %d headers", HEAD_MAX_FIELDS);
    }
    return take_field(reader, name, value);
}

bool http_head_parse(struct rse_str bytes, struct http_head *head, int *status, struct rse_err *err)
{
    struct reader reader = { .head = head, .status = status, .err = err };
    struct rse_str rest = bytes, line;

    *head = (struct http_head){ .content_length = -1 };
    if (!next_line(&rest, &line))
        return bad(&reader, "a line of the request's head does not end with CR LF");
    if (!read_first_line(&reader, line))
        return false;
    head->keep_alive = head->http11;
    head->fields = rest;
    for (;;) {
        if (!next_line(&rest, &line))
            return bad(&reader, "a line of the request's head does not end with CR LF");
        if (line.len == 0)
            break;
        if (!read_field(&reader, line))
            return false;
    }
    if (rest.len > 0)
        return bad(&reader, "there is more behind the request's head");
    if (head->http11 && head->host.p == NULL)
        return bad(&reader, "the header Host is needed");
    if (reader.authority.p != NULL)
        head->host = reader.authority; /* it counts, whatever Host says */
    if (head->chunked && head->content_length >= 0)
        return bad(&reader, "a request has either a Content-Length or chunks");
    return true;
}

struct rse_str http_head_field(const struct http_head *head, const char *name)
{
    struct rse_str rest = head->fields, line, field, value;

    while (next_line(&rest, &line) && line.len > 0) {
        split_field(line, &field, &value);
        if (is_name(field, name))
            return value;
    }
    return rse_str(NULL);
}

struct rse_str http_head_list(const struct http_head *head, const char *name, struct rse_arena *arena)
{
    struct rse_str rest = head->fields, line, field, value;
    RSE_BUF_AUTO list = { 0 };
    size_t count = 0;

    rse_buf_init(&list, HEAD_MAX);
    while (next_line(&rest, &line) && line.len > 0) {
        split_field(line, &field, &value);
        if (!is_name(field, name))
            continue;
        rse_buf_adds(&list, count++ > 0 ? "," : "");
        rse_buf_add_str(&list, value);
    }
    return count > 0 ? rse_arena_str(arena, rse_buf_str(&list)) : rse_str(NULL);
}
