/*
 * object.c - see object.h.
 */
#include <stdio.h>

#include "api-server/api.h"
#include "api-server/fleet/etag.h"
#include "api-server/fleet/live.h"
#include "api-server/handlers/object.h"
#include "api-server/http/route.h"

enum rse_noun call_noun(const struct call *call)
{
    struct rse_str plural = rse_str_from(rse_str(call->route->path), strlen("/api/v1/"));
    ptrdiff_t slash = rse_str_find(plural, '/');

    if (slash >= 0)
        plural.len = (size_t)slash;
    return rse_noun_find(plural)->noun;
}

/* "name:/rings/canary/clusters" is the group with that path: what was meant is likely something else. */
static void hint_slashes(struct call *call, struct rse_str name)
{
    static const char *const PARTS[] = { "/clusters", "/members", "/pause", "/resume" };

    for (size_t i = 0; i < RSE_COUNT(PARTS); i++) {
        if (rse_str_ends(name, rse_str(PARTS[i])))
            rse_err_hint(&call->err, "If \"%s\" is no part of the name, write the slashes of the name as %%2F.",
                         PARTS[i]);
    }
}

/* A group's path may come without its first '/', which is easily lost in a URL. */
static const struct rse_object *find_by_name(struct call *call, enum rse_noun noun, struct rse_str name)
{
    struct rse_fleet *fleet = live_fleet(call->api->live);
    const struct rse_object *object;

    if (!live_check_ready(call->api->live, &call->err))
        return NULL;
    if (noun == RSE_GROUP && name.len > 0 && name.p[0] != '/')
        name = rse_str(rse_arena_printf(call->arena, "/%.*s", RSE_STR_ARG(name)));
    object = rse_fleet_find(fleet, noun, name, &call->err);
    if (object == NULL) {
        hint_slashes(call, name);
        rse_fail(&call->err, RSE_NOT_FOUND, "there is no %s \"%.*s\"", rse_noun_info(noun)->name, RSE_STR_ARG(name));
    }
    return object;
}

bool call_object(struct call *call, enum rse_noun noun, int64_t *id)
{
    struct rse_str param = call->params[0];
    bool by_name = strstr(call->route->path, "/name:{") != NULL;
    const struct rse_object *object;

    if (!by_name && path_id(param, id))
        return true;
    if (!by_name && rse_str_starts(param, RSE_STR("name:"))) {
        by_name = true;
        param = rse_str_from(param, strlen("name:"));
    }
    if (!by_name) {
        rse_err_hint(&call->err, "An object is named by its id, or as name:<name>.");
        return rse_fail(&call->err, RSE_NOT_FOUND, "there is no %s \"%.*s\"", rse_noun_info(noun)->name,
                        RSE_STR_ARG(param));
    }
    object = find_by_name(call, noun, param);
    if (object == NULL)
        return false;
    *id = object->id;
    return true;
}

bool call_object_live(struct call *call, enum rse_noun noun, const struct rse_object **out)
{
    int64_t id = 0;

    if (!live_check_ready(call->api->live, &call->err) || !call_object(call, noun, &id))
        return false;
    *out = rse_fleet_get(live_fleet(call->api->live), noun, id);
    return *out != NULL ||
           rse_fail(&call->err, RSE_NOT_FOUND, "there is no %s %lld", rse_noun_info(noun)->name, (long long)id);
}

void call_set_revision(struct call *call, int64_t revision)
{
    char text[24];

    snprintf(text, sizeof(text), "%lld", (long long)revision);
    call_set_header(call, "Resedge-Revision", text);
}

void call_reply_object(struct call *call, int status, struct rse_str doc, const char *etag, int64_t revision)
{
    char quoted[ETAG_SIZE + 2] = "\"", *end = stpncpy(quoted + 1, etag, ETAG_SIZE - 1);

    *end = '"';
    call_set_header(call, "ETag", quoted);
    call_set_revision(call, revision);
    call_reply(call, status, NULL, doc);
}
