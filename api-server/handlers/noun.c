/*
 * noun.c - the rows of the seven nouns, and reading one object.
 */
#include <stdio.h>

#include "api-server/api.h"
#include "api-server/handlers/noun.h"
#include "api-server/handlers/object.h"
#include "api-server/http/route.h"
#include "api-server/store/noun.h"

enum { OBJECT_BODY_MAX = 256 * 1024 };

/* One noun's rows; maker: the least role that creates and deletes one; changer: that changes something of it. What exactly it may
 * change is decided by rules.c. */
#define NOUN_ROWS(plural, maker, changer)                                                                                \
    { "GET", "/api/v1/" plural, ROLE_VIEWER, 0, 0, 0, noun_list_handler, "List" },                                       \
        { "POST", "/api/v1/" plural, maker, 0, OBJECT_BODY_MAX, 0, noun_post_handler, "Create one" },                    \
        { "GET", "/api/v1/" plural "/name:{name...}", ROLE_VIEWER, 0, 0, 0, noun_get_handler, "Show one" },              \
        { "PUT", "/api/v1/" plural "/name:{name...}", changer, 0, OBJECT_BODY_MAX, 0, noun_put_handler, "Replace one" }, \
        { "PATCH",                                                                                                       \
          "/api/v1/" plural "/name:{name...}",                                                                           \
          changer,                                                                                                       \
          0,                                                                                                             \
          OBJECT_BODY_MAX,                                                                                               \
          0,                                                                                                             \
          noun_patch_handler,                                                                                            \
          "Change one (JSON Merge Patch)" },                                                                             \
        { "DELETE", "/api/v1/" plural "/name:{name...}", maker, 0, 0, 0, noun_delete_handler, "Delete one" },            \
        { "GET", "/api/v1/" plural "/{id}", ROLE_VIEWER, 0, 0, 0, noun_get_handler, "Show one" },                        \
        { "PUT", "/api/v1/" plural "/{id}", changer, 0, OBJECT_BODY_MAX, 0, noun_put_handler, "Replace one" },           \
        { "PATCH",                                                                                                       \
          "/api/v1/" plural "/{id}",                                                                                     \
          changer,                                                                                                       \
          0,                                                                                                             \
          OBJECT_BODY_MAX,                                                                                               \
          0,                                                                                                             \
          noun_patch_handler,                                                                                            \
          "Change one (JSON Merge Patch)" },                                                                             \
    {                                                                                                                    \
        "DELETE", "/api/v1/" plural "/{id}", maker, 0, 0, 0, noun_delete_handler, "Delete one"                           \
    }

const struct route noun_routes[] = {
    NOUN_ROWS("targets", ROLE_ADMIN, ROLE_PLATFORM),       NOUN_ROWS("metadataKeys", ROLE_PLATFORM, ROLE_PLATFORM),
    NOUN_ROWS("groups", ROLE_PLATFORM, ROLE_PLATFORM),     NOUN_ROWS("policies", ROLE_PLATFORM, ROLE_PLATFORM),
    NOUN_ROWS("namespaces", ROLE_PLATFORM, ROLE_APP_TEAM), NOUN_ROWS("applications", ROLE_APP_TEAM, ROLE_APP_TEAM),
    NOUN_ROWS("clusters", ROLE_PLATFORM, ROLE_PLATFORM),   { .method = NULL },
};

/* If-None-Match: "a", "b", compared weakly. */
static bool is_known(struct call *call, const char *etag)
{
    const char *header = call_header(call, "If-None-Match");
    char quoted[24];

    snprintf(quoted, sizeof(quoted), "\"%s\"", etag);
    return header != NULL && (strcmp(header, "*") == 0 || strstr(header, quoted) != NULL);
}

struct stored {
    struct call *call;
    enum rse_noun noun;
    int64_t id;
};

static void reply_stored(void *arg, const struct noun_doc *doc, const struct rse_err *err)
{
    struct stored *stored = arg;
    struct call *call = stored->call;
    char etag[17];

    if (err != NULL) {
        call_fail_with(call, err);
    } else if (doc == NULL) {
        rse_fail(&call->err, RSE_NOT_FOUND, "there is no %s %lld", rse_noun_info(stored->noun)->name,
                 (long long)stored->id);
        call_fail(call);
    } else {
        snprintf(etag, sizeof(etag), "%.*s", RSE_STR_ARG(doc->etag));
        if (is_known(call, etag))
            call_reply_object(call, 304, rse_str(NULL), etag, doc->revision);
        else
            call_reply_object(call, 200, doc->doc, etag, doc->revision);
    }
}

void noun_reply_stored(struct call *call, enum rse_noun noun, int64_t id)
{
    struct stored *stored = rse_arena_new_of(call->arena, struct stored);

    *stored = (struct stored){ call, noun, id };
    store_noun_get(call->api->db, noun, id, reply_stored, stored);
}

void noun_get_handler(struct call *call)
{
    enum rse_noun noun = call_noun(call);
    int64_t id;

    if (call_object(call, noun, &id))
        noun_reply_stored(call, noun, id);
    else
        call_fail(call);
}
