/*
 * object_parse.h - what the readers of single fields share: where an object is being read from and to.
 */
#ifndef RESEDGE_SRC_MODEL_OBJECT_PARSE_H
#define RESEDGE_SRC_MODEL_OBJECT_PARSE_H

#include "libresedge/src/model/json.h"

struct object_parse {
    const struct rse_noun_info *info;
    struct rse_object *object;
    bool write;                      /* values are checked, not only types */
    bool part;                       /* of an inventory: what the server sets means nothing there */
    bool scan;                       /* texts that are wrong are let through */
    const struct rse_object *stored; /* the object as it is, whose texts pass; NULL: nothing is known of it */
    struct rse_arena *arena;
    bool in_arena;             /* the JSON lives there too: its texts need no copy */
    struct rse_err *err;       /* of the value at hand */
    struct rse_faults *faults; /* of those before it; NULL: the first one ends the reading */
};

/* What is read next may have faults: object_parse_leave_key() or _item() with this mark ends it. */
size_t object_parse_mark(const struct object_parse *parse);
/* Puts what went wrong since the mark under the member's name (the item's number). Whether to read on. */
bool object_parse_leave_key(struct object_parse *parse, size_t mark, bool ok, const char *key);
bool object_parse_leave_item(struct object_parse *parse, size_t mark, bool ok, size_t i);
/* Whether nothing went wrong since. */
bool object_parse_is_clean(const struct object_parse *parse, size_t mark);

/* Fails with "expected a string, found null". */
bool object_parse_fail_type(struct object_parse *parse, const char *expected, const cJSON *found);

/* A string that lives in the arena. */
bool object_parse_string(struct object_parse *parse, const cJSON *json, struct rse_str *out);

/* A member of a nested object that nobody knows: refused in a write. It is yet to be left. */
bool object_parse_unknown(struct object_parse *parse, const cJSON *member, const char *const *known);

/* The same of a member of the object itself. */
bool object_fail_unknown(const struct rse_noun_info *info, const char *name, struct rse_err *err);

/* How many items an array has; fails when it is no array or (in a write) has more than max. */
bool object_parse_count(struct object_parse *parse, const cJSON *json, int64_t max, size_t *out);

/* An integer within the field's bounds. */
bool object_parse_int(struct object_parse *parse, const struct rse_field *field, const cJSON *json, int64_t *to);

/* The fields that are small objects of numbers; what is null or absent in them stays as it is in `to`. */
bool object_parse_capacity(struct object_parse *parse, const struct rse_field *field, const cJSON *json,
                           struct rse_capacity *to);
bool object_parse_location(struct object_parse *parse, const cJSON *json, struct rse_location *to);
bool object_parse_guard(struct object_parse *parse, const cJSON *json, struct rse_guard *to);

/* The fields that hold several values, each read to `to`. */
bool object_parse_strings(struct object_parse *parse, const struct rse_field *field, const cJSON *json,
                          struct rse_strs *to);
bool object_parse_metadata(struct object_parse *parse, const struct rse_field *field, const cJSON *json,
                           struct rse_pairs *to);
bool object_parse_releases(struct object_parse *parse, const struct rse_field *field, const cJSON *json,
                           struct rse_releases *to);
/* by_id: the member was `targetId` or `groupIds`. What the other form brought already stays. */
bool object_parse_ref(struct object_parse *parse, const struct rse_field *field, const cJSON *json, bool by_id,
                      struct rse_ref *to);
bool object_parse_refs(struct object_parse *parse, const struct rse_field *field, const cJSON *json, bool by_id,
                       struct rse_refs *to);
/* Adds a fault for each item that is null in all forms that were written: each may say null where the other one knows. False when there
 * are too many faults to go on. */
bool object_parse_no_nulls(struct object_parse *parse, const struct rse_field *field, const cJSON *json);
/* Sorted, with the places where they were written. */
void object_parse_sort_refs(struct object_parse *parse, struct rse_refs *refs);

/* What is wrong with the text that was just checked is for later: while the inventory is scanned. */
bool object_parse_defer(struct object_parse *parse);
/* Whether the stored object has this text already: in this field, in this list, under this metadata key, as this reference. It
 * passed when it was written, and whoever writes something else need not mend it first. */
bool object_stored_text(const struct object_parse *parse, const struct rse_field *field, struct rse_str text);
bool object_stored_item(const struct object_parse *parse, const struct rse_field *field, struct rse_str text);
bool object_stored_value(const struct object_parse *parse, struct rse_str key, struct rse_str value);
bool object_stored_ref(const struct object_parse *parse, const struct rse_field *field, struct rse_str name);

/* A field that the server sets, as a body has it: refused where it says something else than what is stored, but for those that
 * every write changes. */
bool object_check_server_field(struct object_parse *parse, const struct rse_field *field, const cJSON *json);

#endif
