/*
 * wire_ssh.c - a Git service at the other end of the system's ssh: what goes through its pipes, and how it ended.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <resedge/buf.h>

#include "automation-worker/clock.h"

#include "automation-worker/remote/ssh_child.h"
#include "automation-worker/remote/wire_impl.h"

enum { MAX_AHEAD = 512 << 10, MAX_SAID = 4000, CHUNK = 64 << 10, END_MS = 2000 };

struct wire_ssh {
    struct wire wire;
    pid_t pid;            /* 0: ended, and waited for */
    int to, from, errors; /* pipes; -1: closed */
    struct rse_buf in;    /* what came and was not read yet, from in_at on */
    size_t in_at;
    struct rse_buf said; /* what ssh, or the program at its other end, said to people */
};

static struct wire_ssh *ssh_of(struct wire *wire)
{
    return (struct wire_ssh *)wire;
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* ---- the pipes ---- */

static bool connect_pipes(struct wire_ssh *ssh, struct rse_err *err)
{
    int in[2] = { -1, -1 }, out[2] = { -1, -1 }, said[2] = { -1, -1 };
    bool ok = pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0 && pipe2(said, O_CLOEXEC) == 0;

    if (!ok)
        (void)rse_fail_errno(err, RSE_UNAVAILABLE, errno, "could not make a pipe");
    ssh->to = in[1];
    ssh->from = out[0];
    ssh->errors = said[0];
    ok = ok && fcntl(ssh->to, F_SETFL, O_NONBLOCK) == 0 && fcntl(ssh->from, F_SETFL, O_NONBLOCK) == 0 &&
         fcntl(ssh->errors, F_SETFL, O_NONBLOCK) == 0 &&
         ssh_child_start(&ssh->pid, &ssh->wire, (int[]){ in[0], out[1], said[1] }, err);
    close_fd(&in[0]);
    close_fd(&out[1]);
    close_fd(&said[1]);
    return ok;
}

/* Takes what a pipe has; at its end closes it. */
static void take(struct wire_ssh *ssh, int *fd, struct rse_buf *to)
{
    char chunk[CHUNK];
    ssize_t n = read(*fd, chunk, sizeof(chunk));

    if (n > 0) {
        size_t room = to->limit - to->len;

        rse_buf_addn(to, chunk, (size_t)n < room ? (size_t)n : room);
        wire_progress(&ssh->wire, fd == &ssh->from ? (size_t)n : 0);
    } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        close_fd(fd);
    }
}

/* Waits a little for any of the pipes. *writable: the child takes more. */
static bool turn(struct wire_ssh *ssh, bool write, bool *writable, struct rse_err *err)
{
    bool full = ssh->in.len - ssh->in_at > MAX_AHEAD;
    struct pollfd fds[3] = {
        { .fd = write ? ssh->to : -1, .events = POLLOUT },
        { .fd = full ? -1 : ssh->from, .events = POLLIN },
        { .fd = ssh->errors, .events = POLLIN },
    };

    if (!wire_check(&ssh->wire, err))
        return false;
    *writable = false;
    if (poll(fds, 3, WIRE_TICK_MS) <= 0)
        return true;
    if (fds[2].revents != 0)
        take(ssh, &ssh->errors, &ssh->said);
    if (fds[1].revents != 0)
        take(ssh, &ssh->from, &ssh->in);
    *writable = fds[0].revents != 0;
    return true;
}

/* ---- how it ended ---- */

/* Waits for the child; at most ms. False: it goes on living. */
static bool reap(struct wire_ssh *ssh, int *status, int64_t ms)
{
    for (int64_t until = clock_ms() + ms;; poll(NULL, 0, 5)) {
        pid_t got = waitpid(ssh->pid, status, WNOHANG);

        if (got == ssh->pid || (got < 0 && errno != EINTR)) {
            ssh->pid = 0;
            return true;
        }
        if (clock_ms() >= until)
            return false;
    }
}

static void end_child(struct wire_ssh *ssh)
{
    int status;

    if (ssh->pid == 0)
        return;
    kill(ssh->pid, SIGTERM);
    if (!reap(ssh, &status, END_MS)) {
        kill(ssh->pid, SIGKILL);
        while (waitpid(ssh->pid, &status, 0) < 0 && errno == EINTR)
            continue;
    }
    ssh->pid = 0;
}

/* What ssh and Git say in many lines, in one. */
static const struct diagnosis {
    const char *text; /* in what was said */
    enum rse_code code;
    const char *what, *hint;
} DIAGNOSES[] = {
    { "HOST IDENTIFICATION HAS CHANGED", RSE_DENIED, "the host's key is not the one in known_hosts",
      "Somebody may be listening in. If the host really has a new key, put it into the credential's known_hosts." },
    { "Host key verification failed", RSE_DENIED, "the host's key is not in known_hosts",
      "Put it into the credential's known_hosts, from a source that you trust." },
    { "UNPROTECTED PRIVATE KEY", RSE_DENIED, "others may read the credential's key", "chmod 600 the file identity." },
    { "Permission denied", RSE_UNAUTHENTICATED, "the host does not take the credential's key",
      "Let the host know its public half, and look at the user in the URL." },
    { "does not appear to be a git repository", RSE_NOT_FOUND, "there is no such repository on the host",
      "Look at the URL's path." },
};

/* The session is over although something was to come. */
static bool fail_ended(const struct wire_ssh *ssh, int status, struct rse_err *err)
{
    int exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 255;
    struct rse_str said = rse_buf_str(&ssh->said);

    for (size_t i = 0; i < RSE_COUNT(DIAGNOSES); i++) {
        if (strstr(said.p, DIAGNOSES[i].text) == NULL)
            continue;
        rse_err_hint(err, "%s", DIAGNOSES[i].hint);
        return rse_fail(err, DIAGNOSES[i].code, "%s", DIAGNOSES[i].what);
    }
    while (said.len > 0 && (said.p[said.len - 1] == '\n' || said.p[said.len - 1] == '\r'))
        said.len--;
    return rse_fail(err, RSE_UNAVAILABLE, "ssh ended with status %d%s%.*s", exit_status, said.len > 0 ? ": " : "",
                    RSE_STR_ARG(said));
}

/* A clean end is no failure here: whoever reads knows whether there was to be more. */
static bool check_end(struct wire_ssh *ssh, struct rse_err *err)
{
    int status = 0;
    bool ignored;

    while (ssh->errors >= 0) {
        if (!turn(ssh, false, &ignored, err))
            return false;
    }
    if (ssh->pid == 0)
        return true;
    if (!reap(ssh, &status, END_MS))
        return rse_fail(err, RSE_UNAVAILABLE, "ssh closed the connection and did not end");
    return (WIFEXITED(status) && WEXITSTATUS(status) == 0) || fail_ended(ssh, status, err);
}

/* ---- the operations ---- */

static bool write_all(struct wire_ssh *ssh, struct rse_str bytes, struct rse_err *err)
{
    bool writable;

    while (bytes.len > 0) {
        if (!turn(ssh, true, &writable, err))
            return false;
        if (!writable)
            continue;
        ssize_t n = write(ssh->to, bytes.p, bytes.len);

        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            continue;
        if (n < 0) {
            close_fd(&ssh->to);
            return check_end(ssh, err) ? rse_fail(err, RSE_UNAVAILABLE, "the remote closed the connection") : false;
        }
        bytes = rse_str_from(bytes, (size_t)n);
        wire_progress(&ssh->wire, 0);
    }
    return true;
}

static bool ssh_send(struct wire *wire, struct rse_str bytes, int fd, int64_t file_size, struct rse_err *err)
{
    struct wire_ssh *ssh = ssh_of(wire);
    char chunk[CHUNK];

    if (ssh->to < 0)
        return rse_fail(err, RSE_UNAVAILABLE, "the remote closed the connection");
    if (!write_all(ssh, bytes, err))
        return false;
    for (int64_t at = 0; at < file_size;) {
        ssize_t n = pread(fd, chunk, sizeof(chunk), at);

        if (n <= 0)
            return rse_fail_errno(err, RSE_UNAVAILABLE, n < 0 ? errno : EIO, "could not read what was to be sent");
        if (n > file_size - at)
            n = (ssize_t)(file_size - at);
        if (!write_all(ssh, rse_str_n(chunk, (size_t)n), err))
            return false;
        at += n;
    }
    return true;
}

static bool ssh_read(struct wire *wire, char *buffer, size_t size, size_t *got, struct rse_err *err)
{
    struct wire_ssh *ssh = ssh_of(wire);
    bool ignored;

    while (ssh->in.len == ssh->in_at && ssh->from >= 0) {
        rse_buf_reset(&ssh->in);
        ssh->in_at = 0;
        if (!turn(ssh, false, &ignored, err))
            return false;
    }
    size_t left = ssh->in.len - ssh->in_at;
    *got = left < size ? left : size;
    memcpy(buffer, ssh->in.p + ssh->in_at, *got);
    ssh->in_at += *got;
    return *got > 0 || check_end(ssh, err);
}

static void ssh_free(struct wire *wire)
{
    struct wire_ssh *ssh = ssh_of(wire);

    close_fd(&ssh->to);
    close_fd(&ssh->from);
    end_child(ssh);
    close_fd(&ssh->errors);
    rse_buf_release(&ssh->in);
    rse_buf_release(&ssh->said);
    free(ssh);
}

static const struct wire_class SSH = { .send = ssh_send, .read = ssh_read, .free = ssh_free, .stateless = false };

bool wire_ssh_open(struct wire **out, enum wire_service service, const struct wire_options *options,
                   struct rse_err *err)
{
    struct wire_ssh *ssh = rse_new(struct wire_ssh);

    wire_init(&ssh->wire, &SSH, service, options);
    ssh->to = ssh->from = ssh->errors = -1;
    rse_buf_init(&ssh->in, (size_t)4 << 20);
    rse_buf_init(&ssh->said, MAX_SAID);
    if (!connect_pipes(ssh, err)) {
        ssh_free(&ssh->wire);
        return false;
    }
    *out = &ssh->wire;
    return true;
}
