/*
 * object_render.c - writes an object as JSON, members in the order of the table.
 */
#include "resedge/model.h"

struct writer {
    struct rse_buf *out;
    bool pretty, spec;
    unsigned depth;
    bool first; /* nothing was written yet at this depth */
};

static void new_line(struct writer *w)
{
    if (!w->pretty)
        return;
    rse_buf_addc(w->out, '\n');
    for (unsigned i = 0; i < w->depth; i++)
        rse_buf_adds(w->out, "  ");
}

static void begin(struct writer *w, char bracket)
{
    rse_buf_addc(w->out, bracket);
    w->depth++;
    w->first = true;
}

static void end(struct writer *w, char bracket)
{
    w->depth--;
    if (!w->first)
        new_line(w);
    rse_buf_addc(w->out, bracket);
    w->first = false;
}

/* What stands before each item or member. */
static void next(struct writer *w)
{
    if (!w->first)
        rse_buf_addc(w->out, ',');
    new_line(w);
    w->first = false;
}

/* The names are our own: there is nothing to escape. */
static void member(struct writer *w, const char *name)
{
    struct rse_str key = rse_str(name);
    char *room;

    next(w);
    room = rse_buf_reserve(w->out, key.len + 4);
    if (room == NULL)
        return;
    *room++ = '"';
    memcpy(room, key.p, key.len);
    room += key.len;
    *room++ = '"';
    *room++ = ':';
    *room = ' ';
    rse_buf_commit(w->out, key.len + (w->pretty ? 4 : 3));
}

static void text(struct writer *w, struct rse_str s)
{
    if (s.p == NULL)
        rse_buf_adds(w->out, "null");
    else
        rse_json_add_string(w->out, s);
}

/* Names of references are absent when they are empty. */
static void name_or_null(struct writer *w, struct rse_str s)
{
    text(w, s.len > 0 ? s : (struct rse_str){ 0 });
}

static void boolean(struct writer *w, bool value)
{
    rse_buf_adds(w->out, value ? "true" : "false");
}

static void id_or_null(struct writer *w, int64_t id)
{
    if (id == 0)
        rse_buf_adds(w->out, "null");
    else
        rse_buf_add_int(w->out, id);
}

/* ---- fields of several values ---- */

static void strs(struct writer *w, const struct rse_strs *s)
{
    begin(w, '[');
    for (size_t i = 0; i < s->count; i++) {
        next(w);
        rse_json_add_string(w->out, s->at[i]);
    }
    end(w, ']');
}

static void pairs(struct writer *w, const struct rse_pairs *p)
{
    begin(w, '[');
    for (size_t i = 0; i < p->count; i++) {
        next(w);
        begin(w, '{');
        member(w, "key");
        rse_json_add_string(w->out, p->at[i].key);
        member(w, "value");
        rse_json_add_string(w->out, p->at[i].value);
        end(w, '}');
    }
    end(w, ']');
}

static void releases(struct writer *w, const struct rse_releases *r)
{
    begin(w, '[');
    for (size_t i = 0; i < r->count; i++) {
        next(w);
        begin(w, '{');
        member(w, "version");
        rse_json_add_string(w->out, r->at[i].version);
        member(w, "expression");
        text(w, r->at[i].expression);
        end(w, '}');
    }
    end(w, ']');
}

static void ref_names(struct writer *w, const struct rse_refs *refs)
{
    begin(w, '[');
    for (size_t i = 0; i < refs->count; i++) {
        next(w);
        name_or_null(w, refs->at[i].name);
    }
    end(w, ']');
}

static void ref_ids(struct writer *w, const struct rse_refs *refs)
{
    begin(w, '[');
    for (size_t i = 0; i < refs->count; i++) {
        next(w);
        id_or_null(w, refs->at[i].id);
    }
    end(w, ']');
}

/* A limit that is not set: null in a document, left out of a spec. */
static void limit(struct writer *w, const char *name, double value)
{
    if (value == 0 && w->spec)
        return;
    member(w, name);
    if (value == 0)
        rse_buf_adds(w->out, "null");
    else
        rse_json_add_double(w->out, value);
}

static void capacity(struct writer *w, const struct rse_capacity *c)
{
    if (c->memory_limit == 0 && c->cpu_limit == 0) {
        rse_buf_adds(w->out, "null");
        return;
    }
    begin(w, '{');
    limit(w, "memoryLimit", (double)c->memory_limit);
    limit(w, "cpuLimit", c->cpu_limit);
    end(w, '}');
}

static void two_numbers(struct writer *w, const char *name1, double value1, const char *name2, double value2)
{
    begin(w, '{');
    member(w, name1);
    rse_json_add_double(w->out, value1);
    member(w, name2);
    rse_json_add_double(w->out, value2);
    end(w, '}');
}

static void guard(struct writer *w, const struct rse_guard *g)
{
    begin(w, '{');
    member(w, "clustersLosing");
    rse_json_add_double(w->out, g->clusters_losing);
    member(w, "clustersChanged");
    rse_json_add_double(w->out, g->clusters_changed);
    member(w, "files");
    rse_buf_add_int(w->out, g->files);
    end(w, '}');
}

static void location(struct writer *w, const struct rse_location *l)
{
    if (l->set)
        two_numbers(w, "latitude", l->latitude, "longitude", l->longitude);
    else
        rse_buf_adds(w->out, "null");
}

/* ---- objects ---- */

static void opt_int(struct writer *w, const struct rse_field *field, const char *object)
{
    if (*(const bool *)(object + field->flag_offset))
        rse_buf_add_int(w->out, *(const int64_t *)(object + field->offset));
    else
        rse_buf_adds(w->out, "null");
}

static void value(struct writer *w, const struct rse_field *field, const char *object)
{
    const void *from = object + field->offset;

    switch (field->type) {
    case RSE_FIELD_STRING:
    case RSE_FIELD_TEXT:
    case RSE_FIELD_TIME:
        text(w, *(const struct rse_str *)from);
        break;
    case RSE_FIELD_ID:
        id_or_null(w, *(const int64_t *)from);
        break;
    case RSE_FIELD_INT:
        rse_buf_add_int(w->out, *(const int64_t *)from);
        break;
    case RSE_FIELD_OPT_INT:
        opt_int(w, field, object);
        break;
    case RSE_FIELD_BOOL:
        boolean(w, *(const bool *)from);
        break;
    case RSE_FIELD_ENUM:
        rse_json_add_string(w->out, rse_str(field->names[*(const int *)from]));
        break;
    case RSE_FIELD_STRINGS:
        strs(w, from);
        break;
    case RSE_FIELD_METADATA:
        pairs(w, from);
        break;
    case RSE_FIELD_REF:
        name_or_null(w, ((const struct rse_ref *)from)->name);
        break;
    case RSE_FIELD_REFS:
        ref_names(w, from);
        break;
    case RSE_FIELD_CAPACITY:
        capacity(w, from);
        break;
    case RSE_FIELD_LOCATION:
        location(w, from);
        break;
    case RSE_FIELD_RELEASES:
        releases(w, from);
        break;
    case RSE_FIELD_GUARD:
        guard(w, from);
        break;
    }
}

static void id_form(struct writer *w, const struct rse_field *field, const char *object)
{
    const void *from = object + field->offset;

    if (field->id_name == NULL)
        return;
    member(w, field->id_name);
    if (field->type == RSE_FIELD_REFS)
        ref_ids(w, from);
    else
        id_or_null(w, ((const struct rse_ref *)from)->id);
}

/* A name that is fixed for its life may be that of the object when it was made: whoever makes the object anew has to say another one. */
static bool is_named_as_object(const struct rse_field *field, const struct rse_object *object)
{
    const unsigned both = RSE_FIELD_FIXED | RSE_FIELD_OR_NAME;

    return (field->flags & both) == both &&
           rse_str_eq(*(const struct rse_str *)((const char *)object + field->offset), object->name);
}

/* Whether a person would write it: not what the server sets, and not what is so anyway. */
static bool belongs_to_spec(const struct rse_field *field, const struct rse_object *object)
{
    if ((field->flags & (RSE_FIELD_SERVER | RSE_FIELD_NO_EXPORT)) != 0 || is_named_as_object(field, object))
        return false;
    return (field->flags & RSE_FIELD_REQUIRED) != 0 ||
           !rse_object_field_eq(field, object, rse_noun_info(object->noun)->defaults);
}

void rse_object_render(const struct rse_object *object, unsigned flags, struct rse_buf *out)
{
    struct writer w = {
        .out = out,
        .pretty = (flags & RSE_RENDER_PRETTY) != 0,
        .spec = (flags & RSE_RENDER_SPEC) != 0,
    };

    begin(&w, '{');
    for (const struct rse_field *f = rse_noun_info(object->noun)->fields; f->name != NULL; f++) {
        if (w.spec && !belongs_to_spec(f, object))
            continue;
        member(&w, f->name);
        value(&w, f, (const char *)object);
        if (!w.spec)
            id_form(&w, f, (const char *)object);
    }
    end(&w, '}');
}
