/*
 * The low-level functions, though OpenSSL 3 deprecates them: EVP takes half as long again for what is as small as most
 * files and trees, and what is deprecated is the use as a digest that anything is signed with.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "hash.h"

#include <openssl/sha.h>

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
    char head[32];
    SHA_CTX context;

    if (SHA1_Init(&context) == 1 && SHA1_Update(&context, head, write_head(head, type, bytes.len)) == 1 &&
        SHA1_Update(&context, bytes.p, bytes.len) == 1 && SHA1_Final(id->id, &context) == 1)
        return true;
    return rse_fail(err, RSE_INTERNAL, "could not hash an object");
}
