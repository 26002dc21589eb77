#include "automation-worker/git/signer.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_KEY_FILE 16384
#define SEED_SIZE    32
#define PUBLIC_SIZE  32
#define SIGNATURE    64
#define KEY_TYPE     "ssh-ed25519"
#define NAMESPACE    "git"
#define BEGIN_KEY    "-----BEGIN OPENSSH PRIVATE KEY-----"
#define END_KEY      "-----END OPENSSH PRIVATE KEY-----"
#define LINE         70 /* of the armor, as ssh-keygen writes it */

struct signer {
    EVP_PKEY *key;
    unsigned char public_key[PUBLIC_SIZE];
};

/* ---- SSH's wire format (RFC 4251, section 5) ---- */

static bool take_uint32(struct rse_str *in, uint32_t *out)
{
    const unsigned char *p = (const unsigned char *)in->p;

    if (in->len < 4)
        return false;
    *out = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
    *in = rse_str_from(*in, 4);
    return true;
}

static bool take_string(struct rse_str *in, struct rse_str *out)
{
    uint32_t len;

    if (!take_uint32(in, &len) || len > in->len)
        return false;
    *out = rse_str_n(in->p, len);
    *in = rse_str_from(*in, len);
    return true;
}

static void add_string(struct rse_buf *out, struct rse_str text)
{
    uint32_t len = (uint32_t)text.len;
    const char bytes[4] = { (char)(len >> 24), (char)(len >> 16), (char)(len >> 8), (char)len };

    rse_buf_addn(out, bytes, sizeof(bytes));
    rse_buf_add_str(out, text);
}

/* ---- the key's file ---- */

static bool read_file(const char *path, char *text, size_t size, struct rse_err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    ssize_t got = -1;

    if (fd >= 0 && fstat(fd, &status) == 0) {
        if ((status.st_mode & 077) != 0) {
            close(fd);
            rse_err_hint(err, "chmod 600 it.");
            return rse_fail(err, RSE_INVALID, "the signing key %s can be read by others", path);
        }
        got = read(fd, text, size - 1);
    }
    if (fd >= 0)
        close(fd);
    if (got < 0)
        return rse_fail(err, RSE_INVALID, "the signing key %s can't be read: %s", path, strerror(errno));
    text[got] = '\0';
    return true;
}

/* The Base64 between the lines of the armor; -1: there is none. */
static int decode_armor(const char *text, unsigned char *out)
{
    const char *begin = strstr(text, BEGIN_KEY);
    const char *end = begin != NULL ? strstr(begin, END_KEY) : NULL;
    EVP_ENCODE_CTX *decoder = EVP_ENCODE_CTX_new();
    int len = 0, last = 0;
    bool ok = end != NULL;

    if (ok) {
        begin += strlen(BEGIN_KEY);
        EVP_DecodeInit(decoder);
        ok = EVP_DecodeUpdate(decoder, out, &len, (const unsigned char *)begin, (int)(end - begin)) >= 0 &&
             EVP_DecodeFinal(decoder, out + len, &last) >= 0;
    }
    EVP_ENCODE_CTX_free(decoder);
    return ok ? len + last : -1;
}

static bool parse_private(struct rse_str in, struct rse_str *seed)
{
    struct rse_str type, public_key, private_key;
    uint32_t check[2];

    if (!take_uint32(&in, &check[0]) || !take_uint32(&in, &check[1]) || check[0] != check[1] ||
        !take_string(&in, &type) || !rse_str_is(type, KEY_TYPE) || !take_string(&in, &public_key) ||
        !take_string(&in, &private_key) || private_key.len != SEED_SIZE + PUBLIC_SIZE)
        return false;
    *seed = rse_str_n(private_key.p, SEED_SIZE);
    return true;
}

static bool parse_key(struct rse_str in, struct rse_str *seed)
{
    static const char magic[] = "openssh-key-v1"; /* with its NUL */
    struct rse_str cipher, kdf, options, public_key, private_part;
    uint32_t count;

    if (in.len < sizeof(magic) || memcmp(in.p, magic, sizeof(magic)) != 0)
        return false;
    in = rse_str_from(in, sizeof(magic));
    return take_string(&in, &cipher) && rse_str_is(cipher, "none") && take_string(&in, &kdf) &&
           take_string(&in, &options) && take_uint32(&in, &count) && count == 1 && take_string(&in, &public_key) &&
           take_string(&in, &private_part) && parse_private(private_part, seed);
}

bool signer_open(struct signer **out, const char *path, struct rse_err *err)
{
    char text[MAX_KEY_FILE];
    unsigned char bytes[MAX_KEY_FILE];
    struct signer *signer = rse_new(struct signer);
    size_t public_size = PUBLIC_SIZE;
    struct rse_str seed = { NULL, 0 };

    if (!read_file(path, text, sizeof(text), err)) {
        free(signer);
        return false;
    }
    int len = decode_armor(text, bytes);
    if (len > 0 && parse_key(rse_str_n((const char *)bytes, (size_t)len), &seed))
        signer->key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, (const unsigned char *)seed.p, SEED_SIZE);
    OPENSSL_cleanse(text, sizeof(text));
    OPENSSL_cleanse(bytes, sizeof(bytes));
    if (signer->key == NULL || EVP_PKEY_get_raw_public_key(signer->key, signer->public_key, &public_size) != 1) {
        signer_free(signer);
        rse_err_hint(err, "Make one with `ssh-keygen -t ed25519 -N ''`.");
        return rse_fail(err, RSE_INVALID, "the signing key %s is no Ed25519 key of OpenSSH without a passphrase", path);
    }
    *out = signer;
    return true;
}

void signer_free(struct signer *signer)
{
    if (signer == NULL)
        return;
    EVP_PKEY_free(signer->key);
    free(signer);
}

/* ---- signing ---- */

static bool sign(const struct signer *signer, struct rse_str bytes, unsigned char signature[SIGNATURE],
                 struct rse_err *err)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    size_t len = SIGNATURE;

    bool ok = context != NULL && EVP_DigestSignInit(context, NULL, NULL, NULL, signer->key) == 1 &&
              EVP_DigestSign(context, signature, &len, (const unsigned char *)bytes.p, bytes.len) == 1;
    EVP_MD_CTX_free(context);
    return ok || rse_fail(err, RSE_INTERNAL, "could not sign a commit");
}

/* The beginning of what is signed, and with a signer (whose public key then is part of it) of the signature. */
static void add_frame(struct rse_buf *out, const struct signer *signer)
{
    struct rse_str key = signer != NULL ? rse_str_n((const char *)signer->public_key, PUBLIC_SIZE) : rse_str(NULL);
    RSE_BUF_AUTO blob = { 0 };

    rse_buf_init(&blob, 256);
    rse_buf_adds(out, "SSHSIG");
    if (signer != NULL) {
        rse_buf_addn(out, "\0\0\0\1", 4);
        add_string(&blob, RSE_STR(KEY_TYPE));
        add_string(&blob, key);
        add_string(out, rse_buf_str(&blob));
    }
    add_string(out, RSE_STR(NAMESPACE));
    add_string(out, RSE_STR(""));
    add_string(out, RSE_STR("sha512"));
}

static void add_armor(struct rse_buf *out, struct rse_str bytes)
{
    unsigned char text[1024];
    int len = EVP_EncodeBlock(text, (const unsigned char *)bytes.p, (int)bytes.len);

    rse_buf_adds(out, "-----BEGIN SSH SIGNATURE-----\n");
    for (int i = 0; i < len; i += LINE) {
        rse_buf_addn(out, text + i, (size_t)(len - i < LINE ? len - i : LINE));
        rse_buf_addc(out, '\n');
    }
    rse_buf_adds(out, "-----END SSH SIGNATURE-----\n");
}

bool signer_sign(const struct signer *signer, struct rse_str commit, struct rse_buf *out, struct rse_err *err)
{
    unsigned char hash[SHA512_DIGEST_LENGTH], signature[SIGNATURE];
    RSE_BUF_AUTO message = { 0 };
    RSE_BUF_AUTO blob = { 0 };
    RSE_BUF_AUTO whole = { 0 };

    rse_buf_init(&message, 512);
    rse_buf_init(&blob, 256);
    rse_buf_init(&whole, 512);
    SHA512((const unsigned char *)commit.p, commit.len, hash);
    add_frame(&message, NULL);
    add_string(&message, rse_str_n((const char *)hash, sizeof(hash)));
    if (!rse_buf_ok(&message, err) || !sign(signer, rse_buf_str(&message), signature, err))
        return false;
    add_string(&blob, RSE_STR(KEY_TYPE));
    add_string(&blob, rse_str_n((const char *)signature, sizeof(signature)));
    add_frame(&whole, signer);
    add_string(&whole, rse_buf_str(&blob));
    if (!rse_buf_ok(&whole, err))
        return false;
    add_armor(out, rse_buf_str(&whole));
    return true;
}
