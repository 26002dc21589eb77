/*
 * front_output.c - what goes to a client: written to its socket by ourselves, through TLS where that is spoken, so that evhttp hears
 * that its answer is out only when the kernel has all of it.
 */
#include <errno.h>

#include <openssl/err.h>

#include "../api.h"
#include "../config.h"
#include "front_internal.h"

/* A record of TLS holds no more. */
enum { PIECE = 16 << 10 };

/* As evbuffer_write(): how many bytes were taken, or -1 with errno. */
static int write_tls(SSL *ssl, struct evbuffer *out)
{
    struct evbuffer_iovec piece;
    size_t written;

    if (evbuffer_peek(out, PIECE, NULL, &piece, 1) < 1)
        return 0;
    ERR_clear_error();
    if (SSL_write_ex(ssl, piece.iov_base, piece.iov_len < PIECE ? piece.iov_len : PIECE, &written) == 1) {
        evbuffer_drain(out, written);
        return (int)written;
    }
    switch (SSL_get_error(ssl, 0)) {
    case SSL_ERROR_WANT_WRITE:
    case SSL_ERROR_WANT_READ: /* what it waits for is read by the loop */
        errno = EAGAIN;
        break;
    default:
        errno = EPIPE;
    }
    ERR_clear_error();
    return -1;
}

enum client_written client_write(struct client *client, struct evbuffer *out)
{
    int written = 0;

    while (evbuffer_get_length(out) > 0 && written >= 0)
        written =
            client->ssl != NULL ? write_tls(client->ssl, out) : evbuffer_write(out, bufferevent_getfd(client->socket));
    if (evbuffer_get_length(out) == 0)
        return WRITTEN_ALL;
    if (errno != EAGAIN && errno != EINTR)
        return WRITTEN_NEVER;
    client_await_room(client);
    return WRITTEN_LATER;
}

void client_say_goodbye(struct client *client)
{
    if (client->ssl == NULL || !SSL_is_init_finished(client->ssl))
        return;
    ERR_clear_error();
    (void)SSL_shutdown(client->ssl);
    ERR_clear_error();
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
    struct client *client = arg;

    (void)fd;
    if ((what & EV_TIMEOUT) != 0)
        client_drop(client);
    else if (client->refusal != NULL)
        client_write_refusal(client);
    else
        client_push_now(client);
}

void client_await_room(struct client *client)
{
    int64_t ms = client->front->api->config->write_timeout_ms;
    struct timeval patience = { .tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000 };

    if (client->writable == NULL)
        client->writable =
            event_new(client->front->api->base, bufferevent_getfd(client->socket), EV_WRITE, on_writable, client);
    event_add(client->writable, &patience);
}

enum bufferevent_filter_result client_take_output(struct evbuffer *input, struct evbuffer *output, ev_ssize_t limit,
                                                  enum bufferevent_flush_mode mode, void *arg)
{
    struct client *client = arg;

    (void)output, (void)limit, (void)mode;
    if (!client->may_write) {
        client_push(client);
        return BEV_NEED_MORE;
    }
    switch (client_write(client, input)) {
    case WRITTEN_ALL:
        return BEV_OK;
    case WRITTEN_LATER:
        return BEV_NEED_MORE;
    default:
        client_drop(client);
        return BEV_ERROR;
    }
}
