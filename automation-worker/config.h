/*
 * config.h - the worker's settings; one row each in config.c.
 */
#ifndef WORKER_CONFIG_H
#define WORKER_CONFIG_H

#include <resedge/arena.h>
#include <resedge/err.h>

struct config {
    const char *api_url, *token, *ca_file;
    const char *data_dir;
    const char *listen, *advertise;
    const char *name;
    int64_t poll_ms, lease_ms, grace_ms;
    const char *signing_key;
    const char *credentials_dir;
    int64_t remote_poll_ms;
    int64_t remote_connect_ms, remote_idle_ms, remote_whole_ms, remote_max_bytes;
    bool once;
    const char *log_level, *log_format;
    bool help, version;
};

/* Reads flags, environment and file, and fills in what follows from the machine (the name). Strings live in the
 * arena. */
bool config_read(struct config *config, int argc, char **argv, struct rse_arena *arena, struct rse_err *err) RSE_MUST;
void config_help(void);

#endif
