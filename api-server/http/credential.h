/*
 * credential.h - what a request shows for itself: a bearer token, or the cookie of a session with the proof that our own page sent it.
 */
#ifndef API_HTTP_CREDENTIAL_H
#define API_HTTP_CREDENTIAL_H

#include "api-server/store/token.h"

struct http_head;

#define SESSION_COOKIE "resedge_session"

/* As it stands in the head: a bearer token, or, without the header Authorization, a session; p NULL: neither. */
struct rse_str credential_of(const struct http_head *head);
/* The session among the cookies of a request; p NULL: none. */
struct rse_str credential_session_of(struct rse_str cookies);
/* The browser sends the cookie by itself, also for another site's page; the header X-CSRF-Token only our own page can send. False, with
 * RSE_DENIED: the request changes something, and came without it. */
bool credential_check_csrf(const struct http_head *head, struct rse_str session, struct rse_err *err) RSE_MUST;

/* The last credential of a connection, which mostly sends the same one again: so it need not be hashed for each request. Zeroed at
 * first; goes with credential_memo_wipe(). */
struct credential_memo {
    size_t len;
    char secret[TOKEN_MAX];
    char hash[TOKEN_HASH_HEX];
};

/* Its SHA-256 in hex; borrowed from the memo until it is asked the next time. */
const char *credential_hash(struct rse_str secret, struct credential_memo *memo);
void credential_memo_wipe(struct credential_memo *memo);

#endif
