/*
 * path.h - what a query option may name: the fields of a noun, members of a field, keys of metadata.
 *
 * All names come from the noun's table of fields (resedge/model.h), so that whatever an answer shows can be asked for:
 * "name", "targetId", "capacity/memoryLimit", "location/latitude", "metadata/region", and the collections "tags",
 * "groups", "groupIds", "metadata", "releases".
 */
#ifndef API_ODATA_PATH_H
#define API_ODATA_PATH_H

#include <resedge/resedge.h>

enum odata_type { ODATA_TEXT, ODATA_INT, ODATA_DOUBLE, ODATA_BOOL, ODATA_TIME };

enum odata_kind {
    ODATA_FIELD,      /* a value of the object */
    ODATA_METADATA,   /* metadata/<key>: null where the object has no such key */
    ODATA_COLLECTION, /* several values: any() and all() look into it */
    ODATA_RECORD,     /* capacity, location, guard: only its members can be compared */
    ODATA_ITEM,       /* what any() and all() look at, or a member of it */
};

struct odata_path {
    enum odata_kind kind;
    enum odata_type type;          /* of a FIELD, METADATA or ITEM */
    const struct rse_field *field; /* of an ITEM: the collection's */
    const char *member;            /* of a record or of an item ("key"); NULL: the whole */
    bool by_id;                    /* the id form of a reference: targetId, groupIds */
    struct rse_str key;            /* of ODATA_METADATA; in the text that was resolved */
};

/* A list of what is no stored noun has a description of its own, with RSE_NOUN_COUNT as its noun; of every description the
 * first field tells one from all others. */

/* RSE_INVALID names what there is no such thing as, with "did you mean"; *bad (may be NULL) is where in the text it begins. */
bool odata_path_resolve(struct odata_path *out, const struct rse_noun_info *noun, struct rse_str text, size_t *bad,
                        struct rse_err *err) RSE_MUST;
/* The field that tells one from all others. */
void odata_path_id(struct odata_path *out, const struct rse_noun_info *noun);
/* An item of the collection (member empty), or a member of one. */
bool odata_path_item(struct odata_path *out, const struct odata_path *collection, struct rse_str member,
                     struct rse_err *err) RSE_MUST;
/* The field that an answer shows under this name, its name or its id form. NULL: none. */
const struct rse_field *odata_field(const struct rse_noun_info *noun, struct rse_str name, bool *by_id);
/* Offers the names of all fields, id forms included. */
struct rse_suggestion;
void odata_offer_fields(const struct rse_noun_info *noun, struct rse_suggestion *suggestion);
/* Says where the fields are listed, or which there are. */
void odata_hint_fields(const struct rse_noun_info *noun, struct rse_err *err);

#endif
