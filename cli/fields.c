#include "cli/fields.h"

static bool refuse_field(const struct rse_noun_info *noun, struct rse_str name, struct rse_err *err)
{
    struct rse_suggestion s;

    rse_suggest_begin(&s, name);
    for (const struct rse_field *field = noun->fields; field->name != NULL; field++)
        rse_suggest_offer(&s, rse_str(field->name));
    if (!rse_suggest_hint(&s, "", "", err))
        rse_err_hint(err, "`resedge explain %s` tells its fields.", noun->plural);
    return rse_fail(err, RSE_INVALID, "a %s has no field \"%.*s\"", noun->name, RSE_STR_ARG(name));
}

static cJSON *split(const char *value)
{
    cJSON *list = cJSON_CreateArray();

    while (*value != '\0') {
        size_t len = strcspn(value, ",");
        char *item = rse_xstrndup(rse_str_n(value, len));

        cJSON_AddItemToArray(list, cJSON_CreateString(item));
        rse_freep(&item);
        value += len + (value[len] == ',');
    }
    return list;
}

static cJSON *number(const char *value)
{
    double n;

    /* What is no number is left to the server, which says what it takes. */
    return rse_parse_double(rse_str(value), &n) ? cJSON_CreateNumber(n) : cJSON_CreateString(value);
}

static cJSON *value_of(const struct rse_field *field, const char *value)
{
    switch (field->type) {
    case RSE_FIELD_INT:
    case RSE_FIELD_OPT_INT:
        return value[0] != '\0' ? number(value) : cJSON_CreateNull();
    case RSE_FIELD_BOOL:
        if (strcmp(value, "true") != 0 && strcmp(value, "false") != 0)
            return cJSON_CreateString(value);
        return cJSON_CreateBool(value[0] == 't');
    case RSE_FIELD_STRINGS:
    case RSE_FIELD_REFS:
        return split(value);
    default:
        return value[0] != '\0' ? cJSON_CreateString(value) : cJSON_CreateNull();
    }
}

static bool is_object_field(const struct rse_field *field)
{
    return field->type == RSE_FIELD_METADATA || field->type == RSE_FIELD_CAPACITY ||
           field->type == RSE_FIELD_LOCATION || field->type == RSE_FIELD_GUARD;
}

/* metadata.size=large */
static void put_member(cJSON *body, const struct rse_field *field, const char *member, const char *value)
{
    cJSON *object = cJSON_GetObjectItemCaseSensitive(body, field->name);

    if (object == NULL)
        object = cJSON_AddObjectToObject(body, field->name);
    cJSON_DeleteItemFromObjectCaseSensitive(object, member);
    if (value[0] == '\0')
        cJSON_AddNullToObject(object, member);
    else if (field->type == RSE_FIELD_METADATA)
        cJSON_AddStringToObject(object, member, value);
    else
        cJSON_AddItemToObject(object, member, number(value));
}

bool fields_put(struct cli *cli, const struct rse_noun_info *noun, const char *word, cJSON *body, struct rse_err *err)
{
    const char *equals = strchr(word, '=');
    struct rse_str name = rse_str_n(word, equals != NULL ? (size_t)(equals - word) : 0);
    ptrdiff_t dot = rse_str_find(name, '.');
    const struct rse_field *field;

    if (equals == NULL || name.len == 0) {
        rse_err_hint(err, "For example: timeZone=America/Denver, groups=/a,/b, metadata.size=large.");
        return rse_fail(err, RSE_INVALID, "\"%s\" is not FIELD=VALUE", word);
    }
    if (dot >= 0)
        name.len = (size_t)dot;
    field = rse_noun_field(noun->noun, name);
    if (field == NULL)
        return refuse_field(noun, name, err);
    if (field->type == RSE_FIELD_RELEASES) {
        rse_err_hint(err, "`resedge release` says which version goes where.");
        return rse_fail(err, RSE_INVALID, "%s can't be set as a word", field->name);
    }
    if ((dot >= 0) != is_object_field(field)) {
        rse_err_hint(err,
                     dot >= 0 ? "Only metadata, capacity, location and guard have members."
                              : "Name a member: %s.KEY=VALUE.",
                     field->name);
        return rse_fail(err, RSE_INVALID, "\"%s\" is not how %s is set", word, field->name);
    }
    if (dot >= 0) {
        put_member(body, field,
                   rse_arena_str(cli->arena, rse_str_n(word + dot + 1, (size_t)(equals - word - dot - 1))).p,
                   equals + 1);
        return true;
    }
    cJSON_DeleteItemFromObjectCaseSensitive(body, field->name);
    cJSON_AddItemToObject(body, field->name, value_of(field, equals + 1));
    return true;
}
