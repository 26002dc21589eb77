/*
 * auth.h - who a token belongs to.
 *
 * Known tokens are remembered for a few seconds, unknown ones shorter and not too many; a NOTIFY 'resedge_tokens'
 * forgets all. What is remembered is the SHA-256, never the token.
 */
#ifndef API_HTTP_AUTH_H
#define API_HTTP_AUTH_H

#include "call.h"

struct api;
struct auth;
struct auth_wait;

struct auth *auth_new(struct api *api, bool everyone_is_admin);
void auth_free(struct auth *auth);

/* identity is borrowed for the call. err set: RSE_UNAUTHENTICATED, or RSE_UNAVAILABLE when the database can't say. */
typedef void auth_done(void *arg, struct identity *identity, const struct rse_err *err);

/* header: the value of Authorization, or NULL. done is called at once (NULL is returned), or later. */
struct auth_wait *auth_check(struct auth *auth, const char *header, auth_done *done, void *arg);
/* done will not be called any more. */
void auth_cancel(struct auth_wait *wait);

#endif
