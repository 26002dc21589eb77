/*
 * address.h - IP addresses, of both versions in one form, and lists of networks. Pure functions.
 */
#ifndef API_HTTP_ADDRESS_H
#define API_HTTP_ADDRESS_H

#include <netinet/in.h>

#include <resedge/resedge.h>

struct sockaddr;

/* IPv4 as ::ffff:192.0.2.1. All zero: not known. */
struct address {
    unsigned char bytes[16];
};

enum { ADDRESS_SIZE = INET6_ADDRSTRLEN };

/* What is neither IPv4 nor IPv6 is not known. */
struct address address_of_socket(const struct sockaddr *socket);
/* "192.0.2.1", "2001:db8::1". */
bool address_parse(struct rse_str text, struct address *out) RSE_MUST;
/* The same form; "-" where it is not known. */
void address_format(const struct address *address, char out[ADDRESS_SIZE]);
bool address_is_v4(const struct address *address);

enum { NETWORKS_MAX = 64 };

struct networks {
    struct network {
        struct address address;
        int bits; /* of 128 that count */
    } at[NETWORKS_MAX];
    size_t count;
};

/* "10.0.0.0/8,2001:db8::/32,192.0.2.1": addresses stand for themselves. Bits behind the network's are refused: who writes
 * 10.1.2.3/8 may have meant something else. */
bool networks_parse(struct rse_str list, struct networks *out, struct rse_err *err) RSE_MUST;
bool networks_have(const struct networks *networks, const struct address *address);

#endif
