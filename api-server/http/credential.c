/*
 * credential.c - see credential.h.
 */
#include <strings.h>

#include <openssl/crypto.h>

#include "api-server/http/credential.h"
#include "api-server/http/head.h"

struct rse_str credential_session_of(struct rse_str cookies)
{
    struct rse_str name = RSE_STR(SESSION_COOKIE "=");

    while (cookies.len > 0) {
        ptrdiff_t end = rse_str_find(cookies, ';');
        struct rse_str cookie = end < 0 ? cookies : rse_str_n(cookies.p, (size_t)end);

        cookies = rse_str_from(cookies, cookie.len + (end >= 0));
        while (cookie.len > 0 && cookie.p[0] == ' ')
            cookie = rse_str_from(cookie, 1);
        if (rse_str_starts(cookie, name))
            return rse_str_from(cookie, name.len);
    }
    return rse_str(NULL);
}

static struct rse_str bearer_of(struct rse_str header)
{
    static const char scheme[] = "Bearer ";
    size_t len = sizeof(scheme) - 1;

    if (header.len < len || strncasecmp(header.p, scheme, len) != 0)
        return rse_str(NULL);
    while (len < header.len && header.p[len] == ' ')
        len++;
    return rse_str_from(header, len);
}

struct rse_str credential_of(const struct http_head *head)
{
    return head->authorization.p == NULL ? credential_session_of(head->cookie) : bearer_of(head->authorization);
}

bool credential_check_csrf(const struct http_head *head, struct rse_str session, struct rse_err *err)
{
    static const char *const harmless[] = { "GET", "HEAD", "OPTIONS" };
    char wanted[CSRF_TOKEN_SIZE];

    for (size_t i = 0; i < RSE_COUNT(harmless); i++)
        if (strcmp(head->method, harmless[i]) == 0)
            return true;
    token_csrf(session, wanted);
    if (head->csrf_token.len == CSRF_TOKEN_SIZE - 1 &&
        CRYPTO_memcmp(head->csrf_token.p, wanted, CSRF_TOKEN_SIZE - 1) == 0)
        return true;
    rse_err_hint(err, "Send it as X-CSRF-Token; GET /api/v1/session tells it.");
    return rse_fail(err, RSE_DENIED, "a session that changes something must send its CSRF token");
}

void credential_memo_wipe(struct credential_memo *memo)
{
    OPENSSL_cleanse(memo, sizeof(*memo));
}

const char *credential_hash(struct rse_str secret, struct credential_memo *memo)
{
    bool fits = secret.len <= sizeof(memo->secret);

    if (secret.len > 0 && secret.len == memo->len && CRYPTO_memcmp(secret.p, memo->secret, secret.len) == 0)
        return memo->hash;
    token_hash(secret, memo->hash);
    memo->len = fits ? secret.len : 0;
    memcpy(memo->secret, secret.p, memo->len);
    return memo->hash;
}
