#include "automation-worker/remote/ssh_child.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>

#include <resedge/arena.h>

/* A word for the shell at the other end. */
static char *quote(const char *text, struct rse_arena *arena)
{
    char *out = rse_arena_alloc(arena, strlen(text) * 4 + 3), *at = out;

    *at++ = '\'';
    for (; *text != '\0'; text++) {
        if (*text == '\'' || *text == '!') {
            *at++ = '\'';
            *at++ = '\\';
            *at++ = *text;
            *at++ = '\'';
        } else {
            *at++ = *text;
        }
    }
    *at++ = '\'';
    *at = '\0';
    return out;
}

/* ssh splits the values of its options at spaces, and reads % and ${ in them. */
static bool check_file(const char *path, const char *part, struct rse_err *err)
{
    if (path == NULL) {
        rse_err_hint(err, "SSH needs a credential with the files identity and known_hosts.");
        return rse_fail(err, RSE_INVALID, "the target's credential has no %s", part);
    }
    return strpbrk(path, "\"%$\\") == NULL ||
           rse_fail(err, RSE_INVALID, "the path of the credential has a character that ssh can't take");
}

#define MAX_ARGS 48

static bool build_args(const struct wire *wire, char *args[static MAX_ARGS], struct rse_arena *arena,
                       struct rse_err *err)
{
    const struct wire_options *options = &wire->options;
    const struct remote_address *address = options->address;
    const struct credential *credential = options->credential;
    int64_t connect_s = (options->limits.connect_ms + 999) / 1000;
    size_t n = 0;

    if (!check_file(credential->identity_file, "identity", err) ||
        !check_file(credential->known_hosts_file, "known_hosts", err))
        return false;
    const char *const fixed[] = {
        "ssh",  "-F",
        "none", "-T",
        "-a",   "-x",
        "-o",   "BatchMode=yes",
        "-o",   "StrictHostKeyChecking=yes",
        "-o",   "GlobalKnownHostsFile=/dev/null",
        "-o",   "UpdateHostKeys=no",
        "-o",   "IdentitiesOnly=yes",
        "-o",   "PreferredAuthentications=publickey",
        "-o",   "LogLevel=ERROR",
        "-o",   "ServerAliveInterval=15",
        "-o",   "ServerAliveCountMax=2",
    };
    for (; n < RSE_COUNT(fixed); n++)
        args[n] = rse_arena_strdup(arena, fixed[n]);
    args[n++] = rse_arena_strdup(arena, "-o");
    args[n++] = rse_arena_printf(arena, "UserKnownHostsFile=\"%s\"", credential->known_hosts_file);
    args[n++] = rse_arena_strdup(arena, "-o");
    args[n++] = rse_arena_printf(arena, "ConnectTimeout=%" PRId64, connect_s);
    args[n++] = rse_arena_strdup(arena, "-i");
    args[n++] = rse_arena_strdup(arena, credential->identity_file);
    if (address->port > 0) {
        args[n++] = rse_arena_strdup(arena, "-p");
        args[n++] = rse_arena_printf(arena, "%d", address->port);
    }
    if (address->user != NULL) {
        args[n++] = rse_arena_strdup(arena, "-l");
        args[n++] = rse_arena_strdup(arena, address->user);
    }
    args[n++] = rse_arena_strdup(arena, "--");
    args[n++] = rse_arena_strdup(arena, address->host);
    args[n++] = rse_arena_printf(arena, "%s %s", wire_service_name(wire->service), quote(address->path, arena));
    args[n] = NULL;
    return true;
}

/* Where programs and the user's own folder are; nothing else of ours. */
static void build_environment(char *out[static 4], struct rse_arena *arena)
{
    static const char *const kept[] = { "PATH", "HOME" };
    size_t n = 0;

    for (size_t i = 0; i < RSE_COUNT(kept); i++) {
        if (getenv(kept[i]) != NULL)
            out[n++] = rse_arena_printf(arena, "%s=%s", kept[i], getenv(kept[i]));
    }
    out[n++] = rse_arena_strdup(arena, "LC_ALL=C");
    out[n] = NULL;
}

bool ssh_child_start(pid_t *pid, const struct wire *wire, const int fds[3], struct rse_err *err)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    char *args[MAX_ARGS], *environment[4];
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    sigset_t pipe, none;

    if (!build_args(wire, args, arena, err))
        return false;
    build_environment(environment, arena);
    sigemptyset(&none);
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    posix_spawn_file_actions_init(&actions);
    for (int i = 0; i < 3; i++)
        posix_spawn_file_actions_adddup2(&actions, fds[i], i);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID);
    posix_spawnattr_setsigdefault(&attr, &pipe);
    posix_spawnattr_setsigmask(&attr, &none);
    pid_t child;
    int rc = posix_spawnp(&child, "ssh", &actions, &attr, args, environment);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&actions);
    if (rc == 0) {
        *pid = child;
        return true;
    }
    rse_err_hint(err, "Install OpenSSH's client where the worker runs.");
    return rse_fail_errno(err, rc == ENOENT ? RSE_INVALID : RSE_UNAVAILABLE, rc, "could not start ssh");
}
