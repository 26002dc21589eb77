/*
 * body_members.c - see body_members.h.
 */
#include <cjson/cJSON.h>
#include <resedge/suggest.h>

#include "api-server/handlers/body_members.h"

static bool is_one_of(const char *name, const char *const *members)
{
    for (; *members != NULL; members++)
        if (strcmp(name, *members) == 0)
            return true;
    return false;
}

static void add_unknown(const char *name, const char *const *members, struct rse_faults *faults)
{
    struct rse_err err = RSE_ERR_INIT;
    struct rse_suggestion s;

    rse_suggest_begin(&s, rse_str(name));
    for (; *members != NULL; members++)
        rse_suggest_offer(&s, rse_str(*members));
    (void)rse_suggest_hint(&s, "\"", "\"", &err);
    rse_err_field_within_key(&err, name);
    (void)rse_fail(&err, RSE_UNPROCESSABLE, "unknown field \"%s\"", name);
    rse_faults_add(faults, &err);
}

void body_check_members(const cJSON *body, const char *const *members, struct rse_faults *faults)
{
    const cJSON *member;

    cJSON_ArrayForEach(member, body)
    {
        if (!is_one_of(member->string, members))
            add_unknown(member->string, members, faults);
    }
}
