/*
 * object_parse.c - reads an object from its JSON, field by field, as the table says.
 */
#include <stdio.h>

#include "libresedge/src/model/field_check.h"
#include "libresedge/src/model/object_parse.h"
#include "resedge/suggest.h"

enum {
    MEMORY_LIMIT_MAX = 1000 * 1000 * 1000, /* MiB */
    CPU_LIMIT_MAX = 1000 * 1000,           /* cores */
};

bool object_parse_fail_type(struct object_parse *parse, const char *expected, const cJSON *found)
{
    return rse_fail(parse->err, RSE_INVALID, "expected %s, found %s", expected, json_kind(found));
}

bool object_parse_string(struct object_parse *parse, const cJSON *json, struct rse_str *out)
{
    if (!cJSON_IsString(json))
        return object_parse_fail_type(parse, "a string", json);
    *out = rse_arena_str(parse->arena, rse_str(json->valuestring));
    return true;
}

bool object_parse_count(struct object_parse *parse, const cJSON *json, int64_t max, size_t *out)
{
    if (!cJSON_IsArray(json))
        return object_parse_fail_type(parse, "an array", json);
    *out = (size_t)cJSON_GetArraySize(json);
    if (parse->write && *out > (uint64_t)max)
        return rse_fail(parse->err, RSE_INVALID, "too many: %zu, at most %lld fit", *out, (long long)max);
    return true;
}

static bool fail_unknown(struct object_parse *parse, const struct rse_suggestion *s)
{
    json_err_within_key(parse->err, s->word.p);
    rse_suggest_hint(s, "\"", "\"", parse->err);
    rse_fail(parse->err, RSE_INVALID, "unknown field \"%.*s\"", RSE_STR_ARG(s->word));
    return false;
}

bool object_parse_unknown(struct object_parse *parse, const cJSON *member, const char *const *known)
{
    struct rse_suggestion s;

    if (!parse->write)
        return true;
    rse_suggest_begin(&s, rse_str(member->string));
    for (; *known != NULL; known++)
        rse_suggest_offer(&s, rse_str(*known));
    return fail_unknown(parse, &s);
}

/* ---- single values ---- */

static bool parse_text(struct object_parse *parse, const struct rse_field *field, const cJSON *json, struct rse_str *to)
{
    struct rse_str text;

    if (!object_parse_string(parse, json, &text))
        return false;
    if (parse->write && !field_check_text(field, &text, parse->err))
        return false;
    *to = text;
    return true;
}

static bool parse_int(struct object_parse *parse, const struct rse_field *field, const cJSON *json, int64_t *to)
{
    int64_t n;

    if (!cJSON_IsNumber(json))
        return object_parse_fail_type(parse, "an integer", json);
    if (!json_int64(json, &n))
        return rse_fail(parse->err, RSE_INVALID, "expected an integer, found a number that is none");
    if (parse->write && (n < field->min || n > field->max))
        return rse_fail(parse->err, RSE_INVALID, "must be between %lld and %lld", (long long)field->min,
                        (long long)field->max);
    *to = n;
    return true;
}

static bool parse_bool(struct object_parse *parse, const cJSON *json, bool *to)
{
    if (!cJSON_IsBool(json))
        return object_parse_fail_type(parse, "true or false", json);
    *to = cJSON_IsTrue(json);
    return true;
}

static bool fail_enum(struct object_parse *parse, const struct rse_field *field)
{
    RSE_BUF_AUTO all;

    rse_buf_init(&all, 256);
    for (int i = 0; field->names[i] != NULL; i++)
        rse_buf_addf(&all, "%s%s", i > 0 ? ", " : "", field->names[i]);
    return rse_fail(parse->err, RSE_INVALID, "must be one of %s", all.p);
}

static bool parse_enum(struct object_parse *parse, const struct rse_field *field, const cJSON *json, int *to)
{
    if (!cJSON_IsString(json))
        return object_parse_fail_type(parse, "a string", json);
    for (int i = 0; field->names[i] != NULL; i++) {
        if (strcmp(field->names[i], json->valuestring) == 0) {
            *to = i;
            return true;
        }
    }
    return fail_enum(parse, field);
}

/* ---- small objects of numbers ---- */

/* A number between min and max; null leaves it as it is. */
static bool parse_double(struct object_parse *parse, const cJSON *json, double min, double max, double *to)
{
    if (cJSON_IsNull(json))
        return true;
    if (!cJSON_IsNumber(json))
        return object_parse_fail_type(parse, "a number", json);
    if (parse->write && !(json->valuedouble >= min && json->valuedouble <= max))
        return rse_fail(parse->err, RSE_INVALID, "must be between %.0f and %.0f", min, max);
    *to = json->valuedouble;
    return true;
}

static bool parse_memory(struct object_parse *parse, const cJSON *json, int64_t *to)
{
    static const struct rse_field LIMITS = { .max = MEMORY_LIMIT_MAX };

    return cJSON_IsNull(json) || parse_int(parse, &LIMITS, json, to);
}

static bool parse_capacity(struct object_parse *parse, const cJSON *json, struct rse_capacity *to)
{
    static const char *const KNOWN[] = { "memoryLimit", "cpuLimit", NULL };
    bool ok = true;
    const cJSON *m;

    if (!cJSON_IsObject(json))
        return object_parse_fail_type(parse, "an object with memoryLimit and cpuLimit", json);
    cJSON_ArrayForEach(m, json)
    {
        if (strcmp(m->string, "memoryLimit") == 0)
            ok = parse_memory(parse, m, &to->memory_limit);
        else if (strcmp(m->string, "cpuLimit") == 0)
            ok = parse_double(parse, m, 0, CPU_LIMIT_MAX, &to->cpu_limit);
        else if (!object_parse_unknown(parse, m, KNOWN))
            return false;
        if (!ok) {
            json_err_within_key(parse->err, m->string);
            return false;
        }
    }
    return true;
}

static bool parse_location(struct object_parse *parse, const cJSON *json, struct rse_location *to)
{
    static const char *const KNOWN[] = { "latitude", "longitude", NULL };
    unsigned seen = 0;
    bool ok = true;
    const cJSON *m;

    if (!cJSON_IsObject(json))
        return object_parse_fail_type(parse, "an object with latitude and longitude", json);
    cJSON_ArrayForEach(m, json)
    {
        seen += cJSON_IsNumber(m) ? 1 : 0;
        if (strcmp(m->string, "latitude") == 0)
            ok = parse_double(parse, m, -90, 90, &to->latitude);
        else if (strcmp(m->string, "longitude") == 0)
            ok = parse_double(parse, m, -180, 180, &to->longitude);
        else if (!object_parse_unknown(parse, m, KNOWN))
            return false;
        if (!ok) {
            json_err_within_key(parse->err, m->string);
            return false;
        }
    }
    if (parse->write && seen != 2)
        return rse_fail(parse->err, RSE_INVALID, "a location has both latitude and longitude");
    to->set = true;
    return true;
}

static bool parse_guard(struct object_parse *parse, const cJSON *json, struct rse_guard *to)
{
    static const char *const KNOWN[] = { "clustersLosing", "clustersChanged", NULL };
    bool ok = true;
    const cJSON *m;

    if (!cJSON_IsObject(json))
        return object_parse_fail_type(parse, "an object with clustersLosing and clustersChanged", json);
    cJSON_ArrayForEach(m, json)
    {
        if (strcmp(m->string, "clustersLosing") == 0)
            ok = parse_double(parse, m, 0, 100, &to->clusters_losing);
        else if (strcmp(m->string, "clustersChanged") == 0)
            ok = parse_double(parse, m, 0, 100, &to->clusters_changed);
        else if (!object_parse_unknown(parse, m, KNOWN))
            return false;
        if (!ok) {
            json_err_within_key(parse->err, m->string);
            return false;
        }
    }
    return true;
}

/* ---- objects ---- */

static bool parse_field(struct object_parse *parse, const struct rse_field *field, const cJSON *json, bool by_id)
{
    char *object = (char *)parse->object;
    void *to = object + field->offset;

    switch (field->type) {
    case RSE_FIELD_STRING:
    case RSE_FIELD_TEXT:
    case RSE_FIELD_TIME:
        return parse_text(parse, field, json, to);
    case RSE_FIELD_ID:
    case RSE_FIELD_INT:
        return parse_int(parse, field, json, to);
    case RSE_FIELD_OPT_INT:
        *(bool *)(object + field->flag_offset) = true;
        return parse_int(parse, field, json, to);
    case RSE_FIELD_BOOL:
        return parse_bool(parse, json, to);
    case RSE_FIELD_ENUM:
        return parse_enum(parse, field, json, to);
    case RSE_FIELD_STRINGS:
        return object_parse_strings(parse, field, json, to);
    case RSE_FIELD_METADATA:
        return object_parse_metadata(parse, field, json, to);
    case RSE_FIELD_REF:
        return object_parse_ref(parse, field, json, by_id, to);
    case RSE_FIELD_REFS:
        return object_parse_refs(parse, field, json, by_id, to);
    case RSE_FIELD_CAPACITY:
        return parse_capacity(parse, json, to);
    case RSE_FIELD_LOCATION:
        return parse_location(parse, json, to);
    case RSE_FIELD_RELEASES:
        return object_parse_releases(parse, field, json, to);
    case RSE_FIELD_GUARD:
        return parse_guard(parse, json, to);
    }
    return rse_fail(parse->err, RSE_INTERNAL, "no such type of field: %d", (int)field->type);
}

/* The field that a member is, or NULL. Members mostly come in the order of the table, so the search begins where the
 * last one was found. */
static const struct rse_field *find_field(const struct rse_noun_info *info, const char *name,
                                          const struct rse_field *from, bool *by_id)
{
    const struct rse_field *field = from;

    do {
        if (field->name == NULL) {
            field = info->fields;
            continue;
        }
        *by_id = field->id_name != NULL && strcmp(field->id_name, name) == 0;
        if (*by_id || strcmp(field->name, name) == 0)
            return field;
        field++;
    } while (field != from);
    return NULL;
}

static bool fail_unknown_member(struct object_parse *parse, const cJSON *member)
{
    struct rse_suggestion s;

    rse_suggest_begin(&s, rse_str(member->string));
    for (const struct rse_field *f = parse->info->fields; f->name != NULL; f++) {
        rse_suggest_offer(&s, rse_str(f->name));
        if (f->id_name != NULL)
            rse_suggest_offer(&s, rse_str(f->id_name));
    }
    return fail_unknown(parse, &s);
}

static bool parse_member(struct object_parse *parse, const struct rse_field *field, const cJSON *member, bool by_id)
{
    if (parse->write && (field->flags & (RSE_FIELD_SERVER | RSE_FIELD_LOOKUP)) == RSE_FIELD_SERVER)
        return true;
    /* null is how a merge patch and a document say that something is absent. */
    if (cJSON_IsNull(member) && (field->flags & RSE_FIELD_REQUIRED) == 0)
        return true;
    if (!parse_field(parse, field, member, by_id)) {
        json_err_within_key(parse->err, member->string);
        return false;
    }
    return true;
}

/* All that is required is text, and no such text may be empty. */
static bool check_required(const struct rse_object *object, const struct rse_noun_info *info, struct rse_err *err)
{
    for (const struct rse_field *f = info->fields; f->name != NULL; f++) {
        if ((f->flags & RSE_FIELD_REQUIRED) != 0 &&
            ((const struct rse_str *)((const char *)object + f->offset))->len == 0) {
            rse_err_field(err, "/%s", f->name);
            return rse_fail(err, RSE_INVALID, "\"%s\" is missing", f->name);
        }
    }
    return true;
}

bool rse_object_check(const struct rse_object *object, struct rse_err *err)
{
    return check_required(object, rse_noun_info(object->noun), err) && field_check_object(object, err);
}

/* Whoever says only what changes must say of which object. */
static bool check_named(const struct rse_object *object, struct rse_err *err)
{
    if (object->name.len > 0)
        return true;
    rse_err_field(err, "/name");
    return rse_fail(err, RSE_INVALID, "\"name\" is missing");
}

static bool check_parsed(const struct rse_object *object, enum rse_parse_mode mode, struct rse_err *err)
{
    switch (mode) {
    case RSE_PARSE_WRITE:
        return rse_object_check(object, err);
    case RSE_PARSE_PART:
        return check_named(object, err);
    case RSE_PARSE_DOC:
        break;
    }
    return check_required(object, rse_noun_info(object->noun), err);
}

/* Lists of references are sorted only when both forms have come. */
static bool finish_refs(struct object_parse *parse)
{
    for (const struct rse_field *f = parse->info->fields; f->name != NULL; f++) {
        struct rse_refs *refs = (struct rse_refs *)((char *)parse->object + f->offset);

        if (f->type != RSE_FIELD_REFS)
            continue;
        rse_refs_sort(refs);
        /* The nameless come first: one without an id either is nothing at all. */
        if (parse->write && refs->count > 0 && refs->at[0].name.len == 0 && refs->at[0].id == 0) {
            rse_err_field(parse->err, "/%s", f->name);
            return rse_fail(parse->err, RSE_INVALID, "expected a string, found null");
        }
    }
    return true;
}

bool rse_object_parse(struct rse_object **out, enum rse_noun noun, const struct cJSON *json, enum rse_parse_mode mode,
                      struct rse_arena *arena, struct rse_err *err)
{
    struct object_parse parse = { rse_noun_info(noun), NULL, mode != RSE_PARSE_DOC, arena, err };
    const struct rse_field *next = parse.info->fields;
    const cJSON *member;

    if (!cJSON_IsObject(json))
        return object_parse_fail_type(&parse, "an object", json);
    parse.object = rse_object_new(noun, arena);
    cJSON_ArrayForEach(member, json)
    {
        bool by_id = false;
        const struct rse_field *field = find_field(parse.info, member->string, next, &by_id);

        if (field == NULL) {
            if (parse.write)
                return fail_unknown_member(&parse, member);
            continue;
        }
        if (!parse_member(&parse, field, member, by_id))
            return false;
        next = field + 1;
    }
    if (!finish_refs(&parse) || !check_parsed(parse.object, mode, err))
        return false;
    *out = parse.object;
    return true;
}
