/*
 * Without instructions for it, by OpenSSL's low-level functions, though version 3 deprecates them: EVP takes half as long
 * again for what is as small as most files and trees.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "automation-worker/git/hash.h"

#include <openssl/sha.h>

#include "automation-worker/git/sha1.h"

enum { AT_ONCE = 16 };

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

static bool hash_slowly(const struct sha1_message *message)
{
    SHA_CTX context;

    return SHA1_Init(&context) == 1 && SHA1_Update(&context, message->head, message->head_len) == 1 &&
           SHA1_Update(&context, message->bytes.p, message->bytes.len) == 1 && SHA1_Final(message->sum, &context) == 1;
}

static bool hash_some(const struct sha1_message *messages, size_t count, struct rse_err *err)
{
    if (sha1_is_here()) {
        sha1_all(messages, count);
        return true;
    }
    for (size_t i = 0; i < count; i++) {
        if (!hash_slowly(&messages[i]))
            return rse_fail(err, RSE_INTERNAL, "could not hash an object");
    }
    return true;
}

bool object_hash_all(const struct to_hash *objects, size_t count, struct rse_err *err)
{
    for (size_t i = 0, n; i < count; i += n) {
        struct sha1_message messages[AT_ONCE];

        n = count - i < AT_ONCE ? count - i : AT_ONCE;
        for (size_t k = 0; k < n; k++) {
            const struct to_hash *object = &objects[i + k];

            messages[k].head_len = write_head(messages[k].head, object->type, object->bytes.len);
            messages[k].bytes = object->bytes;
            messages[k].sum = object->id->id;
        }
        if (!hash_some(messages, n, err))
            return false;
    }
    return true;
}

bool object_hash(git_object_t type, struct rse_str bytes, git_oid *id, struct rse_err *err)
{
    struct to_hash object = { .type = type, .bytes = bytes, .id = id };

    return object_hash_all(&object, 1, err);
}
