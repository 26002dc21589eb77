/*
 * object_parse.c - reads an object from its JSON, field by field, as the table says.
 */
#include <stdio.h>

#include "libresedge/src/model/field_check.h"
#include "libresedge/src/model/object_parse.h"
#include "resedge/suggest.h"

size_t object_parse_mark(const struct object_parse *parse)
{
    return parse->faults != NULL ? parse->faults->count : 0;
}

bool object_parse_is_clean(const struct object_parse *parse, size_t mark)
{
    return parse->faults == NULL || parse->faults->count == mark;
}

static bool leave(struct object_parse *parse, size_t mark, bool ok, const char *segment)
{
    if (parse->faults == NULL) {
        if (!ok)
            rse_err_field_within(parse->err, "%s", segment);
        return ok;
    }
    if (!ok)
        rse_faults_add(parse->faults, parse->err);
    rse_faults_within(parse->faults, mark, "%s", segment);
    return !parse->faults->more;
}

bool object_parse_leave_key(struct object_parse *parse, size_t mark, bool ok, const char *key)
{
    RSE_BUF_AUTO segment = { 0 };

    if (ok && object_parse_is_clean(parse, mark))
        return true;
    rse_buf_init(&segment, 256);
    rse_buf_add_pointer_segment(&segment, rse_str(key));
    return leave(parse, mark, ok, segment.p != NULL ? segment.p : "/");
}

bool object_parse_leave_item(struct object_parse *parse, size_t mark, bool ok, size_t i)
{
    char segment[24];

    if (ok && object_parse_is_clean(parse, mark))
        return true;
    snprintf(segment, sizeof(segment), "/%zu", i);
    return leave(parse, mark, ok, segment);
}

bool object_parse_fail_type(struct object_parse *parse, const char *expected, const cJSON *found)
{
    return rse_fail(parse->err, RSE_INVALID, "expected %s, found %s", expected, json_kind(found));
}

bool object_parse_string(struct object_parse *parse, const cJSON *json, struct rse_str *out)
{
    if (!cJSON_IsString(json))
        return object_parse_fail_type(parse, "a string", json);
    *out = parse->in_arena ? json_text(json) : rse_arena_str(parse->arena, rse_str(json->valuestring));
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

static bool fail_unknown(const struct rse_suggestion *s, struct rse_err *err)
{
    rse_suggest_hint(s, "\"", "\"", err);
    rse_fail(err, RSE_INVALID, "unknown field \"%.*s\"", RSE_STR_ARG(s->word));
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
    return fail_unknown(&s, parse->err);
}

/* ---- single values ---- */

static bool parse_text(struct object_parse *parse, const struct rse_field *field, const cJSON *json, struct rse_str *to)
{
    struct rse_str text;

    if (!object_parse_string(parse, json, &text))
        return false;
    if (parse->write && !object_stored_text(parse, field, text) && !field_check_text(field, &text, parse->err) &&
        !object_parse_defer(parse))
        return false;
    *to = text;
    return true;
}

bool object_parse_int(struct object_parse *parse, const struct rse_field *field, const cJSON *json, int64_t *to)
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
    RSE_BUF_AUTO all = { 0 };

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
        return object_parse_int(parse, field, json, to);
    case RSE_FIELD_OPT_INT:
        *(bool *)(object + field->flag_offset) = true;
        return object_parse_int(parse, field, json, to);
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
        return object_parse_capacity(parse, field, json, to);
    case RSE_FIELD_LOCATION:
        return object_parse_location(parse, json, to);
    case RSE_FIELD_RELEASES:
        return object_parse_releases(parse, field, json, to);
    case RSE_FIELD_GUARD:
        return object_parse_guard(parse, json, to);
    }
    return rse_fail(parse->err, RSE_INTERNAL, "no such type of field: %d", (int)field->type);
}

static bool is_named(const char *name, const char *member)
{
    return name != NULL && name[0] == member[0] && strcmp(name, member) == 0;
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
        *by_id = is_named(field->id_name, name);
        if (*by_id || is_named(field->name, name))
            return field;
        field++;
    } while (field != from);
    return NULL;
}

bool object_fail_unknown(const struct rse_noun_info *info, const char *name, struct rse_err *err)
{
    struct rse_suggestion s;

    rse_suggest_begin(&s, rse_str(name));
    for (const struct rse_field *f = info->fields; f->name != NULL; f++) {
        rse_suggest_offer(&s, rse_str(f->name));
        if (f->id_name != NULL)
            rse_suggest_offer(&s, rse_str(f->id_name));
    }
    return fail_unknown(&s, err);
}

static bool parse_member(struct object_parse *parse, const struct rse_field *field, const cJSON *member, bool by_id)
{
    if (parse->write && (field->flags & (RSE_FIELD_SERVER | RSE_FIELD_LOOKUP)) == RSE_FIELD_SERVER)
        return object_check_server_field(parse, field, member);
    /* null is how a merge patch and a document say that something is absent. */
    if (cJSON_IsNull(member) && (field->flags & RSE_FIELD_REQUIRED) == 0)
        return true;
    return parse_field(parse, field, member, by_id);
}

/* All that is required is text, and no such text may be empty. */
static bool lacks(const struct rse_object *object, const struct rse_field *field)
{
    return (field->flags & RSE_FIELD_REQUIRED) != 0 &&
           ((const struct rse_str *)((const char *)object + field->offset))->len == 0;
}

static bool fail_missing(const char *name, struct rse_err *err)
{
    rse_err_field(err, "/%s", name);
    return rse_fail(err, RSE_INVALID, "\"%s\" is missing", name);
}

static bool check_required(const struct rse_object *object, const struct rse_noun_info *info, struct rse_err *err)
{
    for (const struct rse_field *f = info->fields; f->name != NULL; f++) {
        if (lacks(object, f))
            return fail_missing(f->name, err);
    }
    return true;
}

void rse_object_faults(const struct rse_object *object, struct rse_faults *faults)
{
    struct rse_err one = RSE_ERR_INIT;

    for (const struct rse_field *f = rse_noun_info(object->noun)->fields; f->name != NULL; f++) {
        if (lacks(object, f) && !fail_missing(f->name, &one))
            rse_faults_add(faults, &one);
    }
    for (field_rule *const *rule = field_rules(object->noun); *rule != NULL; rule++) {
        if (!(*rule)(object, &one))
            rse_faults_add(faults, &one);
    }
}

/* Besides what was wrong with what is there. Whoever says only what changes must still say of which object. */
static void add_missing(struct object_parse *parse, const cJSON *json, enum rse_parse_mode mode)
{
    for (const struct rse_field *f = parse->info->fields; f->name != NULL; f++) {
        bool needed = mode == RSE_PARSE_WRITE || strcmp(f->name, "name") == 0;

        if (needed && lacks(parse->object, f) && cJSON_GetObjectItemCaseSensitive(json, f->name) == NULL) {
            fail_missing(f->name, parse->err);
            rse_faults_add(parse->faults, parse->err);
        }
    }
}

/* What only shows when all members are read. */
static bool finish(struct object_parse *parse, const cJSON *json, enum rse_parse_mode mode)
{
    if (mode == RSE_PARSE_DOC)
        return check_required(parse->object, parse->info, parse->err);
    add_missing(parse, json, mode);
    if (parse->faults->count == 0 && mode == RSE_PARSE_WRITE)
        rse_object_faults(parse->object, parse->faults);
    return true;
}

/* Lists of references are sorted only when both forms have come. */
static bool finish_refs(struct object_parse *parse, const cJSON *json)
{
    for (const struct rse_field *f = parse->info->fields; f->name != NULL; f++) {
        struct rse_refs *refs = (struct rse_refs *)((char *)parse->object + f->offset);

        if (f->type != RSE_FIELD_REFS)
            continue;
        if (!parse->write)
            rse_refs_sort(refs);
        else if (object_parse_no_nulls(parse, f, json))
            object_parse_sort_refs(parse, refs);
        else
            return false;
    }
    return true;
}

static bool parse_members(struct object_parse *parse, const cJSON *json)
{
    const struct rse_field *next = parse->info->fields;
    const cJSON *member;

    cJSON_ArrayForEach(member, json)
    {
        size_t before = object_parse_mark(parse);
        bool by_id = false, ok = true;
        const struct rse_field *field = find_field(parse->info, member->string, next, &by_id);

        if (field != NULL)
            ok = parse_member(parse, field, member, by_id);
        else if (parse->write)
            ok = object_fail_unknown(parse->info, member->string, parse->err);
        if (!object_parse_leave_key(parse, before, ok, member->string))
            return false;
        next = field != NULL ? field + 1 : next;
    }
    return true;
}

static bool parse_write(struct object_parse *parse, const cJSON *json, enum rse_parse_mode mode, struct rse_err *err)
{
    struct rse_faults *faults = rse_arena_new_of(parse->arena, struct rse_faults);
    struct rse_err one = RSE_ERR_INIT;

    faults->arena = parse->arena;
    parse->faults = faults;
    parse->err = &one;
    if (parse_members(parse, json) && (!finish_refs(parse, json) || !finish(parse, json, mode)))
        rse_faults_add(faults, &one);
    return rse_faults_check(faults, err);
}

static bool parse_document(struct object_parse *parse, const cJSON *json)
{
    return parse_members(parse, json) && finish_refs(parse, json) && finish(parse, json, RSE_PARSE_DOC);
}

static bool parse_object(struct rse_object **out, struct object_parse *parse, const cJSON *json,
                         enum rse_parse_mode mode)
{
    bool ok;

    if (!cJSON_IsObject(json))
        return object_parse_fail_type(parse, "an object", json);
    parse->object = rse_object_new(parse->info->noun, parse->arena);
    if (parse->write)
        ok = parse_write(parse, json, mode, parse->err);
    else
        ok = parse_document(parse, json);
    if (ok || parse->write)
        *out = parse->object;
    return ok;
}

bool rse_object_parse(struct rse_object **out, enum rse_noun noun, const struct cJSON *json, enum rse_parse_mode mode,
                      struct rse_arena *arena, struct rse_err *err)
{
    struct object_parse parse = {
        .info = rse_noun_info(noun),
        .write = mode != RSE_PARSE_DOC,
        .part = mode == RSE_PARSE_PART || mode == RSE_PARSE_SCAN,
        .scan = mode == RSE_PARSE_SCAN,
        .arena = arena,
        .err = err,
    };

    return parse_object(out, &parse, json, mode);
}

bool rse_object_parse_over(struct rse_object **out, const struct rse_object *stored, const struct cJSON *json,
                           enum rse_parse_mode mode, struct rse_arena *arena, struct rse_err *err)
{
    struct object_parse parse = {
        .info = rse_noun_info(stored->noun),
        .write = true,
        .part = mode == RSE_PARSE_PART,
        .stored = stored,
        .arena = arena,
        .err = err,
    };

    return parse_object(out, &parse, json, mode);
}

bool rse_object_read(struct rse_object **out, enum rse_noun noun, struct rse_str text, struct rse_arena *arena,
                     struct rse_err *err)
{
    struct object_parse parse = { .info = rse_noun_info(noun), .arena = arena, .in_arena = true, .err = err };
    const cJSON *json;

    if (!rse_json_parse_in(&json, text, arena, err))
        return false;
    if (!cJSON_IsObject(json))
        return object_parse_fail_type(&parse, "an object", json);
    parse.object = rse_object_new(noun, arena);
    *out = parse.object;
    return parse_document(&parse, json);
}
