/*
 * token.c - tokens: their form, their hash, their statements.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <openssl/rand.h>

#include "api-server/sha256.h"
#include "api-server/store/token.h"

#define TOKEN_COLUMNS                                                                          \
    "id, name, role, " TOKEN_TIME("created_at") ", " TOKEN_TIME("expires_at") ", " TOKEN_TIME( \
        "last_used_at") ", " TOKEN_TIME("revoked_at") ", to_json(business_units), to_json(owners)"
/* Each once, in the order given. */
#define NAMES(parameter)                                                                    \
    "array(select name from json_array_elements_text(coalesce(" parameter ", '[]')::json) " \
    "with ordinality given (name, place) group by name order by min(place))"

const char TOKEN_FIND[] =
    "select " TOKEN_FOUND_COLUMNS("t.expires_at") " from tokens t "
                                                  "where t.hash = decode($1, 'hex') and " TOKEN_IS_VALID;
/* Once a minute is enough, and spares the table. */
const char TOKEN_TOUCH[] = "update tokens set last_used_at = now() where id = any($1::bigint[]) "
                           "and (last_used_at is null or last_used_at < now() - interval '1 minute')";
const char TOKEN_DRAFT[] = "select nextval('tokens_id_seq'), $1::text, $2::text, " TOKEN_TIME("now()") ", " TOKEN_TIME(
    "$3::timestamptz") ", null, null, to_json(" NAMES("$4") "), to_json(" NAMES("$5") ")";
const char TOKEN_INSERT[] = "insert into tokens (id, name, role, hash, expires_at, business_units, owners, created_at) "
                            "values ($1, $2, $3, decode($4, 'hex'), $5, " NAMES("$6") ", " NAMES(
                                "$7") ", coalesce($8, now())) returning act($9, 'token', "
                                      "id, 'create', null, json_build_object('name', name, 'role', role, "
                                      "'businessUnits', business_units, 'owners', owners, "
                                      "'expiresAt', expires_at)), answer_keep($10, $11, $12, $13, $14, $15, $16, $17)";
const char TOKEN_NAME_FREE[] = "select token_name_take($1)";
const char TOKEN_LIST[] = "select " TOKEN_COLUMNS " from tokens order by id";
const char TOKEN_GET[] = "select " TOKEN_COLUMNS " from tokens where id = $1";
/* What TOKEN_REVOKE would revoke. */
const char TOKEN_STANDS[] =
    "select " TOKEN_COLUMNS " from tokens where id = $1 and revoked_at is null and $2::text is not null";
const char TOKEN_REVOKE[] =
    "update tokens set revoked_at = now() where id = $1 and revoked_at is null "
    "returning " TOKEN_COLUMNS ", act($2, 'token', id, 'revoke', null, json_build_object('name', name, 'role', role))";

enum { RANDOM_BYTES = 24, CHECKSUM_DIGITS = 8 };

#define LONGEST_LIFETIME_MS (INT64_C(3653) * 86400 * 1000)

bool token_check_name(struct rse_str name, struct rse_err *err)
{
    if (!rse_check_name(name, TOKEN_NAME_MAX, "a token's name", err))
        return false;
    if (rse_str_is(name, ACTOR_ANONYMOUS) || rse_str_is(name, ACTOR_COMMAND_LINE))
        return rse_fail(err, RSE_INVALID, "\"%.*s\" is what the audit calls whoever has no token", RSE_STR_ARG(name));
    return true;
}

static int64_t now_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_REALTIME, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static bool set_expiry(int64_t at_ms, char out[RSE_TIME_SIZE], const char **value, struct rse_err *err)
{
    int64_t now = now_ms();

    if (at_ms <= now || at_ms > now + LONGEST_LIFETIME_MS)
        return rse_fail(err, RSE_INVALID, "a token ends in the future, within ten years");
    rse_format_time(at_ms, out);
    *value = out;
    return true;
}

bool token_expiry_from_lifetime(struct rse_str text, char out[RSE_TIME_SIZE], const char **value, struct rse_err *err)
{
    int64_t ms;

    *value = NULL;
    if (text.len == 0)
        return true;
    if (!rse_parse_duration_ms(text, &ms) || ms > LONGEST_LIFETIME_MS) {
        rse_err_hint(err, "Write it as 12h or 30d; at most ten years.");
        return rse_fail(err, RSE_INVALID, "\"%.*s\" is no lifetime", RSE_STR_ARG(text));
    }
    return set_expiry(now_ms() + ms, out, value, err);
}

bool token_expiry_from_time(struct rse_str text, char out[RSE_TIME_SIZE], const char **value, struct rse_err *err)
{
    int64_t ms;

    *value = NULL;
    if (text.len == 0)
        return true;
    if (!rse_parse_time(text, &ms))
        return rse_fail(err, RSE_INVALID, "\"%.*s\" is no time as RFC 3339 has it", RSE_STR_ARG(text));
    return set_expiry(ms, out, value, err);
}

static void to_hex(const unsigned char *bytes, size_t len, char *out)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < len; i++) {
        *out++ = digits[bytes[i] >> 4];
        *out++ = digits[bytes[i] & 15];
    }
    *out = '\0';
}

static bool make(const char *prefix, char out[TOKEN_MAX], struct rse_err *err)
{
    unsigned char bytes[RANDOM_BYTES];
    char hex[RANDOM_BYTES * 2 + 1], sum[TOKEN_HASH_HEX];

    if (RAND_bytes(bytes, sizeof(bytes)) != 1)
        return rse_fail(err, RSE_INTERNAL, "the system has no random numbers");
    to_hex(bytes, sizeof(bytes), hex);
    snprintf(out, TOKEN_MAX, "%s%s", prefix, hex);
    token_hash(rse_str(out), sum);
    snprintf(out + strlen(out), TOKEN_MAX - strlen(out), "_%.*s", CHECKSUM_DIGITS, sum);
    return true;
}

bool token_make(int64_t id, char out[TOKEN_MAX], struct rse_err *err)
{
    char prefix[32];

    snprintf(prefix, sizeof(prefix), "rse_%lld_", (long long)id);
    return make(prefix, out, err);
}

bool token_make_session(char out[TOKEN_MAX], struct rse_err *err)
{
    return make("rses_", out, err);
}

void token_hash(struct rse_str token, char out[TOKEN_HASH_HEX])
{
    unsigned char digest[SHA256_SIZE];

    sha256_of(token, digest);
    to_hex(digest, sizeof(digest), out);
}

void token_csrf(struct rse_str session, char out[CSRF_TOKEN_SIZE])
{
    char text[TOKEN_MAX + 16];

    snprintf(text, sizeof(text), "csrf of %.*s", RSE_STR_ARG(session));
    token_hash(rse_str(text), out);
}

bool token_is_session(struct rse_str token)
{
    return rse_str_starts(token, RSE_STR("rses_"));
}

bool token_has_form(struct rse_str token)
{
    size_t len = token.len > CHECKSUM_DIGITS ? token.len - CHECKSUM_DIGITS - 1 : 0;
    char sum[TOKEN_HASH_HEX];

    if (token.len >= TOKEN_MAX || len == 0 || token.p[len] != '_' ||
        !(rse_str_starts(token, RSE_STR("rse_")) || token_is_session(token)))
        return false;
    token_hash(rse_str_n(token.p, len), sum);
    return memcmp(token.p + len + 1, sum, CHECKSUM_DIGITS) == 0;
}

void token_from_row(struct token *token, const PGresult *res, int row, struct rse_arena *arena)
{
    token->id = db_int64(res, row, 0);
    token->name = db_text_copy(res, row, 1, arena);
    token->role = db_text_copy(res, row, 2, arena);
    token->created_at = db_text_copy(res, row, 3, arena);
    token->expires_at = db_text_copy(res, row, 4, arena);
    token->last_used_at = db_text_copy(res, row, 5, arena);
    token->revoked_at = db_text_copy(res, row, 6, arena);
    token->business_units = db_text_copy(res, row, 7, arena);
    token->owners = db_text_copy(res, row, 8, arena);
}
