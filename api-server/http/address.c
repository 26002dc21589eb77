/*
 * address.c - see address.h.
 */
#include <arpa/inet.h>

#include <resedge/parse.h>

#include "api-server/http/address.h"

enum { V4_AT = 12, V4_BITS = 32, ALL_BITS = 128 };

static const unsigned char V4_PREFIX[V4_AT] = { [10] = 0xff, [11] = 0xff };

static struct address from_v4(const struct in_addr *v4)
{
    struct address address;

    memcpy(address.bytes, V4_PREFIX, V4_AT);
    memcpy(address.bytes + V4_AT, v4, sizeof(*v4));
    return address;
}

struct address address_of_socket(const struct sockaddr *socket)
{
    struct address address = { { 0 } };

    if (socket->sa_family == AF_INET)
        return from_v4(&((const struct sockaddr_in *)(const void *)socket)->sin_addr);
    if (socket->sa_family == AF_INET6)
        memcpy(address.bytes, &((const struct sockaddr_in6 *)(const void *)socket)->sin6_addr, sizeof(address.bytes));
    return address;
}

bool address_parse(struct rse_str text, struct address *out)
{
    char copy[ADDRESS_SIZE];
    struct in_addr v4;

    if (text.len == 0 || text.len >= sizeof(copy) || memchr(text.p, '\0', text.len) != NULL)
        return false;
    memcpy(copy, text.p, text.len);
    copy[text.len] = '\0';
    if (inet_pton(AF_INET, copy, &v4) != 1)
        return inet_pton(AF_INET6, copy, out->bytes) == 1;
    *out = from_v4(&v4);
    return true;
}

bool address_is_v4(const struct address *address)
{
    return memcmp(address->bytes, V4_PREFIX, V4_AT) == 0;
}

void address_format(const struct address *address, char out[ADDRESS_SIZE])
{
    static const struct address unknown = { { 0 } };
    bool v4 = address_is_v4(address);

    if (memcmp(address, &unknown, sizeof(unknown)) == 0)
        memcpy(out, "-", 2);
    else
        (void)inet_ntop(v4 ? AF_INET : AF_INET6, address->bytes + (v4 ? V4_AT : 0), out, ADDRESS_SIZE);
}

/* ---- networks ---- */

/* Whether the first bits are the same. */
static bool shares(const struct address *a, const struct address *b, int bits)
{
    int bytes = bits / 8, rest = bits % 8;

    return memcmp(a->bytes, b->bytes, (size_t)bytes) == 0 &&
           (rest == 0 || (a->bytes[bytes] ^ b->bytes[bytes]) >> (8 - rest) == 0);
}

static bool has_more_bits(const struct network *network)
{
    for (int bit = network->bits; bit < ALL_BITS; bit++)
        if ((network->address.bytes[bit / 8] & (0x80 >> bit % 8)) != 0)
            return true;
    return false;
}

static bool network_parse(struct rse_str text, struct network *out, struct rse_err *err)
{
    bool v4 = rse_str_find(text, ':') < 0;
    ptrdiff_t slash = rse_str_find(text, '/');
    int64_t bits = v4 ? V4_BITS : ALL_BITS;

    if (!address_parse(slash < 0 ? text : rse_str_n(text.p, (size_t)slash), &out->address)) {
        rse_err_hint(err, "Write networks as 10.0.0.0/8 or 2001:db8::/32, with commas between them.");
        return rse_fail(err, RSE_INVALID, "that is no IP address or network");
    }
    if (slash >= 0 && !rse_parse_int64(rse_str_from(text, (size_t)slash + 1), 0, bits, &bits))
        return rse_fail(err, RSE_INVALID, "behind the '/' of a network stands a number from 0 to %d",
                        v4 ? V4_BITS : ALL_BITS);
    out->bits = (int)bits + (v4 ? ALL_BITS - V4_BITS : 0);
    return !has_more_bits(out) || rse_fail(err, RSE_INVALID, "the network's address has bits behind those that count");
}

bool networks_parse(struct rse_str list, struct networks *out, struct rse_err *err)
{
    *out = (struct networks){ .count = 0 };
    while (list.len > 0) {
        ptrdiff_t comma = rse_str_find(list, ',');
        struct rse_str text = rse_str_trimmed(comma < 0 ? list : rse_str_n(list.p, (size_t)comma));

        if (out->count == NETWORKS_MAX)
            return rse_fail(err, RSE_TOO_LARGE, "there are more than %d networks", NETWORKS_MAX);
        if (!network_parse(text, &out->at[out->count], err)) {
            rse_err_object(err, "\"%.*s\"", RSE_STR_ARG(text));
            return false;
        }
        out->count++;
        list = rse_str_from(list, comma < 0 ? list.len : (size_t)comma + 1);
    }
    return true;
}

bool networks_have(const struct networks *networks, const struct address *address)
{
    for (size_t i = 0; i < networks->count; i++)
        if (shares(&networks->at[i].address, address, networks->at[i].bits))
            return true;
    return false;
}
