/*
 * body.c - readers for members of a body.
 */
#include <cjson/cJSON.h>
#include <math.h>

#include "api-server/handlers/body_members.h"
#include "body.h"

static bool refuse(struct call *call, const char *name, const char *what)
{
    rse_err_field(&call->err, "/%s", name);
    return rse_fail(&call->err, RSE_UNPROCESSABLE, "%s", what);
}

static const cJSON *member(const cJSON *body, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(body, name);

    return cJSON_IsNull(item) ? NULL : item;
}

bool body_object(struct call *call, const char *const *members, const cJSON **out)
{
    struct rse_faults *faults = rse_arena_new_of(call->arena, struct rse_faults);
    cJSON *body;

    faults->arena = call->arena;
    if (!call_json(call, &body))
        return false;
    *out = body;
    if (!cJSON_IsObject(body))
        return rse_fail(&call->err, RSE_UNPROCESSABLE, "the body must be an object");
    if (members != NULL)
        body_check_members(body, members, faults);
    return rse_faults_check(faults, &call->err);
}

bool body_text(struct call *call, const cJSON *body, const char *name, size_t min, size_t max, struct rse_str *out)
{
    const cJSON *item = member(body, name);
    struct rse_str text = rse_str(cJSON_GetStringValue(item));
    uint32_t cp;
    size_t at;

    if (item != NULL && !cJSON_IsString(item))
        return refuse(call, name, "must be text");
    if (text.len < min || text.len > max) {
        rse_err_field(&call->err, "/%s", name);
        return rse_fail(&call->err, RSE_UNPROCESSABLE, "must have %zu to %zu bytes", min, max);
    }
    if (rse_utf8_find_control(text, "", &at, &cp))
        return refuse(call, name, "may have no control characters");
    *out = rse_arena_str(call->arena, text);
    return true;
}

bool body_int(struct call *call, const cJSON *body, const char *name, int64_t min, int64_t max, const char *fallback,
              const char **out)
{
    const cJSON *item = member(body, name);
    double number = cJSON_GetNumberValue(item);

    if (item == NULL) {
        *out = fallback;
        return fallback != NULL || refuse(call, name, "is needed");
    }
    if (!cJSON_IsNumber(item) || floor(number) != number || number < (double)min || number > (double)max) {
        rse_err_field(&call->err, "/%s", name);
        return rse_fail(&call->err, RSE_UNPROCESSABLE, "must be a whole number from %lld to %lld", (long long)min,
                        (long long)max);
    }
    *out = rse_arena_printf(call->arena, "%.0f", number);
    return true;
}

bool body_git_id(struct call *call, const cJSON *body, const char *name, bool needed, const char **out)
{
    const cJSON *item = member(body, name);
    const char *text = cJSON_GetStringValue(item);
    size_t len = text != NULL ? strlen(text) : 0;

    *out = text;
    if (item == NULL)
        return !needed || refuse(call, name, "is needed");
    if ((len != 40 && len != 64) || strspn(text, "0123456789abcdef") != len)
        return refuse(call, name, "must be an object id of Git: 40 or 64 hex digits");
    return true;
}

static void free_text(void *text)
{
    cJSON_free(text);
}

bool body_json(struct call *call, const cJSON *body, const char *name, bool is_array, bool needed, const char **out)
{
    const cJSON *item = member(body, name);
    char *text;

    *out = NULL;
    if (item == NULL)
        return !needed || refuse(call, name, "is needed");
    if (is_array ? !cJSON_IsArray(item) : !cJSON_IsObject(item))
        return refuse(call, name, is_array ? "must be an array" : "must be an object");
    text = cJSON_PrintUnformatted(item);
    rse_arena_defer(call->arena, free_text, text);
    *out = text;
    return text != NULL || rse_fail(&call->err, RSE_INTERNAL, "could not print JSON");
}
