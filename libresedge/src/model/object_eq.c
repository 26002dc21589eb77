/*
 * object_eq.c - whether two objects say the same.
 */
#include "resedge/model.h"

/* Absent and empty are two things. */
static bool text_eq(struct rse_str a, struct rse_str b)
{
    if (a.p == NULL || b.p == NULL)
        return a.p == b.p;
    return rse_str_eq(a, b);
}

static bool strs_eq(const struct rse_strs *a, const struct rse_strs *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        if (!rse_str_eq(a->at[i], b->at[i]))
            return false;
    }
    return true;
}

static bool pairs_eq(const struct rse_pairs *a, const struct rse_pairs *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        if (!rse_str_eq(a->at[i].key, b->at[i].key) || !rse_str_eq(a->at[i].value, b->at[i].value))
            return false;
    }
    return true;
}

/* By id where both have one: a name may have changed since one of them was read. */
static bool ref_eq(const struct rse_ref *a, const struct rse_ref *b)
{
    if (a->id != 0 && b->id != 0)
        return a->id == b->id;
    if (a->name.len == 0 && b->name.len == 0)
        return a->id == b->id;
    return rse_str_eq(a->name, b->name);
}

static bool refs_have(const struct rse_refs *refs, const struct rse_ref *ref)
{
    for (size_t i = 0; i < refs->count; i++) {
        if (ref_eq(&refs->at[i], ref))
            return true;
    }
    return false;
}

/* As sets: lists with ids and lists with names are sorted differently. */
static bool refs_eq(const struct rse_refs *a, const struct rse_refs *b)
{
    size_t i = 0;

    if (a->count != b->count)
        return false;
    while (i < a->count && ref_eq(&a->at[i], &b->at[i]))
        i++;
    for (; i < a->count; i++) {
        if (!refs_have(b, &a->at[i]))
            return false;
    }
    return true;
}

static bool releases_eq(const struct rse_releases *a, const struct rse_releases *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        if (!rse_str_eq(a->at[i].version, b->at[i].version) || !text_eq(a->at[i].expression, b->at[i].expression))
            return false;
    }
    return true;
}

static bool capacity_eq(const struct rse_capacity *a, const struct rse_capacity *b)
{
    return a->memory_limit == b->memory_limit && a->cpu_limit == b->cpu_limit;
}

static bool location_eq(const struct rse_location *a, const struct rse_location *b)
{
    return a->set == b->set && (!a->set || (a->latitude == b->latitude && a->longitude == b->longitude));
}

static bool guard_eq(const struct rse_guard *a, const struct rse_guard *b)
{
    return a->clusters_losing == b->clusters_losing && a->clusters_changed == b->clusters_changed &&
           a->files == b->files;
}

static bool opt_int_eq(const struct rse_field *field, const char *a, const char *b)
{
    bool has_a = *(const bool *)(a + field->flag_offset), has_b = *(const bool *)(b + field->flag_offset);

    return has_a == has_b && (!has_a || *(const int64_t *)(a + field->offset) == *(const int64_t *)(b + field->offset));
}

bool rse_object_field_eq(const struct rse_field *field, const struct rse_object *a, const struct rse_object *b)
{
    const void *x = (const char *)a + field->offset, *y = (const char *)b + field->offset;

    switch (field->type) {
    case RSE_FIELD_STRING:
    case RSE_FIELD_TEXT:
    case RSE_FIELD_TIME:
        return text_eq(*(const struct rse_str *)x, *(const struct rse_str *)y);
    case RSE_FIELD_ID:
    case RSE_FIELD_INT:
        return *(const int64_t *)x == *(const int64_t *)y;
    case RSE_FIELD_OPT_INT:
        return opt_int_eq(field, (const char *)a, (const char *)b);
    case RSE_FIELD_BOOL:
        return *(const bool *)x == *(const bool *)y;
    case RSE_FIELD_ENUM:
        return *(const int *)x == *(const int *)y;
    case RSE_FIELD_STRINGS:
        return strs_eq(x, y);
    case RSE_FIELD_METADATA:
        return pairs_eq(x, y);
    case RSE_FIELD_REF:
        return ref_eq(x, y);
    case RSE_FIELD_REFS:
        return refs_eq(x, y);
    case RSE_FIELD_CAPACITY:
        return capacity_eq(x, y);
    case RSE_FIELD_LOCATION:
        return location_eq(x, y);
    case RSE_FIELD_RELEASES:
        return releases_eq(x, y);
    case RSE_FIELD_GUARD:
        return guard_eq(x, y);
    }
    return false;
}

bool rse_object_spec_eq(const struct rse_object *a, const struct rse_object *b)
{
    if (a->noun != b->noun)
        return false;
    for (const struct rse_field *f = rse_noun_info(a->noun)->fields; f->name != NULL; f++) {
        if ((f->flags & RSE_FIELD_SERVER) == 0 && !rse_object_field_eq(f, a, b))
            return false;
    }
    return true;
}
