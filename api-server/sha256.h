/*
 * sha256.h - SHA-256 (FIPS 180-4) of a short text, where finding the algorithm each time would cost as much as the hash.
 */
#ifndef API_SHA256_H
#define API_SHA256_H

#include <resedge/resedge.h>

enum { SHA256_SIZE = 32 }; /* bytes */

/* On any thread. Ends the process where OpenSSL has no SHA-256 or no memory. */
void sha256_of(struct rse_str text, unsigned char out[static SHA256_SIZE]);

#endif
