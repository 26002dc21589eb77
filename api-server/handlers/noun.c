/*
 * noun.c - the rows of the seven nouns.
 */
#include "api-server/handlers/list.h"
#include "api-server/handlers/noun.h"
#include "api-server/handlers/object.h"
#include "api-server/http/route.h"

enum { OBJECT_BODY_MAX = 256 * 1024 };

/* One noun's rows; maker: the least role that creates and deletes one; changer: that changes something of it. What exactly it may
 * change is decided by rules.c. A worker that starts asks for the targets. */
#define NOUN_ROWS(plural, maker, changer, list_flags)                                                                    \
    {                                                                                                                    \
        "GET", "/api/v1/" plural, ROLE_VIEWER, ROUTE_FLEET | ROUTE_LIST | (list_flags), 0, 0, noun_list_handler, "List"  \
    },                                                                                                                   \
        { "POST", "/api/v1/" plural, maker,       ROUTE_FLEET | ROUTE_ONCE, OBJECT_BODY_MAX,                             \
          0,      noun_post_handler, "Create one" },                                                                     \
        { "GET", "/api/v1/" plural "/name:{name...}", ROLE_VIEWER, ROUTE_FLEET, 0, 0, noun_get_handler, "Show one" },    \
        { "PUT",        "/api/v1/" plural "/name:{name...}", changer, ROUTE_FLEET, OBJECT_BODY_MAX, 0, noun_put_handler, \
          "Replace one" },                                                                                               \
        { "PATCH",                                                                                                       \
          "/api/v1/" plural "/name:{name...}",                                                                           \
          changer,                                                                                                       \
          ROUTE_FLEET,                                                                                                   \
          OBJECT_BODY_MAX,                                                                                               \
          0,                                                                                                             \
          noun_patch_handler,                                                                                            \
          "Change one (JSON Merge Patch)" },                                                                             \
        { "DELETE", "/api/v1/" plural "/name:{name...}", maker, ROUTE_FLEET, 0, 0, noun_delete_handler, "Delete one" },  \
        { "GET", "/api/v1/" plural "/{id}", ROLE_VIEWER, 0, 0, 0, noun_get_handler, "Show one" },                        \
        { "PUT", "/api/v1/" plural "/{id}", changer, ROUTE_FLEET, OBJECT_BODY_MAX, 0, noun_put_handler, "Replace one" }, \
        { "PATCH",                                                                                                       \
          "/api/v1/" plural "/{id}",                                                                                     \
          changer,                                                                                                       \
          ROUTE_FLEET,                                                                                                   \
          OBJECT_BODY_MAX,                                                                                               \
          0,                                                                                                             \
          noun_patch_handler,                                                                                            \
          "Change one (JSON Merge Patch)" },                                                                             \
    {                                                                                                                    \
        "DELETE", "/api/v1/" plural "/{id}", maker, ROUTE_FLEET, 0, 0, noun_delete_handler, "Delete one"                 \
    }

const struct route noun_routes[] = {
    NOUN_ROWS("targets", ROLE_ADMIN, ROLE_PLATFORM, ROUTE_WORKER),
    NOUN_ROWS("metadataKeys", ROLE_PLATFORM, ROLE_PLATFORM, 0),
    NOUN_ROWS("groups", ROLE_PLATFORM, ROLE_PLATFORM, 0),
    NOUN_ROWS("policies", ROLE_PLATFORM, ROLE_PLATFORM, 0),
    NOUN_ROWS("namespaces", ROLE_PLATFORM, ROLE_APP_TEAM, 0),
    NOUN_ROWS("applications", ROLE_APP_TEAM, ROLE_APP_TEAM, 0),
    NOUN_ROWS("clusters", ROLE_PLATFORM, ROLE_PLATFORM, 0),
    { .method = NULL },
};

void noun_list_handler(struct call *call)
{
    list_reply(call, rse_noun_info(call_noun(call)), NULL);
}
