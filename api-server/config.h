/*
 * config.h - the settings of resedge-api, one table a subcommand.
 */
#ifndef API_CONFIG_H
#define API_CONFIG_H

#include <resedge/resedge.h>

struct config {
    /* every subcommand */
    const char *database_url;
    const char *log_level, *log_format;
    const char *migrations;
    /* migrate */
    const char *serve_role;
    /* forget-changes */
    const char *keep, *before;
    bool dry_run;
    /* serve */
    const char *listen;
    const char *port_file;
    const char *docs_page;
    bool no_auth;
    const char *tls_cert, *tls_key;
    const char *trusted_proxies; /* networks, comma-separated */
    const char *forwarded_header;
    int64_t max_connections;
    int64_t header_timeout_ms, body_timeout_ms, idle_timeout_ms, write_timeout_ms;
    int64_t query_timeout_ms;
    int64_t read_connections, stream_connections, list_connections;
    int64_t drain_timeout_ms;
    int64_t session_lifetime_ms;
    /* token create */
    const char *role;
    const char *expires;
    const char *business_units, *owners; /* comma-separated */
};

extern const struct rse_option serve_options[], migrate_options[], token_options[], forget_options[], routes_options[];

/* "127.0.0.1:8080" or "[::1]:8080" taken apart; host is copied to the arena, without brackets. */
bool config_listen_address(const char *listen, struct rse_arena *arena, const char **host, uint16_t *port,
                           struct rse_err *err) RSE_MUST;
/* Whether a host is the loopback address. */
bool config_is_loopback(const char *host);

#endif
