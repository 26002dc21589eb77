/*
 * config.c - the rows of the settings, and readers for those that are more than a number.
 */
#include <arpa/inet.h>

#include "api-server/config.h"

#define SECOND 1000
#define HOUR   (3600 * SECOND)

#define AT(member) offsetof(struct config, member)

/* clang-format off */
#define COMMON_ROWS \
    { "database-url", RSE_OPT_SECRET, "postgresql:///resedge", 0, 0, "URL", \
      "PostgreSQL, as a libpq URI or key=value string", AT(database_url) }, \
    LOG_ROWS

#define LOG_ROWS \
    { "log-level", RSE_OPT_STRING, "info", 0, 0, "LEVEL", "debug, info, warn, error or off", AT(log_level) }, \
    { "log-format", RSE_OPT_STRING, "auto", 0, 0, "FORMAT", \
      "json, text, or auto: text on a terminal", AT(log_format) }

#define MIGRATIONS_ROW \
    { "migrations", RSE_OPT_STRING, NULL, 0, 0, "DIR", \
      "Folder of the migrations (default: the one beside the program)", AT(migrations) }

const struct rse_option serve_options[] = {
    COMMON_ROWS,
    MIGRATIONS_ROW,
    { "listen", RSE_OPT_STRING, "127.0.0.1:8080", 0, 0, "HOST:PORT",
      "Where to listen; port 0 takes any free one", AT(listen) },
    { "port-file", RSE_OPT_STRING, NULL, 0, 0, "FILE",
      "Write the port that is listened on to this file once it is open", AT(port_file) },
    { "docs-page", RSE_OPT_STRING, NULL, 0, 0, "DIR",
      "Folder of the viewer for the page at /docs (default: the one beside the program)", AT(docs_page) },
    { "no-auth", RSE_OPT_BOOL, "false", 0, 0, NULL,
      "Ask for no token and let everyone be admin; on a loopback address only", AT(no_auth) },
    { "tls-cert", RSE_OPT_STRING, NULL, 0, 0, "FILE",
      "Speak TLS with this certificate (PEM, with its chain); SIGHUP reads it again", AT(tls_cert) },
    { "tls-key", RSE_OPT_STRING, NULL, 0, 0, "FILE",
      "The certificate's key (PEM)", AT(tls_key) },
    { "trusted-proxies", RSE_OPT_STRING, NULL, 0, 0, "CIDR,...",
      "Networks of the reverse proxies in front, whose word counts for who asks (default: nobody's)",
      AT(trusted_proxies) },
    { "forwarded-header", RSE_OPT_STRING, "X-Forwarded-For", 0, 0, "HEADER",
      "What they say it with: X-Forwarded-For or Forwarded", AT(forwarded_header) },
    { "max-connections", RSE_OPT_INT, "10000", 1, 1000000, "N",
      "Most client connections at a time", AT(max_connections) },
    { "header-timeout", RSE_OPT_DURATION, "10s", 10, HOUR, "TIME",
      "Longest time for a request's head to arrive", AT(header_timeout_ms) },
    { "body-timeout", RSE_OPT_DURATION, "60s", 10, HOUR, "TIME",
      "Longest time for a request's body to arrive", AT(body_timeout_ms) },
    { "idle-timeout", RSE_OPT_DURATION, "75s", 10, HOUR, "TIME",
      "How long a connection may wait for its next request", AT(idle_timeout_ms) },
    { "write-timeout", RSE_OPT_DURATION, "60s", 10, HOUR, "TIME",
      "How long a client may take nothing of its answer", AT(write_timeout_ms) },
    { "query-timeout", RSE_OPT_DURATION, "5s", 100, HOUR, "TIME",
      "Longest time for a short query", AT(query_timeout_ms) },
    { "read-connections", RSE_OPT_INT, "4", 1, 64, "N",
      "Database connections for short queries", AT(read_connections) },
    { "stream-connections", RSE_OPT_INT, "2", 1, 64, "N",
      "Database connections for whole tables and snapshots", AT(stream_connections) },
    { "list-connections", RSE_OPT_INT, "4", 1, 64, "N",
      "Database connections for pages of lists", AT(list_connections) },
    { "drain-timeout", RSE_OPT_DURATION, "20s", 0, HOUR, "TIME",
      "How long to finish open requests after SIGTERM", AT(drain_timeout_ms) },
    { "session-lifetime", RSE_OPT_DURATION, "12h", 60 * SECOND, INT64_C(720) * HOUR, "TIME",
      "How long somebody stays signed in", AT(session_lifetime_ms) },
    { .name = NULL },
};

const struct rse_option migrate_options[] = {
    COMMON_ROWS,
    MIGRATIONS_ROW,
    { "serve-role", RSE_OPT_STRING, NULL, 0, 0, "NAME",
      "Give this role of the database what `serve` needs; it is created where it is missing", AT(serve_role) },
    { .name = NULL },
};

const struct rse_option token_options[] = {
    COMMON_ROWS,
    { "role", RSE_OPT_STRING, "viewer", 0, 0, "ROLE",
      "viewer, app-team, platform, admin or worker (token create)", AT(role) },
    { "expires", RSE_OPT_STRING, NULL, 0, 0, "TIME",
      "Lifetime, such as 30d (token create; default: for ever)", AT(expires) },
    { "business-units", RSE_OPT_STRING, NULL, 0, 0, "NAMES",
      "Whose namespaces and applications an app-team may change, separated by commas (token create)",
      AT(business_units) },
    { "owners", RSE_OPT_STRING, NULL, 0, 0, "NAMES",
      "The same by owner (token create)", AT(owners) },
    { .name = NULL },
};

const struct rse_option forget_options[] = {
    COMMON_ROWS,
    { "keep", RSE_OPT_STRING, NULL, 0, 0, "TIME",
      "Keep what changed in so long, such as 90d", AT(keep) },
    { "before", RSE_OPT_STRING, NULL, 0, 0, "TIME",
      "Forget what changed before that, such as 2026-08-01, in UTC", AT(before) },
    { "dry-run", RSE_OPT_BOOL, "false", 0, 0, NULL,
      "Show what would be forgotten, and leave it there", AT(dry_run) },
    { .name = NULL },
};

const struct rse_option routes_options[] = {
    LOG_ROWS,
    { .name = NULL },
};
/* clang-format on */

bool config_listen_address(const char *listen, struct rse_arena *arena, const char **host, uint16_t *port,
                           struct rse_err *err)
{
    const char *colon = strrchr(listen, ':');
    struct rse_str name = rse_str_n(listen, colon != NULL ? (size_t)(colon - listen) : 0);
    int64_t number;

    if (name.len > 2 && name.p[0] == '[' && name.p[name.len - 1] == ']')
        name = rse_str_n(name.p + 1, name.len - 2);
    if (name.len == 0 || !rse_parse_int64(rse_str(colon + 1), 0, 65535, &number)) {
        rse_err_object(err, "--listen %s", listen);
        rse_err_hint(err, "Write it as 127.0.0.1:8080 or [::1]:8080.");
        return rse_fail(err, RSE_INVALID, "the address to listen on is not HOST:PORT");
    }
    *host = rse_arena_str(arena, name).p;
    *port = (uint16_t)number;
    return true;
}

bool config_is_loopback(const char *host)
{
    struct in_addr address;

    if (inet_pton(AF_INET, host, &address) == 1)
        return ntohl(address.s_addr) >> 24 == 127;
    return strcmp(host, "::1") == 0 || strcmp(host, "localhost") == 0;
}
