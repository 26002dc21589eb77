/*
 * session.h - every statement about sessions: somebody signed in with a token, and a browser keeps a cookie instead of it.
 *
 * A session looks like rses_<random>_<checksum>; the database has its SHA-256 only.
 */
#ifndef API_STORE_SESSION_H
#define API_STORE_SESSION_H

#include <resedge/resedge.h>

/* $1 the hash: the columns of TOKEN_FIND, of the session's token, with the session's own end. */
extern const char SESSION_FIND[];
/* $1 token, $2 hash, $3 seconds that it lasts: when it ends, RFC 3339. Takes away what is over, and all but the
 * token's newest 20. No row: the token is no longer valid. */
extern const char SESSION_INSERT[];
/* $1 the hash: the id, unless there is none. */
extern const char SESSION_DELETE[];

#endif
