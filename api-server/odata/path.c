/*
 * path.c - finds what a name means in a noun's table of fields.
 */
#include "api-server/odata/path.h"

#include <resedge/parse.h>
#include <resedge/suggest.h>

enum { HINT_MAX_BYTES = 4096 };

struct member {
    const char *name;
    enum odata_type type;
};

static const struct member CAPACITY[] = { { "memoryLimit", ODATA_INT },
                                          { "cpuLimit", ODATA_DOUBLE },
                                          { .name = NULL } };
static const struct member LOCATION[] = { { "latitude", ODATA_DOUBLE },
                                          { "longitude", ODATA_DOUBLE },
                                          { .name = NULL } };
static const struct member GUARD[] = {
    { "clustersLosing", ODATA_DOUBLE }, { "clustersChanged", ODATA_DOUBLE }, { "files", ODATA_INT }, { .name = NULL }
};
static const struct member PAIR[] = { { "key", ODATA_TEXT }, { "value", ODATA_TEXT }, { .name = NULL } };
static const struct member RELEASE[] = { { "version", ODATA_TEXT }, { "expression", ODATA_TEXT }, { .name = NULL } };

/* What a value of the field, or an item of its collection, consists of; NULL: it has no members. */
static const struct member *members_of(const struct rse_field *field)
{
    switch (field->type) {
    case RSE_FIELD_CAPACITY:
        return CAPACITY;
    case RSE_FIELD_LOCATION:
        return LOCATION;
    case RSE_FIELD_GUARD:
        return GUARD;
    case RSE_FIELD_METADATA:
        return PAIR;
    case RSE_FIELD_RELEASES:
        return RELEASE;
    default:
        return NULL;
    }
}

static enum odata_kind kind_of(const struct rse_field *field)
{
    switch (field->type) {
    case RSE_FIELD_CAPACITY:
    case RSE_FIELD_LOCATION:
    case RSE_FIELD_GUARD:
        return ODATA_RECORD;
    case RSE_FIELD_STRINGS:
    case RSE_FIELD_METADATA:
    case RSE_FIELD_REFS:
    case RSE_FIELD_RELEASES:
        return ODATA_COLLECTION;
    default:
        return ODATA_FIELD;
    }
}

static enum odata_type type_of(const struct rse_field *field, bool by_id)
{
    switch (field->type) {
    case RSE_FIELD_ID:
    case RSE_FIELD_INT:
    case RSE_FIELD_OPT_INT:
        return ODATA_INT;
    case RSE_FIELD_BOOL:
        return ODATA_BOOL;
    case RSE_FIELD_TIME:
        return ODATA_TIME;
    default:
        return by_id ? ODATA_INT : ODATA_TEXT;
    }
}

const struct rse_field *odata_field(const struct rse_noun_info *noun, struct rse_str name, bool *by_id)
{
    for (const struct rse_field *f = noun->fields; f->name != NULL; f++) {
        *by_id = f->id_name != NULL && rse_str_is(name, f->id_name);
        if (*by_id || rse_str_is(name, f->name))
            return f;
    }
    return NULL;
}

void odata_offer_fields(const struct rse_noun_info *noun, struct rse_suggestion *suggestion)
{
    for (const struct rse_field *f = noun->fields; f->name != NULL; f++) {
        rse_suggest_offer(suggestion, rse_str(f->name));
        if (f->id_name != NULL)
            rse_suggest_offer(suggestion, rse_str(f->id_name));
    }
}

void odata_hint_fields(const struct rse_noun_info *noun, struct rse_err *err)
{
    RSE_BUF_AUTO names = { 0 };

    if (noun->noun < RSE_NOUN_COUNT) {
        rse_err_hint(err, "`resedge explain %s` lists the fields.", noun->plural);
        return;
    }
    rse_buf_init(&names, HINT_MAX_BYTES);
    for (const struct rse_field *f = noun->fields; f->name != NULL; f++)
        rse_buf_addf(&names, "%s%s", f == noun->fields ? "" : ", ", f->name);
    rse_err_hint(err, "There are %.*s.", RSE_STR_ARG(rse_buf_str(&names)));
}

static bool fail_field(const struct rse_noun_info *noun, struct rse_str name, struct rse_err *err)
{
    struct rse_suggestion suggestion;

    rse_suggest_begin(&suggestion, name);
    odata_offer_fields(noun, &suggestion);
    if (!rse_suggest_hint(&suggestion, "\"", "\"", err))
        odata_hint_fields(noun, err);
    return rse_fail(err, RSE_INVALID, "%s have no field \"%.*s\"", noun->plural, RSE_STR_ARG(name));
}

static void hint_members(const struct member *members, struct rse_err *err)
{
    RSE_BUF_AUTO names = { 0 };

    rse_buf_init(&names, HINT_MAX_BYTES);
    for (const struct member *m = members; m->name != NULL; m++)
        rse_buf_addf(&names, "%s%s", m == members ? "" : ", ", m->name);
    rse_err_hint(err, "It has %.*s.", RSE_STR_ARG(rse_buf_str(&names)));
}

static bool find_member(const struct rse_field *field, struct rse_str name, struct odata_path *out, struct rse_err *err)
{
    const struct member *members = members_of(field);
    struct rse_suggestion suggestion;

    if (members == NULL)
        return rse_fail(err, RSE_INVALID, "\"%s\" has no members, and so no \"%.*s\"", field->name, RSE_STR_ARG(name));
    rse_suggest_begin(&suggestion, name);
    for (const struct member *m = members; m->name != NULL; m++) {
        rse_suggest_offer(&suggestion, rse_str(m->name));
        if (!rse_str_is(name, m->name))
            continue;
        out->member = m->name;
        out->type = m->type;
        return true;
    }
    if (!rse_suggest_hint(&suggestion, "\"", "\"", err))
        hint_members(members, err);
    return rse_fail(err, RSE_INVALID, "\"%s\" has no member \"%.*s\"", field->name, RSE_STR_ARG(name));
}

static bool resolve_member(struct odata_path *path, struct rse_str name, struct rse_err *err)
{
    if (path->field->type == RSE_FIELD_METADATA) {
        path->kind = ODATA_METADATA;
        path->type = ODATA_TEXT;
        path->key = name;
        return rse_check_key(name, err);
    }
    if (!find_member(path->field, name, path, err))
        return false;
    if (path->kind == ODATA_RECORD) {
        path->kind = ODATA_FIELD;
        return true;
    }
    rse_err_hint(err, "Write %s/any(x: x/%s eq '...').", path->field->name, path->member);
    return rse_fail(err, RSE_INVALID, "\"%s\" has many values", path->field->name);
}

void odata_path_id(struct odata_path *out, const struct rse_noun_info *noun)
{
    *out = (struct odata_path){ .kind = ODATA_FIELD, .type = type_of(noun->fields, false), .field = noun->fields };
}

bool odata_path_resolve(struct odata_path *out, const struct rse_noun_info *noun, struct rse_str text, size_t *bad,
                        struct rse_err *err)
{
    ptrdiff_t slash = rse_str_find(text, '/');
    struct rse_str name = slash < 0 ? text : rse_str_n(text.p, (size_t)slash);
    struct odata_path path = { 0 };
    size_t nowhere;

    bad = bad != NULL ? bad : &nowhere;
    *bad = 0;
    path.field = odata_field(noun, name, &path.by_id);
    if (path.field == NULL)
        return fail_field(noun, name, err);
    path.kind = kind_of(path.field);
    path.type = type_of(path.field, path.by_id);
    if (slash >= 0) {
        *bad = (size_t)slash + 1;
        if (!resolve_member(&path, rse_str_from(text, *bad), err))
            return false;
    }
    *out = path;
    return true;
}

bool odata_path_item(struct odata_path *out, const struct odata_path *collection, struct rse_str member,
                     struct rse_err *err)
{
    struct odata_path path = *collection;

    path.kind = ODATA_ITEM;
    if (member.len > 0) {
        if (!find_member(path.field, member, &path, err))
            return false;
    } else if (members_of(path.field) != NULL) {
        rse_err_hint(err, "Compare its \"%s\" or its \"%s\".", members_of(path.field)[0].name,
                     members_of(path.field)[1].name);
        return rse_fail(err, RSE_INVALID, "an item of \"%s\" is no single value", path.field->name);
    }
    *out = path;
    return true;
}
