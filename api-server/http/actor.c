/*
 * actor.c - see actor.h.
 */
#include <cjson/cJSON.h>

#include "api-server/http/actor.h"

static const char *const role_names[] = { "none", "viewer", "app-team", "platform", "admin", "worker" };

const char *role_name(enum role role)
{
    return role_names[role];
}

bool role_parse(struct rse_str name, enum role *out, struct rse_err *err)
{
    for (size_t i = ROLE_VIEWER; i < RSE_COUNT(role_names); i++) {
        if (rse_str_is(name, role_names[i])) {
            *out = (enum role)i;
            return true;
        }
    }
    rse_err_hint(err, "The roles are viewer, app-team, platform, admin and worker.");
    if (name.len == 0)
        return rse_fail(err, RSE_INVALID, "is needed: a role");
    return rse_fail(err, RSE_INVALID, "there is no role \"%.*s\"", RSE_STR_ARG(name));
}

bool role_is_at_least(enum role role, enum role least)
{
    return role >= least && role <= ROLE_ADMIN;
}

static bool is_name(struct rse_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.p[i] < 0x20 || text.p[i] == 0x7f)
            return false;
    return text.len > 0 && text.len <= SCOPE_MAX_NAME;
}

static bool copy_names(const cJSON *list, struct rse_arena *arena, struct rse_strs *out, struct rse_err *err)
{
    int count = cJSON_GetArraySize(list);
    const cJSON *item;

    if (!cJSON_IsArray(list) || count > SCOPE_MAX_NAMES)
        return rse_fail(err, RSE_INVALID, "must be a list of at most %d names", SCOPE_MAX_NAMES);
    out->at = rse_arena_calloc(arena, (size_t)count + 1, sizeof(out->at[0]));
    cJSON_ArrayForEach(item, list)
    {
        struct rse_str name = rse_str(cJSON_GetStringValue(item));

        if (!is_name(name)) {
            rse_err_field(err, "/%zu", out->count);
            return rse_fail(err, RSE_INVALID, "a name is text of 1 to %d bytes without control characters",
                            SCOPE_MAX_NAME);
        }
        out->at[out->count++] = rse_arena_str(arena, name);
    }
    return true;
}

bool scope_parse_names(struct rse_str json, struct rse_arena *arena, struct rse_strs *out, struct rse_err *err)
{
    cJSON *list = NULL;
    bool ok;

    *out = (struct rse_strs){ .count = 0 };
    if (json.p == NULL)
        return true;
    ok = rse_json_parse(&list, json, err) && copy_names(list, arena, out, err);
    cJSON_Delete(list);
    return ok;
}

bool scope_check_names(const struct rse_strs *names, struct rse_err *err)
{
    for (size_t i = 0; i < names->count; i++) {
        if (rse_check_visible(names->at[i], "a name", err))
            continue;
        rse_err_field(err, "/%zu", i);
        return false;
    }
    return true;
}

bool scope_check(enum role role, const struct scope *scope, struct rse_err *err)
{
    bool empty = scope->business_units.count == 0 && scope->owners.count == 0;

    if (role == ROLE_APP_TEAM && empty) {
        rse_err_hint(err, "Name its business units or owners.");
        return rse_fail(err, RSE_INVALID, "the role app-team needs something to be its own");
    }
    if (role != ROLE_APP_TEAM && !empty) {
        rse_err_hint(err, "Leave them out, or give it the role app-team.");
        return rse_fail(err, RSE_INVALID, "the role %s is not bound to business units or owners", role_name(role));
    }
    return true;
}

struct identity *identity_new(void)
{
    struct identity *identity = rse_new(struct identity);

    identity->arena = rse_arena_new();
    identity->holders = 1;
    return identity;
}

struct identity *identity_hold(struct identity *identity)
{
    identity->holders++;
    return identity;
}

void identity_drop(struct identity *identity)
{
    if (identity == NULL || --identity->holders > 0)
        return;
    rse_arena_free(identity->arena);
    rse_freep(&identity);
}
