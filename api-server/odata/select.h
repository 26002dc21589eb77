/*
 * select.h - $select: which members of a document are shown.
 */
#ifndef API_ODATA_SELECT_H
#define API_ODATA_SELECT_H

#include <resedge/resedge.h>

enum { ODATA_SELECT_MAX = 64 };

struct odata_select {
    bool all;                               /* nothing was selected, or * */
    bool clusters_tree;                     /* of groups: the computed member clustersTree was asked for */
    struct rse_str names[ODATA_SELECT_MAX]; /* in the text that was parsed */
    size_t count;
};

/* Field names and id forms, separated by commas; of groups also "clustersTree". RSE_INVALID carries the position. */
bool odata_select_parse(struct odata_select *out, const struct rse_noun_info *noun, struct rse_str text,
                        struct rse_err *err) RSE_MUST;
bool odata_selects(const struct odata_select *select, struct rse_str name);

/* Copies the selected members of a document of the Data Service (one JSON object, as rse_object_render or PostgreSQL writes it) as they stand,
 * in its order, without the braces. Members named in `without` (ends with NULL; may be NULL) are left out. Returns how many
 * were written. */
size_t odata_select_members(const struct odata_select *select, const char *const *without, struct rse_str doc,
                            struct rse_buf *out);

#endif
