/*
 * object_field.c - one field of an object as text, and look-ups in its lists.
 */
#include "resedge/model.h"

static bool add_text(struct rse_str text, struct rse_buf *out)
{
    rse_buf_add_str(out, text);
    return text.p != NULL;
}

static bool add_int(int64_t n, struct rse_buf *out)
{
    rse_buf_add_int(out, n);
    return true;
}

static void add_comma(struct rse_buf *out, size_t index)
{
    if (index > 0)
        rse_buf_addc(out, ',');
}

static bool add_strs(const struct rse_strs *s, struct rse_buf *out)
{
    for (size_t i = 0; i < s->count; i++) {
        add_comma(out, i);
        rse_buf_add_str(out, s->at[i]);
    }
    return s->count > 0;
}

static bool add_pairs(const struct rse_pairs *p, struct rse_buf *out)
{
    for (size_t i = 0; i < p->count; i++) {
        add_comma(out, i);
        rse_buf_add_str(out, p->at[i].key);
        rse_buf_addc(out, '=');
        rse_buf_add_str(out, p->at[i].value);
    }
    return p->count > 0;
}

/* By name; by id while the name is not known. */
static bool add_ref(const struct rse_ref *ref, struct rse_buf *out)
{
    if (ref->name.len > 0)
        return add_text(ref->name, out);
    return ref->id != 0 && add_int(ref->id, out);
}

static bool add_refs(const struct rse_refs *refs, struct rse_buf *out)
{
    for (size_t i = 0; i < refs->count; i++) {
        add_comma(out, i);
        add_ref(&refs->at[i], out);
    }
    return refs->count > 0;
}

static bool add_releases(const struct rse_releases *r, struct rse_buf *out)
{
    for (size_t i = 0; i < r->count; i++) {
        add_comma(out, i);
        rse_buf_add_str(out, r->at[i].version);
        rse_buf_addc(out, '=');
        rse_buf_add_str(out, r->at[i].expression);
    }
    return r->count > 0;
}

static bool add_capacity(const struct rse_capacity *c, struct rse_buf *out)
{
    if (c->memory_limit != 0)
        rse_buf_addf(out, "memoryLimit=%lld", (long long)c->memory_limit);
    if (c->memory_limit != 0 && c->cpu_limit != 0)
        rse_buf_addc(out, ',');
    if (c->cpu_limit != 0) {
        rse_buf_adds(out, "cpuLimit=");
        rse_json_add_double(out, c->cpu_limit);
    }
    return c->memory_limit != 0 || c->cpu_limit != 0;
}

static bool add_location(const struct rse_location *l, struct rse_buf *out)
{
    if (!l->set)
        return false;
    rse_json_add_double(out, l->latitude);
    rse_buf_addc(out, ',');
    rse_json_add_double(out, l->longitude);
    return true;
}

static bool add_guard(const struct rse_guard *g, struct rse_buf *out)
{
    rse_buf_adds(out, "clustersLosing=");
    rse_json_add_double(out, g->clusters_losing);
    rse_buf_adds(out, ",clustersChanged=");
    rse_json_add_double(out, g->clusters_changed);
    rse_buf_addf(out, ",files=%lld", (long long)g->files);
    return true;
}

bool rse_object_field_text(const struct rse_object *object, const struct rse_field *field, struct rse_buf *out)
{
    const void *from = (const char *)object + field->offset;

    switch (field->type) {
    case RSE_FIELD_STRING:
    case RSE_FIELD_TEXT:
    case RSE_FIELD_TIME:
        if (((const struct rse_str *)from)->p == NULL && (field->flags & RSE_FIELD_OR_NAME) != 0)
            return add_text(object->name, out);
        return add_text(*(const struct rse_str *)from, out);
    case RSE_FIELD_ID:
        return *(const int64_t *)from != 0 && add_int(*(const int64_t *)from, out);
    case RSE_FIELD_INT:
        return add_int(*(const int64_t *)from, out);
    case RSE_FIELD_OPT_INT:
        return *(const bool *)((const char *)object + field->flag_offset) && add_int(*(const int64_t *)from, out);
    case RSE_FIELD_BOOL:
        return add_text(*(const bool *)from ? RSE_STR("true") : RSE_STR("false"), out);
    case RSE_FIELD_ENUM:
        return add_text(rse_str(field->names[*(const int *)from]), out);
    case RSE_FIELD_STRINGS:
        return add_strs(from, out);
    case RSE_FIELD_METADATA:
        return add_pairs(from, out);
    case RSE_FIELD_REF:
        return add_ref(from, out);
    case RSE_FIELD_REFS:
        return add_refs(from, out);
    case RSE_FIELD_CAPACITY:
        return add_capacity(from, out);
    case RSE_FIELD_LOCATION:
        return add_location(from, out);
    case RSE_FIELD_RELEASES:
        return add_releases(from, out);
    case RSE_FIELD_GUARD:
        return add_guard(from, out);
    }
    return false;
}

bool rse_object_metadata(const struct rse_object *object, struct rse_str key, struct rse_str *out)
{
    size_t low = 0, high = object->metadata.count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct rse_pair *pair = &object->metadata.at[middle];
        int order = rse_str_cmp(pair->key, key);

        if (order == 0) {
            *out = pair->value;
            return true;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

bool rse_object_has_tag(const struct rse_object *object, struct rse_str tag)
{
    size_t low = 0, high = object->tags.count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = rse_str_cmp(object->tags.at[middle], tag);

        if (order == 0)
            return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}
