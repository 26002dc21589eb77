/*
 * body_pointers.c - see body_pointers.h.
 */
#include <stdio.h>
#include <stdlib.h>

#include <cjson/cJSON.h>

#include "api-server/handlers/body_pointers.h"

#define METADATA "/metadata/"

enum { FIELD_MAX = sizeof(((struct rse_err *)NULL)->field) };

struct rse_strs body_pointers_keys(const cJSON *document, struct rse_arena *arena)
{
    const cJSON *metadata = cJSON_GetObjectItemCaseSensitive(document, "metadata"), *pair;
    struct rse_strs keys = { rse_arena_calloc(arena, (size_t)cJSON_GetArraySize(metadata), sizeof(keys.at[0])), 0 };

    cJSON_ArrayForEach(pair, metadata)
    {
        keys.at[keys.count++] =
            rse_arena_str(arena, rse_str(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(pair, "key"))));
    }
    return keys;
}

struct rse_strs body_pointers_sorted_keys(const struct rse_object *object, struct rse_arena *arena)
{
    size_t count = object->metadata.count;
    struct rse_strs keys = { rse_arena_calloc(arena, count, sizeof(keys.at[0])), count };

    for (size_t i = 0; i < count; i++)
        keys.at[i] = rse_arena_str(arena, object->metadata.at[i].key);
    return keys;
}

static void point_to_key(struct rse_str key, char field[FIELD_MAX])
{
    RSE_BUF_AUTO text = { 0 };

    rse_buf_init(&text, 16 * 1024);
    rse_buf_adds(&text, "/metadata");
    rse_buf_add_pointer_segment(&text, key);
    if (text.len < FIELD_MAX) /* else the place in the document is told: half a pointer would be none */
        memcpy(field, text.p, text.len + 1);
}

/* Of a key that is there twice, the second stands behind the first in the body as well. */
static void point_to_item(const cJSON *metadata, const struct rse_strs *keys, size_t n, const char *rest,
                          char field[FIELD_MAX])
{
    struct rse_str key = keys->at[n];
    size_t before = 0;
    char last[16];
    const cJSON *item;
    size_t i = 0;

    snprintf(last, sizeof(last), "%s", rest);
    for (size_t k = 0; k < n; k++)
        before += rse_str_eq(keys->at[k], key);
    cJSON_ArrayForEach(item, metadata)
    {
        if (rse_str_eq(key, rse_str(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "key")))) &&
            before-- == 0)
            break;
        i++;
    }
    if (item != NULL)
        snprintf(field, FIELD_MAX, METADATA "%zu%s", i, last);
}

/* "groupIds" for "groups"; NULL: it has no such form. */
static const char *id_form_of(struct rse_str name)
{
    for (int noun = 0; noun < RSE_NOUN_COUNT; noun++) {
        const struct rse_field *field = rse_noun_field(noun, name);

        if (field != NULL && field->id_name != NULL)
            return field->id_name;
    }
    return NULL;
}

/* A reference that was written by its id alone. */
static void point_to_form(const cJSON *body, char field[FIELD_MAX])
{
    RSE_BUF_AUTO text = { 0 };
    char name[FIELD_MAX];
    size_t len = strcspn(field + 1, "/");
    const char *form;

    snprintf(name, sizeof(name), "%.*s", (int)len, field + 1);
    form = id_form_of(rse_str(name));
    if (form == NULL || cJSON_GetObjectItemCaseSensitive(body, name) != NULL ||
        cJSON_GetObjectItemCaseSensitive(body, form) == NULL)
        return;
    rse_buf_init(&text, FIELD_MAX);
    rse_buf_addf(&text, "/%s%s", form, field + 1 + len);
    if (rse_buf_ok(&text, NULL))
        memcpy(field, text.p, text.len + 1);
}

static void point(const cJSON *body, const struct rse_strs *keys, bool is_part, char field[FIELD_MAX])
{
    const cJSON *metadata = cJSON_GetObjectItemCaseSensitive(body, "metadata");
    char *rest;
    size_t n;

    if (field[0] == '/' && !is_part)
        point_to_form(body, field);
    if (is_part && strncmp(field, "/tags", 5) == 0)
        field[0] = '\0';
    if (strncmp(field, METADATA, sizeof(METADATA) - 1) != 0)
        return;
    n = strtoul(field + sizeof(METADATA) - 1, &rest, 10);
    if (rest[0] != '/' || n >= keys->count)
        return;
    if (is_part)
        snprintf(field, FIELD_MAX, "%s", strcmp(rest, "/value") == 0 ? "/value" : "");
    else if (cJSON_IsArray(metadata))
        point_to_item(metadata, keys, n, rest, field);
    else if (cJSON_GetObjectItemCaseSensitive(metadata, keys->at[n].p) != NULL)
        point_to_key(keys->at[n], field);
}

bool body_pointers(const cJSON *body, const struct rse_strs *keys, const struct rse_str *part, struct rse_err *err)
{
    bool had_field = err->field[0] != '\0';

    for (size_t i = 0; err->faults != NULL && i < err->faults->count; i++)
        point(body, keys, part != NULL, err->faults->at[i].field);
    point(body, keys, part != NULL, err->field);
    if (part == NULL || !had_field || err->field[0] != '\0')
        return true;
    rse_err_object(err, "\"%.*s\"", RSE_STR_ARG(*part));
    err->faults = NULL;
    return false;
}
