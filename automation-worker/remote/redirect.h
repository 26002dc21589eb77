/*
 * redirect.h - where a repository is that answers its first request with a redirect: on the same host, or nowhere.
 */
#ifndef WORKER_REMOTE_REDIRECT_H
#define WORKER_REMOTE_REDIRECT_H

#include <resedge/err.h>

/* base: the repository's URL; to: where its info/refs is said to be. *out, to be freed: the repository's URL there.
 * RSE_DENIED: that has another scheme, host or port, and would get the credential; RSE_NOT_FOUND: it is no
 * repository's. */
bool redirect_base(char **out, const char *base, const char *to, struct rse_err *err) RSE_MUST;

#endif
