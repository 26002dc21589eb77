/*
 * error.h - what libgit2 says, as an error of ours.
 */
#ifndef WORKER_GIT_ERROR_H
#define WORKER_GIT_ERROR_H

#include <resedge/err.h>

/* Sets err from a libgit2 return code and the calling thread's last libgit2 message, and returns false:
 * "<fmt...>: <message>". A lock or an I/O error may pass by itself (RSE_UNAVAILABLE), a ref that moved is RSE_STALE. */
bool git_error_take(struct rse_err *err, int rc, const char *fmt, ...) RSE_PRINTF(3, 4);

#endif
