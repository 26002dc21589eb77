/*
 * address.h - where a repository elsewhere is: over HTTPS, or over SSH.
 *
 * Everything else is refused with its reason: git:// and plain http would show the repository, and the credential, to
 * whoever is on the way. Plain http to this machine itself is let through. A URL never holds a secret.
 */
#ifndef WORKER_REMOTE_ADDRESS_H
#define WORKER_REMOTE_ADDRESS_H

#include <resedge/arena.h>
#include <resedge/err.h>

enum remote_kind { REMOTE_HTTP, REMOTE_SSH };

struct remote_address {
    enum remote_kind kind;
    const char *url;  /* as it is shown to people; over HTTP also what requests are made from: no '/' at its end */
    const char *host; /* without brackets */
    const char *user; /* SSH: who logs in; NULL: whoever the system's configuration says */
    const char *path; /* SSH: of the repository on the host */
    int port;         /* SSH; 0: the usual one */
};

/* Whether a url is a path on this machine (an absolute one, or file:///<path>), and so no remote at all. */
bool remote_is_local(struct rse_str url);

/* Takes https://host[:port]/path, ssh://[user@]host[:port]/path and user@host:path. Strings live in the arena. */
bool remote_address_parse(struct remote_address *out, struct rse_str url, struct rse_arena *arena,
                          struct rse_err *err) RSE_MUST;

#endif
