/*
 * ssh_child.h - the system's ssh, started as a child.
 *
 * It never asks (BatchMode), trusts only the keys of known_hosts, and uses only the credential's key, which it reads
 * from its file. No configuration of the user counts, and its environment has nothing of ours.
 */
#ifndef WORKER_REMOTE_SSH_CHILD_H
#define WORKER_REMOTE_SSH_CHILD_H

#include <sys/types.h>

#include "automation-worker/remote/wire_impl.h"

/* fds: what the child gets as its standard input, output and error. */
bool ssh_child_start(pid_t *pid, const struct wire *wire, const int fds[3], struct rse_err *err) RSE_MUST;

#endif
