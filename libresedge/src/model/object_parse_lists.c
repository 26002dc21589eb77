/*
 * object_parse_lists.c - reads the fields that hold several values: tags, metadata, references.
 */
#include <stdlib.h>

#include "libresedge/src/model/field_check.h"
#include "libresedge/src/model/object_parse.h"
#include "resedge/parse.h"

enum { METADATA_VALUE_MAX = 4096 };

/* ---- strings ---- */

static int strs_cmp(const void *a, const void *b)
{
    return rse_str_cmp(*(const struct rse_str *)a, *(const struct rse_str *)b);
}

static void strs_make_set(struct rse_strs *s)
{
    size_t kept = 0;

    if (s->count > 1)
        qsort(s->at, s->count, sizeof(s->at[0]), strs_cmp);
    for (size_t i = 0; i < s->count; i++) {
        if (kept == 0 || !rse_str_eq(s->at[kept - 1], s->at[i]))
            s->at[kept++] = s->at[i];
    }
    s->count = kept;
}

static bool strs_has(const struct rse_strs *s, struct rse_str text)
{
    for (size_t i = 0; i < s->count; i++) {
        if (rse_str_eq(s->at[i], text))
            return true;
    }
    return false;
}

/* An item of a list is a text of its own: as long as a short field, and never empty. */
static bool parse_item(struct object_parse *parse, const struct rse_field *field, const cJSON *json, struct rse_str *to)
{
    static const int64_t ITEM_MAX = 128;
    struct rse_field item = {
        .type = RSE_FIELD_STRING, .format = field->format, .flags = RSE_FIELD_REQUIRED, .max = ITEM_MAX
    };

    return object_parse_string(parse, json, to) &&
           (!parse->write || object_stored_item(parse, field, *to) || field_check_text(&item, to, parse->err) ||
            object_parse_defer(parse));
}

bool object_parse_strings(struct object_parse *parse, const struct rse_field *field, const cJSON *json,
                          struct rse_strs *to)
{
    bool ordered = (field->flags & RSE_FIELD_ORDERED) != 0;
    const cJSON *item;
    size_t count, i = 0;

    if (!object_parse_count(parse, json, field->max, &count))
        return false;
    to->count = 0;
    to->at = rse_arena_calloc(parse->arena, count, sizeof(to->at[0]));
    cJSON_ArrayForEach(item, json)
    {
        size_t before = object_parse_mark(parse);
        struct rse_str text;
        bool ok = parse_item(parse, field, item, &text);

        if (ok && ordered && strs_has(to, text))
            ok = rse_fail(parse->err, RSE_INVALID, "\"%.*s\" is there twice", RSE_STR_ARG(text));
        if (ok)
            to->at[to->count++] = text;
        if (!object_parse_leave_item(parse, before, ok, i++))
            return false;
    }
    if (!ordered)
        strs_make_set(to);
    return true;
}

/* ---- metadata ---- */

static int pairs_cmp(const void *a, const void *b)
{
    return rse_str_cmp(((const struct rse_pair *)a)->key, ((const struct rse_pair *)b)->key);
}

static bool parse_line(struct object_parse *parse, const cJSON *json, struct rse_str key, struct rse_str *out)
{
    struct rse_str text;

    if (!object_parse_string(parse, json, &text))
        return false;
    if (parse->write && !object_stored_value(parse, key, text) &&
        !field_check_line(text, METADATA_VALUE_MAX, parse->err) && !object_parse_defer(parse))
        return false;
    *out = text;
    return true;
}

/* Text, or a number or boolean as it was written. */
static bool parse_value(struct object_parse *parse, const cJSON *json, struct rse_str key, struct rse_str *out)
{
    RSE_BUF_AUTO number = { 0 };

    rse_buf_init(&number, 256);
    if (cJSON_IsBool(json)) {
        *out = cJSON_IsTrue(json) ? RSE_STR("true") : RSE_STR("false");
    } else if (cJSON_IsNumber(json)) {
        json_number_text(json, &number);
        *out = rse_arena_str(parse->arena, rse_buf_str(&number));
    } else if (!cJSON_IsString(json)) {
        return object_parse_fail_type(parse, "a string, a number or a boolean", json);
    } else {
        return parse_line(parse, json, key, out);
    }
    return true;
}

static bool check_new_key(struct object_parse *parse, const struct rse_pairs *pairs, struct rse_str key)
{
    if (parse->write && !field_check_metadata_key(parse->object->noun, key, parse->err))
        return false;
    /* Documents have them sorted: then one look is enough. */
    if (pairs->count > 0 && rse_str_cmp(pairs->at[pairs->count - 1].key, key) < 0 && !parse->write)
        return true;
    for (size_t i = 0; i < pairs->count; i++) {
        if (rse_str_eq(pairs->at[i].key, key))
            return rse_fail(parse->err, RSE_INVALID, "the key \"%.*s\" is there twice", RSE_STR_ARG(key));
    }
    return true;
}

/* The key may come behind its value. */
static struct rse_str key_of(const cJSON *pair)
{
    return rse_str(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(pair, "key")));
}

/* Where it can't be one, `to` stays as it is. */
static bool parse_key(struct object_parse *parse, const cJSON *json, const struct rse_pairs *before, struct rse_str *to)
{
    struct rse_str key;

    if (!object_parse_string(parse, json, &key) || !check_new_key(parse, before, key))
        return false;
    *to = key;
    return true;
}

/* {"key": ..., "value": ...} */
static bool parse_pair(struct object_parse *parse, const cJSON *json, const struct rse_pairs *before,
                       struct rse_pair *to)
{
    static const char *const KNOWN[] = { "key", "value", NULL };
    size_t start = object_parse_mark(parse);
    const cJSON *m;

    if (!cJSON_IsObject(json))
        return object_parse_fail_type(parse, "an object with key and value", json);
    cJSON_ArrayForEach(m, json)
    {
        size_t mark = object_parse_mark(parse);
        bool ok;

        if (strcmp(m->string, "key") == 0)
            ok = parse_key(parse, m, before, &to->key);
        else if (strcmp(m->string, "value") == 0)
            ok = parse_value(parse, m, key_of(json), &to->value);
        else
            ok = object_parse_unknown(parse, m, KNOWN);
        if (!object_parse_leave_key(parse, mark, ok, m->string))
            return false;
    }
    if (!object_parse_is_clean(parse, start))
        return true;
    if (to->key.p == NULL)
        return rse_fail(parse->err, RSE_INVALID, "\"key\" is missing");
    if (to->value.p == NULL)
        return rse_fail(parse->err, RSE_INVALID, "\"value\" is missing");
    return true;
}

/* {"<key>": "<value>", ...} */
static bool parse_pair_member(struct object_parse *parse, const cJSON *json, const struct rse_pairs *before,
                              struct rse_pair *to)
{
    struct rse_str key = parse->in_arena ? rse_str(json->string) : rse_arena_str(parse->arena, rse_str(json->string));

    if (!check_new_key(parse, before, key))
        return false;
    to->key = key;
    return parse_value(parse, json, key, &to->value);
}

bool object_parse_metadata(struct object_parse *parse, const struct rse_field *field, const cJSON *json,
                           struct rse_pairs *to)
{
    bool as_object = cJSON_IsObject(json);
    size_t count = (size_t)cJSON_GetArraySize(json), i = 0;
    const cJSON *item;

    if (!as_object && !object_parse_count(parse, json, field->max, &count))
        return false;
    if (parse->write && count > (uint64_t)field->max)
        return rse_fail(parse->err, RSE_INVALID, "too many: %zu, at most %lld fit", count, (long long)field->max);
    to->count = 0;
    to->at = rse_arena_calloc(parse->arena, count, sizeof(to->at[0]));
    cJSON_ArrayForEach(item, json)
    {
        size_t before = object_parse_mark(parse);
        struct rse_pair pair = { 0 };
        bool ok = as_object ? parse_pair_member(parse, item, to, &pair) : parse_pair(parse, item, to, &pair);

        if (!(as_object ? object_parse_leave_key(parse, before, ok, item->string)
                        : object_parse_leave_item(parse, before, ok, i++)))
            return false;
        if (pair.value.p == NULL)
            pair.value = RSE_STR("");
        if (pair.key.p != NULL) /* whatever is wrong with its value: the key is there */
            to->at[to->count++] = pair;
    }
    if (to->count > 1)
        qsort(to->at, to->count, sizeof(to->at[0]), pairs_cmp);
    return true;
}

/* ---- references ---- */

static bool parse_id(struct object_parse *parse, const cJSON *json, int64_t *to)
{
    if (!cJSON_IsNumber(json))
        return object_parse_fail_type(parse, "an id (a number)", json);
    if (!json_int64(json, to) || *to < 1)
        return rse_fail(parse->err, RSE_INVALID, "an id is an integer from 1 on");
    return true;
}

bool object_parse_ref(struct object_parse *parse, const struct rse_field *field, const cJSON *json, bool by_id,
                      struct rse_ref *to)
{
    if (by_id)
        return parse_id(parse, json, &to->id);
    return object_parse_string(parse, json, &to->name) &&
           (!parse->write || object_stored_ref(parse, field, to->name) ||
            field_check_reference(field->noun, &to->name, parse->arena, parse->err) || object_parse_defer(parse));
}

bool object_parse_refs(struct object_parse *parse, const struct rse_field *field, const cJSON *json, bool by_id,
                       struct rse_refs *to)
{
    bool second = to->at != NULL; /* the other form came first: item i of both is the same object */
    const cJSON *item;
    size_t count, i = 0;

    if (!object_parse_count(parse, json, field->max, &count))
        return false;
    if (second && count != to->count) {
        rse_err_hint(parse->err, "Send only one of the two: leave out %s.", field->id_name);
        return rse_fail(parse->err, RSE_INVALID, "%s and %s don't agree: %zu and %zu of them", field->name,
                        field->id_name, by_id ? to->count : count, by_id ? count : to->count);
    }
    if (!second)
        *to = (struct rse_refs){ .at = rse_arena_calloc(parse->arena, count, sizeof(to->at[0])), .count = count };
    cJSON_ArrayForEach(item, json)
    {
        /* null: this form of it is not known, the other one is. */
        size_t before = object_parse_mark(parse);
        bool ok = cJSON_IsNull(item) || object_parse_ref(parse, field, item, by_id, &to->at[i]);

        if (!object_parse_leave_item(parse, before, ok, i++))
            return false;
    }
    return true;
}

static bool has_empty(const struct rse_refs *refs)
{
    for (size_t i = 0; i < refs->count; i++) {
        if (refs->at[i].id == 0 && refs->at[i].name.len == 0)
            return true;
    }
    return false;
}

static const cJSON *first_of(const cJSON *json, const char *name)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(json, name);

    return cJSON_IsArray(list) ? list->child : NULL;
}

bool object_parse_no_nulls(struct object_parse *parse, const struct rse_field *field, const cJSON *json)
{
    const struct rse_refs *refs = (const struct rse_refs *)((const char *)parse->object + field->offset);
    const cJSON *name = first_of(json, field->name), *id = first_of(json, field->id_name);
    const char *form = name != NULL ? field->name : field->id_name;

    if (!has_empty(refs))
        return true;
    for (size_t i = 0; name != NULL || id != NULL; i++) {
        if ((name == NULL || cJSON_IsNull(name)) && (id == NULL || cJSON_IsNull(id))) {
            rse_err_field(parse->err, "/%s/%zu", form, i);
            object_parse_fail_type(parse, form == field->name ? "a string" : "an id (a number)",
                                   name != NULL ? name : id);
            rse_faults_add(parse->faults, parse->err);
        }
        name = name != NULL ? name->next : NULL;
        id = id != NULL ? id->next : NULL;
    }
    return !parse->faults->more;
}

static int refs_cmp(const void *a, const void *b)
{
    const struct rse_ref *x = a, *y = b;
    int by_name = rse_str_cmp(x->name, y->name);

    return by_name != 0 ? by_name : (x->id > y->id) - (x->id < y->id);
}

void rse_refs_sort(struct rse_refs *refs)
{
    size_t kept = 0;

    if (refs->count > 1)
        qsort(refs->at, refs->count, sizeof(refs->at[0]), refs_cmp);
    for (size_t i = 0; i < refs->count; i++) {
        if (kept == 0 || refs_cmp(&refs->at[kept - 1], &refs->at[i]) != 0)
            refs->at[kept++] = refs->at[i];
    }
    refs->count = kept;
    refs->places = NULL;
}

struct placed_ref {
    struct rse_ref ref;
    uint32_t place;
};

void object_parse_sort_refs(struct object_parse *parse, struct rse_refs *refs)
{
    struct placed_ref *placed = rse_arena_calloc(parse->arena, refs->count, sizeof(placed[0]));
    uint32_t *places = rse_arena_calloc(parse->arena, refs->count, sizeof(places[0]));
    size_t kept = 0;

    for (size_t i = 0; i < refs->count; i++)
        placed[i] = (struct placed_ref){ refs->at[i], (uint32_t)i };
    if (refs->count > 1)
        qsort(placed, refs->count, sizeof(placed[0]), refs_cmp); /* by what comes first in each */
    for (size_t i = 0; i < refs->count; i++) {
        if (kept > 0 && refs_cmp(&refs->at[kept - 1], &placed[i].ref) == 0)
            continue;
        places[kept] = placed[i].place;
        refs->at[kept++] = placed[i].ref;
    }
    refs->count = kept;
    refs->places = places;
}
