/*
 * auth.h - whom a credential belongs to: a token, or the session of somebody who signed in with one.
 *
 * Known ones are remembered for a few seconds, wrong ones for a minute and not too many, for as long as the database tells us about
 * changes: after a NOTIFY 'resedge_tokens', and while nobody listens, all are looked up again. What is remembered is the SHA-256,
 * never the credential; only a connection keeps its own, which it has anyway. Who keeps sending wrong ones is slowed down: throttle.h.
 * What is remembered as wrong, or has not the form of a credential, does not use up the look-ups of an address, so it keeps nobody
 * else there out.
 */
#ifndef API_HTTP_AUTH_H
#define API_HTTP_AUTH_H

#include "api-server/http/address.h"
#include "api-server/http/call.h"

struct api;
struct auth;
struct auth_wait;
struct credential_memo;
struct http_head;

/* everyone_is_admin: no credential is asked for; then a request may only come from, and speak of, this machine. */
struct auth *auth_new(struct api *api, bool everyone_is_admin);
void auth_free(struct auth *auth);

/* identity is borrowed for the call. err set: RSE_UNAUTHENTICATED, RSE_DENIED (a session without its CSRF token, a foreign host),
 * RSE_LIMITED (too many wrong ones), RSE_UNAVAILABLE when the database can't say. */
typedef void auth_done(void *arg, struct identity *identity, const struct rse_err *err);

/* Tells when credentials may have changed: one was revoked, or notices of that may have been missed. One listener. */
void auth_on_change(struct auth *auth, void (*changed)(void *arg), void *arg);

/* Nothing that is remembered, or is being looked up, counts any more. For whoever has just changed credentials here, before that is
 * answered: the notice of it, which the other servers go by, comes on another connection and may be later than the next request. */
void auth_credentials_changed(struct auth *auth);

/* client: its address; NULL where nobody attempts anything, and nobody is slowed down. done is called at once (NULL is returned), or later. */
struct auth_wait *auth_check(struct auth *auth, const struct http_head *head, const struct address *client,
                             struct credential_memo *memo, auth_done *done, void *arg);
/* done will not be called any more. */
void auth_cancel(struct auth_wait *wait);

#endif
