/*
 * forwarded.c - see forwarded.h.
 */
#include <strings.h>

#include "api-server/http/forwarded.h"

enum { MAX_HOPS = 32 };

static const char *const NAMES[] = { [FORWARDED_X_FOR] = "X-Forwarded-For", [FORWARDED_RFC7239] = "Forwarded" };

static bool is_word(struct rse_str text, const char *word)
{
    return text.len == strlen(word) && strncasecmp(text.p, word, text.len) == 0;
}

static bool parse_header(struct rse_str name, enum forwarded_header *out, struct rse_err *err)
{
    for (size_t i = 0; i < RSE_COUNT(NAMES); i++) {
        if (is_word(name, NAMES[i])) {
            *out = (enum forwarded_header)i;
            return true;
        }
    }
    rse_err_object(err, "--forwarded-header %.*s", RSE_STR_ARG(name));
    return rse_fail(err, RSE_INVALID, "the header is not one of X-Forwarded-For and Forwarded");
}

bool proxies_parse(const char *networks, const char *header, struct proxies *out, struct rse_err *err)
{
    if (!parse_header(rse_str(header), &out->header, err))
        return false;
    if (networks_parse(rse_str(networks), &out->trusted, err))
        return true;
    rse_err_field(err, "--trusted-proxies");
    return false;
}

/* "192.0.2.1", "192.0.2.1:4711", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:4711". */
static bool parse_node(struct rse_str node, struct address *out)
{
    ptrdiff_t colon = rse_str_find(node, ':'), bracket = rse_str_find(node, ']');

    if (node.len > 0 && node.p[0] == '[') {
        struct rse_str port = rse_str_from(node, (size_t)bracket + 1);

        return bracket > 0 && (port.len == 0 || port.p[0] == ':') &&
               address_parse(rse_str_n(node.p + 1, (size_t)bracket - 1), out);
    }
    if (colon >= 0 && rse_str_find(rse_str_from(node, (size_t)colon + 1), ':') < 0)
        node.len = (size_t)colon;
    return address_parse(node, out);
}

/* ---- RFC 7239 ---- */

/* Up to the separator, or the end; where quotes count, separators within them are none. */
static struct rse_str take_until(struct rse_str *rest, char separator, bool quotes)
{
    struct rse_str whole = *rest;
    bool quoted = false;
    size_t i = 0;

    for (; i < whole.len && (quoted || whole.p[i] != separator); i++) {
        if (quotes && whole.p[i] == '"')
            quoted = !quoted;
        else if (quoted && whole.p[i] == '\\')
            i++;
    }
    i = i < whole.len ? i : whole.len;
    *rest = rse_str_from(whole, i + 1);
    return rse_str_trimmed(rse_str_n(whole.p, i));
}

/* Without its quotes. An address has no need of escapes. */
static bool unquote(struct rse_str *value)
{
    if (value->len == 0 || value->p[0] != '"')
        return rse_str_find(*value, '"') < 0;
    if (value->len < 2 || value->p[value->len - 1] != '"')
        return false;
    *value = rse_str_n(value->p + 1, value->len - 2);
    return rse_str_find(*value, '"') < 0 && rse_str_find(*value, '\\') < 0;
}

/* "for=...;proto=https;by=...", each at most once. An element of which one part is broken says nothing: somebody may have sent an
 * opening quote, so that the next proxy's words look like others. */
static bool parse_element(struct rse_str element, struct address *out)
{
    bool found = false;

    while (element.len > 0) {
        struct rse_str pair = take_until(&element, ';', true), value;
        ptrdiff_t equals = rse_str_find(pair, '=');

        value = rse_str_from(pair, equals < 0 ? pair.len : (size_t)equals + 1);
        if (equals < 1 || !unquote(&value))
            return false;
        if (!is_word(rse_str_n(pair.p, (size_t)equals), "for"))
            continue;
        if (found || !parse_node(value, out))
            return false;
        found = true;
    }
    return found;
}

/* ---- the walk ---- */

/* The last MAX_HOPS of a list, in their order. */
static size_t split(struct rse_str list, bool quotes, struct rse_str hops[MAX_HOPS])
{
    size_t count = 0;

    while (list.len > 0) {
        if (count == MAX_HOPS)
            memmove(hops, hops + 1, --count * sizeof(hops[0]));
        hops[count++] = take_until(&list, ',', quotes);
    }
    return count;
}

struct address forwarded_client(const struct proxies *proxies, const struct http_head *head, const struct address *peer,
                                struct rse_arena *arena)
{
    bool x_for = proxies->header == FORWARDED_X_FOR;
    struct address client = *peer, next;
    struct rse_str hops[MAX_HOPS];
    size_t left;

    if (!networks_have(&proxies->trusted, peer))
        return client;
    left = split(http_head_list(head, NAMES[proxies->header], arena), !x_for, hops);
    while (left > 0 && networks_have(&proxies->trusted, &client)) {
        struct rse_str hop = hops[--left];

        if (!(x_for ? parse_node(hop, &next) : parse_element(hop, &next)))
            break;
        client = next;
    }
    return client;
}
