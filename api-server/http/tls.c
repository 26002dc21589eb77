/*
 * tls.c - see tls.h.
 */
#include <stdlib.h>
#include <time.h>

#include <openssl/err.h>

#include "api-server/http/tls.h"

struct tls {
    char *certificate, *key;
    SSL_CTX *ctx;
};

/* The first thing that OpenSSL complains about. */
static bool fail(struct rse_err *err, const char *what, const char *file)
{
    unsigned long code = ERR_get_error();
    const char *reason = code != 0 ? ERR_reason_error_string(code) : NULL;

    ERR_clear_error();
    rse_err_object(err, "%s", file);
    return rse_fail(err, RSE_INVALID, "%s: %s", what, reason != NULL ? reason : "it is not what OpenSSL understands");
}

/* Of what a client offers we speak HTTP/1.1 only; a client that doesn't is let go on, as if it had offered nothing. */
static int choose_protocol(SSL *ssl RSE_UNUSED, const unsigned char **out, unsigned char *out_len,
                           const unsigned char *offered, unsigned offered_len, void *arg RSE_UNUSED)
{
    static const unsigned char ours[] = "\x08http/1.1";
    unsigned char *chosen;

    if (SSL_select_next_proto(&chosen, out_len, ours, sizeof(ours) - 1, offered, offered_len) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

static bool set_up(SSL_CTX *ctx)
{
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    /* The front writes what it has, from wherever it stands then; and ten thousand idle connections keep no buffers. */
    SSL_CTX_set_mode(ctx,
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_alpn_select_cb(ctx, choose_protocol, NULL);
    return SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1 &&
           SSL_CTX_set_cipher_list(ctx, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1;
}

static bool load(const struct tls *tls, SSL_CTX **out, struct rse_err *err)
{
    SSL_CTX *ctx;
    bool ok;

    ERR_clear_error();
    ctx = SSL_CTX_new(TLS_server_method());
    if (ctx == NULL || !set_up(ctx))
        ok = fail(err, "could not set up TLS", "OpenSSL");
    else if (SSL_CTX_use_certificate_chain_file(ctx, tls->certificate) != 1)
        ok = fail(err, "could not read the certificate", tls->certificate);
    else if (SSL_CTX_use_PrivateKey_file(ctx, tls->key, SSL_FILETYPE_PEM) != 1)
        ok = fail(err, "could not read the certificate's key", tls->key);
    else
        ok = SSL_CTX_check_private_key(ctx) == 1 || fail(err, "the key is not that of the certificate", tls->key);
    if (!ok)
        SSL_CTX_free(ctx);
    else
        *out = ctx;
    return ok;
}

bool tls_new(struct tls **out, const char *certificate, const char *key, struct rse_err *err)
{
    struct tls *tls = rse_new(struct tls);

    tls->certificate = rse_xstrdup(certificate);
    tls->key = rse_xstrdup(key);
    if (!load(tls, &tls->ctx, err)) {
        tls_free(tls);
        return false;
    }
    *out = tls;
    return true;
}

void tls_free(struct tls *tls)
{
    if (tls == NULL)
        return;
    SSL_CTX_free(tls->ctx);
    free(tls->certificate);
    free(tls->key);
    free(tls);
}

bool tls_reload(struct tls *tls, struct rse_err *err)
{
    SSL_CTX *ctx;

    if (!load(tls, &ctx, err))
        return false;
    SSL_CTX_free(tls->ctx); /* connections have holds of their own */
    tls->ctx = ctx;
    return true;
}

SSL *tls_connection(struct tls *tls)
{
    SSL *ssl = SSL_new(tls->ctx);

    if (ssl == NULL)
        abort(); /* the alternative would be a connection in the clear */
    return ssl;
}

int64_t tls_not_after(const struct tls *tls)
{
    const ASN1_TIME *end = X509_get0_notAfter(SSL_CTX_get0_certificate(tls->ctx));
    struct tm tm;

    return end != NULL && ASN1_TIME_to_tm(end, &tm) == 1 ? (int64_t)timegm(&tm) : 0;
}
