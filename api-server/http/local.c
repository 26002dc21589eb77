/*
 * local.c - see local.h.
 */
#include <strings.h>

#include "api-server/config.h"
#include "api-server/http/head.h"
#include "api-server/http/local.h"

/* The host of "host", "host:port" or "[::1]:port", cut out. */
static struct rse_str host_of(struct rse_str authority)
{
    ptrdiff_t end;

    if (authority.len > 0 && authority.p[0] == '[') {
        end = rse_str_find(authority, ']');
        return end < 0 ? rse_str(NULL) : rse_str_n(authority.p + 1, (size_t)end - 1);
    }
    end = rse_str_find(authority, ':');
    return end < 0 ? authority : rse_str_n(authority.p, (size_t)end);
}

static bool is_local(struct rse_str authority)
{
    struct rse_str host = host_of(authority);
    char text[64];

    if (host.len == 0 || host.len >= sizeof(text))
        return false;
    memcpy(text, host.p, host.len);
    text[host.len] = '\0';
    return config_is_loopback(text);
}

/* "http://host:port" of the very authority that is asked. */
static bool is_same_origin(struct rse_str origin, struct rse_str authority)
{
    struct rse_str schemes[] = { RSE_STR("http://"), RSE_STR("https://") };

    for (size_t i = 0; i < RSE_COUNT(schemes); i++)
        if (rse_str_starts(origin, schemes[i]))
            return rse_str_eq(rse_str_from(origin, schemes[i].len), authority);
    return false;
}

bool local_check(const struct http_head *head, struct rse_err *err)
{
    rse_err_hint(err, "Without tokens (--no-auth) only this machine is served: ask http://localhost, or use tokens.");
    if (!is_local(head->host))
        return rse_fail(err, RSE_DENIED, "the header Host names another machine");
    if (head->origin.p != NULL && !is_same_origin(head->origin, head->host))
        return rse_fail(err, RSE_DENIED, "the request comes from the page of another site");
    rse_err_clear(err);
    return true;
}
