#include "hash.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t contexts;
static EVP_MD *sha1;

static void free_context(void *context)
{
    EVP_MD_CTX_free(context);
}

/* Looking the algorithm up costs more than hashing a small file. */
static void prepare(void)
{
    sha1 = EVP_MD_fetch(NULL, "SHA1", NULL);
    if (pthread_key_create(&contexts, free_context) != 0) {
        EVP_MD_free(sha1);
        sha1 = NULL;
    }
}

static EVP_MD_CTX *context_of_thread(void)
{
    EVP_MD_CTX *context;

    pthread_once(&once, prepare);
    if (sha1 == NULL)
        return NULL;
    context = pthread_getspecific(contexts);
    if (context == NULL && (context = EVP_MD_CTX_new()) != NULL && pthread_setspecific(contexts, context) != 0)
        free_context(RSE_TAKE(context));
    return context;
}

/* "blob 123" with its NUL; returns the length. */
static size_t write_head(char head[static 32], git_object_t type, size_t size)
{
    const char *name = git_object_type2string(type);
    char digits[24];
    size_t len = strlen(name), at = sizeof(digits);

    do
        digits[--at] = (char)('0' + size % 10);
    while ((size /= 10) > 0);
    memcpy(head, name, len);
    head[len++] = ' ';
    memcpy(head + len, digits + at, sizeof(digits) - at);
    len += sizeof(digits) - at;
    head[len++] = '\0';
    return len;
}

bool object_hash(git_object_t type, struct rse_str bytes, git_oid *id, struct rse_err *err)
{
    EVP_MD_CTX *context = context_of_thread();
    char head[32];

    if (context != NULL && EVP_DigestInit_ex(context, sha1, NULL) == 1 &&
        EVP_DigestUpdate(context, head, write_head(head, type, bytes.len)) == 1 &&
        EVP_DigestUpdate(context, bytes.p, bytes.len) == 1 && EVP_DigestFinal_ex(context, id->id, NULL) == 1)
        return true;
    return rse_fail(err, RSE_INTERNAL, "could not hash an object");
}
