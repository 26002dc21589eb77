/*
 * repository.c - whether two URLs are of one repository, however they are spelt.
 */
#include <ctype.h>

#include "resedge/model.h"

enum { KEY_MAX = 8 * 1024 };

struct place {
    bool local;
    struct rse_str host, port, path; /* host and port empty where it is local */
};

/* Takes `scheme` off the front. */
static bool take(struct rse_str *url, const char *scheme)
{
    if (!rse_str_starts(*url, rse_str(scheme)))
        return false;
    *url = rse_str_from(*url, strlen(scheme));
    return true;
}

static struct rse_str behind_user(struct rse_str authority)
{
    ptrdiff_t at = rse_str_find(authority, '@');

    return at < 0 ? authority : rse_str_from(authority, (size_t)at + 1);
}

/* host:2222, [v6]:2222; a port that goes without saying is left out. */
static void split_port(struct place *place, struct rse_str authority, const char *usual)
{
    size_t i = authority.len;

    while (i > 0 && isdigit((unsigned char)authority.p[i - 1]))
        i--;
    if (i == 0 || authority.p[i - 1] != ':') {
        place->host = authority;
        return;
    }
    place->host = rse_str_n(authority.p, i - 1);
    place->port = rse_str_from(authority, i);
    if (rse_str_is(place->port, usual))
        place->port = rse_str_n(NULL, 0);
}

/* RFC 3986, 3.2 and 6.2.3; user@host:path as ssh takes it. */
static struct place place_of(struct rse_str url)
{
    struct place place = { .local = take(&url, "file://") || rse_str_starts(url, RSE_STR("/")), .path = url };
    bool https = !place.local && take(&url, "https://"), ssh = !place.local && !https && take(&url, "ssh://");
    ptrdiff_t end = rse_str_find(url, https || ssh ? '/' : ':');

    if (place.local || end < 0)
        return place;
    place.path = rse_str_from(url, (size_t)end + 1);
    split_port(&place, behind_user(rse_str_n(url.p, (size_t)end)), https ? "443" : "22");
    return place;
}

/* Takes the last segment away, with its slash. */
static void go_up(struct rse_buf *out, size_t root)
{
    while (out->len > root && out->p[--out->len] != '/')
        ;
}

/* Without "//", ".", ".." and a slash at the end; hosts know a repository with ".git" and without it. */
static void add_path(struct rse_buf *out, struct rse_str path, bool local)
{
    static const struct rse_str SUFFIX = RSE_STR_INIT(".git");
    size_t root = out->len;

    while (path.len > 0) {
        ptrdiff_t slash = rse_str_find(path, '/');
        struct rse_str segment = slash < 0 ? path : rse_str_n(path.p, (size_t)slash);

        path = slash < 0 ? rse_str_n(NULL, 0) : rse_str_from(path, (size_t)slash + 1);
        if (rse_str_is(segment, "..")) {
            go_up(out, root);
        } else if (segment.len > 0 && !rse_str_is(segment, ".")) {
            rse_buf_addc(out, '/');
            rse_buf_add_str(out, segment);
        }
    }
    if (!local && out->len - root > SUFFIX.len &&
        rse_str_eq(rse_str_n(out->p + out->len - SUFFIX.len, SUFFIX.len), SUFFIX))
        out->len -= SUFFIX.len;
}

static void add_key(struct rse_buf *out, struct rse_str url)
{
    struct place place = place_of(url);

    for (size_t i = 0; i < place.host.len; i++)
        rse_buf_addc(out, (char)tolower((unsigned char)place.host.p[i]));
    if (place.port.len > 0)
        rse_buf_addf(out, ":%.*s", RSE_STR_ARG(place.port));
    add_path(out, place.path, place.local);
}

bool rse_repository_same(struct rse_str a, struct rse_str b)
{
    RSE_BUF_AUTO x = { 0 };
    RSE_BUF_AUTO y = { 0 };

    if (rse_str_eq(a, b))
        return true;
    rse_buf_init(&x, KEY_MAX);
    rse_buf_init(&y, KEY_MAX);
    add_key(&x, a);
    add_key(&y, b);
    return rse_str_eq(rse_buf_str(&x), rse_buf_str(&y));
}
