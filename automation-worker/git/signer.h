/*
 * signer.h - signs commits with an Ed25519 key of OpenSSH, as `git commit -S` with gpg.format=ssh does.
 *
 * The key is read once, from a file that only its owner can read: OpenSSH's own format, without a passphrase. A
 * signature of the same commit is always the same (RFC 8032), so doing a job twice makes the same commit.
 * Formats: PROTOCOL.key and PROTOCOL.sshsig of OpenSSH.
 */
#ifndef WORKER_GIT_SIGNER_H
#define WORKER_GIT_SIGNER_H

#include <resedge/buf.h>
#include <resedge/err.h>

struct signer;

/* RSE_INVALID for other kinds of keys. */
bool signer_open(struct signer **out, const char *path, struct rse_err *err) RSE_MUST;
void signer_free(struct signer *signer);

/* Appends the armored signature, lines and all, of a commit without its header gpgsig. */
bool signer_sign(const struct signer *signer, struct rse_str commit, struct rse_buf *out, struct rse_err *err) RSE_MUST;

#endif
