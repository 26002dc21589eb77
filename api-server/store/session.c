/*
 * session.c - see session.h.
 */
#include "api-server/store/session.h"
#include "api-server/store/token.h"

const char SESSION_FIND[] = "select " TOKEN_FOUND_COLUMNS(
    "s.expires_at") " from sessions s join tokens t on t.id = s.token_id "
                    "where s.hash = decode($1, 'hex') and s.expires_at > now() and " TOKEN_IS_VALID;

const char SESSION_INSERT[] =
    "with over as (delete from sessions where expires_at <= now() or id in (select id from sessions where token_id = "
    "$1 "
    "order by id desc offset 19))"
    "insert into sessions (token_id, hash, expires_at) "
    "select t.id, decode($2, 'hex'), least(now() + make_interval(secs => $3), t.expires_at) from tokens t "
    "where t.id = $1 and " TOKEN_IS_VALID " returning " TOKEN_TIME(
        "expires_at") ", act((select name from tokens where id = $1), 'session', id, 'signIn', null, null)";

const char SESSION_DELETE[] =
    "delete from sessions where hash = decode($1, 'hex') "
    "returning id, act((select name from tokens where id = token_id), 'session', id, 'signOut', null, null)";
