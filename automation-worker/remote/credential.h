/*
 * credential.h - what a remote asks for, kept on the worker's disk under a name that targets refer to.
 *
 * A credential is a folder <credentials-dir>/<name>/ with one file per part, named as in the Secrets of Flux, so that
 * such a Secret can be mounted as it is:
 *   username, password   HTTPS, Basic (a token of a Git host goes into password)
 *   bearerToken          HTTPS, Bearer
 *   ca.crt               HTTPS: certificates to trust instead of the system's, PEM
 *   identity             SSH: the private key, without a passphrase
 *   known_hosts          SSH: the hosts' keys
 *   host                 only for this host; without it the credential goes to whatever host a target names
 * Files that others may read are refused. Secrets stay in memory only as long as the struct, which wipes them.
 */
#ifndef WORKER_REMOTE_CREDENTIAL_H
#define WORKER_REMOTE_CREDENTIAL_H

#include <resedge/base.h>
#include <resedge/err.h>

#include "automation-worker/remote/address.h"

struct credential {
    char *username, *password; /* NULL where there is none, all of these */
    char *bearer_token;
    char *ca_file, *identity_file, *known_hosts_file; /* paths */
};

/* For one address. An empty name is no credential. folder: NULL: the worker has none. To be freed. */
bool credential_load(struct credential **out, const char *folder, struct rse_str name,
                     const struct remote_address *address, struct rse_err *err) RSE_MUST;
void credential_free(struct credential *credential);

#endif
