/*
 * test_tls.c - the client against a real TLS server with a certificate of its own, made for the test.
 */
#include "tests/unit/client/client_test.h"

#include <signal.h>

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

struct tls_server {
    SSL_CTX *ctx;
    X509 *certificate;
    EVP_PKEY *key;
    int listener;
    unsigned port;
    pthread_t thread;
    char request[SERVER_REQUEST_MAX]; /* the last one that came through */
    char url[64], ca_file[64];
};

static X509 *make_certificate(EVP_PKEY *key)
{
    X509 *x = X509_new();
    X509V3_CTX ctx;

    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
    X509_gmtime_adj(X509_getm_notBefore(x), -60);
    X509_gmtime_adj(X509_getm_notAfter(x), 3600);
    X509_set_pubkey(x, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC, (const unsigned char *)"test", -1, -1, 0);
    X509_set_issuer_name(x, X509_get_subject_name(x));
    X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
    X509_EXTENSION *name = X509V3_EXT_conf_nid(NULL, &ctx, NID_subject_alt_name, "IP:127.0.0.1");

    X509_add_ext(x, name, -1);
    X509_EXTENSION_free(name);
    assert_true(X509_sign(x, key, EVP_sha256()) > 0);
    return x;
}

/* One connection after another: reads a request and answers it. */
static void *tls_run(void *arg)
{
    static const char ANSWER[] = OK_JSON "Content-Length: 2\r\nConnection: close\r\n\r\n{}";
    struct tls_server *s = arg;
    sigset_t pipe_only;
    int fd;

    /* Only here: that the client survives a closed connection by itself is part of the test. */
    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_only, NULL);
    while ((fd = accept(s->listener, NULL, NULL)) >= 0) {
        SSL *ssl = SSL_new(s->ctx);

        SSL_set_fd(ssl, fd);
        if (SSL_accept(ssl) == 1) {
            int n = SSL_read(ssl, s->request, sizeof(s->request) - 1);

            s->request[n > 0 ? n : 0] = '\0';
            SSL_write(ssl, ANSWER, sizeof(ANSWER) - 1);
            SSL_shutdown(ssl);
        }
        SSL_free(ssl);
        close(fd);
    }
    return NULL;
}

static int tls_start(void **state)
{
    struct tls_server *s = rse_new(struct tls_server);
    int fd;

    s->key = EVP_EC_gen("P-256");
    s->certificate = make_certificate(s->key);
    s->ctx = SSL_CTX_new(TLS_server_method());
    SSL_CTX_use_certificate(s->ctx, s->certificate);
    SSL_CTX_use_PrivateKey(s->ctx, s->key);
    s->listener = server_closed_port(&s->port);
    snprintf(s->url, sizeof(s->url), "https://127.0.0.1:%u", s->port);
    snprintf(s->ca_file, sizeof(s->ca_file), "/tmp/resedge-test-ca-XXXXXX");
    fd = mkstemp(s->ca_file);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;

    if (file == NULL || PEM_write_X509(file, s->certificate) != 1 || fclose(file) != 0 || listen(s->listener, 8) != 0)
        return -1;
    pthread_create(&s->thread, NULL, tls_run, s);
    *state = s;
    rse_client_global_init();
    return 0;
}

static int tls_stop(void **state)
{
    struct tls_server *s = *state;

    shutdown(s->listener, SHUT_RDWR); /* ends the accept() */
    pthread_join(s->thread, NULL);
    close(s->listener);
    unlink(s->ca_file);
    SSL_CTX_free(s->ctx);
    X509_free(s->certificate);
    EVP_PKEY_free(s->key);
    free(s);
    rse_client_global_cleanup();
    return 0;
}

static bool ask(const struct tls_server *s, const char *ca_file, struct rse_err *err)
{
    struct rse_client_config config = { .url = s->url, .token = "rse_1_secret", .ca_file = ca_file, .retries = -1 };
    struct rse_client *client = NULL;

    assert_true(rse_client_new(&client, &config, err));
    bool ok = rse_client_json(client, "GET", "/x", NULL, NULL, err);

    rse_client_free(client);
    return ok;
}

static void send__trusts_the_authority_that_it_was_given(void **state)
{
    struct tls_server *s = *state;
    struct rse_err err = RSE_ERR_INIT;

    CHECK(ask(s, s->ca_file, &err), err);
    assert_non_null(strstr(s->request, "\r\nAuthorization: Bearer rse_1_secret\r\n"));
}

static void send__gives_nothing_to_a_server_that_it_cannot_trust(void **state)
{
    struct tls_server *s = *state;
    struct rse_err err = RSE_ERR_INIT;

    assert_false(ask(s, NULL, &err));
    check_error(&err, RSE_UNAVAILABLE, "could not trust the Data Service's certificate");
    assert_true(strlen(err.hint) > 0);
    assert_string_equal(s->request, "");
}

static void send__tells_of_a_file_without_certificates(void **state)
{
    struct tls_server *s = *state;
    struct rse_err err = RSE_ERR_INIT;

    assert_false(ask(s, "/nonexistent/ca.pem", &err));
    check_error(&err, RSE_UNAVAILABLE, "could not trust the Data Service's certificate");
    assert_string_equal(s->request, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(send__trusts_the_authority_that_it_was_given, tls_start, tls_stop),
        cmocka_unit_test_setup_teardown(send__gives_nothing_to_a_server_that_it_cannot_trust, tls_start, tls_stop),
        cmocka_unit_test_setup_teardown(send__tells_of_a_file_without_certificates, tls_start, tls_stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
