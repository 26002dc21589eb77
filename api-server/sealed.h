/*
 * sealed.h - a text that lies in the database, and that only who presents a secret can read.
 *
 * AES-256-GCM (NIST SP 800-38D) under a key that HKDF-SHA256 (RFC 5869) makes of the secret and of what the key is for. What is sealed
 * is a nonce of 96 random bits, the ciphertext and a tag of 128 bits; with random nonces a key may seal 2^32 texts (8.3 there), and
 * ours seal one or two. Neither secret nor key is kept. No stretching as for a password: the secret has to be one that nobody guesses.
 */
#ifndef API_SEALED_H
#define API_SEALED_H

#include <resedge/resedge.h>

/* How much longer it is than the text, in bytes. */
enum { SEALED_OVERHEAD = 12 + 16 };
/* What `purpose` may have, in bytes. */
enum { SEALED_PURPOSE_MAX = 512 };

struct seal {
    struct rse_str secret;  /* at least 128 bits that nobody guesses */
    struct rse_str purpose; /* which of the keys that can be made of it */
    struct rse_str bound;   /* what belongs to the text and can be read by all: with another one it can't be opened */
};

/* Appends the sealed text to the buffer, as bytes. RSE_INTERNAL: there are no random numbers, or no memory. */
bool sealed_close(const struct seal *seal, struct rse_str text, struct rse_buf *out, struct rse_err *err) RSE_MUST;
/* Appends the text, which is for the caller to wipe. RSE_CONFLICT: it was sealed with something else, or was changed since; then
 * nothing is appended. */
bool sealed_open(const struct seal *seal, struct rse_str sealed, struct rse_buf *out, struct rse_err *err) RSE_MUST;

#endif
