#include "hash.h"

#include <openssl/evp.h>

#include "sha1.h"

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
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool ok = context != NULL && EVP_DigestInit_ex(context, EVP_sha1(), NULL) == 1 &&
              EVP_DigestUpdate(context, message->head, message->head_len) == 1 &&
              EVP_DigestUpdate(context, message->bytes.p, message->bytes.len) == 1 &&
              EVP_DigestFinal_ex(context, message->sum, NULL) == 1;

    EVP_MD_CTX_free(context);
    return ok;
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
