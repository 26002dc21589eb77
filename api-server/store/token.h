/*
 * token.h - every statement about tokens. A token looks like rse_<id>_<random>_<checksum>; the database has its SHA-256 only.
 *
 * The checksum, the first 32 bits of the SHA-256 of what stands before its '_', lets a scanner for leaked secrets be sure, and spares
 * the database what was mistyped.
 */
#ifndef API_STORE_TOKEN_H
#define API_STORE_TOKEN_H

#include "api-server/http/call.h"
#include "api-server/store/db.h"
#include "api-server/store/idempotency.h"

#define TOKEN_HASH_HEX 65
#define TOKEN_MAX      96
#define TOKEN_NAME_MAX 100

/* For statements that end in a token t: what is asked of it, and whether it may be used. until: the end that counts. */
#define TOKEN_TIME(column) "to_char(" column ", 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"
#define TOKEN_FOUND_COLUMNS(until)                                                                                \
    "t.id, t.name, t.role, t.last_used_at is null or t.last_used_at < now() - interval '1 minute', "              \
    "(extract(epoch from least(" until ", t.expires_at) - now()) * 1000000)::bigint, to_json(t.business_units), " \
    "to_json(t.owners), " TOKEN_TIME("least(" until ", t.expires_at)")
#define TOKEN_IS_VALID "t.revoked_at is null and (t.expires_at is null or t.expires_at > now())"

/* Makes the text of a new token, from the id that it will have: rse_<id>_<random>_<checksum>. False when the system has no random
 * numbers. */
bool token_make(int64_t id, char out[TOKEN_MAX], struct rse_err *err) RSE_MUST;
/* The same of a new session: rses_<random>_<checksum>. */
bool token_make_session(char out[TOKEN_MAX], struct rse_err *err) RSE_MUST;
/* The SHA-256 as hex. */
void token_hash(struct rse_str token, char out[TOKEN_HASH_HEX]);
/* Whether it has the form of one, checksum included: nothing else is worth a look into the database. */
bool token_has_form(struct rse_str token);
bool token_is_session(struct rse_str token);
/* What a browser has to say, besides its session, with a request that changes something: another hash of it. */
#define CSRF_TOKEN_SIZE 65
void token_csrf(struct rse_str session, char out[CSRF_TOKEN_SIZE]);

/* A name for a token: rse_check_name() of at most TOKEN_NAME_MAX bytes, and none of those that stand for whoever has no token
 * (actor.h). */
bool token_check_name(struct rse_str name, struct rse_err *err) RSE_MUST;
/* When a token ends, as RFC 3339: from a lifetime such as 30d, or from such a time itself, which has to be in the
 * future. NULL or empty: *value is NULL, for ever. */
bool token_expiry_from_lifetime(struct rse_str text, char out[RSE_TIME_SIZE], const char **value,
                                struct rse_err *err) RSE_MUST;
bool token_expiry_from_time(struct rse_str text, char out[RSE_TIME_SIZE], const char **value,
                            struct rse_err *err) RSE_MUST;

struct token {
    int64_t id;
    struct rse_str name, role, created_at, expires_at, last_used_at, revoked_at; /* p NULL for null; RFC 3339 */
    struct rse_str business_units, owners;                                       /* JSON arrays */
};
void token_from_row(struct token *token, const PGresult *res, int row, struct rse_arena *arena);

/* $1 the hash: id, name, role, whether last_used_at is to be brought up to date, us until it ends or null, business units and
 * owners as JSON arrays, when it ends. No row: unknown, revoked or over. */
extern const char TOKEN_FIND[];
extern const char TOKEN_TOUCH[]; /* $1 an array of ids that were used within the last seconds */
/* $1 name, $2 role, $3 when it ends or null, $4 business units, $5 owners (JSON arrays, or null): the row as it would be stored, with
 * an id that no other gets. */
extern const char TOKEN_DRAFT[];
/* $1 id, $2 name, $3 role, $4 hash, $5 when it ends or null, $6 business units, $7 owners (JSON arrays, or null), $8 when it was
 * made, or null: now, $9 actor; then those of store_answer_keep(). */
enum { TOKEN_INSERT_PARAMS = 9 + ANSWER_KEEP_PARAMS };
extern const char TOKEN_INSERT[];
/* $1 a name. Conflict: a token has it, and may still be used; TOKEN_INSERT says so too. */
extern const char TOKEN_NAME_FREE[];
extern const char TOKEN_LIST[];   /* the rows */
extern const char TOKEN_GET[];    /* $1 the id; the row, revoked or not */
extern const char TOKEN_REVOKE[]; /* $1 the id, $2 actor; the row, unless there is none or it was revoked before */
extern const char TOKEN_STANDS[]; /* the same without revoking it */

#endif
