/*
 * schemas.c - JSON schemas (2020-12) of the nouns, from the tables of their fields.
 */
#include <ctype.h>

#include "api-server/odata/options.h"
#include "api-server/openapi/parts.h"

enum form {
    FORM_ANSWER,    /* as it is shown: everything is there */
    FORM_SELECTION, /* as it is shown with $select and $expand: what was asked for, references in full */
    FORM_WRITE,     /* a whole object from a client */
    FORM_PATCH,     /* part of one; null takes a value away */
};

static bool is_shown(enum form form)
{
    return form == FORM_ANSWER || form == FORM_SELECTION;
}

static const char *const FORM_SUFFIXES[] = { "", "Selection", "Write", "Patch" };

void openapi_schema_name(enum rse_noun noun, struct rse_buf *out)
{
    const char *name = rse_noun_info(noun)->name;

    rse_buf_addc(out, (char)toupper((unsigned char)name[0]));
    rse_buf_adds(out, name + 1);
}

/* ---- pieces ---- */

static cJSON *typed(const char *type)
{
    cJSON *schema = cJSON_CreateObject();

    cJSON_AddStringToObject(schema, "type", type);
    return schema;
}

/* Of a type, or null. */
static void allow_null(cJSON *schema)
{
    cJSON *type = cJSON_DetachItemFromObjectCaseSensitive(schema, "type"), *both = cJSON_CreateArray();
    cJSON *names = cJSON_GetObjectItemCaseSensitive(schema, "enum");

    if (type == NULL) { /* a choice of schemas */
        cJSON_AddItemToArray(cJSON_GetObjectItemCaseSensitive(schema, "anyOf"), typed("null"));
        cJSON_Delete(both);
        return;
    }
    cJSON_AddItemToArray(both, type);
    cJSON_AddItemToArray(both, cJSON_CreateString("null"));
    cJSON_AddItemToObject(schema, "type", both);
    if (names != NULL)
        cJSON_AddItemToArray(names, cJSON_CreateNull());
}

static cJSON *array_of(cJSON *items)
{
    cJSON *schema = typed("array");

    cJSON_AddItemToObject(schema, "items", items);
    return schema;
}

struct member {
    const char *name, *type, *help;
};

enum { ALL_REQUIRED = 1, EACH_MAY_BE_NULL = 2 };

static cJSON *object_of(const struct member *members, size_t count, unsigned flags)
{
    cJSON *schema = typed("object"), *properties = cJSON_AddObjectToObject(schema, "properties");
    cJSON *required = (flags & ALL_REQUIRED) != 0 ? cJSON_AddArrayToObject(schema, "required") : NULL;

    for (size_t i = 0; i < count; i++) {
        cJSON *member = typed(members[i].type);

        if ((flags & EACH_MAY_BE_NULL) != 0)
            allow_null(member);
        if (members[i].help != NULL)
            cJSON_AddStringToObject(member, "description", members[i].help);
        cJSON_AddItemToObject(properties, members[i].name, member);
        if (required != NULL)
            cJSON_AddItemToArray(required, cJSON_CreateString(members[i].name));
    }
    return schema;
}

#define OBJECT_OF(flags, ...) \
    object_of((const struct member[]){ __VA_ARGS__ }, RSE_COUNT(((const struct member[]){ __VA_ARGS__ })), flags)

/* ---- a field ---- */

static const char *pattern_of(enum rse_field_format format)
{
    switch (format) {
    case RSE_FORMAT_LABEL:
        return "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$";
    case RSE_FORMAT_GROUP_NAME:
        return "^[^/]+$";
    case RSE_FORMAT_KEY:
        return "^[A-Za-z0-9_-]+$";
    default:
        return NULL;
    }
}

static cJSON *text_schema(const struct rse_field *field, enum form form)
{
    cJSON *schema = typed("string");
    const char *pattern = pattern_of(field->format);

    if (field->type == RSE_FIELD_TIME)
        cJSON_AddStringToObject(schema, "format", "date-time");
    if (!is_shown(form) && field->max > 0)
        cJSON_AddNumberToObject(schema, "maxLength", (double)field->max);
    if (pattern != NULL)
        cJSON_AddStringToObject(schema, "pattern", pattern);
    return schema;
}

static cJSON *integer_schema(int64_t min, int64_t max)
{
    cJSON *schema = typed("integer");

    cJSON_AddStringToObject(schema, "format", "int64");
    if (min < max) {
        cJSON_AddNumberToObject(schema, "minimum", (double)min);
        cJSON_AddNumberToObject(schema, "maximum", (double)max);
    }
    return schema;
}

static cJSON *enum_schema(const struct rse_field *field)
{
    cJSON *schema = typed("string"), *names = cJSON_AddArrayToObject(schema, "enum");

    for (const char *const *name = field->names; *name != NULL; name++)
        cJSON_AddItemToArray(names, cJSON_CreateString(*name));
    return schema;
}

/* A list of pairs; written, an object will do. */
static void set_minimum(const cJSON *schema, const char *member, double minimum)
{
    const cJSON *properties = cJSON_GetObjectItemCaseSensitive(schema, "properties");

    cJSON_AddNumberToObject(cJSON_GetObjectItemCaseSensitive(properties, member), "minimum", minimum);
}

/* What is shown may be of a time when less was asked for. */
static cJSON *capacity_schema(enum form form)
{
    cJSON *schema = OBJECT_OF(EACH_MAY_BE_NULL, { "memoryLimit", is_shown(form) ? "number" : "integer", "MiB" },
                              { "cpuLimit", "number", "cores" });

    if (!is_shown(form)) {
        set_minimum(schema, "memoryLimit", 1);
        set_minimum(schema, "cpuLimit", 0.001);
    }
    return schema;
}

static cJSON *metadata_schema(enum form form)
{
    cJSON *pairs = array_of(OBJECT_OF(ALL_REQUIRED, { "key", "string", NULL }, { "value", "string", NULL }));
    cJSON *schema, *choices, *object, *values;

    if (is_shown(form))
        return pairs;
    schema = cJSON_CreateObject();
    choices = cJSON_AddArrayToObject(schema, "anyOf");
    object = typed("object");
    values = cJSON_AddObjectToObject(object, "additionalProperties");
    cJSON_AddItemToObject(
        values, "type",
        cJSON_CreateStringArray((const char *[]){ "string", "number", "boolean", "null" }, form == FORM_PATCH ? 4 : 3));
    cJSON_AddItemToArray(choices, pairs);
    cJSON_AddItemToArray(choices, object);
    return schema;
}

static cJSON *field_schema(const struct rse_field *field, enum form form)
{
    switch (field->type) {
    case RSE_FIELD_ID:
        return integer_schema(1, INT64_C(1) << 53);
    case RSE_FIELD_STRING:
    case RSE_FIELD_TEXT:
    case RSE_FIELD_TIME:
    case RSE_FIELD_REF:
        return text_schema(field, form);
    case RSE_FIELD_INT:
    case RSE_FIELD_OPT_INT:
        return integer_schema(field->min, field->max);
    case RSE_FIELD_BOOL:
        return typed("boolean");
    case RSE_FIELD_ENUM:
        return enum_schema(field);
    case RSE_FIELD_STRINGS:
    case RSE_FIELD_REFS:
        return array_of(typed("string"));
    case RSE_FIELD_METADATA:
        return metadata_schema(form);
    case RSE_FIELD_CAPACITY:
        return capacity_schema(form);
    case RSE_FIELD_LOCATION:
        return OBJECT_OF(ALL_REQUIRED, { "latitude", "number", "degrees, WGS 84" },
                         { "longitude", "number", "degrees, WGS 84" });
    case RSE_FIELD_RELEASES:
        return array_of(
            OBJECT_OF(ALL_REQUIRED, { "version", "string", "SemVer" }, { "expression", "string", "which clusters" }));
    case RSE_FIELD_GUARD:
        return OBJECT_OF(EACH_MAY_BE_NULL, { "clustersLosing", "number", "percent" },
                         { "clustersChanged", "number", "percent" }, { "files", "integer", "0: any number" });
    }
    return cJSON_CreateObject();
}

/* Those that are always there stay what they are; anything else may be null. */
static bool may_be_null(const struct rse_field *field, enum form form)
{
    bool is_list = field->type == RSE_FIELD_STRINGS || field->type == RSE_FIELD_METADATA ||
                   field->type == RSE_FIELD_REFS || field->type == RSE_FIELD_RELEASES;
    bool is_set = field->type == RSE_FIELD_ID || field->type == RSE_FIELD_BOOL || field->type == RSE_FIELD_ENUM ||
                  field->type == RSE_FIELD_INT || (field->flags & RSE_FIELD_REQUIRED) != 0;

    return is_shown(form) ? !is_list && !is_set : (field->flags & RSE_FIELD_REQUIRED) == 0;
}

static void add_property(cJSON *properties, const char *name, cJSON *schema, const struct rse_field *field,
                         enum form form)
{
    if (may_be_null(field, form))
        allow_null(schema);
    if (field->help != NULL)
        cJSON_AddStringToObject(schema, "description", field->help);
    if (!is_shown(form) && (field->flags & RSE_FIELD_SERVER) != 0)
        cJSON_AddBoolToObject(schema, "readOnly", true);
    cJSON_AddItemToObject(properties, name, schema);
}

static void require(cJSON *required, const char *name)
{
    cJSON_AddItemToArray(required, cJSON_CreateString(name));
}

static void add_field(cJSON *schema, const struct rse_field *field, enum form form)
{
    cJSON *properties = cJSON_GetObjectItemCaseSensitive(schema, "properties");
    cJSON *required = cJSON_GetObjectItemCaseSensitive(schema, "required");
    bool is_required = form == FORM_ANSWER || (form == FORM_WRITE && (field->flags & RSE_FIELD_REQUIRED) != 0);
    cJSON *id = integer_schema(1, INT64_C(1) << 53);

    if (is_required)
        require(required, field->name);
    add_property(properties, field->name, field_schema(field, form), field, form);
    if (field->id_name == NULL) {
        cJSON_Delete(id);
        return;
    }
    if (form == FORM_ANSWER)
        require(required, field->id_name);
    add_property(properties, field->id_name, field->type == RSE_FIELD_REFS ? array_of(id) : id, field, form);
}

/* ---- with $select and $expand ---- */

/* What was asked for of another object. */
static cJSON *selection_of(enum rse_noun noun)
{
    cJSON *schema = cJSON_CreateObject();
    RSE_BUF_AUTO path = { 0 };

    rse_buf_init(&path, 128);
    rse_buf_adds(&path, "#/components/schemas/");
    openapi_schema_name(noun, &path);
    rse_buf_adds(&path, FORM_SUFFIXES[FORM_SELECTION]);
    cJSON_AddStringToObject(schema, "$ref", path.p);
    return schema;
}

static cJSON *either(cJSON *one, cJSON *other)
{
    cJSON *schema = cJSON_CreateObject(), *choices = cJSON_AddArrayToObject(schema, "anyOf");

    cJSON_AddItemToArray(choices, one);
    cJSON_AddItemToArray(choices, other);
    return schema;
}

/* In place of a reference by name, or where there is none else. */
static void add_related(cJSON *properties, const struct odata_related *related)
{
    cJSON *schema = selection_of(related->noun);
    bool is_field = cJSON_HasObjectItem(properties, related->name);

    if (is_field)
        schema = either(typed("string"), schema);
    schema = related->single ? either(schema, typed("null")) : array_of(schema);
    cJSON_AddStringToObject(schema, "description", is_field ? "By name; with `$expand`, in full." : "With `$expand`.");
    cJSON_DeleteItemFromObjectCaseSensitive(properties, related->name);
    cJSON_AddItemToObject(properties, related->name, schema);
}

static void add_selected(cJSON *schema, enum rse_noun noun)
{
    cJSON *properties = cJSON_GetObjectItemCaseSensitive(schema, "properties"), *tree;
    const struct odata_related *related;

    for (size_t it = 0; (related = odata_related_next(&it)) != NULL;)
        if (related->of == noun)
            add_related(properties, related);
    if (noun != RSE_GROUP)
        return;
    tree = typed("string");
    cJSON_AddStringToObject(tree, "description", "Where `$select` names it: the API paths of its clusters.");
    cJSON_AddItemToObject(properties, "clustersTree", tree);
}

static void add_form(cJSON *schemas, enum rse_noun noun, enum form form)
{
    cJSON *schema;
    RSE_BUF_AUTO name = { 0 };

    rse_buf_init(&name, 64);
    openapi_schema_name(noun, &name);
    rse_buf_adds(&name, FORM_SUFFIXES[form]);
    schema = cJSON_GetObjectItemCaseSensitive(schemas, name.p); /* its examples may be there */
    if (schema == NULL)
        schema = cJSON_AddObjectToObject(schemas, name.p);
    cJSON_AddStringToObject(schema, "type", "object");
    if (!is_shown(form))
        cJSON_AddBoolToObject(schema, "additionalProperties", false);
    cJSON_AddArrayToObject(schema, "required");
    cJSON_AddObjectToObject(schema, "properties");
    for (const struct rse_field *field = rse_noun_info(noun)->fields; field->name != NULL; field++)
        add_field(schema, field, form);
    if (form == FORM_SELECTION)
        add_selected(schema, noun);
}

void openapi_add_noun_schemas(cJSON *schemas, enum rse_noun noun)
{
    add_form(schemas, noun, FORM_ANSWER);
    add_form(schemas, noun, FORM_SELECTION);
    add_form(schemas, noun, FORM_WRITE);
    add_form(schemas, noun, FORM_PATCH);
}
