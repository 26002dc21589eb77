/*
 * document.c - puts the description together, and holds it against the table of routes.
 */
#include <ctype.h>
#include <string.h>

#include "api-server/http/route.h"
#include "api-server/openapi/openapi.h"
#include "api-server/openapi/parts.h"
#include <resedge/yaml.h>

enum { MAX_NODES = 100000, MAX_TEXT = 4 << 20 };

/* ---- the YAML files ---- */

/* Moves the members of `from` into `into`, objects within objects. */
static void merge(cJSON *into, cJSON *from)
{
    cJSON *member;

    while ((member = from->child) != NULL) {
        cJSON *there = cJSON_GetObjectItemCaseSensitive(into, member->string);

        if (there != NULL && cJSON_IsObject(there) && cJSON_IsObject(member)) {
            merge(there, member);
            cJSON_DeleteItemFromObjectCaseSensitive(from, member->string);
        } else {
            cJSON_DetachItemViaPointer(from, member);
            cJSON_AddItemToObject(into, member->string, member);
        }
    }
}

/* The text with each {nouns}, {noun} and {Noun} replaced. */
static void name_noun(struct rse_str text, enum rse_noun noun, struct rse_buf *out)
{
    const struct rse_noun_info *info = rse_noun_info(noun);

    while (text.len > 0) {
        if (rse_str_starts(text, RSE_STR("{nouns}"))) {
            rse_buf_adds(out, info->plural);
            text = rse_str_from(text, 7);
        } else if (rse_str_starts(text, RSE_STR("{noun}"))) {
            rse_buf_adds(out, info->name);
            text = rse_str_from(text, 6);
        } else if (rse_str_starts(text, RSE_STR("{Noun}"))) {
            openapi_schema_name(noun, out);
            text = rse_str_from(text, 6);
        } else {
            rse_buf_addc(out, text.p[0]);
            text = rse_str_from(text, 1);
        }
    }
}

static bool merge_text(cJSON *document, const char *name, struct rse_str text, struct rse_err *err)
{
    cJSON *part = rse_yaml_to_json(rse_str(name), text, MAX_NODES, err);

    if (part == NULL)
        return false;
    merge(document, part);
    cJSON_Delete(part);
    return true;
}

static bool merge_per_noun(cJSON *document, const struct openapi_part *part, struct rse_err *err)
{
    RSE_BUF_AUTO text = { 0 };

    rse_buf_init(&text, MAX_TEXT);
    for (int noun = 0; noun < RSE_NOUN_COUNT; noun++) {
        rse_buf_reset(&text);
        name_noun(part->text, (enum rse_noun)noun, &text);
        if (!rse_buf_ok(&text, err) || !merge_text(document, part->name, rse_buf_str(&text), err))
            return false;
    }
    return true;
}

static bool merge_parts(cJSON *document, struct rse_err *err)
{
    struct openapi_part part;

    for (size_t i = 0; openapi_part(i, &part); i++) {
        if (!(part.per_noun ? merge_per_noun(document, &part, err) : merge_text(document, part.name, part.text, err)))
            return false;
    }
    return true;
}

/* ---- the routes ---- */

/* "/groups/name:{name...}" is described with "/groups/{id}": both name an object. */
static void described_path(const struct route *route, struct rse_buf *out)
{
    const char *name = strstr(route->path, "name:{name...}");

    if (name == NULL)
        rse_buf_adds(out, route->path);
    else
        rse_buf_addf(out, "%.*s{id}", (int)(name - route->path), route->path);
}

static cJSON *operation_of(cJSON *paths, const struct route *route)
{
    char method[16] = "";
    RSE_BUF_AUTO path = { 0 };

    rse_buf_init(&path, 256);
    described_path(route, &path);
    for (size_t i = 0; route->method[i] != '\0' && i + 1 < sizeof(method); i++)
        method[i] = (char)tolower((unsigned char)route->method[i]);
    return cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(paths, path.p), method);
}

static void set_text(cJSON *object, const char *name, const char *text)
{
    cJSON_DeleteItemFromObjectCaseSensitive(object, name);
    cJSON_AddStringToObject(object, name, text);
}

/* What the table of routes knows. */
static void describe_route(cJSON *operation, const struct route *route, const cJSON *answers)
{
    if (!cJSON_HasObjectItem(operation, "summary"))
        set_text(operation, "summary", route->help);
    if ((route->flags & ROUTE_PUBLIC) != 0) {
        if (!cJSON_HasObjectItem(operation, "security"))
            cJSON_AddArrayToObject(operation, "security");
    } else {
        set_text(operation, "x-role", role_name(route->role));
    }
    if (route->body_limit > 0 && !cJSON_HasObjectItem(operation, "x-body-limit"))
        cJSON_AddNumberToObject(operation, "x-body-limit", (double)route->body_limit);
    openapi_add_forms(operation, route);
    openapi_add_answers(operation, route);
    openapi_add_headers(operation, route, answers);
}

static bool describe_routes(cJSON *paths, const cJSON *answers, struct rse_err *err)
{
    const struct route *route;

    for (size_t it = 0; (route = route_next(&it)) != NULL;) {
        cJSON *operation = operation_of(paths, route);

        if (operation == NULL) {
            rse_err_object(err, "%s %s", route->method, route->path);
            rse_err_hint(err, "Describe it in a YAML file of api-server/openapi/.");
            return rse_fail(err, RSE_INTERNAL, "the route is not described");
        }
        describe_route(operation, route, answers);
    }
    return true;
}

/* Every operation has met its route: it has got a summary. */
static bool check_operations(cJSON *paths, struct rse_err *err)
{
    cJSON *path, *operation;

    cJSON_ArrayForEach(path, paths)
    {
        cJSON_ArrayForEach(operation, path)
        {
            if (!cJSON_IsObject(operation) || cJSON_HasObjectItem(operation, "summary"))
                continue;
            rse_err_object(err, "%s %s", operation->string, path->string);
            return rse_fail(err, RSE_INTERNAL, "what is described is no route");
        }
    }
    return true;
}

bool openapi_build(cJSON **out, struct rse_err *err)
{
    cJSON *document = cJSON_CreateObject(), *components, *answers, *schemas, *paths;

    if (!merge_parts(document, err)) {
        cJSON_Delete(document);
        return false;
    }
    set_text(cJSON_GetObjectItemCaseSensitive(document, "info"), "version", rse_version());
    components = cJSON_GetObjectItemCaseSensitive(document, "components");
    schemas = cJSON_GetObjectItemCaseSensitive(components, "schemas");
    for (int noun = 0; noun < RSE_NOUN_COUNT; noun++)
        openapi_add_noun_schemas(schemas, (enum rse_noun)noun);
    answers = cJSON_GetObjectItemCaseSensitive(components, "responses");
    openapi_add_shared_headers(answers);
    openapi_add_shared_forms(cJSON_GetObjectItemCaseSensitive(components, "requestBodies"));
    paths = cJSON_GetObjectItemCaseSensitive(document, "paths");
    if (!describe_routes(paths, answers, err) || !check_operations(paths, err)) {
        cJSON_Delete(document);
        return false;
    }
    *out = document;
    return true;
}

bool openapi_text(struct rse_str *out, struct rse_err *err)
{
    static char *text; /* the same for all, for as long as the process lives */
    cJSON *document;

    if (text == NULL) {
        if (!openapi_build(&document, err))
            return false;
        text = cJSON_PrintUnformatted(document);
        cJSON_Delete(document);
    }
    if (text == NULL)
        return rse_fail(err, RSE_INTERNAL, "the description of the API can't be written");
    *out = rse_str(text);
    return true;
}
