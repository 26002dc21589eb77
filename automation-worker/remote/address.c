#include "automation-worker/remote/address.h"

#include <ctype.h>

#include <resedge/parse.h>

#define SCHEME_END "://"

bool remote_is_local(struct rse_str url)
{
    return rse_str_starts(url, RSE_STR("/")) || rse_str_starts(url, RSE_STR("file://"));
}

/* Text up to where `stop` begins; takes it and the stop off *rest. False: there is none. */
static bool take_until(struct rse_str *rest, const char *stop, struct rse_str *out)
{
    const char *at = rest->len > 0 ? memmem(rest->p, rest->len, stop, strlen(stop)) : NULL;

    if (at == NULL)
        return false;
    *out = rse_str_n(rest->p, (size_t)(at - rest->p));
    *rest = rse_str_from(*rest, out->len + strlen(stop));
    return true;
}

/* A name or an address; never something that ssh would take for an option. */
static bool check_host(struct rse_str host, struct rse_err *err)
{
    bool ok = host.len > 0 && host.len < 256 && host.p[0] != '-';

    for (size_t i = 0; i < host.len && ok; i++)
        ok = isalnum((unsigned char)host.p[i]) || strchr(".-_:", host.p[i]) != NULL;
    return ok || rse_fail(err, RSE_INVALID, "\"%.*s\" can't be a host", RSE_STR_ARG(host));
}

static bool check_user(struct rse_str user, struct rse_err *err)
{
    bool ok = user.len > 0 && user.len < 64 && user.p[0] != '-';

    for (size_t i = 0; i < user.len && ok; i++)
        ok = isalnum((unsigned char)user.p[i]) || strchr("._-+", user.p[i]) != NULL;
    if (ok)
        return true;
    rse_err_hint(err, "A password or token belongs into a credential of the worker, never into a URL.");
    return rse_fail(err, RSE_INVALID, "what stands before the @ can't be a user's name");
}

static bool check_path(struct rse_str path, struct rse_err *err)
{
    bool ok = path.len > 0 && path.len <= 1024 && path.p[0] != '-';

    for (size_t i = 0; i < path.len && ok; i++)
        ok = (unsigned char)path.p[i] > ' ' && path.p[i] != 0x7f;
    return ok || rse_fail(err, RSE_INVALID, "the path of the repository can't be used");
}

/* host, host:port, [v6] or [v6]:port */
static bool parse_host(struct remote_address *out, struct rse_str text, struct rse_arena *arena, struct rse_err *err)
{
    struct rse_str host = text, port = { NULL, 0 };
    int64_t number = 0;

    if (rse_str_starts(text, RSE_STR("["))) {
        port = rse_str_from(text, 1);
        if (!take_until(&port, "]", &host) || (port.len > 0 && port.p[0] != ':'))
            return rse_fail(err, RSE_INVALID, "\"%.*s\" can't be a host", RSE_STR_ARG(text));
        port = rse_str_from(port, 1);
    } else if (rse_str_find(text, ':') >= 0) {
        port = text;
        (void)take_until(&port, ":", &host);
    }
    if (port.len > 0 && !rse_parse_int64(port, 1, 65535, &number))
        return rse_fail(err, RSE_INVALID, "\"%.*s\" can't be a port", RSE_STR_ARG(port));
    if (!check_host(host, err))
        return false;
    out->host = rse_arena_str(arena, host).p;
    out->port = (int)number;
    return true;
}

static bool is_loopback(const char *host)
{
    return strcmp(host, "127.0.0.1") == 0 || strcmp(host, "localhost") == 0 || strcmp(host, "::1") == 0;
}

static bool parse_http(struct remote_address *out, struct rse_str url, struct rse_str rest, bool plain,
                       struct rse_arena *arena, struct rse_err *err)
{
    struct rse_str host;

    out->kind = REMOTE_HTTP;
    if (memchr(url.p, '?', url.len) != NULL || memchr(url.p, '#', url.len) != NULL)
        return rse_fail(err, RSE_INVALID, "a repository's URL has no query and no fragment");
    while (url.len > 0 && url.p[url.len - 1] == '/')
        url.len--;
    out->url = rse_arena_str(arena, url).p;
    if (!take_until(&rest, "/", &host) || rest.len == 0)
        return rse_fail(err, RSE_INVALID, "the URL names no repository on its host");
    if (rse_str_find(host, '@') >= 0) {
        rse_err_hint(err, "Give name and token to the worker as a credential, and name that in the target.");
        return rse_fail(err, RSE_INVALID, "a URL can't hold a user or a password");
    }
    if (!parse_host(out, host, arena, err) || !check_path(rest, err))
        return false;
    if (plain && !is_loopback(out->host)) {
        rse_err_hint(err, "Use https:// or SSH: over plain http anyone on the way reads the credential.");
        return rse_fail(err, RSE_INVALID, "plain http is refused");
    }
    return true;
}

static bool parse_ssh(struct remote_address *out, struct rse_str login, struct rse_str path, struct rse_arena *arena,
                      struct rse_err *err)
{
    struct rse_str user;

    out->kind = REMOTE_SSH;
    if (rse_str_find(login, '@') >= 0) {
        (void)take_until(&login, "@", &user);
        if (!check_user(user, err))
            return false;
        out->user = rse_arena_str(arena, user).p;
    }
    if (!parse_host(out, login, arena, err) || !check_path(path, err))
        return false;
    out->path = rse_arena_str(arena, path).p;
    return true;
}

static bool parse_ssh_url(struct remote_address *out, struct rse_str rest, struct rse_arena *arena, struct rse_err *err)
{
    ptrdiff_t slash = rse_str_find(rest, '/');

    if (slash < 0)
        return rse_fail(err, RSE_INVALID, "the URL names no repository on its host");
    return parse_ssh(out, rse_str_n(rest.p, (size_t)slash), rse_str_from(rest, (size_t)slash), arena, err);
}

static bool parse(struct remote_address *out, struct rse_str url, struct rse_arena *arena, struct rse_err *err)
{
    struct rse_str rest = url, scheme, login;

    if (take_until(&rest, SCHEME_END, &scheme)) {
        if (rse_str_is(scheme, "https") || rse_str_is(scheme, "http"))
            return parse_http(out, url, rest, rse_str_is(scheme, "http"), arena, err);
        if (rse_str_is(scheme, "ssh"))
            return parse_ssh_url(out, rest, arena, err);
        rse_err_hint(err, "Use https:// or SSH.");
        if (rse_str_is(scheme, "git"))
            return rse_fail(err, RSE_INVALID, "git:// is refused: it neither encrypts nor authenticates");
        return rse_fail(err, RSE_INVALID, "there is no way to reach a repository by %.*s://", RSE_STR_ARG(scheme));
    }
    if (!take_until(&rest, ":", &login)) {
        rse_err_hint(err, "Use https://host/path, ssh://user@host/path, user@host:path or an absolute path.");
        return rse_fail(err, RSE_INVALID, "the URL is none of a repository");
    }
    return parse_ssh(out, login, rest, arena, err);
}

bool remote_address_parse(struct remote_address *out, struct rse_str url, struct rse_arena *arena, struct rse_err *err)
{
    struct remote_address address = { .url = rse_arena_str(arena, url).p };

    if (url.len == 0 || memchr(url.p, '\0', url.len) != NULL)
        return rse_fail(err, RSE_INVALID, "the URL of the repository is empty or can't be read");
    if (!parse(&address, url, arena, err))
        return false;
    *out = address;
    return true;
}
