/*
 * front_output.c - what goes to a client: written at once as far as its socket takes it, through TLS where that is spoken.
 */
#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <openssl/err.h>

#include "api-server/api.h"
#include "api-server/config.h"
#include "api-server/http/call_internal.h"
#include "api-server/http/front_internal.h"

/* A record of TLS holds no more. */
enum { RECORD = 16 << 10, MOST_PIECES = 8 };

/* As evbuffer_write(): how many bytes were taken, or -1 with errno. */
static int write_tls(SSL *ssl, struct evbuffer *out)
{
    size_t len = evbuffer_get_length(out), written;

    len = len < RECORD ? len : RECORD;
    ERR_clear_error();
    if (SSL_write_ex(ssl, evbuffer_pullup(out, (ev_ssize_t)len), len, &written) == 1) {
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

static enum client_written write_out(struct client *client)
{
    struct evbuffer *out = client->out;
    int written = 0;

    while (evbuffer_get_length(out) > 0 && written >= 0)
        written = client->ssl != NULL ? write_tls(client->ssl, out) : evbuffer_write(out, client->fd);
    if (evbuffer_get_length(out) == 0)
        return WRITTEN_ALL;
    if (errno != EAGAIN && errno != EINTR)
        return WRITTEN_NEVER;
    client_await_room(client);
    return WRITTEN_LATER;
}

/* Most answers go from where they lie into the socket. How many bytes did. */
static size_t write_directly(struct client *client, const struct rse_str *pieces, size_t count)
{
    struct iovec parts[MOST_PIECES];
    ssize_t n;

    for (size_t i = 0; i < count; i++)
        parts[i] = (struct iovec){ (void *)(uintptr_t)pieces[i].p, pieces[i].len };
    n = sendmsg(client->fd, &(struct msghdr){ .msg_iov = parts, .msg_iovlen = count }, MSG_NOSIGNAL);
    return n > 0 ? (size_t)n : 0;
}

enum client_written client_write(struct client *client, const struct rse_str *pieces, size_t count)
{
    size_t written = 0;

    if (client->gone)
        return WRITTEN_LATER;
    if (client->ssl == NULL && evbuffer_get_length(client->out) == 0 && count <= MOST_PIECES)
        written = write_directly(client, pieces, count);
    for (size_t i = 0; i < count; i++) {
        size_t skip = written < pieces[i].len ? written : pieces[i].len;

        written -= skip;
        if (skip < pieces[i].len)
            evbuffer_add(client->out, pieces[i].p + skip, pieces[i].len - skip);
    }
    return write_out(client);
}

void client_say_goodbye(struct client *client)
{
    if (client->ssl == NULL || client->fd < 0 || !SSL_is_init_finished(client->ssl))
        return;
    ERR_clear_error();
    (void)SSL_shutdown(client->ssl);
    ERR_clear_error();
}

static void on_all_written(struct client *client)
{
    if (client->state == CLIENT_REFUSED)
        client_farewell(client);
    else if (client->call == NULL && client->state == CLIENT_BUSY)
        client_rest(client);
    else if (client->call != NULL && client->call->streaming)
        event_active(client->call->poke, EV_TIMEOUT, 0);
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
    struct client *client = arg;
    bool waits = evbuffer_get_length(client->out) > 0;
    enum client_written written;

    (void)fd;
    written = (what & EV_TIMEOUT) != 0 ? WRITTEN_NEVER : write_out(client);
    if (written == WRITTEN_NEVER)
        client_drop(client);
    else if (written == WRITTEN_ALL && waits)
        on_all_written(client);
    /* TLS may have waited for it to read on. */
    if (client->ssl != NULL && !client->gone)
        client_look_again(client);
}

void client_await_room(struct client *client)
{
    int64_t ms = client->front->api->config->write_timeout_ms;
    struct timeval patience = { .tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000 };

    if (client->writable == NULL)
        client->writable = event_new(client->front->api->base, client->fd, EV_WRITE, on_writable, client);
    event_add(client->writable, &patience);
}
