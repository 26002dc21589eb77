/*
 * token.h - every statement about tokens. A token looks like rse_<id>_<random>; the database has its SHA-256 only.
 */
#ifndef API_STORE_TOKEN_H
#define API_STORE_TOKEN_H

#include "../http/call.h"
#include "db.h"

#define TOKEN_HASH_HEX 65
#define TOKEN_MAX      96

/* Makes the text of a new token, from the id that it will have. False when the system has no random numbers. */
bool token_make(int64_t id, char out[TOKEN_MAX], struct rse_err *err) RSE_MUST;
/* The SHA-256 as hex. */
void token_hash(struct rse_str token, char out[TOKEN_HASH_HEX]);
/* Whether it has the form of one: nothing else is worth a look into the database. */
bool token_has_form(struct rse_str token);

/* A name for a token: 1 to 100 bytes of printable UTF-8. */
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
 * owners as JSON arrays. No row: unknown, revoked or over. */
extern const char TOKEN_FIND[];
extern const char TOKEN_TOUCH[];   /* $1 the id */
extern const char TOKEN_NEXT_ID[]; /* the id of the next token */
/* $1 id, $2 name, $3 role, $4 hash, $5 when it ends or null, $6 business units, $7 owners (JSON arrays, or null); the row */
extern const char TOKEN_INSERT[];
extern const char TOKEN_LIST[];   /* the rows */
extern const char TOKEN_REVOKE[]; /* $1 the id; the row, unless there is none or it was revoked before */

#endif
