/*
 * tls.h - the server's certificate and key, for connections of TLS 1.2 and 1.3; read again when somebody says so.
 */
#ifndef API_HTTP_TLS_H
#define API_HTTP_TLS_H

#include <openssl/ssl.h>
#include <resedge/resedge.h>

struct tls;

/* PEM files: the certificate with those that lead to its root behind it, and its key. Paths are copied. */
bool tls_new(struct tls **out, const char *certificate, const char *key, struct rse_err *err) RSE_MUST;
void tls_free(struct tls *tls);

/* Reads the files again. Connections that exist keep what they have; when something is wrong with the files, so do new ones. */
bool tls_reload(struct tls *tls, struct rse_err *err) RSE_MUST;

/* For one new connection; given to whoever frees the connection. Without memory the process ends. */
SSL *tls_connection(struct tls *tls);
/* When the certificate ends, in seconds since 1970. */
int64_t tls_not_after(const struct tls *tls);

#endif
