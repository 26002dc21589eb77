/*
 * command_serve.c - `resedge-api serve`: puts the server together, runs its loop, and takes it apart again.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>

#include <event2/dns.h>
#include <event2/event.h>

#include "api-server/api.h"
#include "api-server/commands.h"
#include "api-server/config.h"
#include "api-server/fleet/live.h"
#include "api-server/fleet/live_fresh.h"
#include "api-server/fleet/live_read.h"
#include "api-server/handlers/docs_page.h"
#include "api-server/handlers/events.h"
#include "api-server/handlers/queue.h"
#include "api-server/http/auth.h"
#include "api-server/http/forwarded.h"
#include "api-server/http/metrics.h"
#include "api-server/http/server.h"
#include "api-server/http/tls.h"
#include "api-server/offload.h"
#include "api-server/store/db.h"
#include "api-server/store/migrate.h"
#include "api-server/store/noun.h"
#include "api-server/store/schema.h"

struct service {
    struct api api;
    struct proxies proxies;
    struct event *on_term, *on_int, *on_hup;
    struct event *log_kept; /* lines that are to be written in the end of the loop's turn */
    const char *host;
    uint16_t port;
    struct rse_err err; /* why it stopped, when nobody asked it to */
};

static void log_certificate(const struct tls *tls)
{
    char end[RSE_TIME_SIZE];

    rse_format_time(tls_not_after(tls) * 1000, end);
    rse_log(RSE_LOG_INFO, "certificate read", RSE_LOG_STR("notAfter", end));
}

static void on_drained(void *arg)
{
    struct service *service = arg;

    event_base_loopexit(service->api.base, NULL);
}

static void on_signal(evutil_socket_t number, short what, void *arg)
{
    struct service *service = arg;

    (void)what;
    if (service->api.draining) {
        event_base_loopexit(service->api.base, NULL);
        return;
    }
    rse_log(RSE_LOG_INFO, "stopping", RSE_LOG_STR("signal", number == SIGTERM ? "SIGTERM" : "SIGINT"),
            RSE_LOG_INT("open", server_open_calls(service->api.server)));
    server_drain(service->api.server, service->api.config->drain_timeout_ms, on_drained, service);
}

static void on_hangup(evutil_socket_t number, short what, void *arg)
{
    struct service *service = arg;
    struct rse_err err = RSE_ERR_INIT;

    (void)number, (void)what;
    if (service->api.tls == NULL)
        rse_log(RSE_LOG_INFO, "nothing to read again: no certificate");
    else if (tls_reload(service->api.tls, &err))
        log_certificate(service->api.tls);
    else
        rse_log(RSE_LOG_ERROR, "the certificate stays as it was", RSE_LOG_ERR(&err));
}

static void on_schema_refused(void *arg, const struct rse_err *err)
{
    struct service *service = arg;

    service->err = *err;
    event_base_loopexit(service->api.base, NULL);
}

/* Whoever waits for the file must find it whole. */
static bool write_port_file(const char *path, uint16_t port, struct rse_arena *arena, struct rse_err *err)
{
    const char *temporary = rse_arena_printf(arena, "%s.new", path);
    FILE *file = fopen(temporary, "we");
    bool ok = file != NULL && fprintf(file, "%u\n", port) > 0;

    if (file != NULL && fclose(file) != 0)
        ok = false;
    if (ok && rename(temporary, path) == 0)
        return true;
    rse_err_object(err, "%s", path);
    return rse_fail_errno(err, RSE_INTERNAL, errno, "could not write the port file");
}

static void on_libevent_log(int severity, const char *message)
{
    rse_log(severity >= EVENT_LOG_WARN ? RSE_LOG_WARN : RSE_LOG_DEBUG, "libevent", RSE_LOG_STR("message", message));
}

static void raise_file_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static bool open_database(struct service *service, struct rse_arena *arena, struct rse_err *err)
{
    const struct config *config = service->api.config;
    struct db_config db = { .url = config->database_url,
                            .read_connections = (int)config->read_connections,
                            .stream_connections = (int)config->stream_connections,
                            .list_connections = (int)config->list_connections,
                            .query_timeout_ms = config->query_timeout_ms };
    const char *dir;

    return migrations_find(config->migrations, arena, &dir, err) &&
           db_new(&service->api.db, service->api.base, &db, err) &&
           schema_new(&service->api.schema, service->api.base, service->api.db, dir, on_schema_refused, service, err);
}

/* Before anything is started: what can't work is said at once. */
static bool check_listen(struct service *service, struct rse_arena *arena, struct rse_err *err)
{
    const struct config *config = service->api.config;

    if (!config_listen_address(config->listen, arena, &service->host, &service->port, err))
        return false;
    if (!config->no_auth || config_is_loopback(service->host))
        return true;
    rse_err_object(err, "--listen %s", config->listen);
    return rse_fail(err, RSE_INVALID, "--no-auth is for a loopback address only");
}

static bool open_tls(struct service *service, struct rse_err *err)
{
    const struct config *config = service->api.config;

    if (config->tls_cert == NULL && config->tls_key == NULL)
        return true;
    if (config->tls_cert == NULL || config->tls_key == NULL)
        return rse_fail(err, RSE_INVALID, "--tls-cert and --tls-key belong together");
    if (!tls_new(&service->api.tls, config->tls_cert, config->tls_key, err))
        return false;
    log_certificate(service->api.tls);
    return true;
}

static bool open_http(struct service *service, struct rse_arena *arena, struct rse_err *err)
{
    struct api *api = &service->api;
    const char *port_file = api->config->port_file;

    if (!server_new(&api->server, api, service->host, service->port, err))
        return false;
    rse_log(RSE_LOG_INFO, "listening", RSE_LOG_STR("host", service->host),
            RSE_LOG_INT("port", server_port(api->server)), RSE_LOG_STR("version", rse_version()));
    return port_file == NULL || write_port_file(port_file, server_port(api->server), arena, err);
}

static void on_log_kept(void *service)
{
    event_active(((struct service *)service)->log_kept, EV_TIMEOUT, 0);
}

static void write_log(evutil_socket_t fd, short what, void *arg)
{
    (void)fd, (void)what, (void)arg;
    rse_log_flush();
}

static void watch_signals(struct service *service)
{
    struct event_base *base = service->api.base;

    signal(SIGPIPE, SIG_IGN);
    /* What libevent puts back in the end: a second signal must not kill us while we tidy up. */
    signal(SIGTERM, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    service->on_term = evsignal_new(base, SIGTERM, on_signal, service);
    service->on_int = evsignal_new(base, SIGINT, on_signal, service);
    event_add(service->on_term, NULL);
    event_add(service->on_int, NULL);
    service->on_hup = evsignal_new(base, SIGHUP, on_hangup, service);
    event_add(service->on_hup, NULL);
}

static void take_apart(struct service *service)
{
    struct api *api = &service->api;

    offload_free(api->offload); /* calls are what it works on */
    db_free(api->db);           /* answers what still waits, so the rest must still be there */
    queue_free(api->queue);
    events_free(api->events);
    docs_page_free(api->docs_page);
    live_reader_free(api->reader);
    live_freshener_free(api->freshener);
    noun_reader_free(api->nouns);
    live_free(api->live);
    schema_free(api->schema);
    server_free(api->server);
    tls_free(api->tls);
    auth_free(api->auth);
    metrics_free(api->metrics);
    if (api->dns != NULL)
        evdns_base_free(api->dns, 0);
    rse_log_keep(NULL, NULL);
    event_free(service->log_kept);
    if (service->on_term != NULL)
        event_free(service->on_term);
    if (service->on_int != NULL)
        event_free(service->on_int);
    if (service->on_hup != NULL)
        event_free(service->on_hup);
    event_base_free(api->base);
    libevent_global_shutdown();
}

bool command_serve(const struct config *config, int nwords, char **words, struct rse_err *err)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    struct service service = { .api = { .config = config }, .err = RSE_ERR_INIT };
    bool ok = false;

    if (nwords > 0) {
        rse_err_object(err, "%s", words[0]);
        return rse_fail(err, RSE_INVALID, "serve takes options only");
    }
    raise_file_limit();
    event_set_log_callback(on_libevent_log);
    service.api.base = event_base_new();
    service.api.proxies = &service.proxies;
    service.log_kept = evtimer_new(service.api.base, write_log, NULL);
    rse_log_keep(on_log_kept, &service);
    service.api.metrics = metrics_new();
    watch_signals(&service);
    if (!check_listen(&service, arena, err) ||
        !proxies_parse(config->trusted_proxies, config->forwarded_header, &service.proxies, err) ||
        !open_tls(&service, err) || !open_database(&service, arena, err) ||
        !offload_new(&service.api.offload, service.api.base, err))
        goto out;
    service.api.nouns = noun_reader_new(service.api.base, service.api.db);
    service.api.live = live_new(service.api.base, service.api.db, service.api.offload);
    service.api.reader = live_reader_new(service.api.live, service.api.nouns);
    service.api.freshener = live_freshener_new(service.api.live);
    service.api.auth = auth_new(&service.api, config->no_auth);
    service.api.queue = queue_new(&service.api);
    service.api.events = events_new(&service.api);
    service.api.docs_page = docs_page_new(config->docs_page);
    if (!open_http(&service, arena, err))
        goto out;
    event_base_dispatch(service.api.base);
    *err = service.err;
    ok = service.err.code == RSE_OK;
    if (ok)
        rse_log(RSE_LOG_INFO, "stopped");
out:
    take_apart(&service);
    return ok;
}
