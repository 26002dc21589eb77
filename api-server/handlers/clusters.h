/*
 * clusters.h - sets of clusters as JSON, in the order of names.
 */
#ifndef API_HANDLERS_CLUSTERS_H
#define API_HANDLERS_CLUSTERS_H

#include <resedge/resedge.h>

/* ["a", "b"], at most `limit` of them. */
void clusters_add_names(const struct rse_fleet *fleet, const struct rse_bitmap *set, size_t limit, struct rse_buf *out);

#endif
