/*
 * body.h - members of a JSON body, checked: what is wrong is said with its place.
 */
#ifndef API_HANDLERS_BODY_H
#define API_HANDLERS_BODY_H

#include "../http/call.h"

struct cJSON;

/* The body as an object with no other members than these (NULL at the end). members NULL: with any, since a worker of a newer release may
 * say more than we know. */
bool body_object(struct call *call, const char *const *members, const struct cJSON **out) RSE_MUST;
/* A string of min to max bytes without control characters; absent or null: empty, if min is 0. Copied to the arena. */
bool body_text(struct call *call, const struct cJSON *body, const char *name, size_t min, size_t max,
               struct rse_str *out) RSE_MUST;
/* A whole number, as text for a statement; absent or null: the fallback, or NULL is an error. */
bool body_int(struct call *call, const struct cJSON *body, const char *name, int64_t min, int64_t max,
              const char *fallback, const char **out) RSE_MUST;
/* An object id of Git, 40 or 64 hex digits; absent or null: *out is NULL, an error if it is needed. */
bool body_git_id(struct call *call, const struct cJSON *body, const char *name, bool needed, const char **out) RSE_MUST;
/* A member of a type as JSON text: an object or an array; absent or null: *out is NULL, an error if it is needed. */
bool body_json(struct call *call, const struct cJSON *body, const char *name, bool is_array, bool needed,
               const char **out) RSE_MUST;

#endif
