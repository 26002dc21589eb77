/*
 * command_token.c - `resedge-api token create | list | revoke`: for the first token, and for whoever has the database.
 */
#include <stdio.h>

#include "api-server/commands.h"
#include "api-server/config.h"
#include "api-server/store/sync.h"
#include "api-server/store/token.h"

/* "retail,fuel" as a JSON array and as a list; NULL: *json is NULL. */
static bool read_names(const char *option, const char *text, struct rse_arena *arena, const char **json,
                       struct rse_strs *names, struct rse_err *err)
{
    struct rse_str rest = rse_str(text);
    RSE_BUF_AUTO list = { 0 };

    rse_buf_init(&list, 64 * 1024);
    for (const char *before = "["; rest.len > 0; before = ",") {
        ptrdiff_t comma = rse_str_find(rest, ',');
        struct rse_str name = comma < 0 ? rest : rse_str_n(rest.p, (size_t)comma);

        rest = rse_str_from(rest, comma < 0 ? rest.len : (size_t)comma + 1);
        rse_buf_adds(&list, before);
        rse_json_add_string(&list, name);
    }
    if (list.len > 0)
        rse_buf_addc(&list, ']');
    if (!rse_buf_ok(&list, err))
        return false;
    *json = list.len > 0 ? rse_arena_str(arena, rse_buf_str(&list)).p : NULL;
    if (scope_parse_names(rse_str(*json), arena, names, err) && scope_check_names(names, err))
        return true;
    rse_err_object(err, "--%s %s", option, text);
    return false;
}

static bool create(PGconn *pg, const struct config *config, const char *name, struct rse_err *err)
{
    enum role role;
    PGresult *res;
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    char expiry[RSE_TIME_SIZE], token[TOKEN_MAX], hash[TOKEN_HASH_HEX];
    const char *expires, *id, *business_units, *owners;
    struct scope scope;
    bool ok;

    if (!token_check_name(rse_str(name), err) || !role_parse(rse_str(config->role), &role, err) ||
        !token_expiry_from_lifetime(rse_str(config->expires), expiry, &expires, err) ||
        !read_names("business-units", config->business_units, arena, &business_units, &scope.business_units, err) ||
        !read_names("owners", config->owners, arena, &owners, &scope.owners, err) || !scope_check(role, &scope, err) ||
        !sync_exec(pg, TOKEN_DRAFT, (const char *[]){ name, role_name(role), expires, business_units, owners }, 5, &res,
                   err))
        return false;
    id = PQgetvalue(res, 0, 0);
    ok = token_make(db_int64(res, 0, 0), token, err);
    token_hash(rse_str(token), hash);
    ok = ok && sync_exec(pg, TOKEN_INSERT,
                         (const char *[TOKEN_INSERT_PARAMS]){ id, name, role_name(role), hash, expires, business_units,
                                                              owners, NULL, ACTOR_COMMAND_LINE },
                         TOKEN_INSERT_PARAMS, NULL, err);
    PQclear(res);
    if (ok)
        printf("%s\n", token);
    return ok;
}

static bool list(PGconn *pg, struct rse_err *err)
{
    RSE_CLEANUP(rse_arena_freep) struct rse_arena *arena = rse_arena_new();
    PGresult *res;

    if (!sync_exec(pg, TOKEN_LIST, NULL, 0, &res, err))
        return false;
    printf("%-6s %-24s %-10s %-26s %-26s %s\n", "ID", "NAME", "ROLE", "CREATED", "EXPIRES", "STATE");
    for (int row = 0; row < PQntuples(res); row++) {
        struct token token;

        token_from_row(&token, res, row, arena);
        printf("%-6lld %-24.*s %-10.*s %-26.*s %-26.*s %s\n", (long long)token.id, RSE_STR_ARG(token.name),
               RSE_STR_ARG(token.role), RSE_STR_ARG(token.created_at),
               RSE_STR_ARG(token.expires_at.p != NULL ? token.expires_at : RSE_STR("never")),
               token.revoked_at.p != NULL ? "revoked" : "valid");
    }
    PQclear(res);
    return true;
}

static bool revoke(PGconn *pg, const char *id, struct rse_err *err)
{
    int64_t number;
    PGresult *res;
    bool found;

    if (!rse_parse_int64(rse_str(id), 1, INT64_MAX, &number)) {
        rse_err_object(err, "%s", id);
        return rse_fail(err, RSE_INVALID, "the id of a token is a number");
    }
    if (!sync_exec(pg, TOKEN_REVOKE, (const char *[]){ id, ACTOR_COMMAND_LINE }, 2, &res, err))
        return false;
    found = PQntuples(res) > 0;
    PQclear(res);
    if (found)
        return true;
    rse_err_object(err, "token %s", id);
    return rse_fail(err, RSE_NOT_FOUND, "there is no such token, or it was revoked before");
}

bool command_token(const struct config *config, int nwords, char **words, struct rse_err *err)
{
    RSE_CLEANUP(sync_closep) PGconn *pg = NULL;
    const char *verb = nwords > 0 ? words[0] : "";

    if (strcmp(verb, "create") == 0 && nwords == 2)
        return sync_connect(&pg, config->database_url, err) && create(pg, config, words[1], err);
    if (strcmp(verb, "list") == 0 && nwords == 1)
        return sync_connect(&pg, config->database_url, err) && list(pg, err);
    if (strcmp(verb, "revoke") == 0 && nwords == 2)
        return sync_connect(&pg, config->database_url, err) && revoke(pg, words[1], err);
    rse_err_hint(err, "Use: token create NAME --role ROLE, token list, or token revoke ID.");
    return rse_fail(err, RSE_INVALID, "token needs one of create, list and revoke");
}
