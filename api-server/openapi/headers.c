/*
 * headers.c - the headers of answers that follow from what a route is; those of one route alone are in its YAML file.
 */
#include <stdio.h>
#include <string.h>

#include "api-server/http/route.h"
#include "api-server/openapi/parts.h"

static void add(cJSON *answer, const char *name)
{
    cJSON *headers = cJSON_GetObjectItemCaseSensitive(answer, "headers");
    char path[128];

    if (headers == NULL)
        headers = cJSON_AddObjectToObject(answer, "headers");
    if (cJSON_HasObjectItem(headers, name))
        return;
    snprintf(path, sizeof(path), "#/components/headers/%s", name);
    cJSON_AddStringToObject(cJSON_AddObjectToObject(headers, name), "$ref", path);
}

/* answer_head_begin() sends them with every answer. */
static void add_usual(cJSON *answer)
{
    add(answer, "X-Request-Id");
    add(answer, "Resedge-Revision");
}

/* The answer with this status, if it is described; in place of a reference to one that others share, a copy of it. */
static cJSON *own_answer(cJSON *operation, const cJSON *shared, const char *status)
{
    cJSON *responses = cJSON_GetObjectItemCaseSensitive(operation, "responses");
    cJSON *answer = cJSON_GetObjectItemCaseSensitive(responses, status);
    const char *ref = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(answer, "$ref"));

    if (ref == NULL)
        return answer;
    answer = cJSON_Duplicate(cJSON_GetObjectItemCaseSensitive(shared, strrchr(ref, '/') + 1), true);
    cJSON_ReplaceItemInObjectCaseSensitive(responses, status, answer);
    return answer;
}

static bool takes(const cJSON *operation, const char *parameter)
{
    const cJSON *each;

    cJSON_ArrayForEach(each, cJSON_GetObjectItemCaseSensitive(operation, "parameters"))
    {
        const char *ref = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(each, "$ref"));

        if (ref != NULL && strcmp(strrchr(ref, '/') + 1, parameter) == 0)
            return true;
    }
    return false;
}

static void add_when_done(cJSON *operation, const cJSON *shared, const char *header)
{
    static const char *const DONE[] = { "200", "201", "204" };

    for (size_t i = 0; i < RSE_COUNT(DONE); i++) {
        cJSON *answer = own_answer(operation, shared, DONE[i]);

        if (answer != NULL)
            add(answer, header);
    }
}

void openapi_add_headers(cJSON *operation, const struct route *route, const cJSON *shared)
{
    cJSON *answer;

    if ((route->flags & ROUTE_ONCE) != 0)
        add_when_done(operation, shared, "Idempotent-Replayed");
    if (takes(operation, "confirm")) {
        add_when_done(operation, shared, "Resedge-Confirm");
        if ((answer = own_answer(operation, shared, "409")) != NULL)
            add(answer, "Resedge-Confirm");
    }
    if (strcmp(route->method, "PATCH") == 0 && (answer = own_answer(operation, shared, "415")) != NULL)
        add(answer, "Accept-Patch");
    cJSON_ArrayForEach(answer, cJSON_GetObjectItemCaseSensitive(operation, "responses"))
    {
        if (!cJSON_HasObjectItem(answer, "$ref"))
            add_usual(answer);
    }
}

void openapi_add_shared_headers(cJSON *shared)
{
    cJSON *answer;

    cJSON_ArrayForEach(answer, shared) add_usual(answer);
}
