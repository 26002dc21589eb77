/*
 * sha256.c - see sha256.h.
 */
#include "api-server/sha256.h"

#include <pthread.h>
#include <stdlib.h>

#include <openssl/evp.h>

/* Looked up once, and kept until the process ends. */
static EVP_MD *sha256;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void free_sha256(void)
{
    EVP_MD_free(sha256);
}

static void find_sha256(void)
{
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    if (sha256 == NULL)
        abort(); /* no token and no document could be told from another */
    atexit(free_sha256);
}

void sha256_of(struct rse_str text, unsigned char out[static SHA256_SIZE])
{
    pthread_once(&once, find_sha256);
    if (EVP_Digest(text.p, text.len, out, NULL, sha256, NULL) != 1)
        abort();
}
