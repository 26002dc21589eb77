#include "automation-worker/config.h"

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include <resedge/log.h>
#include <resedge/options.h>

#define AT(member) offsetof(struct config, member)

static const struct rse_option OPTIONS[] = {
    { "api-url", RSE_OPT_STRING, "http://127.0.0.1:8080", 0, 0, "URL", "where the Data Service answers", AT(api_url) },
    { "token", RSE_OPT_SECRET, NULL, 0, 0, NULL, "the worker's token (role worker)", AT(token) },
    { "ca-file", RSE_OPT_STRING, NULL, 0, 0, "FILE", "certificates to trust, PEM; else the system's", AT(ca_file) },
    { "data-dir", RSE_OPT_STRING, "/var/lib/resedge-worker", 0, 0, "DIR",
      "what the worker keeps between starts: the secret that the Data Service asks it with", AT(data_dir) },
    { "listen", RSE_OPT_STRING, "127.0.0.1:0", 0, 0, "HOST:PORT", "where questions are answered; port 0: a free one",
      AT(listen) },
    { "advertise", RSE_OPT_STRING, NULL, 0, 0, "URL",
      "how the Data Service reaches this worker; else made from the listening address", AT(advertise) },
    { "name", RSE_OPT_STRING, NULL, 0, 0, "NAME", "this worker's name; else <host>-<process id>", AT(name) },
    { "poll", RSE_OPT_DURATION, "2s", 50, 3600000, "TIME",
      "how often branches on this disk are looked at for new templates", AT(poll_ms) },
    { "credentials-dir", RSE_OPT_STRING, NULL, 0, 0, "DIR",
      "credentials for remotes, a folder each: username and password or bearerToken, ca.crt, identity, known_hosts",
      AT(credentials_dir) },
    { "signing-key", RSE_OPT_STRING, NULL, 0, 0, "FILE",
      "Ed25519 key of OpenSSH, without a passphrase, that commits are signed with; else they are not",
      AT(signing_key) },
    { "remote-poll", RSE_OPT_DURATION, "30s", 100, 86400000, "TIME",
      "how often the branches of remotes are looked at for new templates", AT(remote_poll_ms) },
    { "remote-connect-timeout", RSE_OPT_DURATION, "10s", 100, 600000, "TIME", "how long a remote may take to answer",
      AT(remote_connect_ms) },
    { "remote-idle-timeout", RSE_OPT_DURATION, "2m", 100, 3600000, "TIME",
      "how long nothing may come from a remote, as while it checks a push", AT(remote_idle_ms) },
    { "remote-timeout", RSE_OPT_DURATION, "1h", 1000, 86400000, "TIME", "how long one fetch or push may take in all",
      AT(remote_whole_ms) },
    { "remote-max-size", RSE_OPT_SIZE, "16GiB", 1 << 20, INT64_MAX, "SIZE", "the most that one fetch may bring",
      AT(remote_max_bytes) },
    { "lease", RSE_OPT_DURATION, "30s", 2000, 600000, "TIME", "how long a job is this worker's between two renewals",
      AT(lease_ms) },
    { "grace", RSE_OPT_DURATION, "10s", 0, 600000, "TIME", "how long a job under way may go on after SIGTERM",
      AT(grace_ms) },
    { "once", RSE_OPT_BOOL, "false", 0, 0, NULL, "run until no work is left, then exit", AT(once) },
    { "log-level", RSE_OPT_STRING, "info", 0, 0, "LEVEL", "debug, info, warn, error or off", AT(log_level) },
    { "log-format", RSE_OPT_STRING, "auto", 0, 0, "FORMAT", "json, text, or auto: text on a terminal", AT(log_format) },
    { .name = NULL },
};

void config_help(void)
{
    puts("usage: resedge-worker [options]\n\nTurns the changes of the Data Service into commits of GitOps "
         "repositories.\n");
    rse_options_help(OPTIONS, stdout);
    puts("  --help\n      print this\n  --version\n      print the version");
}

/* No rows of the table: a RESEDGE_VERSION in the environment is somebody else's. */
static bool wants(int argc, char **argv, const char *flag)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], flag) == 0)
            return true;
    }
    return false;
}

static const char *default_name(struct rse_arena *arena)
{
    char host[HOST_NAME_MAX + 1] = "";

    if (gethostname(host, sizeof(host) - 1) != 0 || host[0] == '\0')
        snprintf(host, sizeof(host), "worker");
    return rse_arena_printf(arena, "%s-%d", host, (int)getpid());
}

bool config_read(struct config *config, int argc, char **argv, struct rse_arena *arena, struct rse_err *err)
{
    config->help = wants(argc, argv, "--help");
    config->version = wants(argc, argv, "--version");
    if (config->help || config->version)
        return true;
    if (!rse_options_parse(OPTIONS, config, &argc, argv, arena, err))
        return false;
    if (argc > 0)
        return rse_fail(err, RSE_INVALID, "\"%s\" is no option", argv[0]);
    if (config->name == NULL)
        config->name = default_name(arena);
    if (config->token == NULL) {
        rse_err_hint(err,
                     "Make one with `resedge-api token create --role worker`, and give it with --token-file FILE.");
        return rse_fail(err, RSE_INVALID, "a token is needed");
    }
    return true;
}
