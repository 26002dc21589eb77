/*
 * sealed.c - see sealed.h.
 */
#include "api-server/sealed.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

enum { KEY_SIZE = 32, NONCE_SIZE = 12, TAG_SIZE = 16, TEXT_MAX = 1 << 30 };

/* In front of the purpose, so that no other use of the same secret gets the same key. */
static const char LABEL[] = "resedge sealed 1:";

enum direction { OPEN = 0, CLOSE = 1 }; /* as EVP_CipherInit_ex2() has it */

static void free_kdf(EVP_KDF_CTX **ctx)
{
    EVP_KDF_CTX_free(*ctx);
}

static void free_cipher(EVP_CIPHER_CTX **ctx)
{
    EVP_CIPHER_CTX_free(*ctx);
}

/* What OpenSSL has noted would be taken for an error of the next TLS connection. */
static bool fail(struct rse_err *err)
{
    ERR_clear_error();
    return rse_fail(err, RSE_INTERNAL,
                    "OpenSSL can't seal: it has no random numbers, no memory, or not the algorithms");
}

/* Without a salt: the secret is random as it is (RFC 5869, 3.1). */
static bool derive(const struct seal *seal, unsigned char key[KEY_SIZE])
{
    EVP_KDF *hkdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    RSE_CLEANUP(free_kdf) EVP_KDF_CTX *ctx = hkdf != NULL ? EVP_KDF_CTX_new(hkdf) : NULL;
    char info[sizeof(LABEL) - 1 + SEALED_PURPOSE_MAX];
    size_t len = sizeof(LABEL) - 1 + seal->purpose.len;

    EVP_KDF_free(hkdf); /* the context holds it */
    if (ctx == NULL || seal->purpose.len > SEALED_PURPOSE_MAX)
        return false;
    memcpy(info, LABEL, sizeof(LABEL) - 1);
    memcpy(info + sizeof(LABEL) - 1, seal->purpose.p, seal->purpose.len);
    return EVP_KDF_derive(
               ctx, key, KEY_SIZE,
               (const OSSL_PARAM[]){
                   OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)"SHA256", 0),
                   OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (char *)seal->secret.p, seal->secret.len),
                   OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info, len),
                   OSSL_PARAM_construct_end(),
               }) == 1;
}

/* The cipher with its key, its nonce and what is bound; NULL when OpenSSL can't. */
static EVP_CIPHER_CTX *begin(enum direction direction, const struct seal *seal, const unsigned char *nonce)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    unsigned char key[KEY_SIZE];
    int len;
    bool ok = ctx != NULL && derive(seal, key) &&
              EVP_CipherInit_ex2(ctx, EVP_aes_256_gcm(), key, nonce, direction, NULL) == 1 &&
              EVP_CipherUpdate(ctx, NULL, &len, (const unsigned char *)seal->bound.p, (int)seal->bound.len) == 1;

    OPENSSL_cleanse(key, sizeof(key));
    if (!ok)
        free_cipher(&ctx);
    return ok ? ctx : NULL;
}

/* room: for the text and SEALED_OVERHEAD. */
static bool close_into(const struct seal *seal, struct rse_str text, unsigned char *room)
{
    unsigned char *nonce = room, *cipher = room + NONCE_SIZE, *tag = cipher + text.len;
    RSE_CLEANUP(free_cipher) EVP_CIPHER_CTX *ctx = NULL;
    int len;

    if (RAND_bytes(nonce, NONCE_SIZE) != 1)
        return false;
    ctx = begin(CLOSE, seal, nonce);
    return ctx != NULL && EVP_CipherUpdate(ctx, cipher, &len, (const unsigned char *)text.p, (int)text.len) == 1 &&
           EVP_CipherFinal_ex(ctx, cipher + len, &len) == 1 &&
           EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG_SIZE, tag) == 1;
}

bool sealed_close(const struct seal *seal, struct rse_str text, struct rse_buf *out, struct rse_err *err)
{
    size_t len = text.len + SEALED_OVERHEAD;
    char *room = text.len <= TEXT_MAX ? rse_buf_reserve(out, len) : NULL;

    if (room == NULL)
        return rse_fail(err, RSE_TOO_LARGE, "the text is too large to be sealed");
    if (!close_into(seal, text, (unsigned char *)room))
        return fail(err);
    rse_buf_commit(out, len);
    return true;
}

/* *good: whether it is what was sealed. False: OpenSSL can't. */
static bool open_into(const struct seal *seal, struct rse_str sealed, unsigned char *room, bool *good)
{
    const unsigned char *nonce = (const unsigned char *)sealed.p, *cipher = nonce + NONCE_SIZE;
    size_t text_len = sealed.len - SEALED_OVERHEAD;
    RSE_CLEANUP(free_cipher) EVP_CIPHER_CTX *ctx = begin(OPEN, seal, nonce);
    unsigned char tag[TAG_SIZE];
    int len;

    memcpy(tag, cipher + text_len, TAG_SIZE); /* OpenSSL takes one that it might change */
    if (ctx == NULL || EVP_CipherUpdate(ctx, room, &len, cipher, (int)text_len) != 1 ||
        EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG_SIZE, tag) != 1)
        return false;
    *good = EVP_CipherFinal_ex(ctx, room + len, &len) == 1;
    return true;
}

bool sealed_open(const struct seal *seal, struct rse_str sealed, struct rse_buf *out, struct rse_err *err)
{
    size_t len = sealed.len - SEALED_OVERHEAD;
    bool good = false;
    char *room;

    if (sealed.len < SEALED_OVERHEAD || sealed.len > TEXT_MAX)
        return rse_fail(err, RSE_CONFLICT, "this is nothing that was sealed");
    room = rse_buf_reserve(out, len);
    if (room == NULL)
        return rse_fail(err, RSE_TOO_LARGE, "the text is too large to be opened");
    if (!open_into(seal, sealed, (unsigned char *)room, &good))
        return fail(err);
    if (!good) {
        OPENSSL_cleanse(room, len); /* what nobody vouches for */
        ERR_clear_error();
        return rse_fail(err, RSE_CONFLICT, "it was sealed with another secret, or was changed since");
    }
    rse_buf_commit(out, len);
    return true;
}
