/*
 * map.h - a hash table from byte strings, or from int64 keys, to pointers.
 *
 * Open addressing, keyed hash (SipHash-1-3, a seed per process), so that a stranger who chooses the names can't choose
 * the collisions. Values are borrowed; keys are copied. Iteration order is insertion order while nothing is removed.
 * Removing may move the last entry to the place of the one that went.
 */
#ifndef RESEDGE_MAP_H
#define RESEDGE_MAP_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

struct rse_map;

RSE_API struct rse_map *rse_map_new(void);
RSE_API void rse_map_free(struct rse_map *map);
RSE_API void rse_map_freep(struct rse_map **map);
/* Removes all entries. */
RSE_API void rse_map_clear(struct rse_map *map);
RSE_API size_t rse_map_count(const struct rse_map *map);
/* The value, or NULL. */
RSE_API void *rse_map_get(const struct rse_map *map, struct rse_str key);
/* Puts or replaces; value may not be NULL. Returns the value that was there before, or NULL. */
RSE_API void *rse_map_put(struct rse_map *map, struct rse_str key, void *value);
/* Returns the value that was removed, or NULL. */
RSE_API void *rse_map_remove(struct rse_map *map, struct rse_str key);
/* for (size_t it = 0; rse_map_next(map, &it, &key, &value);) - nothing may be put or removed meanwhile.
 * key or value may be NULL where it does not matter. A key is good until the next put, remove or clear. */
RSE_API bool rse_map_next(const struct rse_map *map, size_t *it, struct rse_str *key, void **value);

/* The same with int64 keys: thin wrappers over the eight bytes. */
RSE_API void *rse_map_get_id(const struct rse_map *map, int64_t id);
RSE_API void *rse_map_put_id(struct rse_map *map, int64_t id, void *value);
RSE_API void *rse_map_remove_id(struct rse_map *map, int64_t id);

/* The seeded hash behind it. */
RSE_API uint64_t rse_hash(const void *p, size_t len);

#ifdef __cplusplus
}
#endif

#endif
