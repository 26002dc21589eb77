/*
 * forwarded.h - who asks behind reverse proxies: what X-Forwarded-For, or Forwarded (RFC 7239), says of them.
 *
 * Each proxy adds, at the end, the address that it was asked from. What stands in front of that came with the request, so
 * whoever asks may have made it up. Hence it is read from the end, as far as proxies that we trust have written it.
 */
#ifndef API_HTTP_FORWARDED_H
#define API_HTTP_FORWARDED_H

#include "api-server/http/address.h"
#include "api-server/http/head.h"

/* What we know of the proxies in front of us. */
struct proxies {
    struct networks trusted; /* where they are; none: nobody is believed */
    enum forwarded_header {
        FORWARDED_X_FOR,
        FORWARDED_RFC7239
    } header; /* the one that they write; the other may be the client's */
};

/* networks: NULL for none; header: "X-Forwarded-For" or "Forwarded", in any case. */
bool proxies_parse(const char *networks, const char *header, struct proxies *out, struct rse_err *err) RSE_MUST;

/* The last address, from the end of the header, that is no trusted proxy's; of proxies alone, the first. What is no address
 * ("unknown", a made-up name, nonsense) ends the search: then it is the proxy that wrote it. peer: whose connection it is; the
 * answer where it is not trusted itself. Of a longer list only the last 32 count. */
struct address forwarded_client(const struct proxies *proxies, const struct http_head *head, const struct address *peer,
                                struct rse_arena *arena);

#endif
