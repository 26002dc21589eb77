/*
 * schema.h - whether the database is at a version that this program can work with, asked again until it is.
 */
#ifndef API_STORE_SCHEMA_H
#define API_STORE_SCHEMA_H

#include <resedge/resedge.h>

struct db;
struct event_base;
struct schema;

/* Loads the files of the folder and begins to ask. refused is called, once, when waiting can't help: a changed file, or
 * a schema too far ahead. A schema that is behind is waited for: `migrate` may be on its way. */
bool schema_new(struct schema **out, struct event_base *base, struct db *db, const char *dir,
                void (*refused)(void *arg, const struct rse_err *err), void *arg, struct rse_err *err) RSE_MUST;
void schema_free(struct schema *schema);
bool schema_is_ready(const struct schema *schema);

#endif
