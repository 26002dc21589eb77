/*
 * etag.c - see etag.h.
 */
#include "api-server/fleet/etag.h"

#include <pthread.h>
#include <stdlib.h>

#include <openssl/evp.h>

/* Finding an algorithm costs as much as hashing a document with it. It lives as long as the process. */
static EVP_MD *sha256;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void find_sha256(void)
{
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    if (sha256 == NULL)
        abort();
}

uint64_t etag_of(struct rse_str doc)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    uint64_t etag = 0;

    pthread_once(&once, find_sha256);
    if (EVP_Digest(doc.p, doc.len, digest, NULL, sha256, NULL) != 1)
        abort(); /* no memory */
    for (size_t i = 0; i < 8; i++)
        etag = etag << 8 | digest[i];
    return etag;
}

uint64_t etag_read(struct rse_str text)
{
    uint64_t etag = 0;

    if (text.len != 16)
        return 0;
    for (size_t i = 0; i < 16; i++) {
        char c = text.p[i];

        if (c >= '0' && c <= '9')
            etag = etag << 4 | (uint64_t)(c - '0');
        else if (c >= 'a' && c <= 'f')
            etag = etag << 4 | (uint64_t)(c - 'a' + 10);
        else
            return 0;
    }
    return etag;
}
