/*
 * object_stored.c - what a write takes from the object that is stored, whatever it looks like: its own texts, and what the server set.
 */
#include "libresedge/src/model/object_parse.h"
#include "resedge/parse.h"

enum { TEXT_MAX_BYTES = 8 * 1024 }; /* a group's path is the longest */

static const void *stored_field(const struct object_parse *parse, const struct rse_field *field)
{
    return (const char *)parse->stored + field->offset;
}

bool object_stored_text(const struct object_parse *parse, const struct rse_field *field, struct rse_str text)
{
    return parse->stored != NULL && text.len > 0 &&
           rse_str_eq(*(const struct rse_str *)stored_field(parse, field), text);
}

bool object_stored_item(const struct object_parse *parse, const struct rse_field *field, struct rse_str text)
{
    const struct rse_strs *list = parse->stored != NULL ? stored_field(parse, field) : NULL;

    for (size_t i = 0; list != NULL && i < list->count; i++) {
        if (rse_str_eq(list->at[i], text))
            return true;
    }
    return false;
}

bool object_stored_value(const struct object_parse *parse, struct rse_str key, struct rse_str value)
{
    struct rse_str has;

    return parse->stored != NULL && rse_object_metadata(parse->stored, key, &has) && rse_str_eq(has, value);
}

static bool is_named(const struct rse_ref *refs, size_t count, struct rse_str name)
{
    for (size_t i = 0; i < count; i++) {
        if (rse_str_eq(refs[i].name, name))
            return true;
    }
    return false;
}

bool object_stored_ref(const struct object_parse *parse, const struct rse_field *field, struct rse_str name)
{
    if (parse->stored == NULL || name.len == 0)
        return false;
    if (field->type == RSE_FIELD_REF)
        return is_named(stored_field(parse, field), 1, name);
    const struct rse_refs *refs = stored_field(parse, field);

    return is_named(refs->at, refs->count, name);
}

bool object_parse_defer(struct object_parse *parse)
{
    if (!parse->scan)
        return false;
    rse_err_clear(parse->err);
    parse->object->unchecked = true;
    return true;
}

/* ---- what the server sets ---- */

/* Clients write times as their language does: with fewer digits, or another offset. */
static bool is_same_time(struct rse_str a, struct rse_str b)
{
    int64_t x, y;

    return rse_parse_time(a, &x) && rse_parse_time(b, &y) && x == y;
}

static bool says_what_is_stored(const struct object_parse *parse, const struct rse_field *field, const cJSON *json)
{
    int64_t n;

    if (field->type == RSE_FIELD_ID || field->type == RSE_FIELD_INT)
        return cJSON_IsNumber(json) && json_int64(json, &n) && n == *(const int64_t *)stored_field(parse, field);
    struct rse_str text = *(const struct rse_str *)stored_field(parse, field);

    return cJSON_IsString(json) && (rse_str_eq(rse_str(json->valuestring), text) ||
                                    (field->type == RSE_FIELD_TIME && is_same_time(rse_str(json->valuestring), text)));
}

static bool fail_other(struct object_parse *parse, const struct rse_field *field)
{
    RSE_BUF_AUTO text = { 0 };

    rse_buf_init(&text, TEXT_MAX_BYTES);
    (void)rse_object_field_text(parse->stored, field, &text);
    rse_err_hint(parse->err, "Leave it out, or send it as it is.");
    return rse_fail(parse->err, RSE_INVALID, "the server sets it, and a write can't change it: it is %.*s",
                    RSE_STR_ARG(rse_buf_str(&text)));
}

bool object_check_server_field(struct object_parse *parse, const struct rse_field *field, const cJSON *json)
{
    if (parse->stored == NULL || parse->part || (field->flags & RSE_FIELD_EACH_WRITE) != 0 || cJSON_IsNull(json))
        return true;
    return says_what_is_stored(parse, field, json) || fail_other(parse, field);
}
