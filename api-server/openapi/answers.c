/*
 * answers.c - what a route may answer whatever it does: the front and the parsers refuse in the same way everywhere.
 */
#include <stdio.h>
#include <string.h>

#include "api-server/http/route.h"
#include "api-server/openapi/parts.h"

static void add(cJSON *responses, const char *status, const char *name)
{
    char path[128];

    if (cJSON_HasObjectItem(responses, status))
        return;
    snprintf(path, sizeof(path), "#/components/responses/%s", name);
    cJSON_AddStringToObject(cJSON_AddObjectToObject(responses, status), "$ref", path);
}

static void add_for_token(cJSON *responses)
{
    add(responses, "401", "Unauthorized");
    add(responses, "429", "TooManyRequests");
    add(responses, "504", "TookTooLong");
}

static void add_for_body(cJSON *responses)
{
    add(responses, "408", "RequestTimeout");
    add(responses, "415", "UnsupportedMediaType");
    add(responses, "422", "Unprocessable");
}

static void add_for_write(cJSON *responses)
{
    add(responses, "409", "Conflict");
    add(responses, "412", "PreconditionFailed");
}

void openapi_add_answers(cJSON *operation, const struct route *route)
{
    cJSON *responses = cJSON_GetObjectItemCaseSensitive(operation, "responses");
    bool is_public = (route->flags & ROUTE_PUBLIC) != 0;
    size_t nforms;

    add(responses, "400", "BadRequest");
    add(responses, "403", "Forbidden");       /* also to everybody, where no token is asked for: another site's page */
    add(responses, "413", "ContentTooLarge"); /* also where no body is taken */
    add(responses, "414", "TargetTooLong");
    add(responses, "431", "HeadTooLarge");
    add(responses, "503", "Unavailable");
    if (strchr(route->path, '{') != NULL)
        add(responses, "404", "NotFound");
    /* A name may be that of several. */
    if (strstr(route->path, "{id}") != NULL)
        add(responses, "409", "Conflict");
    (void)route_forms(route, &nforms);
    if (nforms > 0)
        add(responses, "406", "NotAcceptable");
    if (!is_public)
        add_for_token(responses);
    if (route->body_limit > 0)
        add_for_body(responses);
    if (strcmp(route->method, "GET") != 0)
        add_for_write(responses);
}
