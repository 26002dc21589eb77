/*
 * object_clone.c - an object and everything in it in one piece of memory.
 *
 * The fleet keeps tens of thousands of them, so they lie close: the struct, then each array and each string in the
 * order of the table. The same walk is done twice, first to count, then to copy.
 */
#include <stdlib.h>

#include "resedge/model.h"

struct packer {
    char *base; /* NULL: only count */
    size_t used;
};

/* Where a copy of the bytes went; NULL while counting. */
static void *pack(struct packer *p, const void *from, size_t size, size_t align)
{
    size_t at = (p->used + align - 1) / align * align;

    p->used = at + size;
    if (p->base == NULL)
        return NULL;
    if (size > 0)
        memcpy(p->base + at, from, size);
    return p->base + at;
}

#define PACK_ARRAY(p, list) pack((p), (list)->at, (list)->count * sizeof((list)->at[0]), _Alignof(int64_t))

/* to: the copy's field, or NULL while counting. */
static void pack_text(struct packer *p, struct rse_str from, struct rse_str *to)
{
    if (from.p == NULL)
        return;
    char *copy = pack(p, from.p, from.len, 1);

    pack(p, "", 1, 1); /* a NUL behind it, for C */
    if (to != NULL)
        to->p = copy;
}

static void pack_strs(struct packer *p, const struct rse_strs *from, struct rse_strs *to)
{
    struct rse_str *at = PACK_ARRAY(p, from);

    for (size_t i = 0; i < from->count; i++)
        pack_text(p, from->at[i], at != NULL ? &at[i] : NULL);
    if (to != NULL)
        to->at = at;
}

static void pack_pairs(struct packer *p, const struct rse_pairs *from, struct rse_pairs *to)
{
    struct rse_pair *at = PACK_ARRAY(p, from);

    for (size_t i = 0; i < from->count; i++) {
        pack_text(p, from->at[i].key, at != NULL ? &at[i].key : NULL);
        pack_text(p, from->at[i].value, at != NULL ? &at[i].value : NULL);
    }
    if (to != NULL)
        to->at = at;
}

static void pack_refs(struct packer *p, const struct rse_refs *from, struct rse_refs *to)
{
    struct rse_ref *at = PACK_ARRAY(p, from);

    for (size_t i = 0; i < from->count; i++)
        pack_text(p, from->at[i].name, at != NULL ? &at[i].name : NULL);
    if (to == NULL)
        return;
    to->at = at;
    to->places = NULL; /* they are of the body that was read */
}

static void pack_releases(struct packer *p, const struct rse_releases *from, struct rse_releases *to)
{
    struct rse_release *at = PACK_ARRAY(p, from);

    for (size_t i = 0; i < from->count; i++) {
        pack_text(p, from->at[i].version, at != NULL ? &at[i].version : NULL);
        pack_text(p, from->at[i].expression, at != NULL ? &at[i].expression : NULL);
    }
    if (to != NULL)
        to->at = at;
}

static void pack_field(struct packer *p, const struct rse_field *field, const void *from, void *to)
{
    switch (field->type) {
    case RSE_FIELD_STRING:
    case RSE_FIELD_TEXT:
    case RSE_FIELD_TIME:
        pack_text(p, *(const struct rse_str *)from, to);
        break;
    case RSE_FIELD_STRINGS:
        pack_strs(p, from, to);
        break;
    case RSE_FIELD_METADATA:
        pack_pairs(p, from, to);
        break;
    case RSE_FIELD_REF:
        pack_text(p, ((const struct rse_ref *)from)->name, to != NULL ? &((struct rse_ref *)to)->name : NULL);
        break;
    case RSE_FIELD_REFS:
        pack_refs(p, from, to);
        break;
    case RSE_FIELD_RELEASES:
        pack_releases(p, from, to);
        break;
    case RSE_FIELD_ID:
    case RSE_FIELD_INT:
    case RSE_FIELD_OPT_INT:
    case RSE_FIELD_BOOL:
    case RSE_FIELD_ENUM:
    case RSE_FIELD_CAPACITY:
    case RSE_FIELD_LOCATION:
    case RSE_FIELD_GUARD:
        break; /* copied with the struct */
    }
}

static struct rse_object *pack_object(struct packer *p, const struct rse_object *from)
{
    const struct rse_noun_info *info = rse_noun_info(from->noun);
    char *to = pack(p, from, info->size, _Alignof(int64_t));

    for (const struct rse_field *f = info->fields; f->name != NULL; f++)
        pack_field(p, f, (const char *)from + f->offset, to != NULL ? to + f->offset : NULL);
    return (struct rse_object *)to;
}

size_t rse_object_clone_size(const struct rse_object *object)
{
    struct packer counter = { 0 };

    pack_object(&counter, object);
    return counter.used;
}

struct rse_object *rse_object_clone(const struct rse_object *object)
{
    struct packer packer = { .base = rse_xmalloc(rse_object_clone_size(object)) };
    struct rse_object *clone = pack_object(&packer, object);

    clone->etag_holds = clone->unchecked = false;
    return clone;
}
