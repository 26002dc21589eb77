#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "api-server/http/route.h"
#include "api-server/openapi/openapi.h"
#include <resedge/map.h>

static cJSON *document;

static int make(void **state)
{
    struct rse_err err = RSE_ERR_INIT;

    (void)state;
    if (!openapi_build(&document, &err))
        print_error("%s: %s %s\n", err.object, err.what, err.hint);
    return document != NULL ? 0 : -1;
}

static int drop(void **state)
{
    (void)state;
    cJSON_Delete(document);
    return 0;
}

/* "#/components/schemas/Cluster" */
static const cJSON *resolve(const char *ref)
{
    const cJSON *at = document;
    char name[128];

    assert_int_equal(strncmp(ref, "#/", 2), 0);
    for (ref += 2; at != NULL && *ref != '\0';) {
        size_t len = strcspn(ref, "/");

        assert_true(len < sizeof(name));
        snprintf(name, sizeof(name), "%.*s", (int)len, ref);
        at = cJSON_GetObjectItemCaseSensitive(at, name);
        ref += len + (ref[len] == '/');
    }
    return at;
}

static size_t check_refs(const cJSON *value)
{
    const cJSON *member;
    size_t count = 0;

    cJSON_ArrayForEach(member, value)
    {
        if (member->string != NULL && strcmp(member->string, "$ref") == 0) {
            if (resolve(member->valuestring) == NULL)
                fail_msg("%s leads nowhere", member->valuestring);
            count++;
        }
        count += check_refs(member);
    }
    return count;
}

/* make() has held the document against the table of routes: whatever is missing on one side is an error there. */
static void build__describes_every_route_and_nothing_else(void **state)
{
    const cJSON *paths = cJSON_GetObjectItemCaseSensitive(document, "paths");
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(paths, "/api/v1/clusters/{id}");

    (void)state;
    assert_non_null(cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(item, "patch"), "x-role"));
    assert_null(cJSON_GetObjectItemCaseSensitive(paths, "/api/v1/{nouns}"));
}

static void build__has_no_reference_that_leads_nowhere(void **state)
{
    (void)state;
    assert_true(check_refs(document) > 100);
}

static void build__gives_every_operation_an_id_of_its_own(void **state)
{
    struct rse_map *ids = rse_map_new();
    const cJSON *path, *operation;

    (void)state;
    cJSON_ArrayForEach(path, cJSON_GetObjectItemCaseSensitive(document, "paths"))
    {
        cJSON_ArrayForEach(operation, path)
        {
            const char *id = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(operation, "operationId"));

            if (!cJSON_IsObject(operation))
                continue;
            assert_non_null(id);
            if (rse_map_put(ids, rse_str(id), ids) != NULL)
                fail_msg("%s is there twice", id);
        }
    }
    rse_map_free(ids);
}

static void build__shows_every_field_of_every_noun(void **state)
{
    (void)state;
    for (int noun = 0; noun < RSE_NOUN_COUNT; noun++) {
        const struct rse_noun_info *info = rse_noun_info((enum rse_noun)noun);
        char ref[128];

        snprintf(ref, sizeof(ref), "#/components/schemas/%c%s/properties", info->name[0] - 'a' + 'A', info->name + 1);
        for (const struct rse_field *field = info->fields; field->name != NULL; field++) {
            assert_true(cJSON_HasObjectItem(resolve(ref), field->name));
            assert_true(field->id_name == NULL || cJSON_HasObjectItem(resolve(ref), field->id_name));
        }
    }
}

static bool is_among(const char *type, const char *const *types, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(type, types[i]) == 0)
            return true;
    return false;
}

/* Of an answer that is described. */
static void check_forms(const struct route *route, const cJSON *answer)
{
    const char *ref = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(answer, "$ref"));
    const cJSON *content = cJSON_GetObjectItemCaseSensitive(ref != NULL ? resolve(ref) : answer, "content"), *media;
    size_t count;
    const char *const *types = route_forms(route, &count);

    assert_true(count > 0 && cJSON_HasObjectItem(content, types[0]));
    cJSON_ArrayForEach(media, content)
    {
        if (!is_among(media->string, types, count))
            fail_msg("GET %s is described to answer %s, and does not choose it", route->path, media->string);
    }
}

static void build__shows_the_media_types_that_each_route_chooses_from(void **state)
{
    const cJSON *paths = cJSON_GetObjectItemCaseSensitive(document, "paths");
    const struct route *route;
    size_t checked = 0;

    (void)state;
    for (size_t it = 0; (route = route_next(&it)) != NULL;) {
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(paths, route->path), *answers;
        size_t count;

        answers = cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(item, "get"), "responses");
        if (strcmp(route->method, "GET") != 0 || answers == NULL)
            continue;
        (void)route_forms(route, &count);
        assert_int_equal(count > 0, cJSON_HasObjectItem(answers, "406"));
        if (count > 0)
            check_forms(route, cJSON_GetObjectItemCaseSensitive(answers, "200"));
        checked += count > 0;
    }
    assert_true(checked > 30);
}

static bool takes_key(const cJSON *operation)
{
    const cJSON *parameter;

    cJSON_ArrayForEach(parameter, cJSON_GetObjectItemCaseSensitive(operation, "parameters"))
    {
        const char *ref = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(parameter, "$ref"));

        if (ref != NULL && strcmp(ref, "#/components/parameters/idempotencyKey") == 0)
            return true;
    }
    return false;
}

static void build__shows_which_requests_take_an_idempotency_key(void **state)
{
    const cJSON *paths = cJSON_GetObjectItemCaseSensitive(document, "paths");
    const struct route *route;

    (void)state;
    for (size_t it = 0; (route = route_next(&it)) != NULL;) {
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(paths, route->path);

        if (strcmp(route->method, "POST") == 0 &&
            takes_key(cJSON_GetObjectItemCaseSensitive(item, "post")) != ((route->flags & ROUTE_ONCE) != 0))
            fail_msg("POST %s", route->path);
    }
}

static void text__is_the_same_each_time(void **state)
{
    struct rse_str first, second;
    struct rse_err err = RSE_ERR_INIT;

    (void)state;
    assert_true(openapi_text(&first, &err));
    assert_true(openapi_text(&second, &err));
    assert_ptr_equal(first.p, second.p);
    assert_true(first.len > 10000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(build__describes_every_route_and_nothing_else),
        cmocka_unit_test(build__has_no_reference_that_leads_nowhere),
        cmocka_unit_test(build__gives_every_operation_an_id_of_its_own),
        cmocka_unit_test(build__shows_every_field_of_every_noun),
        cmocka_unit_test(build__shows_the_media_types_that_each_route_chooses_from),
        cmocka_unit_test(build__shows_which_requests_take_an_idempotency_key),
        cmocka_unit_test(text__is_the_same_each_time),
    };

    return cmocka_run_group_tests(tests, make, drop);
}
