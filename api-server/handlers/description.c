/*
 * description.c - the API's description of itself. Public: it says nothing that the documentation doesn't.
 */
#include "api-server/http/route.h"
#include "api-server/openapi/openapi.h"

static void description_handler(struct call *call)
{
    struct rse_str text;

    if (openapi_text(&text, &call->err))
        call_reply(call, 200, NULL, text);
    else
        call_fail(call);
}

const struct route description_routes[] = {
    { "GET", "/api/v1/openapi.json", ROLE_NONE, ROUTE_PUBLIC, 0, 0, description_handler,
      "This description, as OpenAPI 3.1" },
    { .method = NULL },
};
