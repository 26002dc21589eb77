/*
 * body_pointers.h - what is wrong with an object, as pointers into the body that was sent: a patch, or a part of the object, is checked
 * as the whole document that it makes.
 */
#ifndef API_HANDLERS_BODY_POINTERS_H
#define API_HANDLERS_BODY_POINTERS_H

#include <resedge/resedge.h>

struct cJSON;

/* The keys of a document's metadata, in its order; copied into the arena. */
struct rse_strs body_pointers_keys(const struct cJSON *document, struct rse_arena *arena);

/* Those of an object, which has them sorted. */
struct rse_strs body_pointers_sorted_keys(const struct rse_object *object, struct rse_arena *arena);

/* Puts "/metadata/a" in place of "/metadata/11/value" where the body has its metadata by key, or the place in the body's array. Of a part
 * (PUT .../metadata/{key}) it is "/value". False where not the body but the path is at fault: then the error names `part`, from the path,
 * and nothing of a body. keys: of the metadata that the errors number. */
bool body_pointers(const struct cJSON *body, const struct rse_strs *keys, const struct rse_str *part,
                   struct rse_err *err) RSE_MUST;

#endif
