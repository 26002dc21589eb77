/*
 * part.c - one tag or metadata value of an object, written without the rest of it.
 */
#include <cjson/cJSON.h>

#include "api-server/handlers/body_members.h"
#include "api-server/handlers/noun.h"
#include "api-server/http/route.h"

enum { VALUE_BODY_MAX = 16 * 1024, PART = 1 /* the path's parameter that names it */ };

static void put_value(struct call *call);
static void delete_value(struct call *call);
static void put_tag(struct call *call);
static void delete_tag(struct call *call);

#define PART_ROWS(plural, changer)                                                                                \
    { "PUT",          "/api/v1/" plural "/{id}/metadata/{key}",                                                   \
      changer,        ROUTE_FLEET,                                                                                \
      VALUE_BODY_MAX, 0,                                                                                          \
      put_value,      "Set one metadata value" },                                                                 \
        { "DELETE",                                                                                               \
          "/api/v1/" plural "/{id}/metadata/{key}",                                                               \
          changer,                                                                                                \
          ROUTE_FLEET,                                                                                            \
          0,                                                                                                      \
          0,                                                                                                      \
          delete_value,                                                                                           \
          "Take one metadata value away" },                                                                       \
        { "PUT", "/api/v1/" plural "/{id}/tags/{tag}", changer, ROUTE_FLEET, 0, 0, put_tag, "Add a tag" },        \
    {                                                                                                             \
        "DELETE", "/api/v1/" plural "/{id}/tags/{tag}", changer, ROUTE_FLEET, 0, 0, delete_tag, "Take a tag away" \
    }

const struct route part_routes[] = {
    PART_ROWS("targets", ROLE_ADMIN),       PART_ROWS("metadataKeys", ROLE_PLATFORM),
    PART_ROWS("groups", ROLE_PLATFORM),     PART_ROWS("policies", ROLE_PLATFORM),
    PART_ROWS("namespaces", ROLE_APP_TEAM), PART_ROWS("applications", ROLE_APP_TEAM),
    PART_ROWS("clusters", ROLE_PLATFORM),   { .method = NULL },
};

static cJSON *fail_absent(const char *part, struct rse_str name, struct rse_err *err)
{
    rse_fail(err, RSE_NOT_FOUND, "there is no %s \"%.*s\"", part, RSE_STR_ARG(name));
    return NULL;
}

/* ---- metadata ---- */

static cJSON *metadata_patch(struct call *call, cJSON *value)
{
    const char *key = rse_arena_str(call->arena, call->params[PART]).p;
    cJSON *patch = cJSON_CreateObject();

    cJSON_AddItemToObject(cJSON_AddObjectToObject(patch, "metadata"), key, value);
    return patch;
}

static void add_no_value(struct rse_faults *faults)
{
    struct rse_err err = RSE_ERR_INIT;

    rse_err_field(&err, "/value");
    rse_err_hint(&err, "The body is {\"value\": ...}; DELETE takes the key away.");
    (void)rse_fail(&err, RSE_UNPROCESSABLE, "a value is needed");
    rse_faults_add(faults, &err);
}

static void add_no_object(struct rse_faults *faults)
{
    struct rse_err err = RSE_ERR_INIT;

    rse_err_hint(&err, "The body is {\"value\": ...}.");
    (void)rse_fail(&err, RSE_UNPROCESSABLE, "the body must be an object");
    rse_faults_add(faults, &err);
}

static cJSON *value_of(const cJSON *body, struct rse_arena *arena, struct rse_err *err)
{
    static const char *const MEMBERS[] = { "value", NULL };
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(body, "value");
    struct rse_faults *faults = rse_arena_new_of(arena, struct rse_faults);

    faults->arena = arena;
    if (!cJSON_IsObject(body)) {
        add_no_object(faults);
    } else {
        body_check_members(body, MEMBERS, faults);
        if (value == NULL || cJSON_IsNull(value))
            add_no_value(faults);
    }
    return rse_faults_check(faults, err) ? cJSON_Duplicate(value, true) : NULL;
}

static cJSON *patch_value(struct call *call, const struct rse_object *old RSE_UNUSED, const cJSON *body,
                          struct rse_err *err)
{
    cJSON *value = value_of(body, call->arena, err);

    return value != NULL ? metadata_patch(call, value) : NULL;
}

static cJSON *patch_no_value(struct call *call, const struct rse_object *old, const cJSON *body RSE_UNUSED,
                             struct rse_err *err)
{
    struct rse_str value;

    if (!rse_object_metadata(old, call->params[PART], &value))
        return fail_absent("metadata key", call->params[PART], err);
    return metadata_patch(call, cJSON_CreateNull());
}

static void put_value(struct call *call)
{
    noun_part_handler(call, patch_value, true);
}

static void delete_value(struct call *call)
{
    noun_part_handler(call, patch_no_value, false);
}

/* ---- tags ---- */

/* All tags but the one that the path names. */
static cJSON *other_tags(struct call *call, const struct rse_object *old, cJSON **patch)
{
    cJSON *tags;

    *patch = cJSON_CreateObject();
    tags = cJSON_AddArrayToObject(*patch, "tags");
    for (size_t i = 0; i < old->tags.count; i++) {
        if (!rse_str_eq(old->tags.at[i], call->params[PART]))
            cJSON_AddItemToArray(tags, cJSON_CreateString(rse_arena_str(call->arena, old->tags.at[i]).p));
    }
    return tags;
}

static cJSON *patch_tag(struct call *call, const struct rse_object *old, const cJSON *body RSE_UNUSED,
                        struct rse_err *err RSE_UNUSED)
{
    cJSON *patch, *tags = other_tags(call, old, &patch);

    cJSON_AddItemToArray(tags, cJSON_CreateString(rse_arena_str(call->arena, call->params[PART]).p));
    return patch;
}

static cJSON *patch_no_tag(struct call *call, const struct rse_object *old, const cJSON *body RSE_UNUSED,
                           struct rse_err *err)
{
    cJSON *patch;

    if (!rse_object_has_tag(old, call->params[PART]))
        return fail_absent("tag", call->params[PART], err);
    other_tags(call, old, &patch);
    return patch;
}

static void put_tag(struct call *call)
{
    noun_part_handler(call, patch_tag, false);
}

static void delete_tag(struct call *call)
{
    noun_part_handler(call, patch_no_tag, false);
}
