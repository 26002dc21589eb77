/*
 * bodies.c - what is taken as JSON is taken as YAML too: call_json() reads both.
 */
#include "api-server/http/route.h"
#include "api-server/openapi/parts.h"

static void add_yaml(const cJSON *body)
{
    cJSON *content = cJSON_GetObjectItemCaseSensitive(body, "content");
    const cJSON *json = cJSON_GetObjectItemCaseSensitive(content, "application/json");

    if (json != NULL && !cJSON_HasObjectItem(content, "application/yaml"))
        cJSON_AddItemToObject(content, "application/yaml", cJSON_Duplicate(json, true));
}

/* What a Git host sends is signed as it stands, and not read. */
void openapi_add_forms(const cJSON *operation, const struct route *route)
{
    if ((route->flags & ROUTE_PUBLIC) == 0)
        add_yaml(cJSON_GetObjectItemCaseSensitive(operation, "requestBody"));
}

void openapi_add_shared_forms(const cJSON *shared)
{
    const cJSON *body;

    cJSON_ArrayForEach(body, shared) add_yaml(body);
}
