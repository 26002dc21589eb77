/*
 * field_remote.c - where a repository is, and the name of what its host asks for. Neither may hold a secret: whoever may read the
 * fleet reads both. The text itself is never part of an error: it may be the secret.
 */
#include <ctype.h>

#include "libresedge/src/model/field_check.h"

enum {
    CREDENTIAL_MAX_BYTES = 63,
    SECRET_MIN_RUN = 32,    /* so many letters and digits without a break are a token, not a name */
    SECRET_MIN_CHANGES = 8, /* between letters and digits: 3 or 4 of them in k8s-prod-eu1, 14 or so in a UUID */
};

/* ---- the name of a credential ---- */

/* Of the secrets that Git hosts and others give out. */
static bool has_secret_prefix(struct rse_str text)
{
    static const struct rse_str PREFIXES[] = {
        RSE_STR_INIT("ghp_"),  RSE_STR_INIT("gho_"),        RSE_STR_INIT("ghs_"),       RSE_STR_INIT("ghu_"),
        RSE_STR_INIT("ghr_"),  RSE_STR_INIT("github_pat_"), RSE_STR_INIT("glpat-"),     RSE_STR_INIT("gldt-"),
        RSE_STR_INIT("dckr_"), RSE_STR_INIT("sk_"),         RSE_STR_INIT("xox"),        RSE_STR_INIT("hvs."),
        RSE_STR_INIT("AKIA"),  RSE_STR_INIT("eyJ"),         RSE_STR_INIT("-----BEGIN"),
    };

    for (size_t i = 0; i < RSE_COUNT(PREFIXES); i++) {
        if (rse_str_starts(text, PREFIXES[i]))
            return true;
    }
    return false;
}

static bool looks_random(struct rse_str text)
{
    size_t run = 0, changes = 0;

    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.p[i];

        run = isalnum(c) ? run + 1 : 0;
        changes += run > 1 && (isdigit(c) != 0) != (isdigit((unsigned char)text.p[i - 1]) != 0);
        if (run >= SECRET_MIN_RUN || changes >= SECRET_MIN_CHANGES)
            return true;
    }
    return false;
}

/* RFC 1123 section 2.1, in lower case: as Kubernetes names the Secret that a credential is mounted from. */
static bool is_subdomain(struct rse_str text)
{
    char before = '.';

    for (size_t i = 0; i < text.len; i++) {
        char c = text.p[i];

        if (!islower((unsigned char)c) && !isdigit((unsigned char)c) && !(c == '-' && before != '.') &&
            !(c == '.' && before != '.' && before != '-'))
            return false;
        before = c;
    }
    return before != '.' && before != '-';
}

bool field_check_credential(struct rse_str text, struct rse_err *err)
{
    bool secret = has_secret_prefix(text) || looks_random(text);

    if (!secret && text.len <= CREDENTIAL_MAX_BYTES && is_subdomain(text))
        return true;
    rse_err_hint(err, "Give the secret to the worker under a name, and write that name here.");
    if (secret)
        return rse_fail(err, RSE_INVALID,
                        "looks like a secret: this is the name of a credential, not the secret itself");
    return rse_fail(
        err, RSE_INVALID,
        "the name of a credential has at most %d bytes and holds only a-z, 0-9, '-' and '.', the latter two "
        "between letters or digits",
        CREDENTIAL_MAX_BYTES);
}

/* ---- URLs ---- */

static bool fail_url(struct rse_err *err)
{
    rse_err_hint(err, "Use https://host/path, ssh://git@host/path, git@host:path, or an absolute path.");
    return rse_fail(err, RSE_INVALID, "not the URL of a repository");
}

static bool fail_url_secret(struct rse_err *err)
{
    rse_err_hint(err, "Leave user and password out, and name a credential instead.");
    return rse_fail(err, RSE_INVALID, "a URL may not hold a password or token");
}

/* No Git host asks for either, and what people put there is a token. */
static bool fail_url_query(struct rse_err *err)
{
    rse_err_hint(err, "Leave out what begins with '?' or '#', and name a credential instead of a token.");
    return rse_fail(err, RSE_INVALID, "a repository's URL has no query and no fragment");
}

/* A host, perhaps with a port or as [v6]. One that begins with '-' could be taken for an option of ssh. */
static bool is_host(struct rse_str host)
{
    if (host.len == 0 || host.p[0] == '-')
        return false;
    for (size_t i = 0; i < host.len; i++) {
        if (!isalnum((unsigned char)host.p[i]) && strchr(".-_:[]", host.p[i]) == NULL)
            return false;
    }
    return true;
}

static bool is_user(struct rse_str user)
{
    return user.len > 0 && user.p[0] != '-' && is_host(user) && rse_str_find(user, ':') < 0;
}

/* Before the '@': a password, or a token that stands there for a user. */
static bool is_secret_user(struct rse_str user)
{
    return rse_str_find(user, ':') >= 0 || has_secret_prefix(user) || looks_random(user);
}

/* What stands between "scheme://" and the path. */
static bool check_authority(struct rse_str rest, bool user_allowed, struct rse_err *err)
{
    ptrdiff_t slash = rse_str_find(rest, '/');
    struct rse_str authority = slash < 0 ? rest : rse_str_n(rest.p, (size_t)slash);
    ptrdiff_t at = rse_str_find(authority, '@');

    if (at >= 0) {
        struct rse_str user = rse_str_n(authority.p, (size_t)at);

        if (!user_allowed || is_secret_user(user))
            return fail_url_secret(err);
        if (!is_user(user))
            return fail_url(err);
        authority = rse_str_from(authority, (size_t)at + 1);
    }
    if (!is_host(authority) || slash < 0 || (size_t)slash + 1 == rest.len)
        return fail_url(err);
    return true;
}

/* user@host:path */
static bool check_scp(struct rse_str url, struct rse_err *err)
{
    ptrdiff_t at = rse_str_find(url, '@'), colon = rse_str_find(url, ':');

    if (at >= 0 && is_secret_user(rse_str_n(url.p, (size_t)at)))
        return fail_url_secret(err);
    if (at < 0 || colon < 0 || !is_user(rse_str_n(url.p, (size_t)at)) ||
        !is_host(rse_str_n(url.p + at + 1, (size_t)(colon - at - 1))) || (size_t)colon + 1 == url.len)
        return fail_url(err);
    return true;
}

bool field_check_url(struct rse_str url, struct rse_err *err)
{
    static const struct rse_str HTTPS = RSE_STR_INIT("https://"), SSH = RSE_STR_INIT("ssh://"),
                                FILE_ROOT = RSE_STR_INIT("file:///");

    /* A folder may have a space, '?' or '#' in its name; everywhere else they would have to be written as %20 and so on. */
    if (rse_str_starts(url, RSE_STR("/")))
        return url.len > 1 || fail_url(err);
    if (rse_str_find(url, ' ') >= 0)
        return fail_url(err);
    if (rse_str_find(url, '?') >= 0 || rse_str_find(url, '#') >= 0)
        return fail_url_query(err);
    if (rse_str_starts(url, HTTPS))
        return check_authority(rse_str_from(url, HTTPS.len), false, err);
    if (rse_str_starts(url, SSH))
        return check_authority(rse_str_from(url, SSH.len), true, err);
    if (rse_str_starts(url, FILE_ROOT))
        return url.len > FILE_ROOT.len || fail_url(err);
    if (memmem(url.p, url.len, "://", 3) != NULL)
        return fail_url(err);
    return check_scp(url, err);
}
